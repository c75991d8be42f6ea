"""A counselor: sign in, this year's report, sort, filter, one student, out as CSV and as a workbook."""

import csv
import io

import openpyxl

from scoreport.audit.queries import events_of
from tests.reports import rosters


def exported(person):
    """Press the export button of the page, and read the rows of the file."""
    answer = person.send("export/", format="csv")
    _header, *rows = csv.reader(io.StringIO(answer.getvalue().decode()))
    return rows


def test_from_sign_in_to_the_file(world, arrive):
    rosters.store()
    amy = arrive("amy")
    assert "My tools and services" in amy.page.text

    # Two clicks from the dashboard: the report, and the file.
    page = amy.click("Score reports")
    assert amy.address == "/reports/clep/470001/2026-2027/"
    assert int(page.figures()["Tests taken"]) > 0
    page = amy.click("2025–2026")
    total = int(page.part("roster-count").text.split()[0])
    assert len(exported(amy)) == total

    # Sorted by score, the best first; then only Biology.
    amy.click("Score", within="results")
    page = amy.click("Score", within="results")
    scores = [int(cells[-2]) for cells in page.rows("roster") if cells[-2].isdigit()]
    assert scores == sorted(scores, reverse=True)
    biology = amy.open(f"{amy.address}&exam=18")
    shown = biology.rows("roster")
    assert {cells[13] for cells in shown} == {"Biology"}
    assert biology.part("roster-count").text == f"{len(shown)} of {total} rows"

    # One student, and back to the same rows.
    name = shown[0][1]
    student = amy.click(name, within="results")
    assert name in student.text
    assert "Biology" in [cells[0] for cells in student.rows("stacks results")]
    assert amy.click("CLEP report").rows("roster") == shown

    # Out as what is shown, in its order, in both kinds of file.
    tickets = [cells[7] for cells in shown]
    assert [cells[7] for cells in exported(amy)] == tickets
    book = amy.send("export/", format="xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(book.getvalue())).worksheets[0]
    assert [cells[7] for cells in list(sheet.values)[1:]] == tickets

    assert_on_record()


def assert_on_record():
    """All of it is on record, with her name."""
    seen = [event.facts for event in events_of(organization="ALDER-HIGH")]
    assert {facts.actor for facts in seen if facts.verb.startswith("reports:")} == {"Amy <amy@juniper.example>"}
    assert {"reports:roster:viewed", "reports:student:viewed", "reports:roster:exported"} <= {f.verb for f in seen}
