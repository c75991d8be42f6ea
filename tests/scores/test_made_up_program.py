"""A program that is data, a model and a layout goes from its file to figures, corrections and undo."""

import datetime as dt

import pytest
from django.db import connection

from scoreport.imports.models import RejectedRow
from scoreport.imports.rules import FileState
from scoreport.organizations.queries import find
from scoreport.people import identity
from scoreport.people.models import StudentRecord
from scoreport.programs.catalog import catalogue_problems
from scoreport.scores import actions, queries
from scoreport.scores.models import Total
from scoreport.scores.verify import canceled, people, values, versions
from scoreport.scores.verify import figures as totals
from tests.scores import files, made_up_program
from tests.scores.made_up_program import RAISED, RESULTS, SKILLS, row, text
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db

CHECKS = (*versions.CHECKS, *values.CHECKS, *people.CHECKS, *totals.CHECKS, *canceled.CHECKS)
EARLIER = (RAISED - dt.timedelta(days=60)).isoformat()


@pytest.fixture(autouse=True)
def program(world, monkeypatch):
    made_up_program.install(monkeypatch)


def check(*rows):
    file_id = actions.receive_file(
        OPERATOR, program="skills", name="skills.csv", chunks=[text(*rows)], at=AT, check_later=False
    )
    return actions.check_now(OPERATOR, file_id=file_id, at=AT)


def load(*rows):
    return files.accept(check(*rows))


def figures(place: str, measure: str = "", years=(2025,)):
    organization = find(place)
    found = queries.figures(OPERATOR, organization.place, AT, program="skills", years=years, measure=measure)
    return {year: (one.takers, one.tests, one.at_cut, one.value_sum, one.waiting) for year, one in found.items()}


def bins(place: str, measure: str):
    found = queries.figures_by_exam(OPERATOR, find(place).place, AT, program="skills", years=[2025], measure=measure)
    return {exam: one.bands for exam, one in found.items()}


def visible():
    rows = queries.visible_scores(OPERATOR, AT, program="skills")
    return {
        row["ticket"]: (row["points"], row["points_level"]) for row in rows.values("ticket", "points", "points_level")
    }


def test_the_data_is_sound():
    assert catalogue_problems((SKILLS,)) == []


@pytest.mark.parametrize("place", ["ALDER-HIGH", "D-ALDER", "ST"])
def test_each_measure_is_counted_by_its_own_cut_and_parts(place):
    load(
        row("F1"),
        row("F2", first_name="Ben", born="2008-05-06", scale="190", level="2"),
        row("F3", first_name="Cora", born="2008-06-07", scale="300", level=""),
        row("F4", taken=EARLIER, scale="190", level="3"),
        row("F5", first_name="Dan", born="2008-07-08", test="WRIT", scale="", level=""),
    )
    assert figures(place) == {2025: (3, 3, 2, 700, 1)}
    assert figures(place, "level") == {2025: (2, 2, 1, 5, 1)}
    # The cut was lower before it rose.
    assert figures(place, years=[2024]) == {2024: (1, 1, 1, 190, 0)}
    assert bins(place, "scale")["READ"] == (0, 1, 1, 1)
    assert bins(place, "level")["READ"] == (0, 1, 1, 0)


def test_a_correction_and_its_undo_change_what_is_shown():
    load(row("F1"))
    again = load(row("F1", scale="220", level="4"))
    assert visible() == {"F1": (220, 4)}
    files.undo(again)
    assert visible() == {"F1": (210, 3)}


def test_a_canceled_result_is_no_number_anywhere():
    load(row("F1"))
    load(row("F1", scale="CANCELED", level=""))
    assert visible() == {"F1": (None, None)}
    assert figures("ST") == {2025: (0, 0, 0, 0, 0)}
    assert set(RESULTS.model.objects.filter(is_current=True).values_list("scale", "level")) == {(None, None)}


def test_a_score_is_withdrawn_and_restored():
    load(row("F1"))
    actions.withdraw_score(OPERATOR, program="skills", ticket="F1", reason="under investigation", at=AT)
    assert visible() == {"F1": (None, None)}
    actions.restore_score(OPERATOR, program="skills", ticket="F1", reason="cleared", at=AT)
    assert visible() == {"F1": (210, 3)}


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"taken": "2030-01-01"}, "taken"),
        ({"born": "2026-02-03"}, "born"),
        ({"read_on": "2026-02-02"}, "read_on"),
        ({"read_on": "2030-01-01"}, "read_on"),
        ({"scale": "301"}, "scale"),
        ({"level": "0"}, "level"),
        ({"scale": ""}, "scale"),
        ({"test": "MATH"}, "test"),
    ],
)
def test_a_wrong_row_names_its_column(cells, column):
    file = check(row("F1", **cells), row("F2"))
    assert (file.state, file.rows_refused, file.rows_new) == (FileState.CHECKED, 1, 1)
    assert {cell.column for cell in RejectedRow.objects.filter(file=file)} == {column}


def test_the_same_student_of_two_programs_is_one():
    files.load(files.row("T1"))
    load(row("F1"))
    clep = queries.visible_scores(OPERATOR, AT, program="clep").values_list("student_id", flat=True)
    skills = queries.visible_scores(OPERATOR, AT, program="skills").values_list("student_id", flat=True)
    assert list(clep) == list(skills)


def test_a_record_bears_the_name_of_its_first_file_of_whatever_program():
    load(row("F1", first_name="ANA"))
    files.load(files.row("T1", middle_initial=""))
    (record,) = StudentRecord.objects.all()
    with connection.cursor() as cursor:
        assert identity.first_spoken_of(cursor, [record.pk])[record.pk].first_name == record.first_name == "ANA"


def test_what_is_stored_is_sound_and_gone_after_undo():
    files.load(files.row("T1", middle_initial="", gender=""))
    first = load(row("F1"), row("F2", first_name="Ben", born="2008-05-06"))
    second = load(row("F1", scale="150", level="1"))
    found = [finding for check in CHECKS for finding in check(AT)]
    assert [finding for finding in found if finding.deviations] == []
    assert sum(finding.checked for finding in found) > len(found)
    files.undo(second)
    files.undo(first)
    assert not RESULTS.model.objects.exists()
    assert not Total.objects.filter(program="skills").exists()
