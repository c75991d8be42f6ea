"""Answers to questions of identity: “different students” at once, “same student” after a second look, and undo."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from scoreport.access import Permission
from scoreport.people import queries as people
from scoreport.people.cases import AlreadyAnswered
from scoreport.people.queries import CaseInfo
from scoreport.scores import actions
from scoreport.scores.queries import count_tests_of_students
from scoreport.web import page
from scoreport.web.desk.forms import AnswersForm, QueueForm
from scoreport.web.desk.limits import to_more_rows
from scoreport.web.desk.questions import questions_of
from scoreport.web.formats import number
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule


@rule(Permission.PEOPLE_MATCH)
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: ScoreportRequest) -> HttpResponse:
    """Take one answer to one or several questions; “same student” is confirmed on a page first.

    A link to it leads to the queue.
    """
    if request.method != "POST":
        return HttpResponseRedirect(reverse("matching"))
    form = AnswersForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.first_error())
        return _back(request)
    found = people.cases_of(request.actor, form.cleaned_data["question"])
    if form.is_same() and not form.cleaned_data["confirmed"]:
        return _confirm(request, [case for case in found if case.is_open], found, form.cleaned_data["note"])
    done = actions.decide_matches(
        request.actor,
        case_ids=[case.id for case in found],
        same=form.is_same(),
        note=form.cleaned_data["note"],
        at=request.at,
    )
    if done.decided:
        _tell_decided(request, len(done.decided), same=form.is_same())
    _tell_answered_before(request, done.answered_before)
    return _back(request)


def _confirm(request: ScoreportRequest, still_open: list[CaseInfo], found: list[CaseInfo], note: str) -> HttpResponse:
    """Name each pair and what follows from the answer, before two students become one."""
    _tell_answered_before(request, [case.id for case in found if not case.is_open])
    if not still_open:
        return _back(request)
    try:
        actions.note_questions_seen(request.actor, case_ids=[case.id for case in still_open], at=request.at)
    except actions.TooManyRows as refusal:
        return to_more_rows(request, refusal)
    students = {record.student_id for case in still_open for record in (case.record, case.candidate)}
    tests = count_tests_of_students(request.actor, students)
    together = {
        case.id: sum(tests[student] for student in {case.record.student_id, case.candidate.student_id})
        for case in still_open
    }
    context = {
        "questions": questions_of(request.actor, still_open),
        "together": together,
        "note": note,
        "kept": QueueForm(request.POST).kept(),
        "back": _queue_url(request),
    }
    return page.render(request, "desk/match_same.html", context)


@rule(Permission.PEOPLE_MATCH)
@require_POST
def undo(request: ScoreportRequest, case_id: int) -> HttpResponse:
    """Undo an answer."""
    people.case(request.actor, case_id)
    try:
        actions.undo_match(request.actor, case_id=case_id, at=request.at)
    except AlreadyAnswered as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The answer is undone. The question is open again."))
    return _back(request)


def _tell_decided(request: ScoreportRequest, count: int, *, same: bool) -> None:
    if same:
        said = ngettext(
            "%(count)s question answered: same student.", "%(count)s questions answered: same student.", count
        )
    else:
        said = ngettext(
            "%(count)s question answered: different students.",
            "%(count)s questions answered: different students.",
            count,
        )
    messages.success(request, f"{said % {'count': number(count)}} {_('You can undo this under “Answered”.')}")


def _tell_answered_before(request: ScoreportRequest, case_ids: list[int] | tuple[int, ...]) -> None:
    if case_ids:
        said = ngettext(
            "Question %(numbers)s was answered in the meantime. It keeps that answer.",
            "Questions %(numbers)s were answered in the meantime. They keep those answers.",
            len(case_ids),
        )
        messages.warning(request, said % {"numbers": ", ".join(map(str, case_ids))})


def _queue_url(request: ScoreportRequest) -> str:
    """Return the part of the queue that the person came from; only its own filters are taken from the form."""
    kept = QueueForm(request.POST).kept()
    query = f"?{urlencode(kept)}" if kept else ""
    return f"{reverse('matching')}{query}#next"


def _back(request: ScoreportRequest) -> HttpResponse:
    return HttpResponseRedirect(_queue_url(request))
