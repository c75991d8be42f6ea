"""Score files as spreadsheets save them: what is stored is what the sender meant, or the file says what happened."""

import datetime as dt

import pytest

from scoreport.imports.models import ImportFile
from scoreport.scores.models import ClepResult, RefusedTest
from tests.imports.made import workbook
from tests.scores.files import COLUMNS, check, counts, load, refused, row, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

BENT = {"ai_code": '="470001"', "exam_code": "0018", "score": "057", "gender": "Female", "date_tested": "2026-2-3"}


def sheet(*rows: dict[str, str]) -> bytes:
    """Write rows as a workbook: scores and exams as numbers, dates as dates."""

    def cell(name: str, value: str) -> object:
        if name.startswith("date") and value:
            return dt.date.fromisoformat(value)
        return int(value) if name in {"score", "exam_code", "grade"} and value else value

    return workbook(COLUMNS, *(tuple(cell(name, one[name]) for name in COLUMNS) for one in rows))


@pytest.mark.parametrize(
    "content",
    [
        sheet(row("T1"), row("T2", first_name="José")),
        text(row("T1", **BENT), row("T2", first_name="José", **BENT)),
        text(row("T1"), row("T2", first_name="José")).replace(b"first_name", b"First Name"),
        b"sep=,\r\nTest scores,fall\r\n" + text(row("T1"), row("T2", first_name="José"), end="\r\n"),
    ],
    ids=["workbook", "bent codes", "header with a space", "title and separator"],
)
def test_another_form_of_the_same_file_changes_nothing(content):
    load(row("T1"), row("T2", first_name="José"))
    assert counts(check(content)) == {"new": 0, "changed": 0, "same": 2, "unmatched": 0, "refused": 0}


def test_a_chosen_sheet_is_read():
    file = check(workbook(COLUMNS, tuple(row("T1")[name] for name in COLUMNS), names=("Scores", "Notes")))
    assert counts(file)["new"] == 1
    assert "Other sheets were not: Notes." in file.notices[0]


@pytest.mark.parametrize(("old", "new"), [(b"Lopez", b'"Lo"pez'), (b"Lopez", b"Lo\0pez"), (b"Lopez", b"Lo\x81pez")])
def test_why_a_file_is_no_table_names_the_place_and_nothing_of_a_student(old, new):
    """All program staff read the reason; a cell is for who handles the file."""
    file = check(text(row("T1"), row("T2")).replace(old, new))
    assert (file.state, file.reason[:6]) == ("failed", "Line 2")
    assert not {word for word in ("Lo", "Ana", "T1") if word in file.reason.removeprefix("Line 2")}


def test_words_for_nothing_are_no_voucher_and_no_name():
    file = load(row("T1", first_name="NULL", voucher_code="N/A"), row("T2", last_name="NULL", voucher_code="0"))
    stored = ClepResult.objects.get()
    assert (stored.ticket, stored.first_name, stored.voucher_code) == ("T1", "", "")
    assert refused(file) == [(3, "last_name", "NULL")]
    assert len(file.notices) == 2


def test_tickets_that_lost_digits_are_one_cause_and_no_new_tests():
    file = check(text(row("26070000001.0"), row("26070000002.0"), row("2.61E+10"), row("T1")))
    assert counts(file) == {"new": 1, "changed": 0, "same": 0, "unmatched": 0, "refused": 3}
    assert [(cause["cause"], cause["rows"], cause["repair"]) for cause in file.causes] == [
        ("decimal-number", 2, None), ("scientific-notation", 1, None),
    ]  # fmt: skip
    assert {one.cause for one in file.refused.all()} == {"decimal-number", "scientific-notation"}


def test_rows_without_a_value_and_totals_are_no_tests():
    file = check(text(row("T1"), dict.fromkeys(COLUMNS, "")) + b"Total: 1" + b"," * (len(COLUMNS) - 1) + b"\n")
    assert (counts(file)["new"], file.rows_total, file.rows_skipped) == (1, 2, 1)
    assert [cause["cause"] for cause in file.causes] == ["totals-line"]
    assert not RefusedTest.objects.filter(ticket__startswith="Total").exists()


def test_an_offer_leaves_nothing_of_the_file_but_its_causes():
    file = check(text(row("T1", last_name="PeÃ±alver"), row("T2")))
    assert (file.state, file.refused.count(), RefusedTest.objects.count()) == ("failed", 0, 0)
    assert [cause["repair"] for cause in ImportFile.objects.get().causes] == ["encoding"]
