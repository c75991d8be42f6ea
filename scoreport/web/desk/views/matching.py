"""Questions of identity: two records side by side, and a person says whether they are one student."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from scoreport.access import Permission
from scoreport.organizations import queries as organizations
from scoreport.people import queries as people
from scoreport.people.cases import AlreadyAnswered
from scoreport.people.queries import CaseInfo, RecordInfo
from scoreport.people.rules import Reason
from scoreport.programs.catalog import PROGRAMS
from scoreport.scores import actions
from scoreport.scores.queries import RecordTests, count_tests_of_records
from scoreport.web import page
from scoreport.web.desk import match_labels, words
from scoreport.web.desk.forms import AnswerForm, QueueForm
from scoreport.web.desk.limits import to_more_rows
from scoreport.web.formats import day, number
from scoreport.web.part import part_of
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

PER_PAGE: Final = 10


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the page shows it; ``pairs`` are (what, newer record, older record, whether that matters)."""

    case: CaseInfo
    why: str
    answer: str
    pairs: tuple[tuple[str, str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice above the queue."""

    label: str
    url: str
    count: int
    current: bool


@rule(Permission.PEOPLE_MATCH)
@require_safe
def queue(request: ScoreportRequest) -> HttpResponse:
    """Show the open questions, or the answered ones."""
    form = QueueForm(request.GET)
    is_open, reason = form.is_open(), form.chosen_reason()
    counts = people.count_cases(request.actor, is_open=is_open)
    total = sum(counts.values()) if reason is None else counts.get(reason, 0)
    pager = page.pager(request, number=form.number(), size=PER_PAGE, total=total)
    found, _total = people.cases(
        request.actor, is_open=is_open, reason=reason, first=max(0, pager.first - 1), limit=PER_PAGE
    )
    if found:
        try:
            actions.note_questions_seen(request.actor, case_ids=[case.id for case in found], at=request.at)
        except actions.TooManyRows as refusal:
            return to_more_rows(request, refusal)
    context = {
        "questions": _questions(request, found),
        "is_open": is_open,
        "filters": _filters(is_open=is_open, reason=reason, counts=counts),
        "states": _states(request, is_open=is_open),
        "pager": pager,
        "kept": form.kept(),
    }
    return page.render(request, "desk/queue.html" if part_of(request) == "queue" else "desk/matching.html", context)


def _questions(request: ScoreportRequest, found: list[CaseInfo]) -> list[Question]:
    records = [record for case in found for record in (case.record, case.candidate)]
    tests = count_tests_of_records(request.actor, {record.id for record in records})
    schools = organizations.infos({record.school_id for record in records if record.school_id})

    def facts(record: RecordInfo) -> tuple[str, ...]:
        given = " ".join(filter(None, (record.first_name, record.initial.upper())))
        name = f"{record.last_name}, {given}" if given else record.last_name
        school = schools[record.school_id].name if record.school_id else _("No school known")
        return (
            name,
            day(record.birth_date),
            str(PROGRAMS[0].genders.label(record.gender)),
            school,
            _taken(tests[record.id]),
        )

    def pairs(case: CaseInfo) -> Iterator[tuple[str, str, str, bool]]:
        labels = (_("Name"), _("Date of birth"), _("Gender"), _("School"), _("Tests"))
        for label, newer, older in zip(labels, *map(facts, _newer_first(case)), strict=True):
            # Tests always differ, and say nothing for or against.
            yield label, newer, older, newer != older and label != labels[-1]

    return [
        Question(
            case=case,
            why=match_labels.reason_sentence(case.reason),
            answer=words.answer_label(case.state),
            pairs=tuple(pairs(case)),
        )
        for case in found
    ]


def _newer_first(case: CaseInfo) -> list[RecordInfo]:
    return sorted((case.record, case.candidate), key=lambda record: -record.id)


def _taken(tests: RecordTests) -> str:
    """Say how many tests a record has, and when."""
    if tests.first_on is None or tests.last_on is None:
        return _("None")
    if tests.first_on == tests.last_on:
        return f"{number(tests.tests)} ({day(tests.first_on)})"
    return f"{number(tests.tests)} ({day(tests.first_on)} – {day(tests.last_on)})"


def _states(request: ScoreportRequest, *, is_open: bool) -> list[Filter]:
    here = reverse("matching")
    waiting = sum(people.count_cases(request.actor, is_open=True).values())
    answered = sum(people.count_cases(request.actor, is_open=False).values())
    return [
        Filter(_("Open"), here, waiting, is_open),
        Filter(_("Answered"), f"{here}?state=answered", answered, not is_open),
    ]


def _filters(*, is_open: bool, reason: Reason | None, counts: dict[Reason, int]) -> list[Filter]:
    """Offer the reasons that occur, and all of them together."""
    state = {} if is_open else {"state": "answered"}

    def url(**more: str) -> str:
        query = urlencode(state | more)
        return reverse("matching") + (f"?{query}" if query else "")

    every = Filter(_("All reasons"), url(), sum(counts.values()), reason is None)
    return [every] + [
        Filter(match_labels.reason_label(each), url(reason=each.value), counts.get(each, 0), each is reason)
        for each in Reason
        if each in counts or each is reason
    ]


@rule(Permission.PEOPLE_MATCH)
@require_POST
def answer(request: ScoreportRequest, case_id: int) -> HttpResponse:
    """Take the answer to one question and go on with the next."""
    form = AnswerForm(request.POST)
    people.case(request.actor, case_id)
    if not form.is_valid():
        messages.error(request, _("Choose “Same student” or “Different students”. A note has up to 500 characters."))
        return _back(request)
    same = form.cleaned_data["answer"] == "same"
    try:
        actions.decide_match(request.actor, case_id=case_id, same=same, note=form.cleaned_data["note"], at=request.at)
    except AlreadyAnswered as refusal:
        messages.warning(request, str(refusal))
    else:
        told = _("Noted: one student.") if same else _("Noted: two students.")
        messages.success(request, f"{told} {_('You can undo this under “Answered”.')}")
    return _back(request)


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


def _back(request: ScoreportRequest) -> HttpResponse:
    """Return to the part of the queue that the person came from; only its own filters are taken from the form."""
    kept = QueueForm(request.POST).kept()
    query = f"?{urlencode(kept)}" if kept else ""
    return HttpResponseRedirect(f"{reverse('matching')}{query}#next")
