"""Identifiers of other systems: records that bear one are one student, in whatever order they came."""

import io

import pytest

from scoreport.imports import actions as imports
from scoreport.people.crosswalk import CrosswalkRefused
from scoreport.people.models import Identifier, StudentRecord
from scoreport.scores.actions import load_crosswalk
from scoreport.scores.models import ClepResult
from tests.scores.files import load, row, undo
from tests.world import AT, OPERATOR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

HEADER = "kind,issuer,identifier,first_name,last_name,date_of_birth,ai_code\n"
HERE = "state-student-id,ST,S-1,Ana,Lopez,2008-04-05,470001\n"
MOVED = "state-student-id,ST,S-1,Ana,Lopez Garcia,2008-04-05,000905\n"
LOCAL = HERE.replace("state-student-id", "local-student-id").replace("S-1", "S-9")


def crosswalk(text: str):
    """Load a crosswalk."""
    return load_crosswalk(OPERATOR, file=io.BytesIO(text.encode()), at=AT)


def students() -> int:
    """Count the students that scores belong to."""
    return ClepResult.objects.values("student_id").distinct().count()


@pytest.mark.parametrize("first", ["scores", "crosswalk"])
def test_records_that_bear_one_identifier_are_one_student(first):
    steps = [
        lambda: load(row("T1"), row("T2", last_name="Lopez Garcia", ai_code="000905")),
        lambda: crosswalk(HEADER + HERE + MOVED),
    ]
    for step in steps if first == "scores" else reversed(steps):
        step()
    assert students() == 1


def test_identifiers_of_others_link_nobody():
    load(row("T1"), row("T2", ai_code="000905"))
    crosswalk(HEADER + HERE + MOVED.replace("S-1", "S-2").replace("Lopez Garcia", "Lopez"))
    assert students() == 2


def test_the_same_file_again_changes_nothing():
    crosswalk(HEADER + HERE)
    assert crosswalk(HEADER + HERE).new == 0
    assert Identifier.objects.count() == 1


def test_a_known_student_stays_when_the_scores_are_taken_back():
    crosswalk(HEADER + HERE)
    undo(load(row("T1"), row("T2", first_name="Bo")))
    assert [student.first_name for student in StudentRecord.objects.filter(is_dormant=False)] == ["Ana"]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"state-student-id": "shoe-size"}, "kind"),
        ({"S-1": "S 1"}, "identifier"),
        ({"Lopez": ""}, "last_name"),
        ({"2008-04-05": "2008-02-30"}, "date_of_birth"),
        ({"470001": "999999"}, "ai_code"),
        ({",ST,": ",S T,"}, "issuer"),
    ],
)
def test_a_bad_row_names_its_place_and_nothing_is_stored(cells, column):
    bad = HERE
    for old, new in cells.items():
        bad = bad.replace(old, new)
    with pytest.raises(CrosswalkRefused) as refusal:
        crosswalk(HEADER + MOVED + bad)
    assert [(problem.line, problem.column) for problem in refusal.value.problems] == [(3, column)]
    assert not Identifier.objects.exists()


def test_a_missing_column_is_named():
    with pytest.raises(CrosswalkRefused) as refusal:
        crosswalk(HEADER.replace("issuer", "source") + HERE)
    assert "These columns are missing: issuer." in refusal.value.problems[0].reason


def links():
    """Return who is one student: the records by name, and their identifiers."""
    heads = {row.pk: row.student_id for row in StudentRecord.objects.filter(is_dormant=False)}
    names = {
        row.pk: f"{row.first_name} {row.last_name} {row.school_id}"
        for row in StudentRecord.objects.filter(is_dormant=False)
    }
    groups = sorted(sorted(names[pk] for pk in names if heads[pk] == head) for head in set(heads.values()))
    return groups, sorted(Identifier.objects.values_list("record__last_name", "value")), students()


def test_a_crosswalk_is_undone():
    load(row("T1"), row("T2", last_name="Lopez Garcia", ai_code="000905"))
    before = links()
    loaded = crosswalk(HEADER + HERE + MOVED)
    assert students() == 1
    imports.undo_now(OPERATOR, file_id=loaded.file, at=AT)
    assert links() == before


@pytest.mark.parametrize("undone", [0, 1])
def test_what_another_crosswalk_says_too_stays(undone):
    load(row("T1"), row("T2", last_name="Lopez Garcia", ai_code="000905"))
    files = [crosswalk(HEADER + HERE + MOVED), crosswalk(HEADER + HERE + MOVED + LOCAL)]
    imports.undo_now(OPERATOR, file_id=files[undone].file, at=AT)
    assert students() == 1
    assert Identifier.objects.filter(value="S-9").count() == 1 - undone


def test_undoing_scores_and_crosswalk_in_any_order_leaves_nothing():
    first = crosswalk(HEADER + HERE)
    scores = load(row("T1"), row("T2", last_name="Lopez Garcia", ai_code="000905"))
    second = crosswalk(HEADER + MOVED)
    assert students() == 1
    imports.undo_now(OPERATOR, file_id=first.file, at=AT)
    assert students() == 2
    undo(scores)
    imports.undo_now(OPERATOR, file_id=second.file, at=AT)
    assert not StudentRecord.objects.filter(is_dormant=False).exists()


def test_a_row_that_is_there_twice_counts_once():
    loaded = crosswalk(HEADER + HERE + HERE)
    assert (loaded.rows, loaded.new) == (1, 1)
