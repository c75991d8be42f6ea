"""A student's number is for ever, and who looked at a student follows through files, corrections, answers and undo."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings

from scoreport.imports import actions as imports
from scoreport.people.models import Student, StudentRecord
from scoreport.people.queries import spans_of_student, students_now
from scoreport.scores import actions
from scoreport.scores.models import ClepResult
from tests.examples import examples
from tests.people.test_crosswalk import HEADER, HERE, MOVED, crosswalk
from tests.scores.files import load, row, undo
from tests.scores.test_any_history import HISTORIES, _in_a_world, _World
from tests.world import AT, OPERATOR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

type Look = tuple[int, frozenset[int], dt.datetime]
"""A student that was looked at, the records that were this student's then, and when."""


def present() -> dict[int, frozenset[int]]:
    """Return the students who have records, each with them."""
    found: dict[int, set[int]] = {}
    for record, student in StudentRecord.objects.filter(is_dormant=False).values_list("pk", "student_id"):
        found.setdefault(student, set()).add(record)
    return {student: frozenset(records) for student, records in found.items()}


def whose(ticket: str) -> Student:
    """Return the student of a ticket's current score."""
    return Student.objects.get(pk=ClepResult.objects.get(ticket=ticket, is_current=True).student_id)


def assert_lasting(before: dict[int, frozenset[int]], after: dict[int, frozenset[int]]) -> None:
    """Assert that each student of before whose records are left is one of them, or leads to one of them."""
    leads_to = dict(Student.objects.values_list("pk", "merged_into_id"))
    for student, records in before.items():
        left = {one for one, some in after.items() if some & records}
        assert not left or (leads_to[student] or student) in left
    bearers = {record: student for student, some in after.items() for record in some}
    for student, records in before.items():
        if records in after.values():
            assert {bearers[record] for record in records} == {student}


def looked_at(student: int, looks: list[Look]) -> set[int]:
    """Return the places of the looks that the log of a student has."""
    spans = spans_of_student(student)
    return {
        place
        for place, (seen, _records, at) in enumerate(looks)
        for span in spans
        if span.student_id == seen
        and (span.after is None or at > span.after)
        and (span.until is None or at <= span.until)
    }


def assert_log(looks: list[Look]) -> None:
    """Assert that a student's log has every look at it, and at its records while they were another student's."""
    leads_to = dict(Student.objects.values_list("pk", "merged_into_id"))
    for student, records in present().items():
        own = {place for place, (seen, _some, _at) in enumerate(looks) if student in {seen, leads_to[seen]}}
        then = {place for place, (_seen, some, _at) in enumerate(looks) if some & records}
        assert looked_at(student, looks) == own | then


def play(history) -> None:
    world, looks = _World(), list[Look]()
    public: dict[int, str] = {}
    for step, (act, what) in enumerate(history):
        at = AT + dt.timedelta(minutes=step)
        before = present()
        getattr(world, act)(what, at)
        after = present()
        assert_lasting(before, after)
        stored = dict(Student.objects.values_list("pk", "public_id"))
        assert public.items() <= stored.items()
        public = stored
        looks += [(student, records, at + dt.timedelta(seconds=1)) for student, records in after.items()]
    assert_log(looks)


@pytest.mark.slow
@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(history=HISTORIES)
def test_whatever_happens_a_student_lasts_with_everyone_who_looked(history):
    _in_a_world(lambda: play(history))


def test_a_correction_keeps_the_student_when_the_first_file_is_undone():
    first = load(row("T1"))
    ana = whose("T1")
    load(row("T1", last_name="Lopez Garcia"))
    assert whose("T1") == ana
    undo(first)
    assert whose("T1") == ana


def test_a_student_comes_back_with_the_file_that_spoke_of_them():
    first = load(row("T1"))
    ana = whose("T1")
    undo(first)
    assert Student.objects.filter(pk=ana.pk).exists()
    load(row("T1"))
    assert whose("T1") == ana


def test_a_name_that_comes_back_does_not_take_the_student_who_was_corrected():
    first = load(row("T1", last_name="Lopez"))
    load(row("T1", last_name="Lopez Garcia"))
    garcia = whose("T1")
    undo(first)
    load(row("T2", last_name="Lopez"))
    assert whose("T1") == garcia
    assert whose("T2") != garcia


def test_an_answer_leads_one_student_to_the_other_and_undoing_it_gives_both_back():
    load(row("T1"))
    load(row("T2", ai_code="000905"))
    first, second = whose("T1"), whose("T2")
    case = first.records.get().candidate_cases.get()
    actions.decide_match(OPERATOR, case_id=case.pk, same=True, at=AT)
    assert whose("T2") == first
    assert Student.objects.get(pk=second.pk).merged_into == first
    assert students_now([second.pk]) == {second.pk: {first.pk}}
    actions.undo_match(OPERATOR, case_id=case.pk, at=AT + dt.timedelta(hours=1))
    assert (whose("T1"), whose("T2")) == (first, second)
    assert not Student.objects.exclude(merged_into=None).exists()
    # Whoever looked at the first one meanwhile has looked at both.
    assert students_now([first.pk]) == {first.pk: {first.pk, second.pk}}


def test_identifiers_that_are_undone_leave_students_as_they_were():
    load(row("T1"), row("T2", last_name="Lopez Garcia", ai_code="000905"))
    before = whose("T1"), whose("T2")
    file = crosswalk(HEADER + HERE + MOVED).file
    assert whose("T2") == before[0]
    imports.undo_now(OPERATOR, file_id=file, at=AT)
    assert (whose("T1"), whose("T2")) == before
