"""Score files that cancel scores: by a status, by a word in the score's place, or by leaving a score empty."""

import datetime as dt

import pytest

from scoreport.scores.models import ClepResult, RefusedTest
from tests.scores.files import COLUMNS, accept, check, counts, load, refused, row, store, text, undo
from tests.scores.verified import verified
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

LATER = AT + dt.timedelta(days=2)
WITHOUT_STATUS = tuple(column for column in COLUMNS if column != "status")


def state(ticket: str = "T1") -> tuple[int | None, str, dt.date | None, bool]:
    """Return score, status, day of cancellation and whether it can be released, of what is current of a ticket."""
    test = ClepResult.objects.get(ticket=ticket, is_current=True)
    return test.score, test.status, test.canceled_on, test.released_at is not None


def sound() -> bool:
    return [finding for finding in verified() if finding.deviations] == []


@pytest.mark.parametrize(
    "cells",
    [
        {"status": "canceled"},
        {"status": " Cancelled "},
        {"status": "WITHHELD", "score": ""},
        {"score": "CANCELED"},
        {"score": "under investigation", "date_scored": ""},
        {"score": "", "date_scored": ""},
    ],
)
def test_a_file_cancels_a_score_and_undoing_it_brings_the_score_back(cells):
    load(row("T1"), row("T2"))
    before = store()
    file = load(row("T1", **cells), row("T2"), at=LATER)
    assert (counts(file), file.rows_canceled) == (
        {"new": 0, "changed": 1, "same": 1, "unmatched": 0, "refused": 0},
        1,
    )
    assert state() == (None, "canceled", LATER.date(), False)
    assert ClepResult.objects.get(ticket="T1", is_current=False).released_at is None
    assert sound()
    # Another word for the same, and one day later: nothing changes.
    again = load(row("T1", score="CANCELED"), at=LATER + dt.timedelta(days=1))
    assert (again.rows_same, again.rows_canceled) == (1, 1)
    assert state() == (None, "canceled", LATER.date(), False)
    undo(again, at=LATER)
    undo(file, at=LATER)
    assert store() == before
    assert sound()


def test_a_later_file_with_a_score_ends_a_cancellation():
    load(row("T1"))
    load(row("T1", status="canceled"), at=LATER)
    load(row("T1", score="61", status="scored"), at=LATER)
    assert state() == (61, "", None, True)
    assert ClepResult.objects.filter(canceled_on__isnull=False).count() == 0
    assert sound()


def test_a_test_may_be_canceled_before_any_file_has_its_score():
    file = load(row("T1", status="canceled"), row("T2", exam_code="91", score="CANCELED", date_scored=""))
    assert (file.rows_new, file.rows_canceled) == (2, 2)
    assert state() == state("T2") == (None, "canceled", AT.date(), False)
    assert sound()


def test_an_empty_score_is_refused_where_there_is_nothing_to_cancel():
    file = check(text(row("T1", score="", date_scored=""), row("T2", exam_code="91", score="", date_scored="")))
    assert refused(file) == [(2, "score", "")]
    assert "write CANCELED" in file.refused.get().reason
    assert RefusedTest.objects.get().ticket == "T1"
    assert (file.rows_new, file.rows_canceled) == (1, 0)
    accept(file)
    assert state("T2") == (None, "", None, False)


def test_a_date_scored_without_a_score_is_a_lost_score_and_cancels_nothing():
    load(row("T1"))
    file = check(text(row("T1", score="")))
    assert refused(file) == [(2, "score", "")]
    assert (file.rows_changed, file.rows_canceled) == (0, 0)


@pytest.mark.parametrize(("cells", "column"), [({"score": "0"}, "score"), ({"status": "gone"}, "status")])
def test_what_is_neither_a_score_nor_a_status_is_refused_with_the_word_to_write(cells, column):
    file = check(text(row("T1", **cells)))
    assert [cell[1] for cell in refused(file)] == [column]
    assert "CANCELED" in file.refused.get().reason


def test_a_file_without_the_column_says_the_same_as_one_with_an_empty_status():
    load(row("T1"), row("T2", exam_code="91", score="", date_scored=""))
    file = check(text(row("T1"), row("T2", exam_code="91", score="", date_scored=""), columns=WITHOUT_STATUS))
    assert (file.rows_same, file.rows_total, file.notices) == (2, 2, [])


def test_the_column_may_be_anywhere():
    columns = ("status", *WITHOUT_STATUS)
    file = accept(check(text(row("T1", status="canceled"), row("T2"), columns=columns)))
    assert (file.rows_new, file.rows_canceled) == (2, 1)
    assert state() == (None, "canceled", AT.date(), False)
    assert state("T2") == (57, "", None, True)
