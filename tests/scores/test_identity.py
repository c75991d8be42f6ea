"""Whose a score is: spellings that are one student, corrections, moves, and questions for a person."""

import pytest

from scoreport.people.models import MatchCase, StudentRecord
from scoreport.people.rules import Reason
from scoreport.scores import actions
from scoreport.scores.models import ClepResult
from tests.scores.files import load, row, store, undo
from tests.world import AT, OPERATOR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def students() -> int:
    """Count the students that scores belong to."""
    return ClepResult.objects.filter(is_current=True).values("student_id").distinct().count()


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("ANA MARIA", "LOPEZ"),
        ("Aña María", "López"),
        ("Ana-Maria", "Lopez"),
        ("Maria Ana", "Lopez"),
        ("AnaMaria", "Lo Pez"),
    ],
    ids=["case", "accents", "hyphen", "swapped given names", "spaces"],
)
def test_spellings_of_one_name_are_one_student(first, last):
    load(row("T1", first_name="Ana Maria", last_name="Lopez"))
    load(row("T2", first_name=first, last_name=last))
    assert students() == 1


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (2, 0, 1)])
def test_given_names_in_one_word_and_in_another_order_are_one_student(order):
    spellings = ["Zoe Anne", "ZoeAnne", "Anne-Zoe"]
    for place in order:
        load(row(f"T{place}", first_name=spellings[place]))
    assert students() == 1
    assert not MatchCase.objects.exists()


@pytest.mark.parametrize(
    "other",
    [{"first_name": "Annie"}, {"last_name": "Lopes"}, {"date_of_birth": "2007-12-25"}, {"ai_code": "000905"}],
    ids=["nickname", "another name", "another birth date", "another school"],
)
def test_anything_else_is_another_student(other):
    load(row("T1"))
    load(row("T2", **other))
    assert students() == 2


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"ai_code": "000905"}, Reason.OTHER_SCHOOL),
        ({"ai_code": ""}, Reason.NO_SCHOOL),
        ({"date_of_birth": "2008-05-04"}, Reason.BIRTH_DATE_CLOSE),
        ({"date_of_birth": "2007-04-05"}, Reason.BIRTH_DATE_CLOSE),
    ],
)
@pytest.mark.parametrize("together", [True, False], ids=["in one file", "in two files"])
def test_what_is_uncertain_is_asked_once(other, reason, together):
    rows = [row("T1"), row("T2", **other)]
    if together:
        load(*rows)
    else:
        load(rows[0])
        load(rows[1])
    load(row("T3", **other))
    # Rows that name no school are a question among each other too.
    assert [case.reason for case in MatchCase.objects.all()] == [reason.value] * (
        3 if "ai_code" in other and not other["ai_code"] else 1
    )


def test_a_corrected_name_keeps_the_student():
    load(row("T1"), row("T2"))
    load(row("T1", last_name="Lopez Garcia"))
    assert students() == 1
    load(row("T3", last_name="Lopez Garcia"))
    assert students() == 1


def test_a_ticket_that_moves_to_a_known_student_moves_a_test_only():
    load(row("T1"), row("T2"), row("T3", first_name="Amy"))
    load(row("T1", first_name="Amy"))
    assert students() == 2
    by_student = {tuple(tests) for tests in (test for _student, test in _tests())}
    assert by_student == {("T2",), ("T1", "T3")}


def _tests():
    found: dict[int, list[str]] = {}
    for student, ticket in (
        ClepResult.objects.filter(is_current=True).order_by("ticket").values_list("student_id", "ticket")
    ):
        found.setdefault(student, []).append(ticket)
    return found.items()


def test_when_name_and_birth_date_change_a_person_is_asked():
    load(row("T1"))
    load(row("T1", first_name="Bob", date_of_birth="2006-09-09"))
    assert MatchCase.objects.get().reason == Reason.TICKET_OTHER_PERSON
    assert ClepResult.objects.values("student_id").distinct().count() == 2


def test_a_decision_joins_two_records_and_can_be_undone():
    load(row("T1"), row("T2", ai_code="000905"))
    before = store()
    case = MatchCase.objects.get()
    actions.decide_match(OPERATOR, case_id=case.pk, same=True, at=AT)
    assert students() == 1
    actions.undo_match(OPERATOR, case_id=case.pk, at=AT)
    assert store() == before


def test_a_decision_outlives_files_that_are_taken_back():
    load(row("T1"))
    second = load(row("T2", ai_code="000905"))
    case = MatchCase.objects.get()
    actions.decide_match(OPERATOR, case_id=case.pk, same=True, at=AT)
    third = load(row("T3", ai_code="000905"))
    assert students() == 1
    undo(third)
    assert students() == 1
    undo(second)
    assert StudentRecord.objects.filter(is_dormant=False).count() == 1


def test_somebody_else_may_answer_first():
    from scoreport.people.cases import AlreadyAnswered

    load(row("T1"), row("T2", ai_code="000905"))
    case = MatchCase.objects.get()
    actions.decide_match(OPERATOR, case_id=case.pk, same=False, at=AT)
    with pytest.raises(AlreadyAnswered):
        actions.decide_match(OPERATOR, case_id=case.pk, same=True, at=AT)
