"""The CLEP report on screen: figures, exams, years, and who sees what of it."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.urls import reverse

from scoreport.organizations.queries import find
from scoreport.reports import queries
from scoreport.reports.rules import RosterQuery
from tests.scores.files import load, row
from tests.web.pages import read
from tests.web.reports.conftest import WAITS
from tests.world import FORMULA

ALDER = "/reports/clep/470001/2026-2027/"
ENTRY = reverse("score_reports")


def test_the_entry_leads_to_ones_own_report_of_the_running_year(scores, client_for):
    answer = client_for("amy").get(ENTRY, follow=True)
    assert [place for place, _status in answer.redirect_chain] == ["/reports/clep/470001/", ALDER]
    assert "<h1>CLEP report</h1>" in read(answer).markup


def test_the_entry_remembers_what_was_chosen_last_as_long_as_it_is_reached(scores, client_for):
    client = client_for("dan")
    assert client.get(ENTRY).url == "/reports/clep/D-ALDER/"
    client.get("/reports/clep/000905/2026-2027/")
    assert client.get(ENTRY).url == "/reports/clep/000905/"
    session = client.session
    session["scoreport_organization"] = "470101"
    session.save()
    assert client.get(ENTRY).url == "/reports/clep/D-ALDER/"


@pytest.mark.parametrize(("name", "address"), [("amy", "470001"), ("dan", "D-ALDER"), ("sam", "ST")])
def test_the_figures_are_those_of_the_query(scores, client_for, actor, at, name, address):
    report = queries.report_of(actor(name), find(address), RosterQuery("clep", years=(2025,)), at)
    figures = read(client_for(name).get(f"/reports/clep/{address}/2025-2026/")).figures()
    assert figures["CLEP test takers"] == str(report.summary.takers)
    assert figures["Tests taken"] == str(report.summary.tests)
    assert figures["Scores of 50 or higher"] == str(report.summary.at_cut)
    assert figures["Share at 50 or higher"] == f"{report.summary.percent}%"


def test_a_year_is_compared_with_the_one_before(world, client_for):
    load(row("A", score="57"), row("B", score="40"), at=world_at(2026, 3))
    load(row("C", score="57", date_registered="2025-01-05", date_tested="2025-02-03", date_scored="2025-02-03"))
    page = read(client_for("amy").get("/reports/clep/470001/2025-2026/"))
    assert page.figures()["Share at 50 or higher"] == "50.0%"
    assert "50.0 points on the year before" in page.text
    assert "1 the year before" in page.text
    assert re.findall(r'class="trend (\w+)"', page.markup) == ["down"]


def test_a_running_year_says_that_it_is_compared_with_this_date_last_year(world, client_for):
    load(row("A", score="57"), row("B", score="40"), at=world_at(2026, 3))
    for ticket, day in (("C", "2025-02-03"), ("D", "2025-05-05")):
        load(row(ticket, score="57", date_registered="2025-01-05", date_tested=day, date_scored=day))
    client = client_for("amy", now=world_at(2026, 3))
    page = read(client.get("/reports/clep/470001/2025-2026/"))
    assert "1 by this date last year" in page.text
    assert "50.0 points compared with this date last year" in page.text
    assert "Last year's figures are as of the same date, Mar 20, 2025." in page.text
    assert "the year before" not in page.text
    together = read(client.get("/reports/clep/470001/2025-2026,2024-2025/"))
    assert [cells[0] for cells in together.rows("stacks exams")][:2] == ["2025–2026 so far", "2024–2025"]


def world_at(year, month):
    return dt.datetime(year, month, 20, 17, tzinfo=dt.UTC)


def test_what_waits_is_counted_apart(world, client_for):
    load(
        row("A"),
        row("B", date_registered="2026-11-01", date_tested="2026-11-10", **WAITS),
    )
    page = read(client_for("amy").get(ALDER))
    assert page.figures()["Scores pending"] == "1"
    assert page.figures()["Tests taken"] == "0"
    assert page.figures()["Share at 50 or higher"] == "–"
    assert "Pending" in page.part("results").text
    assert "Scores pending" not in read(client_for("amy").get("/reports/clep/470001/2025-2026/")).figures()


def test_every_exam_has_its_row_its_chart_and_its_numbers(scores, client_for, actor, at):
    report = queries.report_of(actor("sam"), find("ST"), RosterQuery("clep", years=(2025,)), at)
    page = read(client_for("sam").get("/reports/clep/ST/2025-2026/"))
    rows = page.rows("stacks exams")
    assert [cells[0] for cells in rows] == [exam.title for exam in report.exams]
    assert [cells[1:4] for cells in rows] == [[str(e.takers), str(e.tests), str(e.mean)] for e in report.exams]
    data = [[cells[0], *map(int, cells[1:])] for cells in Show(page).rows]
    assert data == [[exam.title, *exam.bands] for exam in report.exams]
    assert page.markup.count('<svg class="histogram"') == len(report.exams)


class Show:
    """The table behind "Show data"."""

    def __init__(self, page):
        section = page.part("by-exam").markup
        body = section[section.index("<caption>") :]
        self.rows = [
            re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line)
            for line in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)[1:]
        ]


def test_many_exams_open_without_javascript(world, client_for):
    codes = ("18", "30", "80", "77", "76", "75", "11", "7", "87", "62", "26")
    load(*(row(f"T{code}", exam_code=code, exam_subject="") for code in codes))
    page = read(client_for("amy").get("/reports/clep/470001/2025-2026/"))
    assert "<summary>All 11 exams</summary>" in page.markup
    assert len(page.rows("stacks exams")) == 8
    assert page.markup.count('<svg class="histogram"') == 11


def test_the_exams_are_kept_for_each_language_and_each_reader(scores, client_for):
    told: dict[tuple[str, str], str] = {}
    for name in ("amy", "sue", "amy"):
        for language in ("en", "es"):
            client = client_for(name)
            client.cookies["language"] = language
            section = read(client.get("/reports/clep/470001/2025-2026/")).part("by-exam").markup
            assert told.setdefault((name, language), section) == section
    assert "Takers" in told["amy", "en"]
    assert "Takers" not in told["amy", "es"]
    # What is masked for one reader comes to no other.
    assert "about" in told["sue", "en"]
    assert "about" not in told["amy", "en"]


def test_several_years_stand_beside_each_other(scores, client_for, actor, at):
    client = client_for("amy")
    answer = client.get("/reports/clep/470001/?year=2025-2026&year=2026-2027")
    assert answer.url == "/reports/clep/470001/2026-2027,2025-2026/"
    page = read(client.get(answer.url))
    assert [cells[0] for cells in page.rows("stacks exams")][:2] == ["2026–2027 so far", "2025–2026"]
    report = queries.report_of(actor("amy"), find("470001"), RosterQuery("clep", years=(2026, 2025)), at)
    assert page.figures()["Tests taken"] == str(report.summary.tests)
    everything = read(client.get("/reports/clep/470001/all/"))
    assert len([cells for cells in everything.rows("stacks exams") if "–" in cells[0]]) >= 4
    assert '<a href="/reports/clep/470001/all/" aria-current="true">' in everything.markup


def test_a_year_that_is_not_offered_is_said_and_replaced(scores, client_for):
    page = read(client_for("amy").get("/reports/clep/470001/2010-2011/"))
    assert "2010–2011" in page.text
    assert '<a href="/reports/clep/470001/2026-2027/" aria-current="true">' in page.markup


@pytest.mark.parametrize("years", ["2025-2027", "2025", "alle", "2025-2026,", "0000-0001"])
def test_what_is_no_academic_year_is_no_page(scores, client_for, years):
    assert client_for("amy").get(f"/reports/clep/470001/{years}/").status_code == 404


def test_an_empty_year_says_why_and_when_scores_come(world, client_for):
    page = read(client_for("amy").get(ALDER))
    assert "No student of this school took a CLEP exam" in page.text
    assert "one business day after a test" in page.text
    assert "Export" not in page.text
    assert page.figures() == {}


def test_the_header_keeps_the_year_when_the_organization_changes(scores, client_for):
    links = read(client_for("dan").get("/reports/clep/D-ALDER/2025-2026/")).links()
    by_name = {words: url for words, url in links.items() if "Alder High School" in words}
    assert list(by_name.values()) == ["/reports/clep/470001/2025-2026/"]
    assert links["2024–2025"] == "/reports/clep/D-ALDER/2024-2025/"


def test_summary_reports_open_figures_and_no_student(scores, client_for):
    client = client_for("sue")
    page = read(client.get("/reports/clep/470001/2025-2026/"))
    assert "Groups of fewer than 11 students aren't shown" in page.text
    assert "Figures as of Nov 21, 2026." in page.text
    assert "ask the access manager" in page.text
    assert "Export" not in page.text
    assert 'id="roster"' not in page.markup
    assert "histogram" not in page.markup
    figures = page.figures()
    assert figures["Tests taken"].startswith("about ")
    assert "Scores of 50 or higher" not in figures
    assert "Scores pending" not in figures
    assert "isn't compared with the year before" not in page.text
    running = read(client.get("/reports/clep/470001/2026-2027/"))
    assert "A year that isn't over isn't compared with the year before." in running.text
    for canary in ("Lopez", "Abbott", "T0001", "2008-04-05", "students/"):
        assert canary not in page.markup
    for target in ("results", "roster"):
        part = client.get("/reports/clep/470001/2025-2026/", headers={"HX-Request": "true", "HX-Target": target})
        assert part.status_code == 403
        assert "Detailed Reports (K–12)" in part.content.decode()


def test_without_a_second_factor_the_roster_stays_closed_and_says_what_opens_it(scores, client_for):
    page = read(client_for("amy", second_factor=False).get("/reports/clep/470001/2025-2026/"))
    assert "The roster opens with a second factor" in page.text
    assert f"{reverse('mfa_index')}?next=/reports/clep/470001/2025-2026/" in page.markup
    assert "students/" not in page.markup


@pytest.mark.parametrize("name", ["max", "fay", "pat", "nora"])
def test_other_roles_open_no_report_and_read_whom_to_ask(scores, client_for, name):
    client = client_for(name)
    for address in (ENTRY, "/reports/clep/470001/", ALDER):
        answer = client.get(address)
        assert answer.status_code == 403
        assert "Ask your access manager" in read(answer).text


@pytest.mark.parametrize("rest", ["", "2025-2026/", "2025-2026/students/1/", "views/", "all/"])
def test_another_tenant_does_not_exist(scores, client_for, rest):
    client = client_for("amy")
    theirs = client.get(f"/reports/clep/470101/{rest}")
    nobodys = client.get(f"/reports/clep/999999/{rest}")
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.content == nobodys.content


def test_a_hostile_name_is_a_name(scores, client_for):
    page = read(client_for("bea").get("/reports/clep/470101/2025-2026/"))
    assert FORMULA in page.text
    assert "<script>alert" not in page.markup


def test_a_report_costs_a_fixed_small_number_of_queries(scores, client_for, django_assert_max_num_queries):
    client = client_for("dan")
    client.get("/reports/clep/D-ALDER/2025-2026/")
    with django_assert_max_num_queries(26):
        client.get("/reports/clep/D-ALDER/2025-2026/")
    # Three of them count rows viewed, rows exported and open exports (decision 42), one is for the log (decision 38),
    # which PostgreSQL has to be asked to lock.
    with django_assert_max_num_queries(24 if connection.vendor == "postgresql" else 23):
        client.get(
            "/reports/clep/D-ALDER/2025-2026/?q=a&sort=-score", headers={"HX-Request": "true", "HX-Target": "results"}
        )
