"""One student's page: tests over the years, credit, what waits, corrections, and who looked."""

import datetime as dt

from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from tests.scores.files import load, row
from tests.web.pages import read, sought
from tests.web.reports.conftest import WAITS
from tests.world import AT

EARLIER = {"date_registered": "2024-09-01", "date_tested": "2024-10-01", "date_scored": "2024-10-01"}
REPORT = "/reports/clep/470001/2025-2026/"


def open_first(client, report=REPORT, query=""):
    """Click on the first name of a roster."""
    page = read(client.get(report + query))
    return client.get(sought(r'<a href="([^"]*students/[0-9a-f]+/[^"]*)"', page.markup)[1].replace("&amp;", "&"))


def test_all_years_stand_together_with_credit(world, client_for):
    load(
        row("A", score="57"),
        row("B", exam_code="77", exam_subject="", score="64", **EARLIER),
        row("C", exam_code="62", exam_subject="", score="41"),
        row("D", date_registered="2026-11-01", date_tested="2026-11-10", **WAITS),
    )
    page = read(open_first(client_for("amy")))
    assert page.markup.count("<h1>Ana Lopez</h1>") == 1
    assert page.figures() == {"Tests taken": "4", "Scores of 50 or higher": "2", "Credit hours": "15"}
    rows = {cells[0]: cells[1:4] for cells in page.rows("stacks results")}
    assert rows["Biology"] == ["Feb 3, 2026", "57", "6 hours"]
    assert rows["Spanish Language"] == ["Oct 1, 2024", "64", "9 hours, level 2"]
    assert rows["Calculus"] == ["Feb 3, 2026", "41", "none; from 50"]
    assert rows["College Composition"][1] == "Pending by Dec 1, 2026"


def test_corrections_are_told_with_their_dates_and_other_spellings(world, client_for):
    load(row("A", score="57"), at=AT - dt.timedelta(days=9))
    load(row("A", score="61", last_name="López"), at=AT)
    text = read(open_first(client_for("amy"))).text
    assert "Nov 12, 2026, 12:00 PM Eastern: score 57" in text
    assert "Nov 21, 2026, 12:00 PM Eastern: score 61 Valid now" in text


def test_opening_a_student_and_a_roster_is_recorded(world, client_for):
    load(row("A"))
    answer = open_first(client_for("amy"))
    student = sought(r"students/([0-9a-f]+)/", answer.request["PATH_INFO"])[1]
    event = events_of(subject_kind="student", subject=student)[0].facts
    assert (event.verb, event.organization) == (Verb.STUDENT_VIEWED, "ALDER-HIGH")
    assert event.actor == "Amy <amy@juniper.example>"
    assert [e.facts.verb for e in events_of(subject_kind="roster")] == [Verb.ROSTER_VIEWED]


def test_the_way_back_leads_to_the_roster_as_it_was(world, client_for):
    load(row("A"))
    page = read(open_first(client_for("amy"), query="?exam=18&sort=-score"))
    assert page.links()["CLEP report"] == f"{REPORT}?sort=-score&exam=18"


def test_somebody_elses_student_does_not_exist(scores, client_for):
    theirs = sought(r"students/([0-9a-f]+)/", read(client_for("bea").get("/reports/clep/470101/all/")).markup)[1]
    client = client_for("amy")
    answers = [client.get(f"{REPORT}students/{number}/") for number in (theirs, "999999", "999999999999999999")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len({answer.content for answer in answers}) == 1
    assert client.get(f"{REPORT}students/9999999999999999999/").status_code == 404
    assert client_for("sue").get(f"{REPORT}students/{theirs}/").status_code == 403
    assert client_for("amy", second_factor=False).get(f"{REPORT}students/{theirs}/").status_code == 302
