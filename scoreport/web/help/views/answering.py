"""One request at the desk: read, answer, note, assign, close, open again."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from scoreport.access import Permission
from scoreport.support.actions import answering
from scoreport.support.actions.answering import NotStaff
from scoreport.support.actions.files import open_file
from scoreport.support.attachments import BadFile
from scoreport.support.moving import NotPossibleNow, Overtaken, WordsMissing
from scoreport.support.queries import desk
from scoreport.support.queries.requests import RequestPage
from scoreport.support.rules.files import MOST_FILES
from scoreport.support.rules.requests import Move
from scoreport.web import page
from scoreport.web.body import accepts_body
from scoreport.web.help import words
from scoreport.web.help.forms import AnswerForm, NoteForm
from scoreport.web.help.gate import as_file, files_of, gated
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule


@rule(Permission.HELP_ANSWER)
@require_safe
def request_page(request: ScoreportRequest, number: int) -> HttpResponse:
    """Show a request with its notes; that it was read is recorded."""
    found = answering.open_request(request.actor, number=number, at=request.at)
    return _page(request, found, answer=AnswerForm(initial={"seen": found.info.messages}))


@rule(Permission.HELP_ANSWER)
@accepts_body("HELP_ATTACHMENT_BYTES", times=MOST_FILES)
@gated
@require_POST
def answer(request: ScoreportRequest, number: int) -> HttpResponseBase:
    """Send an answer, or put a kept one into the box and show the page again: ``do`` says which button it was."""
    found = desk.request_at_desk(request.actor, number, at=request.at)
    if request.POST.get("do") == "insert":
        return _page(request, found, answer=_with_kept_answer(request))
    form = AnswerForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, found, answer=form)
    settle = request.POST.get("do") == "settle"
    try:
        answering.answer(
            request.actor,
            number=number,
            text=form.cleaned_data["text"],
            seen=form.cleaned_data["seen"],
            files=files_of(request),
            settle=settle,
            at=request.at,
        )
    except BadFile as refusal:
        return _again(request, number, "attachments", str(refusal))
    except (WordsMissing, NotPossibleNow, Overtaken) as refusal:
        return _again(request, number, "text", str(refusal))
    messages.success(request, _("The answer was sent, and the person is told by mail."))
    return HttpResponseRedirect(reverse("desk_requests") if settle else _address(number))


def _again(request: ScoreportRequest, number: int, field: str, sentence: str) -> HttpResponse:
    """Show the page as it is now with the words that were not sent; sent once more, they answer what stands there."""
    found = desk.request_at_desk(request.actor, number, at=request.at)
    data = request.POST.copy()
    data["seen"] = str(found.info.messages)
    form = AnswerForm(data)
    form.add_error(field, sentence)
    return _page(request, found, answer=form)


def _with_kept_answer(request: ScoreportRequest) -> AnswerForm:
    """Return the form with a kept answer after what was typed already."""
    typed = request.POST.get("text", "").strip()
    chosen = request.POST.get("canned", "")
    if chosen.isascii() and chosen.isdecimal() and len(chosen) <= 18:  # noqa: PLR2004 - digits of the largest id
        kept = desk.canned_answer(request.actor, int(chosen))
        typed = f"{typed}\n\n{kept.text}".strip()
    else:
        messages.info(request, _("Choose an answer from the list first."))
    return AnswerForm(initial={"seen": request.POST.get("seen", ""), "text": typed})


@rule(Permission.HELP_ANSWER)
@require_POST
def note(request: ScoreportRequest, number: int) -> HttpResponse:
    """Write something that staff alone can read."""
    text = request.POST.get("note", "")
    return _do(request, number, lambda: answering.note(request.actor, number=number, text=text, at=request.at), "")


@rule(Permission.HELP_ANSWER)
@require_POST
def assign(request: ScoreportRequest, number: int) -> HttpResponse:
    """Give the request to somebody of the staff, to oneself or to nobody."""
    to = request.actor.person_id if request.POST.get("do") == "mine" else _number(request.POST.get("to", ""))
    before = _number(request.POST.get("instead_of", ""))
    told = _("The request was assigned.") if to else _("The request is assigned to nobody now.")

    def act() -> None:
        answering.assign(request.actor, number=number, to=to, instead_of=before, at=request.at)

    return _do(request, number, act, told)


@rule(Permission.HELP_ANSWER)
@require_POST
def close(request: ScoreportRequest, number: int) -> HttpResponse:
    """Close an answered request."""
    told = _("The request is closed. It can be opened again for 30 days.")
    return _do(request, number, lambda: answering.settle(request.actor, number=number, at=request.at), told)


@rule(Permission.HELP_ANSWER)
@require_POST
def reopen(request: ScoreportRequest, number: int) -> HttpResponse:
    """Open a closed request again."""
    told = _("The request is open again.")
    return _do(request, number, lambda: answering.reopen(request.actor, number=number, at=request.at), told)


@rule(Permission.HELP_ANSWER)
@require_safe
def file(request: ScoreportRequest, number: int, file_id: int) -> HttpResponseBase:
    """Send a file of a request; that it was opened is recorded."""
    return as_file(open_file(request.actor, number=number, file_id=file_id, at=request.at))


def _number(text: str) -> int | None:
    """Read an id; what is none stands for nobody."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None  # noqa: PLR2004 - likewise


def _do(request: ScoreportRequest, number: int, act: Callable[[], None], told: str) -> HttpResponse:
    try:
        act()
    except (NotPossibleNow, Overtaken, NotStaff, WordsMissing) as refusal:
        messages.warning(request, str(refusal))
    else:
        if told:
            messages.success(request, told)
    return HttpResponseRedirect(_address(number))


def _address(number: int) -> str:
    return reverse("desk_request", args=[number])


def _page(request: ScoreportRequest, found: RequestPage, *, answer: AnswerForm) -> HttpResponse:
    label, shape = words.desk_tag(found.info)
    kept: list[tuple[Any, str]] = [("", _("Choose…"))]
    kept += [(one.id, f"{one.title} ({one.language})") for one in desk.canned_answers(request.actor)]
    people: list[tuple[Any, str]] = [("", _("Nobody"))]
    people += [(person.id, person.name) for person in desk.staff(request.actor, at=request.at)]
    context = {
        "found": found,
        "subject": words.kind_label(found.info.kind),
        "state": label,
        "shape": shape,
        "answer": answer,
        "note": NoteForm(),
        "kept": kept,
        "people": people,
        "is_mine": found.info.assigned_id == request.actor.person_id,
        "may_answer": Move.ANSWER in found.info.moves,
        "may_settle": Move.SETTLE in found.info.moves,
        "may_reopen": Move.REOPEN in found.info.moves,
        "limit": settings.HELP_ATTACHMENT_BYTES,
    }
    return page.render(request, "desk/requests/request.html", context)
