"""A person's own requests: the list of them, what was said, a reply, closing and opening again."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from scoreport.support.actions import asking
from scoreport.support.actions.asking import TooManyRequests
from scoreport.support.actions.files import open_own_file
from scoreport.support.attachments import BadFile
from scoreport.support.moving import NotPossibleNow, Overtaken, WordsMissing
from scoreport.support.queries import requests
from scoreport.support.rules.files import MOST_FILES
from scoreport.support.rules.requests import Move
from scoreport.web import page
from scoreport.web.body import accepts_body
from scoreport.web.help import words
from scoreport.web.help.forms import ReplyForm
from scoreport.web.help.gate import as_file, files_of, gated
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule


@rule.signed_in
@require_safe
def mine(request: ScoreportRequest) -> HttpResponse:
    """List a person's own requests, the newest first."""
    found = requests.requests_of(request.actor, at=request.at)
    rows = [(info, words.kind_label(info.kind), *words.state_tag(info)) for info in found]
    return page.render(request, "help/requests.html", {"rows": rows})


@rule.signed_in
@require_safe
def thread(request: ScoreportRequest, number: int) -> HttpResponse:
    """Show one request with everything that was said."""
    return _page(request, number, ReplyForm())


@rule.signed_in
@accepts_body("HELP_ATTACHMENT_BYTES", times=MOST_FILES)
@gated
@require_POST
def reply(request: ScoreportRequest, number: int) -> HttpResponseBase:
    """Say something more."""
    requests.request_of(request.actor, number, at=request.at)
    form = ReplyForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            text, files = form.cleaned_data["text"], files_of(request)
            asking.reply(request.actor, number=number, text=text, files=files, at=request.at)
        except BadFile as refusal:
            form.add_error("attachments", str(refusal))
        except (WordsMissing, NotPossibleNow, Overtaken, TooManyRequests) as refusal:
            form.add_error("text", str(refusal))
        else:
            messages.success(request, _("Your reply was sent."))
            return _back(number)
    return _page(request, number, form)


@rule.signed_in
@require_POST
def close(request: ScoreportRequest, number: int) -> HttpResponse:
    """Close a request; it can be opened again for 30 days, so nobody is asked twice."""
    told = _("The request is closed. You can open it again for 30 days.")
    return _do(request, number, lambda: asking.close(request.actor, number=number, at=request.at), told)


@rule.signed_in
@require_POST
def reopen(request: ScoreportRequest, number: int) -> HttpResponse:
    """Open a closed request again."""
    told = _("The request is open again.")
    return _do(request, number, lambda: asking.reopen(request.actor, number=number, at=request.at), told)


@rule.signed_in
@require_safe
def file(request: ScoreportRequest, number: int, file_id: int) -> HttpResponseBase:
    """Send a file of one's own request; that it was opened is recorded."""
    return as_file(open_own_file(request.actor, number=number, file_id=file_id, at=request.at))


def _do(request: ScoreportRequest, number: int, act: Callable[[], None], told: str) -> HttpResponse:
    try:
        act()
    except (NotPossibleNow, Overtaken) as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, told)
    return _back(number)


def _back(number: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("help_request", args=[number]))


def _page(request: ScoreportRequest, number: int, form: ReplyForm) -> HttpResponse:
    found = requests.request_of(request.actor, number, at=request.at)
    label, shape = words.state_tag(found.info)
    context = {
        "found": found,
        "subject": words.kind_label(found.info.kind),
        "state": label,
        "shape": shape,
        "form": form,
        "may_reply": Move.REPLY in found.info.moves,
        "may_close": Move.CLOSE in found.info.moves,
        "may_reopen": Move.REOPEN in found.info.moves,
        "limit": settings.HELP_ATTACHMENT_BYTES,
    }
    return page.render(request, "help/request.html", context)
