"""A file cannot make things worse in silence: returning rows and repeated tests are held, the rest is stored."""

import pytest

from scoreport.imports.models import ImportFile
from scoreport.imports.run import NotPossibleNow
from scoreport.scores import files
from scoreport.scores.models import ClepResult, RefusedTest
from tests.scores.files import accept, check, load, row, store, text, undo
from tests.scores.verified import verified
from tests.world import OPERATOR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def scores():
    """Return the current score of each ticket."""
    return dict(ClepResult.objects.filter(is_current=True).order_by("ticket").values_list("ticket", "score"))


def held(file):
    """Return (line, column, value, cause) of the rows that were held."""
    return list(file.refused.exclude(cause="").order_by("line").values_list("line", "column", "value", "cause"))


def deviations():
    return {finding.name: finding.examples for finding in verified() if finding.deviations}


def test_an_old_cumulative_file_does_not_undo_a_correction():
    """A full file, a correction of 49 to 51, and the full file again with one more test."""
    load(row("T1", score="49"), row("T2", exam_code="20"))
    load(row("T1", score="51"))
    late = check(text(row("T1", score="49"), row("T2", exam_code="20"), row("T3", exam_code="7")))
    assert (late.rows_new, late.rows_changed, late.rows_same, late.rows_reverting) == (1, 0, 1, 1)
    late = accept(late, reverting=False)
    assert scores() == {"T1": 51, "T2": 57, "T3": 57}
    assert held(late) == [(2, "registration_ticket_number", "T1", "reverting")]
    assert (late.rows_refused, late.rows_reverting) == (0, 1)
    assert deviations() == {}


def test_returning_rows_are_stored_when_a_person_says_so_and_undo_brings_the_correction_back():
    load(row("T1", score="49"))
    load(row("T1", score="51"))
    before = store()
    late = accept(check(text(row("T1", score="49"))), reverting=True)
    assert scores() == {"T1": 49}
    assert deviations() == {}
    undo(late)
    assert store() == before


def test_what_was_chosen_for_an_accepted_file_stays_when_it_is_accepted_again():
    load(row("T1", score="49"))
    load(row("T1", score="51"))
    late = accept(check(text(row("T1", score="49"))), reverting=True)
    with pytest.raises(NotPossibleNow):
        accept(late, reverting=False)
    assert ImportFile.objects.get(pk=late.pk).accepts_reverting
    assert deviations() == {}


def test_a_new_correction_is_no_return():
    load(row("T1", score="49"))
    load(row("T1", score="51"))
    again = check(text(row("T1", score="52")))
    assert (again.rows_changed, again.rows_reverting) == (1, 0)


def test_what_an_undone_file_said_is_no_return():
    load(row("T1", score="49"))
    undo(load(row("T1", score="51")))
    again = check(text(row("T1", score="51")))
    assert (again.rows_changed, again.rows_reverting) == (1, 0)


def test_the_same_tests_with_lost_zeros_are_not_counted_twice():
    load(row("0026"), row("0027", exam_code="20"))
    bent = check(text(row("26"), row("27", exam_code="20"), row("28", exam_code="7")))
    assert (bent.rows_new, bent.rows_doubled) == (1, 2)
    bent = accept(bent, doubles=False)
    assert sorted(scores()) == ["0026", "0027", "28"]
    assert held(bent) == [
        (2, "registration_ticket_number", "26", "doubled"),
        (3, "registration_ticket_number", "27", "doubled"),
    ]
    assert sorted(RefusedTest.objects.values_list("ticket", flat=True)) == ["26", "27"]
    assert deviations() == {}


@pytest.mark.parametrize(
    "other",
    [{"exam_code": "20"}, {"date_tested": "2026-02-03"}, {"first_name": "Bea"}, {"date_of_birth": "2007-01-01"}],
)
def test_another_exam_day_or_student_is_another_test(other):
    load(row("T1", date_tested="2026-02-02", date_registered="2026-01-02", date_scored="2026-02-03"))
    same = {"date_tested": "2026-02-02", "date_registered": "2026-01-02", "date_scored": "2026-02-03"}
    file = check(text(row("T2", **{**same, **other})))
    assert (file.rows_new, file.rows_doubled) == (1, 0)


def test_held_rows_are_in_no_count_of_what_was_stored():
    load(row("T1", ai_code="999999"), row("T2", score="CANCELED"))
    load(row("T2", score="51"))
    late = check(text(row("T9", ai_code="999999"), row("T2", score="CANCELED"), row("T3", ai_code="", exam_code="7")))
    assert (late.rows_unmatched, late.rows_canceled, late.rows_reverting, late.rows_doubled) == (2, 1, 1, 1)
    late = accept(late, reverting=False, doubles=False)
    assert (late.rows_unmatched, late.rows_canceled) == (1, 0)
    assert files.count_rows(OPERATOR, files.file(OPERATOR, late.pk), files.ListKind.UNMATCHED) == 1


def test_two_tickets_in_one_file_are_both_stored():
    """The sender of one file knows its own tickets; only what is on file already can be repeated by mistake."""
    file = load(row("T1"), row("T2"))
    assert (file.rows_new, file.rows_doubled) == (2, 0)


def test_a_file_of_no_known_school_says_so_first_with_the_codes_it_names():
    file = check(text(row("T1", ai_code="999998"), row("T2", ai_code="999997"), row("T3", ai_code="")))
    assert "No row belongs to a school that is known here" in file.causes[0]["sentence"]
    assert "999997, 999998" in file.causes[0]["sentence"]
    assert check(text(row("T1", ai_code="999998"), row("T2"))).causes == []
