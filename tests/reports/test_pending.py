"""Scores that are pending, and those of them that are overdue: what a report counts is what its rows say."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scoreport.access import NotAllowed
from scoreport.organizations.queries import find
from scoreport.programs.catalog import program
from scoreport.reports import queries
from scoreport.scores.actions import withdraw_score
from scoreport.scores.queries import count_pending
from tests.reports.rosters import all_years
from tests.scores.files import load, row
from tests.web.pages import read
from tests.web.reports.conftest import WAITS
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db

PLACES = ("ST", "D-ALDER", "D-BIRCH", "ALDER-HIGH", "ALDER-EARLY", "BIRCH-HIGH")
OLD = {"date_registered": "2026-09-01", "date_tested": "2026-09-10"}
NEW = {"date_registered": "2026-11-01", "date_tested": "2026-11-10"}


@pytest.fixture
def tests(world):
    """Load tests that are pending, overdue, scored, canceled, and scored but not released, at three schools."""
    essay = {"exam_code": WAITS["exam_code"], "exam_subject": ""}
    load(
        row("A1", **OLD, **WAITS),
        row("A2", **NEW, **WAITS),
        row("A3", score="57"),
        row("A4", **OLD, **WAITS),
        # Scored late: its score comes tomorrow, and until then its row says overdue.
        row("A5", **OLD, **essay, score="60", date_scored="2026-11-20"),
        # An exam without an essay is pending until the next business day, and never overdue.
        row("A6", **NEW | {"date_tested": "2026-11-20"}, date_scored="2026-11-20"),
        row("E1", ai_code="000905", first_name="Bo", **OLD, **WAITS),
        row("B1", ai_code="470101", first_name="Cy", **OLD, **WAITS),
    )
    withdraw_score(OPERATOR, program="clep", ticket="A4", reason="Under review.", at=AT)


def said_by_rows(code: str, at: dt.datetime) -> int:
    page = queries.roster_page(OPERATOR, find(code), all_years(), at)
    return sum(row.waiting is not None and row.waiting.is_overdue for row in page.rows)


@pytest.mark.parametrize("at", [AT, AT + dt.timedelta(days=3), AT + dt.timedelta(days=30)])
def test_a_report_counts_what_its_rows_say(tests, at):
    counted, said = {}, {}
    for code in PLACES:
        report = queries.report_of(OPERATOR, find(code), all_years(), at)
        counted[code], said[code] = report.summary.overdue or 0, said_by_rows(code, at)
    assert counted == said
    assert counted["ST"] > counted["BIRCH-HIGH"] > 0


def test_a_score_gets_overdue_by_the_day_alone(world):
    load(row("A2", **NEW, **WAITS))
    days = (AT, AT + dt.timedelta(days=20))
    assert [queries.report_of(OPERATOR, find("ALDER-HIGH"), all_years(), at).summary.overdue for at in days] == [0, 1]


def test_the_page_says_how_many_are_overdue(tests, client_for):
    page = read(client_for("amy").get("/reports/clep/470001/2026-2027/"))
    assert page.figures()["Scores pending"] == "4"
    assert "2 of them overdue" in page.text


def test_nothing_is_counted_where_no_score_is_pending(world):
    load(row("A"))
    with CaptureQueriesContext(connection) as asked:
        report = queries.report_of(OPERATOR, find("ST"), all_years(), AT)
    assert report.summary.overdue == 0
    assert not [query for query in asked if "tested_on" in query["sql"]]


def test_who_may_open_no_roster_counts_nothing(tests, actor):
    clep = program("clep")
    with pytest.raises(NotAllowed):
        count_pending(
            actor("sue"), find("ALDER-HIGH").place, AT, program="clep", years=(2026,), codes=clep.codes_with_readers,
            tested_before=AT.date(),
        )  # fmt: skip


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads a table of eight rows by any index")
def test_a_state_finds_them_by_the_index_on_tests_without_a_score(tests):
    clep = program("clep")
    with CaptureQueriesContext(connection) as asked:
        count_pending(
            OPERATOR, find("ST").place, AT, program="clep", years=(2026,), codes=clep.codes_with_readers,
            tested_before=AT.date(),
        )  # fmt: skip
    sql = next(query["sql"] for query in asked if "IS NULL" in query["sql"] and "scores_clepresult" in query["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        assert "score_pending" in str(cursor.fetchall())
