"""Three people do their work from the dashboard to its end, through the web client."""

import csv
import io

import openpyxl
import pytest

from tests.scores.files import row, text
from tests.web.desk.pages import table, upload
from tests.web.pages import read

pytestmark = pytest.mark.django_db

ESSAY = {"exam_code": "91", "exam_subject": "College Composition", "score": "", "date_scored": ""}


@pytest.fixture
def loaded(client_for, run_tasks):
    """Load two years of Alder and one of Birch through the program desk."""
    before = {"date_registered": "2025-01-05", "date_tested": "2025-02-03", "date_scored": "2025-02-03"}
    rows = [row(f"A{n:03}", first_name=f"Ana {n}", last_name=f"Lopez {n:02}", score=str(30 + n)) for n in range(40)]
    rows += [row(f"B{n:03}", first_name=f"Bo {n}", last_name="Kim", **before) for n in range(12)]
    rows += [row("E001", last_name="Essay", date_registered="2026-11-01", date_tested="2026-11-10", **ESSAY)]
    rows += [row(f"X{n:03}", first_name=f"Bea {n}", ai_code="470101") for n in range(5)]
    staff = client_for("pat")
    number = upload(staff, text(*rows)).url.split("/")[-2]
    run_tasks()
    staff.post(f"/desk/files/{number}/accept/")
    run_tasks()
    return staff


def test_a_counselor_runs_this_years_report_and_takes_it_out(loaded, client_for):
    client = client_for("amy")
    dashboard = read(client.get("/"))
    entry = next(url for url in dashboard.links().values() if url.startswith("/reports/"))
    page = read(client.get(entry, follow=True))
    assert page.figures()["Waiting for scores"] == "1"
    year = "/reports/clep/470001/2025-2026/"
    page = read(client.get(year))
    assert page.figures()["CLEP test takers"] == "40"
    assert page.figures()["Scores of 50 or higher"] == "20"
    assert "40 of 40 rows" in page.text
    asked = f"{year}?sort=-score&result=at-cut"
    page = read(client.get(asked))
    assert "20 of 40 rows" in page.text
    assert [cells[-1][-2:] for cells in page.rows("roster")][:2] == ["69", "68"]
    student = next(url for url in page.links("results").values() if "/students/" in url)
    told = read(client.get(student))
    assert "Lopez 39" in told.text
    assert "6 hours" in told.text
    fields = page.fields("/export/")
    answer = client.post(f"{year}export/", {**fields, "format": "csv"})
    header, *rows = csv.reader(io.StringIO(b"".join(answer.streaming_content).decode()))
    assert [cells[header.index("score")] for cells in rows] == [str(score) for score in range(69, 49, -1)]
    answer = client.post(f"{year}export/", {**fields, "format": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets[0]
    assert sheet.max_row == 21


def test_a_district_analyst_compares_years_and_shares_a_view(loaded, client_for):
    analyst = client_for("dan")
    page = read(analyst.get("/reports/clep/D-ALDER/all/"))
    assert "53 of 53 rows" in page.text
    answer = analyst.post("/reports/clep/D-ALDER/all/save/", {"name": "Everybody named Kim", "q": "Kim"}, follow=True)
    link = next(url for words, url in read(answer).links("views").items() if words == "Everybody named Kim")
    opened = read(analyst.get(link, follow=True))
    assert "12 of 53 rows" in opened.text
    assert "Kim" in read(client_for("sam").get(link, follow=True)).text
    assert client_for("bea").get(link, follow=True).status_code == 404


def test_program_staff_load_a_file_that_a_counselor_then_sees(loaded, client_for, run_tasks):
    counselor = client_for("amy")
    year = "/reports/clep/470001/2025-2026/"
    assert read(counselor.get(year)).figures()["Tests taken"] == "40"
    content = text(row("A000", first_name="Ana 0", last_name="Lopez 00", score="80"), row("N1", last_name="New"))
    number = upload(loaded, content).url.split("/")[-2]
    run_tasks()
    counts = {cells[0]: cells[1] for cells in table(loaded.get(f"/desk/files/{number}/"))}
    assert (counts["New"], counts["Changed"]) == ("1", "1")
    assert read(counselor.get(year)).figures()["Tests taken"] == "40", "nothing is stored before somebody accepts"
    loaded.post(f"/desk/files/{number}/accept/")
    run_tasks()
    page = read(counselor.get(year))
    assert page.figures()["Tests taken"] == "41"
    assert page.figures()["Scores of 50 or higher"] == "22"
    loaded.post(f"/desk/files/{number}/take-back/")
    run_tasks()
    assert read(counselor.get(year)).figures()["Tests taken"] == "40"
    assert loaded.get(year).status_code in {403, 404}, "program staff open no roster"
