"""Undoing a file leaves what never having loaded it would have left."""

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoreport.scores.models import ClepResult
from tests.examples import examples
from tests.scores.files import load, row, store, undo
from tests.scores.verified import verified

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

TICKETS = st.sampled_from(["T1", "T2", "T3", "T4", "T5"])
EARLIER = {"date_registered": "2025-01-05", "date_tested": "2025-02-03", "date_scored": "2025-02-03"}
ROWS = st.builds(
    lambda ticket, first, last, birth, school, score, days: row(
        ticket, first_name=first, last_name=last, date_of_birth=birth, ai_code=school, score=score, **days
    ),
    ticket=TICKETS,
    first=st.sampled_from(["Zoe Ana", "ZOE-ANA", "Ána Zoé", "ZoeAna", "Bo"]),
    last=st.sampled_from(["Lopez", "López", "Lo-Pez", "Kim"]),
    birth=st.sampled_from(["2008-04-05", "2008-05-04", "2006-01-01"]),
    school=st.sampled_from(["470001", "000905", "470101", ""]),
    score=st.sampled_from(["40", "50", "60"]),
    days=st.sampled_from([{}, EARLIER]),
)
FILES = st.lists(
    st.lists(ROWS, min_size=1, max_size=5, unique_by=lambda cells: cells["registration_ticket_number"]),
    min_size=2,
    max_size=5,
)


def test_the_earlier_wording_is_current_again():
    load(row("T1", score="40"))
    undo(load(row("T1", score="60")))
    assert list(ClepResult.objects.values_list("score", "is_current")) == [(40, True)]


def test_a_file_in_the_middle_goes_and_what_followed_stays():
    load(row("T1", score="40"))
    middle = load(row("T1", score="50"), row("T2"))
    load(row("T1", score="60"))
    undo(middle)
    assert list(ClepResult.objects.order_by("id").values_list("ticket", "score")) == [("T1", 40), ("T1", 60)]


def test_what_another_file_says_too_stays():
    first = load(row("T1"))
    load(row("T1"))
    undo(first)
    assert ClepResult.objects.get().is_current


def test_a_file_can_be_loaded_again_after_it_was_undone():
    undo(load(row("T1")))
    assert not ClepResult.objects.exists()
    load(row("T1"))
    assert ClepResult.objects.get().is_current


def test_totals_of_other_years_follow_when_two_records_are_two_students_again():
    files = [
        [row("T1"), row("T2", **EARLIER)],
        [row("T1", last_name="Lopes")],
        [row("T3", last_name="Lopes", exam_code="30", exam_subject="", **EARLIER)],
    ]
    together = _world_of(files, without=None, undone=None)
    after = _world_of(files, without=None, undone=1)
    never = _world_of(files, without=1, undone=None)
    assert after == never
    assert after["students"] != together["students"]


def test_totals_of_other_years_follow_when_two_records_become_one_student():
    """The second record is new, and ties a third one, of which another year tells, to the first."""
    load(row("T1", first_name="Zoe"), row("T2", first_name="Zoe", **EARLIER))
    load(row("T3", first_name="ZoeAna", exam_code="30", exam_subject="", **EARLIER))
    load(row("T1", first_name="Zoe Ana"))
    assert ClepResult.objects.values("student_id").distinct().count() == 1
    found = verified()
    assert [finding.examples for finding in found if finding.deviations] == []


def test_a_new_record_ties_two_students_with_all_that_is_theirs():
    """The third student is tied to the first by a spelling, and by it a fourth record that is the third one's."""
    files = [
        [row("T1", first_name="Zoe Ana"), row("T3", first_name="Zoe Ana", ai_code="000905")],
        [row("T3", first_name="Zoe Ana", date_of_birth="2006-01-01")],
        [row("T1", first_name="Zoe Ana")],
        [row("T1", first_name="ZoeAna", date_of_birth="2006-01-01")],
    ]
    after = _world_of(files, without=None, undone=2)
    assert after == _world_of(files, without=2, undone=None)
    students = after["students"]
    assert isinstance(students, list)
    assert len(students) == 1


def test_a_record_of_another_file_becomes_a_correction_when_the_file_that_spoke_of_it_first_is_gone():
    """Only the ticket of a later file ties the two records, so nothing of the undone file leads to the other."""
    files = [
        [row("T1", date_of_birth="2008-05-04")],
        [row("T4")],
        [row("T4", date_of_birth="2008-05-04")],
    ]
    assert _world_of(files, without=None, undone=0) == _world_of(files, without=0, undone=None)


def _world_of(files: list[list[dict[str, str]]], *, without: int | None, undone: int | None) -> dict[str, object]:
    """Return what is stored after loading files, in a world of its own."""
    with transaction.atomic():
        loaded = {n: load(*rows) for n, rows in enumerate(files) if n != without}
        if undone is not None:
            undo(loaded[undone])
        found = store()
        transaction.set_rollback(True)
    return found


@pytest.mark.slow
@settings(
    max_examples=examples(40),
    deadline=dt.timedelta(seconds=30),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(files=FILES, data=st.data())
def test_it_is_as_if_the_file_had_never_come(files, data):
    chosen = data.draw(st.integers(0, len(files) - 1))
    after = _world_of(files, without=None, undone=chosen)
    never = _world_of(files, without=chosen, undone=None)
    assert after == never
