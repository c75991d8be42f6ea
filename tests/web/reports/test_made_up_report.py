"""A program that is data, a model, a layout and a definition has a report: figures, roster, files, paper, views."""

import csv
import datetime as dt
import io
import json

import openpyxl
import pytest
from django.core.management import call_command
from django.utils.html import strip_tags

from scoreport.audit.queries import events_of
from scoreport.reports.models import PublishedCount, SavedView
from scoreport.reports.queries import order, roster
from scoreport.reports.queries.definitions import definition_problems
from scoreport.scores import actions
from tests.scores import files, made_up_program
from tests.scores.made_up_program import RAISED, row, text
from tests.web.pages import read, sought, text_of
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db

REPORT = "/reports/skills/470001/2025-2026/"
EARLIER = (RAISED - dt.timedelta(days=60)).isoformat()
ROWS = (
    row("F1"),
    row("F2", first_name="Ben", last_name="Adams", born="2008-05-06", scale="190", level="2"),
    row("F3", first_name="Cora", last_name="Zhou", born="2008-06-07", scale="300", level=""),
    row("F4", taken=EARLIER, scale="190", level="3"),
    row("F5", first_name="Dan", last_name="Moss", born="2008-07-08", test="WRIT", scale="", level=""),
)


@pytest.fixture(autouse=True)
def program(world, monkeypatch):
    made_up_program.install(monkeypatch)
    return world


def load(*rows):
    file_id = actions.receive_file(
        OPERATOR, program="skills", name="skills.csv", chunks=[text(*rows)], at=AT, check_later=False
    )
    return files.accept(actions.check_now(OPERATOR, file_id=file_id, at=AT))


@pytest.fixture
def results(program):
    load(*ROWS)
    return program


def shown(client, query=""):
    """Return form, exam, scale score and level of each row of the roster."""
    return [cells[2:3] + cells[4:] for cells in read(client.get(f"{REPORT}{query}")).rows("roster")]


def without_link_to_clep(page):
    """Return the words of a page, but for the link to the other program's report."""
    return strip_tags(page.markup).replace("CLEP report", "", 1)


def test_its_definition_fits_its_results():
    assert definition_problems() == []


@pytest.mark.parametrize("place", ["470001", "D-ALDER", "ST"])
def test_the_figures_are_those_of_its_main_measure_in_its_own_words(results, client_for, place):
    client = client_for({"470001": "amy", "D-ALDER": "dan", "ST": "sam"}[place])
    page = read(client.get(f"/reports/skills/{place}/2025-2026/"))
    assert page.figures() == {
        "Tests taken": "3", "Results on track": "2", "Share on track": "66.7%", "Scores pending": "1",
    }  # fmt: skip
    assert 'aria-label="Reading: 3 results, 67% on track"' in page.markup
    assert 'aria-label="Reading, Level: Beginning 0, Nearly there 1, There 1, Beyond 0"' in page.markup
    assert "Show data: Level" in page.text
    levels = text_of(sought(r"<caption>Number of scores by exam: Level</caption>(.*?)</thead>", page.markup)[1])
    assert levels == "ExamBeginningNearly thereThereBeyond"
    words = without_link_to_clep(page)
    for foreign in ("CLEP", "ACE", "50 or higher", "20–80", "Ticket"):
        assert foreign not in words


def test_the_level_is_drawn_with_its_own_cut(results, client_for):
    page = read(client_for("amy").get(REPORT))
    # The parts are of one width: the scale's cut 200 begins the third of four, the level's cut 3 does too.
    charts = page.part("by-exam").markup.split('class="histogram"')[1:3]
    assert [chart.split('class="cut" d="M')[1].split(" ")[0] for chart in charts] == ["78.0", "78.0"]
    earlier = read(client_for("amy").get("/reports/skills/470001/2024-2025/"))
    first = earlier.part("by-exam").markup.split('class="histogram"')[1]
    # The cut was 180 then, three fifths into the second part.
    assert first.split('class="cut" d="M')[1].split(" ")[0] == "62.4"
    assert earlier.figures()["Results on track"] == "1"


def test_a_report_of_no_result_says_so_in_its_own_words(client_for):
    page = read(client_for("amy").get(REPORT))
    assert "No skills results" in page.text
    assert "took a skills test from July 2025 to June 2026. Results arrive one business day after a test." in page.text


