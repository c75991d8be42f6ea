"""What leads to a student: public ids, numbers as before version 0.4, and both after a merge and a split."""

import datetime as dt

import pytest
from django.db import transaction

from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.people.models import MatchCase
from scoreport.people.queries import student_called
from scoreport.reports.actions import open_student
from scoreport.reports.queries.log import log_page
from scoreport.reports.queries.sight import looks_at_student
from scoreport.reports.rules.log import LogQuery
from scoreport.scores import actions
from scoreport.scores.models import ClepResult
from tests.scores.files import load, public_id, row
from tests.world import AT, OPERATOR

REPORT = "/reports/clep/470001/2025-2026/"
PAGES = (REPORT + "students/{}/", "/students/{}/access/")
BIRCH = {"ai_code": "470101", "date_of_birth": "2009-01-02", "last_name": "Canary-of-Birch"}


def number(ticket: str) -> int:
    return ClepResult.objects.get(ticket=ticket, is_current=True).student_id


@pytest.mark.parametrize("page", PAGES)
def test_a_number_leads_on_for_whoever_may_see_the_student_and_is_nobody_for_others(world, client_for, page):
    load(row("A"), row("B", **BIRCH))
    answer = client_for("amy").get(page.format(number("A")))
    assert (answer.status_code, answer.url) == (302, page.format(public_id("A")))
    hidden = [client_for("amy").get(page.format(called)) for called in (number("B"), public_id("B"), 999_999)]
    assert [one.status_code for one in hidden] == [404] * 3
    assert len({one.content for one in hidden}) == 1


def test_a_number_keeps_what_stands_behind_it(world, client_for):
    load(row("A"))
    answer = client_for("amy").get(f"{PAGES[0].format(number('A'))}?exam=18&sort=-score")
    assert answer.url == f"{PAGES[0].format(public_id('A'))}?sort=-score&exam=18"


@pytest.mark.parametrize("page", PAGES)
def test_a_merged_student_leads_to_the_one_that_lives_until_they_are_split(world, client_for, page):
    load(row("A"), row("B", ai_code="000905"))
    first, second = public_id("A"), public_id("B")
    case = MatchCase.objects.get()
    client = client_for("dan")
    actions.decide_match(OPERATOR, case_id=case.pk, same=True, at=AT)
    assert client.get(page.format(second)).url == page.format(first)
    assert client.get(page.format(first)).status_code == 200
    # Somebody of another district learns nothing from the forwarding.
    assert client_for("bea").get(page.format(second)).status_code == 404
    actions.undo_match(OPERATOR, case_id=case.pk, at=AT)
    assert client.get(page.format(second)).status_code == 200


def test_the_log_follows_a_student_through_numbers_ids_and_a_merge(world):
    load(row("A"), row("B", ai_code="000905"))
    with transaction.atomic():
        # As version 0.3 recorded it.
        record(
            world.actor("amy"), verb=Verb.STUDENT_VIEWED, at=AT, organization="ALDER-HIGH", subject_kind="student",
            subject=str(number("A")), subject_id=number("A"),
        )  # fmt: skip
    first, second, dan = number("A"), number("B"), world.actor("dan")
    open_student(world.actor("amy"), student_id=first, program="clep", at=AT)
    open_student(dan, student_id=second, program="clep", at=AT)
    called = public_id("A"), public_id("B")

    def seen(student: str) -> list[str]:
        page = log_page(OPERATOR, world.organization("ST"), LogQuery(student=student), AT)
        return sorted(row.event.facts.subject for row in page.rows)

    assert seen(called[0]) == seen(str(first)) == sorted([str(first), called[0]])
    assert seen(called[1]) == [called[1]]
    case = MatchCase.objects.get()
    actions.decide_match(OPERATOR, case_id=case.pk, same=True, at=AT + dt.timedelta(hours=1))
    together = sorted([str(first), *called])
    assert seen(called[0]) == seen(called[1]) == seen(str(second)) == together
    assert sorted(look.event.facts.subject for look in looks_at_student(OPERATOR, first)) == together
    actions.undo_match(OPERATOR, case_id=case.pk, at=AT + dt.timedelta(hours=2))
    # Whoever looked at the first one meanwhile would have looked at both; nobody did.
    assert called[1] in seen(called[1])
    assert seen(called[0]) == sorted([str(first), called[0]])


def test_links_of_the_log_lead_to_the_student_whatever_the_event_calls_them(world):
    load(row("A"))
    with transaction.atomic():
        record(
            world.actor("amy"), verb=Verb.STUDENT_VIEWED, at=AT, organization="ALDER-HIGH", subject_kind="student",
            subject=str(number("A")), subject_id=number("A"),
        )  # fmt: skip
    page = log_page(OPERATOR, world.organization("D-ALDER"), LogQuery(student=public_id("A")), AT)
    assert [(one.public_id, one.student) for one in page.rows] == [(public_id("A"), "Lopez, Ana")]


@pytest.mark.parametrize("text", ["", "0", "01", "-1", "abc", "9" * 18, "x" * 99])
def test_what_calls_nobody_is_nobody(db, text):
    assert student_called(text) == (0, "")
