"""Whatever people load, claim, confirm, undo and answer: a placed ticket is as if its rows had that AI code.

A history is played; then a second world is built from the files that still stand, with the AI codes that confirmed
claims stand for written into their rows, and with the answers that are left. Both have to be the same but for what the
files said, and sound.
"""

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from scoreport.imports.models import ImportFile
from scoreport.imports.rules import FileState
from scoreport.organizations.models import Organization
from scoreport.organizations.queries import find
from scoreport.people import candidates
from scoreport.people.models import MatchCase, StudentRecord
from scoreport.people.queries import present_cases
from scoreport.people.rules import CaseState, Reason
from scoreport.scores import actions
from scoreport.scores.actions import NotNow, UnknownTest
from scoreport.scores.models import AttributionRequest, ClepResult, Placement, Total
from scoreport.scores.rules import ClaimState
from scoreport.scores.search import UnknownKey
from scoreport.scores.search.tokens import key_of
from tests.examples import examples
from tests.scores.claimed import ANA
from tests.scores.files import load, row, undo
from tests.scores.verified import verified
from tests.world import AT, OPERATOR
from tests.world import load as load_organizations

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

HEAD = "kind,organization_id,name,parent_id,ai_code,city,state,zip,time_zone\n"
TREES = (
    "school,LATE,Late School,D-ALDER,471111,Alder,WV,25310,",
    "school,LATE,Late School,D-BIRCH,471111,Birch,WV,25320,America/Los_Angeles",
    "school,ALDER-HIGH,Alder High School,D-BIRCH,470001,Alder,WV,25310,",
    "school,ALDER-HIGH,Alder High School,D-ALDER,470001,Alder,WV,25310,America/Chicago",
)
SCHOOLS = {"ALDER-HIGH": "470001", "ALDER-EARLY": "000905", "BIRCH-HIGH": "470101"}
ROWS = st.builds(
    lambda ticket, first, birth, school, exam: row(
        ticket, first_name=first, date_of_birth=birth, ai_code=school, **exam
    ),
    ticket=st.sampled_from(["T1", "T2", "T3", "T4"]),
    first=st.sampled_from(["Ana Bo", "ANA BO", "Anabo", "Cy"]),
    birth=st.sampled_from(["2008-04-05", "2008-05-04", "2006-01-01"]),
    school=st.sampled_from(["470001", "000905", "470101", "471111", "", "000003"]),
    exam=st.sampled_from(
        [{"score": "40"}, {"score": "60", "date_tested": "2025-10-10", "date_registered": "2025-09-01"},
         {"exam_code": "91", "score": "", "date_scored": ""}, {"exam_code": "91"}]
    ),
)  # fmt: skip
LOAD = st.tuples(
    st.just("load"),
    st.lists(ROWS, min_size=1, max_size=4, unique_by=lambda cells: cells["registration_ticket_number"]),
)
PICK = st.integers(0, 20)
CLAIM = st.tuples(st.just("claim"), st.tuples(PICK, st.sampled_from(sorted(SCHOOLS)), st.booleans()))
ACTS = st.one_of(
    *(LOAD, CLAIM, CLAIM, CLAIM),
    *(st.tuples(st.just(act), PICK) for act in ("confirm", "undo_claim", "undo_claim", "undo_file", "tree")),
    st.tuples(st.just("answer"), st.tuples(PICK, st.booleans())),
)
HISTORIES = st.builds(lambda first, rest: [first, *rest], LOAD, st.lists(ACTS, min_size=3, max_size=12))


class _World:
    """What people do, one thing after the other."""

    def __init__(self) -> None:
        self.rows: dict[int, list[dict[str, str]]] = {}
        self.trees: list[str] = []

    def load(self, rows, at) -> None:
        self.rows[load(*rows, at=at).pk] = rows

    def undo_file(self, pick, at) -> None:
        if standing := list(ImportFile.objects.filter(kind="scores", state=FileState.ACCEPTED).order_by("pk")):
            undo(standing[pick % len(standing)], at=at)
            event("undone")

    def tree(self, pick, at) -> None:
        self.trees.append(TREES[pick % len(TREES)])
        load_organizations(f"{HEAD}{self.trees[-1]}\n", at=at)
        actions.attribute_schools(OPERATOR, at=at)

    def claim(self, what, at) -> None:
        tickets = sorted(set(ClepResult.objects.values_list("ticket", flat=True)))
        if tickets:
            pick, school, at_once = what
            _claim(tickets[pick % len(tickets)], school, at)
            if at_once:
                self.confirm(-1, at)

    def confirm(self, pick, at) -> None:
        if claims := list(AttributionRequest.objects.filter(state=ClaimState.OPEN).order_by("pk")):
            try:
                actions.confirm_claim(OPERATOR, number=claims[pick % len(claims)].pk, at=at)
                event("confirmed")
            except NotNow:
                event("not confirmed")

    def undo_claim(self, pick, at) -> None:
        if claims := list(AttributionRequest.objects.filter(state=ClaimState.CONFIRMED).order_by("pk")):
            actions.undo_claim(OPERATOR, number=claims[pick % len(claims)].pk, sentence="No.", at=at)
            event("undone")

    def answer(self, what, at) -> None:
        if asked := list(MatchCase.objects.filter(state=CaseState.OPEN).order_by("pk")):
            actions.decide_match(OPERATOR, case_id=asked[what[0] % len(asked)].pk, same=what[1], at=at)
            event("answered")