def test_the_roster_is_filtered_by_the_cut_that_was_in_force(results, client_for):
    client = client_for("amy")
    assert shown(client, "?sort=form") == [
        ["F1", "Reading", "210", "There"],
        ["F2", "Reading", "190", "Nearly there"],
        ["F3", "Reading", "300", ""],
        ["F5", "Writing", "Overdue by Feb 24, 2026", ""],
    ]
    assert [cells[0] for cells in shown(client, "?sort=form&result=at-cut")] == ["F1", "F3"]
    assert [cells[0] for cells in shown(client, "?sort=form&result=below-cut")] == ["F2"]
    assert [cells[0] for cells in shown(client, "?sort=form&score_from=200&score_to=250")] == ["F1"]
    both = read(client.get("/reports/skills/470001/all/?result=at-cut&sort=form")).rows("roster")
    assert [cells[2] for cells in both] == ["F1", "F3", "F4"]
    assert "Score: Not yet on track" in read(client.get(f"{REPORT}?result=below-cut")).text


@pytest.mark.parametrize("place", ["470001", "D-ALDER", "ST"])
@pytest.mark.parametrize("kept", [order.KEPT, 0])
@pytest.mark.parametrize("short", [order.SHORT, 0])
def test_a_level_is_sorted_from_low_to_high_and_results_without_one_are_last(
    results, client_for, monkeypatch, place, kept, short
):
    """However long a roster is; a long one is sorted once, a longer one by how its rows are spread."""
    monkeypatch.setattr(order, "KEPT", kept)
    monkeypatch.setattr(order, "SHORT", short)
    monkeypatch.setattr(order, "NEAR", 0)
    monkeypatch.setattr(roster, "_SMALL", 0)
    client = client_for({"470001": "amy", "D-ALDER": "dan", "ST": "sam"}[place])

    def forms(sort):
        address = f"/reports/skills/{place}/2025-2026/?sort={sort}&columns=form&columns=level"
        return [cells[0] for cells in read(client.get(address)).rows("roster")]

    assert forms("level")[:2] == ["F2", "F1"]
    assert forms("-level")[:2] == ["F1", "F2"]
    assert set(forms("level")[2:]) == set(forms("-level")[2:]) == {"F3", "F5"}
    assert forms("scale")[:3] == ["F2", "F1", "F3"]
    assert forms("-scale") == ["F3", "F1", "F2", "F5"]
    assert forms("exam")[-1] == forms("-exam")[0] == "F5"


def test_a_filter_that_it_does_not_have_is_left_out(results, client_for):
    page = read(client_for("amy").get(f"{REPORT}?gender=F"))
    assert "“F” in the address means nothing for “gender”" in page.text
    assert 'name="gender"' not in page.markup
    assert 'max="300"' in page.markup
    assert len(page.rows("roster")) == 4


def exported(client, kind, query=""):
    fields = read(client.get(f"{REPORT}{query}")).fields("/export/")
    answer = client.post(f"{REPORT}export/", {**fields, "format": kind})
    return answer, b"".join(answer.streaming_content)


def test_the_roster_is_taken_out_as_csv_and_as_a_workbook(results, client_for):
    client = client_for("amy")
    answer, content = exported(client, "csv", "?sort=form&columns=form&columns=exam&columns=scale&columns=level")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="skills_470001_2025-2026.csv"'
    assert list(csv.reader(io.StringIO(content.decode()))) == [
        ["form", "exam", "scale", "status", "level"],
        ["F1", "Reading", "210", "", "There"],
        ["F2", "Reading", "190", "", "Nearly there"],
        ["F3", "Reading", "300", "", ""],
        ["F5", "Writing", "", "Score overdue", ""],
    ]
    (event,) = events_of(subject_kind="roster", organization="ALDER-HIGH", verb="reports:roster:exported")
    assert event.facts.detail["program"] == "skills"
    _answer, content = exported(client, "xlsx", "?sort=form")
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Skills roster"]
    assert [cells[-1] for cells in book.worksheets[0].values] == ["Level", "There", "Nearly there", None, None]


def test_the_command_writes_its_summary_and_its_roster(results, capsys, tmp_path):
    roster, summary = tmp_path / "roster.csv", tmp_path / "summary.json"
    about = ("--organization", "470001", "--year", "2025-2026", "--at", AT.isoformat())
    call_command("report", "skills", *about, "--csv", str(roster), "--summary-json", str(summary))
    assert json.loads(summary.read_text())["scores_at_cut"] == 2
    header = roster.read_text().splitlines()[0]
    assert header == "last_name,first_name,grade,ai_code,form,date_tested,exam,scale,status,level,proctor,date_canceled"
    capsys.readouterr()
    call_command("report", "skills", *about)
    assert "Results on track                         2" in capsys.readouterr().out


