"""Whatever people do in whatever order, what is stored follows from the files and answers that still stand.

A history of loading, undoing, answering, undoing answers, withdrawing scores and restoring them
is played; then a second world is built from nothing but the files that are left, in the order of
their acceptance, and the answers and withdrawals that are left. Both worlds have to be the same, and
sound.
"""

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, currently_in_test_context, event, given, settings
from hypothesis import strategies as st

from scoreport.imports.models import ImportFile
from scoreport.imports.rules import FileState
from scoreport.people import candidates
from scoreport.people.models import MatchCase
from scoreport.people.queries import present_cases
from scoreport.people.rules import CaseState, Reason
from scoreport.scores import actions
from scoreport.scores.models import ClepResult, ScoreWithdrawal
from tests.examples import examples
from tests.scores.files import load, row, store, undo
from tests.scores.verified import verified
from tests.world import AT, OPERATOR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

TICKETS = ["T1", "T2", "T3", "T4"]
ROWS = st.builds(
    lambda ticket, first, last, birth, school, exam: row(
        ticket, first_name=first, last_name=last, date_of_birth=birth, ai_code=school, **exam
    ),
    ticket=st.sampled_from(TICKETS),
    first=st.sampled_from(["Ana Bo", "ANA BO", "Bo Ána", "Anabo", "Cy"]),
    last=st.sampled_from(["Lopez", "Ló-Pez", "Kim"]),
    birth=st.sampled_from(["2008-04-05", "2008-05-04", "2006-01-01"]),
    school=st.sampled_from(["470001", "000905", "470101", "999999", ""]),
    exam=st.sampled_from(
        [
            {"score": "40"},
            {"score": "60"},
            {"score": "CANCELED"},
            {"exam_code": "91", "score": "", "date_scored": ""},
            {"exam_code": "91"},
            {"exam_code": "91", "status": "canceled"},
        ]
    ),
)
LOAD = st.tuples(
    st.just("load"),
    st.lists(ROWS, min_size=1, max_size=4, unique_by=lambda cells: cells["registration_ticket_number"]),
)
# One name and birth date at several schools: as many questions as there are pairs.
ASKING = st.lists(st.sampled_from(["470001", "000905", "470101", "999999"]), min_size=2, unique=True).map(
    lambda schools: (
        "load",
        [row(ticket, first_name="Ana Bo", ai_code=school) for ticket, school in zip(TICKETS, schools, strict=False)],
    )
)
PICK = st.integers(0, 20)
ACTS = st.one_of(
    LOAD,
    LOAD,
    st.tuples(st.just("undo"), PICK),
    st.tuples(st.just("answer"), st.tuples(PICK, st.booleans())),
    st.tuples(st.just("answer_several"), st.tuples(PICK, st.booleans())),
    st.tuples(st.just("reopen"), PICK),
    st.tuples(st.just("withdraw"), st.sampled_from(TICKETS)),
    st.tuples(st.just("restore"), PICK),
)
HISTORIES = st.builds(lambda first, rest: [first, *rest], LOAD | ASKING, st.lists(ACTS, min_size=1, max_size=8))


def _in_a_world(do):
    """Return what ``do`` returns, and leave everything as it was."""
    with transaction.atomic():
        found = do()
        transaction.set_rollback(True)
    return found


class _World:
    """What is stored while a history is played."""

    def __init__(self) -> None:
        self.rows: dict[int, list[dict[str, str]]] = {}

    def load(self, rows: list[dict[str, str]], at: dt.datetime) -> None:
        self.rows[load(*rows, at=at).pk] = rows

    def undo(self, pick: int, at: dt.datetime) -> None:
        if standing := list(ImportFile.objects.filter(state=FileState.ACCEPTED).order_by("pk")):
            undo(standing[pick % len(standing)], at=at)
            event("undone")

    def answer(self, what: tuple[int, bool], at: dt.datetime) -> None:
        if asked := list(MatchCase.objects.filter(state=CaseState.OPEN).order_by("pk")):
            actions.decide_match(OPERATOR, case_id=asked[what[0] % len(asked)].pk, same=what[1], at=at)
            event("answered")

    def answer_several(self, what: tuple[int, bool], at: dt.datetime) -> None:
        if asked := list(MatchCase.objects.filter(state=CaseState.OPEN).order_by("pk").values_list("pk", flat=True)):
            first = what[0] % len(asked)
            actions.decide_matches(OPERATOR, case_ids=asked[first : first + 3], same=what[1], at=at)
            event("answered several")

    def reopen(self, pick: int, at: dt.datetime) -> None:
        if answered := list(MatchCase.objects.exclude(state=CaseState.OPEN).order_by("pk")):
            actions.undo_match(OPERATOR, case_id=answered[pick % len(answered)].pk, at=at)
            event("answer undone")

    def withdraw(self, ticket: str, at: dt.datetime) -> None:
        if ClepResult.objects.filter(ticket=ticket).exists() and ticket not in _withdrawn():
            _withdraw(ticket, at)
            _note("withdrawn")

    def restore(self, pick: int, at: dt.datetime) -> None:
        if withdrawn := _withdrawn():
            ticket = withdrawn[pick % len(withdrawn)]
            actions.restore_score(OPERATOR, program="clep", ticket=ticket, reason="It counts.", at=at)
            _note("restored")