def _claim(ticket: str, school: str, at: dt.datetime) -> None:
    key = key_of(OPERATOR, find(school), ANA, program="clep", ticket=ticket, at=at)
    claimed = actions.Claimed("Ana", "Lopez", dt.date(2008, 4, 5), "Ours.")
    try:
        actions.claim_test(OPERATOR, organization=find(school), key=key, claimed=claimed, at=at)
    except (NotNow, UnknownTest, UnknownKey):
        event("not claimed")


def _play(history):
    """Play a history; return what is stored, the files with the placements in them, and what else is to be replayed."""
    world = _World()
    for step, (act, what) in enumerate(history):
        getattr(world, act)(what, AT + dt.timedelta(minutes=step))
    codes = {find(name).id: code for name, code in SCHOOLS.items()}
    placed = {ticket: codes[school] for ticket, school in Placement.objects.values_list("ticket", "school_id")}
    left = ImportFile.objects.filter(kind="scores", state=FileState.ACCEPTED).order_by("accepted_order")
    files = [[cells | _place(cells, placed) for cells in world.rows[file.pk]] for file in left]
    return _store(), files, world.trees, _answers(), _deviations()


def _place(cells, placed) -> dict[str, str]:
    ticket = cells["registration_ticket_number"]
    return {"ai_code": placed[ticket]} if ticket in placed else {}


def _build(files, trees, answers):
    """Build a world in which the rows have the AI codes themselves."""
    for tree in trees:
        load_organizations(f"{HEAD}{tree}\n")
    for step, rows in enumerate(files):
        load(*rows, at=AT + dt.timedelta(minutes=step))
    for step, (one, other, state) in enumerate(answers):
        at = AT + dt.timedelta(hours=1, minutes=step)
        number = _asked(one, other).pk
        actions.decide_match(OPERATOR, case_id=number, same=state == CaseState.SAME, at=at, with_others=False)
    return _store()


def _asked(one, other) -> MatchCase:
    """Return the question about two records; it is asked where only what is gone had asked it."""
    found = {_described(student): student.pk for student in StudentRecord.objects.filter(is_dormant=False)}
    pair = found[one], found[other]
    about = MatchCase.objects.filter(record__in=pair, candidate__in=pair)
    if not about.exists():
        candidates.open_cases([candidates.MatchCandidate(*pair, other_known=True, reason=Reason.OTHER_SCHOOL)], at=AT)
    return about.filter(state=CaseState.OPEN).earliest("pk")


def _answers():
    answered = present_cases().exclude(state=CaseState.OPEN).order_by("decided_at", "pk")
    return [(_described(case.record), _described(case.candidate), case.state) for case in answered]


def _described(record) -> tuple[object, ...]:
    names = (record.fold_given, record.fold_last, record.fold_initial, record.gender)
    return *names, record.birth_date, _codes().get(record.school_id), record.place_code


def _codes() -> dict[int | None, str]:
    """Return what organizations are called: a world that is built again may number them otherwise."""
    return dict(Organization.objects.values_list("id", "code"))


def _store() -> dict[str, object]:
    """Return what is stored of tests, students, questions and totals, but for what the files said of schools."""
    places, codes = ("school_id", "district_id", "state_id"), _codes()
    left_out = {"id", "student_id", "record_id", "ai_code", "row_hash", *places}
    told = [field.name for field in ClepResult._meta.fields if field.name not in left_out]
    students: dict[int, set[str]] = {}
    for student, ticket in ClepResult.objects.values_list("student_id", "ticket"):
        students.setdefault(student, set()).add(ticket)
    figures = [field.name for field in Total._meta.fields if field.name not in {"id", "organization_id"}]
    known = {
        student.pk: str((student.first_name, *_described(student)))
        for student in StudentRecord.objects.filter(is_dormant=False)
    }
    return {
        "scores": sorted(
            str([*(codes.get(getattr(row, place)) for place in places), *(getattr(row, name) for name in told)])
            for row in ClepResult.objects.filter(is_current=True)
        ),
        "students": sorted(map(sorted, students.values())),
        "records": sorted(known.values()),
        "questions": sorted(
            sorted((known[one], known[other]))
            for one, other in present_cases().values_list("record_id", "candidate_id")
        ),
        "totals": sorted(
            str([codes[row.organization_id], *(getattr(row, name) for name in figures)]) for row in Total.objects.all()
        ),
    }


def _deviations() -> dict[str, tuple[str, ...]]:
    found = verified()
    return {finding.name: finding.examples for finding in found if finding.deviations}


def _in_a_world(do):
    """Return what ``do`` returns, and leave everything as it was."""
    with transaction.atomic():
        found = do()
        transaction.set_rollback(True)
    return found


@pytest.mark.slow
@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(history=HISTORIES)
def test_a_placed_ticket_is_as_if_its_rows_had_that_ai_code(history):
    played, files, trees, answers, deviations = _in_a_world(lambda: _play(history))
    assert deviations == {}
    assert played == _in_a_world(lambda: _build(files, trees, answers))


def test_a_placement_that_is_not_followed_would_be_seen():
    """The negative control: without the AI code of the placement the second world is another one."""
    rows = [row("T1", ai_code=""), row("T2")]

    def placed() -> dict[str, object]:
        load(*rows)
        _claim("T1", "ALDER-HIGH", AT)
        actions.confirm_claim(OPERATOR, number=AttributionRequest.objects.get().pk, at=AT)
        return _store()

    played = _in_a_world(placed)
    assert played != _in_a_world(lambda: _build([rows], [], []))
    assert played == _in_a_world(lambda: _build([[rows[0] | {"ai_code": "470001"}, rows[1]]], [], []))
