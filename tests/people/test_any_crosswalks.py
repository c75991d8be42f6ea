"""Lists of identifiers in any order, some of them undone: who is one student follows from the files that are left."""

import datetime as dt
import io
from collections import defaultdict

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoreport.imports import actions as imports
from scoreport.people.models import Identifier, IdentifierAssertion, IdentifierVersion, StudentRecord
from scoreport.scores.actions import load_crosswalk
from scoreport.scores.models import ClepResult
from tests.examples import examples
from tests.scores.files import load, row
from tests.scores.verified import verified
from tests.world import AT, OPERATOR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

SPELLINGS = {
    "here": ("Ana", "Lopez", "2008-04-05", "470001"),
    "shouted": ("ANA", "LÓPEZ", "2008-04-05", "470001"),
    "joined": ("Ana Bo", "Lopez", "2008-04-05", "470001"),
    "in one": ("AnaBo", "Lopez", "2008-04-05", "470001"),
    "moved": ("Ana", "Lopez Garcia", "2008-04-05", "000905"),
    "away": ("Ana", "Lopez", "2008-04-05", "470101"),
    "nowhere": ("Ana", "Lopez", "2008-04-05", ""),
    "other": ("Cy", "Kim", "2007-01-01", "470001"),
}
SPELLED = st.sampled_from(sorted(SPELLINGS))
LIST = st.tuples(
    st.just("identifiers"),
    st.lists(st.tuples(st.sampled_from(["S-1", "S-2", "S-3"]), SPELLED), min_size=1, max_size=4, unique=True),
)
SCORES = st.tuples(st.just("scores"), st.lists(SPELLED, min_size=1, max_size=3, unique=True))
FILES = st.lists(st.one_of(LIST, LIST, SCORES), min_size=2, max_size=5)
HEADER = "kind,issuer,identifier,first_name,last_name,date_of_birth,ai_code"


def _load(number, kind, rows) -> int:
    """Load a file; each score file has tickets of its own, so that no order of files corrects anything."""
    if kind == "scores":
        names = ("first_name", "last_name", "date_of_birth", "ai_code")
        # As a list of identifiers says nothing of gender and initial, so that both may speak of one record.
        blank = {"gender": "U", "middle_initial": ""}
        spelled = [dict(zip(names, SPELLINGS[one], strict=True)) | blank for one in rows]
        tests = [row(f"T{number}-{n}", **cells) for n, cells in enumerate(spelled)]
        return load(*tests).pk
    lines = [f"state-student-id,ST,{value},{','.join(SPELLINGS[one])}" for value, one in rows]
    text = "\n".join([HEADER, *lines]) + "\n"
    return load_crosswalk(OPERATOR, file=io.BytesIO(text.encode()), at=AT).file


def _undo(file: int) -> None:
    imports.undo_now(OPERATOR, file_id=file, at=AT)


def _described(record: StudentRecord) -> str:
    return f"{record.fold_given} {record.fold_last} {record.birth_date} {record.school_id}"


def _found() -> dict[str, object]:
    """Return who is one student, by records and by tests, and who bears which identifier."""
    records = {one.pk: one for one in StudentRecord.objects.filter(is_dormant=False)}
    people: dict[int | None, list[str]] = defaultdict(list)
    tests: dict[int, list[str]] = defaultdict(list)
    for one in records.values():
        people[one.student_id].append(_described(one))
    for ticket, student in ClepResult.objects.values_list("ticket", "student_id"):
        tests[student].append(ticket)
    return {
        "people": sorted(map(sorted, people.values())),
        "tests": sorted(map(sorted, tests.values())),
        "identifiers": sorted((one.value, _described(records[one.record_id])) for one in Identifier.objects.all()),
    }


def _played(files, undone=(), *, is_verified=False) -> dict[str, object]:
    """Load files and undo some, in a world of its own; undoing the others too leaves nothing but dormant records."""
    with transaction.atomic():
        loaded = {number: _load(number, *what) for number, what in files}
        for number in undone:
            _undo(loaded[number])
        found = _found()
        if is_verified:
            assert [finding.name for finding in verified() if finding.deviations] == []
        for number in loaded.keys() - set(undone):
            _undo(loaded[number])
        left = [model.objects.count() for model in (Identifier, IdentifierVersion, IdentifierAssertion)]
        left.append(StudentRecord.objects.filter(is_dormant=False).count())
        transaction.set_rollback(True)
    return found | {"left": left}


@settings(
    max_examples=examples(10),
    deadline=dt.timedelta(seconds=30),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(files=FILES, data=st.data())
def test_any_order_and_undo_is_never_having_loaded(files, data):
    numbered = list(enumerate(files))
    order = data.draw(st.permutations(numbered))
    gone = data.draw(st.sampled_from(order))
    never = _played([one for one in numbered if one is not gone])
    assert _played(order, [gone[0]], is_verified=True) == never
    assert never["left"] == [0, 0, 0, 0]


def test_a_difference_would_be_seen():
    """The negative control: a list that still stands is part of what is found."""
    files = [(0, ("scores", ["here", "moved"])), (1, ("identifiers", [("S-1", "here"), ("S-1", "moved")]))]
    both, without = _played(files), _played(files[:1])
    assert (both["tests"], without["tests"]) == ([["T0-0", "T0-1"]], [["T0-0"], ["T0-1"]])
    assert both["identifiers"] != without["identifiers"]


@pytest.mark.parametrize("order", [("identifiers", "scores"), ("scores", "identifiers")])
def test_a_record_has_the_name_of_the_first_score_file_whichever_came_first(order):
    rows = {"identifiers": [("S-1", "shouted")], "scores": ["here"]}
    for number, kind in enumerate(order):
        _load(number, kind, rows[kind])
    record = StudentRecord.objects.get()
    assert (record.first_name, record.last_name) == ("Ana", "Lopez")
    assert [finding.name for finding in verified() if finding.deviations] == []