def _note(what: str) -> None:
    """Count an act among the property's statistics; the negative control has none."""
    if currently_in_test_context():
        event(what)


def _withdraw(ticket: str, at: dt.datetime) -> None:
    actions.withdraw_score(OPERATOR, program="clep", ticket=ticket, reason="Under review.", at=at)


def _withdrawn() -> list[str]:
    found = ScoreWithdrawal.objects.filter(restored_at=None).order_by("ticket")
    return list(found.values_list("ticket", flat=True))


def _play(history):
    """Play a history; return what is stored, the files, answers and withdrawals that are left, and what deviates."""
    world = _World()
    for step, (act, what) in enumerate(history):
        getattr(world, act)(what, AT + dt.timedelta(minutes=step))
    left = ImportFile.objects.filter(state=FileState.ACCEPTED).order_by("accepted_order")
    on_file = set(ClepResult.objects.values_list("ticket", flat=True))
    withdrawn = [ticket for ticket in _withdrawn() if ticket in on_file]
    return store(), ([world.rows[file.pk] for file in left], _answers(), withdrawn), _deviations()


def _answers() -> list[tuple[object, ...]]:
    """Return the answers in their order, by what the records describe."""
    answered = present_cases().exclude(state=CaseState.OPEN).order_by("decided_at", "pk")
    return [(_described(case.record), _described(case.candidate), case.state) for case in answered]


def _described(student) -> tuple[object, ...]:
    names = (student.fold_given, student.fold_last, student.fold_initial, student.gender)
    return *names, student.birth_date, student.school_id, student.place_code


def _deviations() -> dict[str, int]:
    found = verified()
    return {finding.name: finding.deviations for finding in found if finding.deviations}


def _build(files, answers, withdrawn) -> dict[str, object]:
    """Build a world from files, answers and withdrawals alone."""
    for step, rows in enumerate(files):
        load(*rows, at=AT + dt.timedelta(minutes=step))
    for step, (one, other, state) in enumerate(answers):
        at = AT + dt.timedelta(hours=1, minutes=step)
        actions.decide_match(
            OPERATOR, case_id=_case(one, other, at).pk, same=state == CaseState.SAME, at=at, with_others=False
        )
    for ticket in withdrawn:
        _withdraw(ticket, AT)
    return store()


def _case(one, other, at) -> MatchCase:
    """Return the question about two records; it is asked where only a file that is gone had asked it."""
    from scoreport.people.models import StudentRecord

    found = {_described(student): student.pk for student in StudentRecord.objects.filter(is_dormant=False)}
    pair = found[one], found[other]
    candidates.open_cases([candidates.MatchCandidate(*pair, other_known=True, reason=Reason.OTHER_SCHOOL)], at=at)
    about = MatchCase.objects.filter(record__in=pair, candidate__in=pair)
    return about.filter(state=CaseState.OPEN).earliest("pk")


@pytest.mark.slow
@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(history=HISTORIES)
def test_what_is_stored_follows_from_what_still_stands(history):
    played, left, deviations = _in_a_world(lambda: _play(history))
    assert deviations == {}
    assert played == _in_a_world(lambda: _build(*left))


def test_a_difference_would_be_seen():
    """The negative control: a file and a withdrawal that still stand are part of what is stored."""
    history = [("load", [row("T1")]), ("load", [row("T2")]), ("withdraw", "T1")]
    played, (files, answers, withdrawn), _none = _in_a_world(lambda: _play(history))
    assert played != _in_a_world(lambda: _build(files[:1], answers, withdrawn))
    assert played != _in_a_world(lambda: _build(files, answers, []))
    assert played == _in_a_world(lambda: _build(files, answers, withdrawn))
