"""Answers that staff keep for the next time."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from scoreport.access import Permission
from scoreport.support.actions import canned
from scoreport.support.actions.canned import TitleMissing
from scoreport.support.moving import WordsMissing
from scoreport.support.queries import desk
from scoreport.support.queries.desk import CannedInfo
from scoreport.web import page
from scoreport.web.help.forms import CannedForm
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

_METHODS = ["GET", "HEAD", "POST"]


@rule(Permission.HELP_ANSWER)
@require_safe
def answers(request: ScoreportRequest) -> HttpResponse:
    """List the kept answers."""
    return page.render(request, "desk/requests/answers.html", {"answers": desk.canned_answers(request.actor)})


@rule(Permission.HELP_ANSWER)
@require_http_methods(_METHODS)
def new(request: ScoreportRequest) -> HttpResponse:
    """Keep a new answer."""
    if request.method == "POST":
        return _keep(request, None)
    return _form(request, CannedForm(initial={"language": (get_language() or "en")[:2]}), None)


@rule(Permission.HELP_ANSWER)
@require_http_methods(_METHODS)
def change(request: ScoreportRequest, answer_id: int) -> HttpResponse:
    """Change a kept answer."""
    kept = desk.canned_answer(request.actor, answer_id)
    if request.method == "POST":
        return _keep(request, kept)
    return _form(request, CannedForm(initial={"title": kept.title, "language": kept.language, "text": kept.text}), kept)


@rule(Permission.HELP_ANSWER)
@require_http_methods(_METHODS)
def delete(request: ScoreportRequest, answer_id: int) -> HttpResponse:
    """Remove a kept answer, after asking."""
    kept = desk.canned_answer(request.actor, answer_id)
    if request.method != "POST":
        return page.render(request, "desk/requests/delete.html", {"kept": kept})
    canned.delete_answer(request.actor, answer_id=answer_id, at=request.at)
    messages.success(request, _("The answer “%(title)s” was deleted.") % {"title": kept.title})
    return HttpResponseRedirect(reverse("desk_answers"))


def _keep(request: ScoreportRequest, kept: CannedInfo | None) -> HttpResponse:
    form = CannedForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            canned.keep_answer(
                request.actor,
                title=given["title"],
                text=given["text"],
                language=given["language"],
                answer_id=kept.id if kept else None,
                at=request.at,
            )
        except TitleMissing as refusal:
            form.add_error("title", str(refusal))
        except WordsMissing as refusal:
            form.add_error("text", str(refusal))
        else:
            messages.success(request, _("The answer was saved."))
            return HttpResponseRedirect(reverse("desk_answers"))
    return _form(request, form, kept)


def _form(request: ScoreportRequest, form: CannedForm, kept: CannedInfo | None) -> HttpResponse:
    return page.render(request, "desk/requests/answer.html", {"form": form, "kept": kept})
