"""Tickets and voucher codes as people type them, and what a code tells that several people have."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from scoreport.audit.queries import events_of
from scoreport.imports import staging
from scoreport.scores.models import ClepResult, RefusedTest
from scoreport.scores.rules import Found
from scoreport.scores.search import Answer, By, SearchCriteria, sources
from tests.scores.claimed import ANA, only, search
from tests.scores.files import check, load, row, text

pytestmark = pytest.mark.django_db

FULL_WIDTH = "\uff34\uff0d\uff11\u3000\uff12\uff13\uff14"
TYPED = ("T1234", "t-1 234", " T1234 ", FULL_WIDTH, "T\u00a01\u00a0234", "T\u20131234", "T1\r\n234", "t_1.2/34")
ON_FILE = ("T1234", "t1234", "T-1234", "T.12/34")
BO = {"first_name": "Bo", "last_name": "Diaz", "date_of_birth": "2007-07-07"}
NEXT_WEEK = {"date_registered": "2026-11-01", "date_tested": "2026-11-20", "date_scored": "2026-11-20"}


@pytest.mark.parametrize("stored", ON_FILE)
def test_a_ticket_is_found_however_it_is_typed(actor, stored):
    load(row(stored))
    assert {search(actor("amy"), SearchCriteria(ticket=typed)).state for typed in TYPED} == {Found.RELEASED}
    assert ClepResult.objects.get().ticket == stored


@pytest.mark.parametrize("stored", [*ON_FILE, "T 12 34", "T\u201312\u201334", "T\u2011 1234"])
def test_a_voucher_code_is_found_however_it_is_typed(actor, stored):
    load(row("A1", voucher_code=stored))
    assert {search(actor("amy"), SearchCriteria(voucher=typed)).state for typed in TYPED} == {Found.RELEASED}
    assert ClepResult.objects.get().voucher_code == stored


def test_a_code_of_other_signs_is_found_as_it_is_stored(actor):
    load(row("A1", voucher_code="\uff36#\uff17\u00e9"))
    assert search(actor("amy"), SearchCriteria(voucher="\uff36#\uff17\u00e9")).state is Found.RELEASED


def test_refused_and_staged_rows_are_found_however_they_are_typed(actor):
    load(row("T-12 34", voucher_code="v 77"), row("T2"))
    assert search(actor("amy"), SearchCriteria(ticket="t1234")).state is Found.REFUSED
    assert search(actor("amy"), SearchCriteria(voucher="V-77")).state is Found.REFUSED
    assert RefusedTest.objects.get().ticket == "T-12 34"
    check(text(row("S-12", voucher_code="w-77"), row("s.34")))
    for criteria in (SearchCriteria(ticket="s12"), SearchCriteria(voucher="W77"), SearchCriteria(ticket="S34")):
        assert only(search(actor("pat"), criteria)).state is Found.IN_FILE


@pytest.mark.parametrize("typed", ["N/A", "none", "0000", "9999", "TBD", "---", "000003"])
def test_a_placeholder_finds_nothing_whatever_is_on_file(actor, typed):
    before = [search(actor(name), SearchCriteria(voucher=typed)) for name in ("amy", "pat")]
    load(row("T1", voucher_code=typed), row("T2", voucher_code=typed, ai_code="", **BO))
    load(row("T3", voucher_code=typed, score="81"), row("T4"))
    check(text(row("T5", voucher_code=typed)))
    for name, nothing in zip(("amy", "pat"), before, strict=True):
        assert (
            search(actor(name), SearchCriteria(voucher=typed)) == nothing == Answer(By.VOUCHER, (), empty=Found.NO_CODE)
        )
    assert search(actor("amy"), SearchCriteria(ticket=typed)).state is Found.NO_CODE


OTHERS = {
    "mine": lambda: load(row("T2", voucher_code="v77", **BO)),
    "no school": lambda: load(row("T2", voucher_code="v77", ai_code="", **BO)),
    "elsewhere": lambda: load(row("T2", voucher_code="v77", ai_code="470101", **BO)),
    "refused": lambda: load(row("T2", voucher_code="v77", score="81", **BO), row("T3")),
    "pending in my report": lambda: load(row("T2", voucher_code="v77", **BO, **NEXT_WEEK)),
}


@pytest.mark.parametrize("case", OTHERS)
def test_a_voucher_code_of_several_people_lists_none_of_them(actor, case):
    load(row("T1", voucher_code="V-77"))
    assert search(actor("amy"), SearchCriteria(voucher="V-77")).state is Found.RELEASED
    OTHERS[case]()
    for name in ("amy", "pat"):
        assert search(actor(name), SearchCriteria(voucher="V-77")) == Answer(By.VOUCHER, (), empty=Found.SEVERAL)
    assert events_of(verb="scores:missing:sought")[0].facts.detail == {"by": "voucher", "found": "several_people"}
    assert search(actor("amy"), SearchCriteria(ticket="T1")).state is Found.RELEASED


HIDDEN = {
    "not released elsewhere": lambda: load(row("T2", voucher_code="V-77", ai_code="470101", **BO, **NEXT_WEEK)),
    "not released anywhere": lambda: load(row("T2", voucher_code="V-77", ai_code="", **BO, **NEXT_WEEK)),
    "refused, not due": lambda: load(row("T2", voucher_code="V-77", **BO, **{**NEXT_WEEK, "score": "81"}), row("T3")),
    "not accepted": lambda: check(text(row("T2", voucher_code="V-77", **BO))),
}


@pytest.mark.parametrize("case", HIDDEN)
def test_people_whom_one_may_not_know_of_are_not_counted(actor, case):
    load(row("T1", voucher_code="V-77"))
    before = search(actor("amy"), SearchCriteria(voucher="V-77"))
    HIDDEN[case]()
    assert search(actor("amy"), SearchCriteria(voucher="V-77")) == before
    assert search(actor("pat"), SearchCriteria(voucher="V-77")).state is Found.SEVERAL


def test_many_whom_one_may_not_know_of_hide_nobody(actor):
    load(*(row(f"A{n}", voucher_code="V-77", ai_code="", **NEXT_WEEK) for n in range(60)))
    load(row("Z1", voucher_code="V-77"))
    assert [one.state for one in search(actor("amy"), SearchCriteria(voucher="V-77")).findings] == [Found.RELEASED]


def test_one_person_with_two_tests_is_one(actor):
    load(row("T1", voucher_code="V-77"), row("T2", voucher_code="V77", exam_code="62"))
    load(row("T3", voucher_code="V 77", score="81"), row("T4"))
    states = [one.state for one in search(actor("amy"), SearchCriteria(voucher="v77")).findings]
    assert states == [Found.REFUSED, Found.RELEASED, Found.RELEASED]


def test_the_ticket_as_it_is_printed_goes_before_others_like_it(actor):
    load(row("T-1.2"), row("T12", **BO))
    assert only(search(actor("amy"), SearchCriteria(ticket="T12"))).name == "Diaz, Bo"
    assert only(search(actor("amy"), SearchCriteria(ticket="T-1.2"))).name == "Lopez, Ana"
    assert search(actor("amy"), SearchCriteria(ticket="t12")) == Answer(By.TICKET, (), empty=Found.SEVERAL)


NAMED: dict[str, tuple[dict[str, Any], bool]] = {
    "alone": ({}, False),
    "name and birth date": ({"first_name": "ANA", "last_name": "L\u00f3pez", "birth_date": ANA.birth_date}, True),
    "a slip": ({"first_name": "Ana", "last_name": "Lopes", "birth_date": ANA.birth_date}, False),
    "other birth date": ({"first_name": "Ana", "last_name": "Lopez", "birth_date": dt.date(2008, 5, 4)}, False),
    "no birth date": ({"first_name": "Ana", "last_name": "Lopez"}, False),
}


@pytest.mark.parametrize("case", NAMED)
def test_a_voucher_code_alone_offers_no_other_schools_test(actor, case):
    named, may_claim = NAMED[case]
    load(row("T1", voucher_code="V-77", ai_code="470101"))
    found = only(search(actor("amy"), SearchCriteria(voucher="v 77", **named)))
    assert (found.state, bool(found.key), found.needs_more) == (Found.OTHER_SCHOOL, may_claim, not may_claim)
    assert only(search(actor("amy"), SearchCriteria(ticket="T1"))).key


def test_a_test_of_no_school_is_claimed_by_its_voucher_code(actor):
    load(row("T1", voucher_code="V-77", ai_code=""))
    found = only(search(actor("amy"), SearchCriteria(voucher="V-77")))
    assert (bool(found.key), found.needs_more) == (True, False)


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "criteria", [SearchCriteria(ticket="t-1"), SearchCriteria(voucher="V 77")], ids=["ticket", "voucher"]
)
def test_a_number_is_found_by_an_index(criteria):
    """A million tests are not read for one number: each query says the words of its index."""
    load(row("T1", voucher_code="V-77"), row("T-2", score="81", voucher_code="V-78"))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            if criteria.voucher:
                # In so small a table it might read all of another index instead.
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("DROP INDEX score_one_current")
        with CaptureQueriesContext(connection) as asked:
            assert sources.scores(criteria, [], Q())
            list(sources.refused(criteria, hides=lambda *_: False, is_known=lambda _: True))
        plans = []
        for query in asked.captured_queries:
            how = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
            cursor.execute(f"{how} {query['sql'].replace('%', '%%')}")
            plans.append(str(cursor.fetchall()))
    kind = "ticket" if criteria.ticket else "voucher"
    used = [name for plan in plans for name in ("score_one_current", "_folded") if name in plan]
    assert used == (["score_one_current"] if criteria.ticket else []) + ["_folded", "_folded"]
    assert all(f"{kind}_folded" in plan for plan in plans if "_folded" in plan)


@pytest.mark.usefixtures("world")
def test_the_rows_of_a_waiting_file_are_found_by_an_index():
    file = check(text(row("T1"), row("T-2")))
    condition, typed = sources._staged_where(SearchCriteria(ticket="t2"), f"imports_staged_{file.pk}")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        how = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
        table = staging.table_of(file.pk)
        cursor.execute(f"{how} SELECT t.line FROM {table} t WHERE {condition}", typed)  # noqa: S608 - our own names
        plan = str(cursor.fetchall())
    assert f"imports_staged_{file.pk}_folded" in plan
