"""A student's page: everything over the years that the reader's roles reach, and nothing of others."""

import datetime as dt
from dataclasses import replace

import pytest

from scoreport.access import Classes, Grant, NotAllowed, Permission, Role, Students
from scoreport.audit.queries import events_of
from scoreport.organizations import queries as organizations
from scoreport.programs.rules import CreditLevel
from scoreport.reports import actions, queries
from scoreport.reports.rules import Waiting
from scoreport.scores.models import ClepResult
from scoreport.scores.queries import visible_scores
from tests.scores.files import load, public_id, row
from tests.world import AT

pytestmark = pytest.mark.django_db

LATER = AT + dt.timedelta(hours=1)


def days(tested: str, scored: str | None = None) -> dict[str, str]:
    return {"date_registered": "2024-01-05", "date_tested": tested, "date_scored": tested if scored is None else scored}


@pytest.fixture
def student(world) -> int:
    """Ana, with two years at Alder High, one of them under another spelling, and a test that waits."""
    load(
        row("T1", score="57", **days("2025-02-03")),
        row("T2", exam_code="77", score="64", **days("2025-09-09")),
        row("T3", first_name="Ána", last_name="LOPEZ", exam_code="62", score="41", **days("2026-03-03")),
        row("T4", exam_code="91", score="", **days("2026-11-02", "")),
        row("OTHER", first_name="Bo", last_name="Other"),
        row("BIRCH", ai_code="470101", first_name="Cy", last_name="Birch"),
    )
    return ClepResult.objects.get(ticket="T1").student_id


def test_all_results_over_the_years_newest_first(student, actor):
    report = queries.student_page(actor("amy"), student, AT, program="clep")
    assert [(one.ticket, one.points, one.at_cut, one.year.start) for one in report.results] == [
        ("T4", None, False, 2026),
        ("T3", 41, False, 2025),
        ("T2", 64, True, 2025),
        ("T1", 57, True, 2024),
    ]
    assert (report.name, report.other_names) == ("Lopez, Ana", ("LOPEZ, Ána",))
    assert (report.tests, report.scores_at_cut) == (4, 2)
    assert (report.gender, report.ethnicity, report.grade) == ("Female", "Hispanic/Latino", "11th grade")
    assert [school.code for school in report.schools] == ["ALDER-HIGH"]


@pytest.mark.parametrize(
    ("later", "shown"),
    [("10", "11th grade"), ("11", "11th grade"), ("7", "12th grade")],
    ids=["no-response", "unknown", "an-answer"],
)
def test_the_grade_is_the_latest_one_that_says_something(student, actor, later, shown):
    load(row("T5", exam_code="30", grade=later, **days("2026-10-05")))
    load(row("T4", exam_code="91", grade="10", score="", **days("2026-11-02", "")))
    assert queries.student_page(actor("amy"), student, AT, program="clep").grade == shown


def test_a_student_who_never_told_a_grade_has_no_response(world, actor):
    load(row("T1", grade="11", **days("2025-02-03")), row("T2", grade="10", exam_code="30", **days("2026-02-03")))
    number = ClepResult.objects.get(ticket="T1").student_id
    assert queries.student_page(actor("amy"), number, AT, program="clep").grade == "No response"


@pytest.mark.parametrize("kind", ["students", "classes"])
def test_a_role_for_students_opens_those_students_wherever_they_tested(student, actor, kind):
    other = ClepResult.objects.get(ticket="OTHER").student_id
    mine = frozenset({student})
    reach = Students(mine) if kind == "students" else Classes(frozenset({1}), mine)
    reader = replace(actor("amy"), grants=(Grant(Role.DETAILED_REPORTS, reach),))
    assert len(queries.student_page(reader, student, AT, program="clep").results) == 4
    with pytest.raises(queries.UnknownStudent):
        queries.student_page(reader, other, AT, program="clep")
    assert {one.ticket for one in visible_scores(reader, AT, program="clep")} == {"T1", "T2", "T3", "T4"}
    assert organizations.organizations_of(reader, permission=Permission.SCORES_ROSTER_READ).total == 0