def test_the_roster_is_printed(results, client_for):
    client = client_for("amy")
    fields = read(client.get(f"{REPORT}?result=at-cut")).fields("/print/")
    page = read(client.post(f"{REPORT}print/", fields))
    assert sorted(cells[-1] for cells in page.rows("roster")[-2:]) == ["", "There"]
    assert "Skills roster" in page.text
    assert "Filters: Score: On track" in page.text
    assert "CLEP" not in strip_tags(page.markup)


def test_a_view_is_of_its_program(results, client_for):
    client = client_for("amy")
    files.load(files.row("T1"))
    client.post(f"{REPORT}save/", {"name": "On track", "result": "at-cut"})
    assert SavedView.objects.get().program == "skills"
    link = read(client.get(REPORT)).links("views")["On track"]
    assert client.get(link).url == f"{REPORT}?result=at-cut"
    assert "On track" not in read(client.get("/reports/clep/470001/2025-2026/")).links("views")
    assert "On track" not in read(client.get("/reports/clep/470001/views/")).markup
    page = read(client.get("/reports/skills/470001/views/"))
    assert 'value="On track"' in page.markup
    assert "Skills report" in page.text


def test_a_students_page_shows_the_level_and_no_credit(results, client_for):
    client = client_for("amy")
    address = next(url for url in read(client.get(f"{REPORT}?q=F1")).links("roster").values() if "/students/" in url)
    page = read(client.get(address))
    assert ["Reading", "Feb 3, 2026", "210", "Alder High School", "There", "F1"] in page.rows("stacks results")
    assert page.figures() == {"Tests taken": "2", "Results on track": "2"}
    for foreign in ("CLEP", "ACE", "Credit", "Ticket"):
        assert foreign not in strip_tags(page.markup)
    assert {event.facts.detail["program"] for event in events_of(subject_kind="student")} == {"skills"}
    assert client.get(address.replace("/skills/", "/clep/")).status_code == 404


def test_readers_of_summaries_see_the_published_figures_of_the_program_alone(program, client_for):
    some = [
        row(f"F{number}", first_name=f"A{number}", born=f"2008-01-{number:02}", scale="210" if number % 2 else "190")
        for number in range(1, 21)
    ]
    load(*some)
    page = read(client_for("sue").get(REPORT))
    assert "about 20" in page.text
    assert page.figures()["Share on track"] == "50%"
    assert {count.program for count in PublishedCount.objects.all()} == {"skills"}
    assert "CLEP" not in without_link_to_clep(page)
    other = read(client_for("sue").get("/reports/clep/470001/2025-2026/"))
    assert "fewer than 11" in other.text
    assert "about 20" not in other.text


def test_the_entry_leads_to_the_program_that_was_seen_last(results, client_for):
    client = client_for("amy")
    assert client.get("/reports/").url == "/reports/clep/470001/"
    other = read(client.get("/reports/clep/470001/2025-2026/")).links()["Skills report"]
    assert other == REPORT
    assert read(client.get(other)).links()["CLEP report"] == "/reports/clep/470001/2025-2026/"
    assert client.get("/reports/").url == "/reports/skills/470001/"
    # Pages of no program lead there too.
    assert "/reports/skills/470001/" in read(client.get("/")).links().values()
    client.get("/reports/clep/470001/2025-2026/")
    assert client.get("/reports/").url == "/reports/clep/470001/"


@pytest.mark.parametrize("behind", ["", "2025-2026/", "views/"])
def test_a_program_that_is_not_there_is_no_address(client_for, behind):
    assert client_for("amy").get(f"/reports/skills/470001/{behind}", follow=True).status_code == 200
    assert client_for("amy").get(f"/reports/sat/470001/{behind}", follow=True).status_code == 404


def test_a_score_that_is_withdrawn_shows_neither_number_nor_level(results, client_for):
    actions.withdraw_score(OPERATOR, program="skills", ticket="F1", reason="under investigation", at=AT)
    client = client_for("amy")
    assert [cells[0] for cells in shown(client, "?sort=form&result=canceled")] == ["F1"]
    assert "There" not in {cells[3] for cells in shown(client)}


def test_the_finder_leads_to_the_page_of_the_program(results, client_for):
    names = dict.fromkeys(("voucher", "first_name", "last_name", "birth_date"), "")
    page = read(client_for("amy").post("/missing/", {"organization": "470001", "ticket": "F1", **names}))
    assert page.links()["Open the student"].startswith(f"{REPORT}students/")
