"""Workbooks are read like their table: text as it was typed, dates as dates, and nothing of a formula but its value."""

import datetime as dt
import io
import zipfile

import pytest
import xlsxwriter

from scoreport.imports.problems import Cause, UnreadableFile
from scoreport.imports.reading import workbooks
from tests.imports.made import GOOD, raw, workbook

HEADER = tuple(GOOD)
_JOINED = dt.datetime(2026, 1, 5)  # noqa: DTZ001 - sheets know no zones


def row(**cells: object) -> tuple[object, ...]:
    return tuple((GOOD | {"born": dt.date(2008, 3, 4), "joined": _JOINED, "books": 3} | cells).values())


def refusal(content: bytes, **options) -> str:
    with pytest.raises(UnreadableFile) as caught:
        raw(content, **options)
    return str(caught.value)


def rebuilt(content: bytes, part: str, change) -> bytes:
    """Return a workbook with one part of it changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return target.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_cells_are_what_they_are_in_the_sheet():
    read = raw(workbook(HEADER, row(), row(card=26070000001, branch=111007.0)))
    first, second = read.rows
    assert {name: first[name] for name in GOOD} == GOOD
    assert (second["card"], second["branch"], second.problems) == ("26070000001", "111007", ())


def test_numbers_that_lost_something_are_refused_like_those_of_a_csv_file():
    read = raw(workbook(HEADER, row(branch=905), row(card=1.5e15), row(born=39511), row(born="3/4/2008")))
    assert [one.problems[0].cause for one in read.rows] == [
        Cause.LOST_ZEROS, Cause.SCIENTIFIC, Cause.SERIAL_DATES, Cause.US_DATES,
    ]  # fmt: skip


def test_lines_are_rows_of_the_sheet_whatever_is_above_and_between():
    read = raw(workbook((), ("Library cards", 2026), (), HEADER, row(), (), row(card="Two\nlines"), row(card="C9")))
    assert [one.line for one in read.rows] == [5, 7, 8]
    assert read.notices[0].startswith("The header is on line 4.")
    assert read.skipped == 1


def test_a_formula_is_never_run_and_its_error_is_named():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 1, HEADER)
        for number, cells in enumerate((row(), row(card="C2")), start=1):
            sheet.write_row(number, 1, [str(cell) for cell in cells])
        sheet.write_formula(1, 3, '=HYPERLINK("https://evil.example","x")', None, "Bo")
        sheet.write_formula(2, 2, "=A1/0", None, "#DIV/0!")
    first, second = raw(file.getvalue()).rows
    assert first["first_name"] == "Bo"
    assert [(one.column, one.cause) for one in second.problems if one.cause is Cause.ERROR_CELL] == [
        ("last_name", Cause.ERROR_CELL)
    ]


def test_the_sheet_that_is_chosen_is_read_and_others_are_said():
    content = workbook(HEADER, row(), names=("Cards", "Notes"))
    assert "The sheet “Cards” was read. Other sheets were not: Notes." in raw(content).notices
    assert raw(content, sheet="cards").rows[0]["card"] == "C00123"
    assert "The file is empty" in refusal(content, sheet="Notes")
    assert "There is no sheet “Old” in this workbook. Its sheets are: Cards, Notes." in refusal(content, sheet="Old")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04rest", "not a workbook that can be read"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "an older Excel (XLS)"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
    ],
)
def test_what_is_no_open_workbook_is_named(content, words):
    assert words in refusal(content)


def test_another_zip_is_no_workbook():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("scores.csv", "card\nC1\n")
    assert "not a workbook that can be read" in refusal(file.getvalue())


def test_a_bomb_is_refused_by_the_sizes_that_it_tells(monkeypatch):
    monkeypatch.setattr(workbooks, "_MOST_BYTES", 100_000)
    content = rebuilt(workbook(HEADER, row()), SHEET, lambda sheet: sheet + b" " * 200_000)
    assert "too large to be read" in refusal(content)


def test_a_table_as_large_as_a_sheet_is_refused_before_it_takes_memory():
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    content = rebuilt(workbook(HEADER, row()), SHEET, lambda sheet: sheet.replace(b"</sheetData>", far))
    assert "too large to be read" in refusal(content)


def test_cells_with_a_format_and_no_value_do_not_make_a_table_large():
    far = b'<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'
    content = rebuilt(workbook(HEADER, row()), SHEET, lambda sheet: sheet.replace(b"</sheetData>", far))
    assert len(raw(content).rows) == 1


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml"])
@pytest.mark.parametrize("damage", ["half", "empty", "other"])
def test_a_damaged_workbook_is_read_or_refused_in_words(part, damage):
    change = {"half": lambda data: data[: len(data) // 2], "empty": lambda _: b"", "other": lambda _: b"<a>&x;</a>"}
    content = rebuilt(workbook(HEADER, row()), part, change[damage])
    try:
        raw(content)
    except UnreadableFile as error:
        assert str(error).endswith(".")  # noqa: PT017 - some of these can be read
