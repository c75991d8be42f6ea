"""Reads of the questions of identity: who may, in which order, by which reason."""

import datetime as dt

import pytest

from scoreport.access import ANONYMOUS, NotAllowed
from scoreport.people import queries
from scoreport.people.models import MatchCase
from scoreport.people.rules import CaseState, Reason
from scoreport.scores import actions
from scoreport.scores.queries import RecordTests, count_tests_of_students, record_tests
from tests.scores.files import load, row
from tests.world import AT, OPERATOR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


@pytest.fixture
def asked():
    """Have three questions asked: two about another school, one about no school."""
    for first in ("Ana", "Bo"):
        load(row(f"{first}1", first_name=first))
        load(row(f"{first}2", first_name=first, ai_code="000905"))
    load(row("Cy1", first_name="Cy"))
    load(row("Cy2", first_name="Cy", ai_code=""))
    return list(MatchCase.objects.order_by("pk"))


def ids(cases) -> list[int]:
    return [case.id for case in cases]


def test_open_questions_come_oldest_first(asked):
    found, total = queries.cases(OPERATOR, is_open=True)
    assert (ids(found), total) == ([case.pk for case in asked], 3)
    assert ids(queries.cases(OPERATOR, is_open=True, first=1, limit=1)[0]) == [asked[1].pk]


def test_answered_questions_come_newest_first(asked):
    for minutes, case in enumerate(asked):
        at = AT + dt.timedelta(minutes=minutes)
        actions.decide_match(OPERATOR, case_id=case.pk, same=minutes == 0, note=f"note {minutes}", at=at)
    found, total = queries.cases(OPERATOR, is_open=False)
    assert (ids(found), total) == ([case.pk for case in reversed(asked)], 3)
    assert (found[2].state, found[2].decided_by, found[2].note) == (CaseState.SAME, OPERATOR.name, "note 0")
    assert queries.cases(OPERATOR, is_open=True) == ([], 0)


def test_questions_can_be_chosen_by_reason(asked):
    found, total = queries.cases(OPERATOR, is_open=True, reason=Reason.NO_SCHOOL)
    assert (ids(found), total) == ([asked[2].pk], 1)
    assert queries.count_cases(OPERATOR, is_open=True) == {Reason.NO_SCHOOL: 1, Reason.OTHER_SCHOOL: 2}


def test_a_question_tells_of_both_records(asked):
    case = queries.case(OPERATOR, asked[0].pk)
    assert case.is_open
    assert {case.record.first_name, case.candidate.first_name} == {"Ana"}
    assert case.record.school_id != case.candidate.school_id
    assert case.record.student_id == case.record.id
    actions.decide_match(OPERATOR, case_id=case.id, same=True, at=AT)
    case = queries.case(OPERATOR, case.id)
    assert case.record.student_id == case.candidate.student_id


def test_how_many_tests_a_record_has_is_told_without_scores(asked):
    load(row("Ana3", date_tested="2026-03-03", date_scored="2026-03-03", grade="7"))
    case = queries.case(OPERATOR, asked[0].pk)
    told = record_tests(OPERATOR, {case.record.id, case.candidate.id, 10**9})
    assert told == {
        case.record.id: RecordTests(1, dt.date(2026, 2, 3), dt.date(2026, 2, 3), (6,), ("scores.csv",)),
        case.candidate.id: RecordTests(2, dt.date(2026, 2, 3), dt.date(2026, 3, 3), (7, 6), ("scores.csv",)),
        10**9: RecordTests(),
    }
    assert count_tests_of_students(OPERATOR, {case.candidate.student_id, 10**9}) == {
        case.candidate.student_id: 2,
        10**9: 0,
    }


def test_what_does_not_exist_is_not_there():
    with pytest.raises(queries.UnknownCase):
        queries.case(OPERATOR, 99)


@pytest.mark.parametrize("name", ["amy", "dan", "max", "nora", "sue"])
def test_nobody_but_program_staff_reads_them(asked, actor, name):
    for ask in (
        lambda who: queries.case(who, asked[0].pk),
        lambda who: queries.cases(who, is_open=True),
        lambda who: queries.count_cases(who, is_open=True),
        lambda who: record_tests(who, {1}),
        lambda who: count_tests_of_students(who, {1}),
    ):
        with pytest.raises(NotAllowed):
            ask(actor(name))
        with pytest.raises(NotAllowed):
            ask(ANONYMOUS)
        assert ask(actor("pat")) is not None