def test_credit_is_what_ace_recommends_on_the_day_of_the_test(student, actor):
    report = queries.student_page(actor("amy"), student, AT, program="clep")
    _waiting, calculus, spanish, biology = report.results
    assert biology.earned == CreditLevel(level=1, score=50, hours=6)
    assert [(level.level, level.score, level.hours) for level in spanish.credit] == [(1, 50, 6), (2, 63, 9)]
    assert spanish.earned == spanish.credit[1]
    assert calculus.earned is None
    assert report.credit_hours == 15


def test_an_exam_taken_twice_earns_its_credit_once(student, actor):
    load(row("T5", score="66", **days("2026-05-05")))
    assert queries.student_page(actor("amy"), student, AT, program="clep").credit_hours == 15


def test_a_waiting_test_says_when(student, actor):
    waiting = queries.student_page(actor("amy"), student, AT, program="clep").results[0].waiting
    assert waiting == Waiting(dt.date(2026, 11, 16), dt.date(2026, 11, 23), is_overdue=False)
    late = queries.student_page(actor("amy"), student, AT + dt.timedelta(days=3), program="clep").results[0].waiting
    assert late == Waiting(dt.date(2026, 11, 16), dt.date(2026, 11, 23), is_overdue=True)


def test_corrections_stand_with_their_dates(student, actor):
    load(row("T1", score="49", **days("2025-02-03")), at=LATER)
    report = queries.student_page(actor("amy"), student, LATER, program="clep")
    corrected = report.results[-1]
    assert (corrected.points, corrected.earned) == (49, None)
    assert [(one.said_at, one.points, one.is_current) for one in corrected.corrections] == [
        (AT, 57, False),
        (LATER, 49, True),
    ]
    assert all(not one.corrections for one in report.results[:-1])


@pytest.mark.parametrize("who", ["bea", "sue", "max", "fay", "pat", "nora"])
def test_a_student_of_others_does_not_exist(student, actor, who):
    with pytest.raises((queries.UnknownStudent, NotAllowed)):
        queries.student_page(actor(who), student, AT, program="clep")


def test_not_yours_and_not_there_are_told_alike(student, actor):
    stranger = ClepResult.objects.get(ticket="BIRCH").student_id
    told = []
    for number in (stranger, 987654321):
        with pytest.raises(queries.UnknownStudent) as refusal:
            queries.student_page(actor("amy"), number, AT, program="clep")
        told.append(str(refusal.value))
    assert told[0] == told[1]


def test_tests_at_another_school_stay_there(student, actor):
    load(row("T6", ai_code="000905", exam_code="30", **days("2026-04-04")))
    ClepResult.objects.filter(ticket="T6").update(student_id=student)
    assert "T6" not in {one.ticket for one in queries.student_page(actor("amy"), student, AT, program="clep").results}
    district = queries.student_page(actor("dan"), student, AT, program="clep")
    assert "T6" in {one.ticket for one in district.results}
    assert [school.code for school in district.schools] == ["ALDER-EARLY", "ALDER-HIGH"]


def test_whoever_looks_is_recorded(student, actor):
    actions.open_student(actor("amy"), student_id=student, program="clep", at=AT)
    (event,) = events_of(subject_kind="student", subject=public_id("T1"))
    assert event.facts.verb == "reports:student:viewed"
    assert event.facts.actor.startswith("Amy ")
    assert event.facts.organization == "ALDER-HIGH"


def test_a_look_that_was_refused_records_nothing(student, actor):
    with pytest.raises(queries.UnknownStudent):
        actions.open_student(actor("bea"), student_id=student, program="clep", at=AT)
    assert events_of(subject_kind="student", subject=public_id("T1")) == []
