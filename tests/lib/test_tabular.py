# ruff: noqa: RUF001 - signs that look like others are what is tested
import csv
import datetime as dt
import io
from decimal import Decimal
from itertools import islice

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scoreport.lib import tabular
from scoreport.lib.tabular import Kind, csv_line, csv_lines, guard, is_hostile, xlsx_file
from scoreport.lib.text import clean

HOSTILE = [
    '=HYPERLINK("http://x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "|calc",
    "%x",
    "\tx",
    "\rx",
    "\nx",
    "\0x",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "｜x",
    "％x",
    "﹣1",
    " =1",
    "\u00a0\u3000=1",
    "\u200b\ufeff=1",
    "\u202e=1",
    " \t=1",
]


@pytest.mark.parametrize("cell", HOSTILE)
def test_what_a_spreadsheet_could_run_is_guarded(cell):
    assert is_hostile(cell)
    assert guard(cell) == f"'{cell}"
    assert not is_hostile(guard(cell))


@pytest.mark.parametrize(
    "cell", ["", " ", "Anna", "O'Brien", "111007", "2025-07-01", "(x)", "'=1", "a=1", "Émile", "李"]
)
def test_other_text_stays_as_it_is(cell):
    assert not is_hostile(cell)
    assert guard(cell) == cell


@given(st.text())
def test_guarded_text_is_harmless_and_guarded_once(cell):
    assert not is_hostile(guard(cell))
    assert guard(guard(cell)) == guard(cell)
    assert guard(cell) in {cell, f"'{cell}"}


def written(header, rows, **options):
    return b"".join(csv_lines(header, rows, **options))


def test_a_csv_file_has_these_bytes():
    rows = [
        ("Zoë", '=1+"1"', 61, dt.date(2026, 6, 30), "000905"),
        ('Ann "A"', "a,b", -5, None, "a\nb"),
        ("", "=1", Decimal("62.7"), "2026-06-30", "x\ry"),
    ]
    assert (
        written(["first", "a,b", "n", "d", "code"], rows)
        == (
            'first,"a,b",n,d,code\n'
            'Zoë,"\'=1+""1""",61,2026-06-30,000905\n'
            '"Ann ""A""","a,b",-5,,"a\nb"\n'
            ',\'=1,62.7,2026-06-30,"x\ry"\n'
        ).encode()
    )


def test_rows_that_were_guarded_are_not_guarded_again():
    assert written(["a", "b"], [("=1", "'=1")], guarded=True) == b"a,b\n=1,'=1\n"


def test_a_header_is_guarded_too():
    assert csv_line(["=1", "b"]) == b"'=1,b\n"


def test_the_header_comes_before_any_row_is_asked_for():
    rows = iter([("1", "2")])
    lines = csv_lines(["a", "b"], rows)
    assert next(lines) == b"a,b\n"
    assert next(rows) == ("1", "2")


def test_a_long_table_leaves_in_chunks():
    taken = []

    def rows():
        for number in range(5000):
            taken.append(number)
            yield (number, "x" * 90)

    first = list(islice(csv_lines(["n", "x"], rows()), 2))
    assert 16_000 < len(first[1]) < 256_000
    assert len(taken) < 2000


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8")), st.integers(), st.dates()), max_size=20))
def test_what_was_written_can_be_read(rows):
    text = written(["t", "n", "d"], rows).decode()
    assert list(csv.reader(io.StringIO(text, newline="")))[1:] == [
        [guard(t), str(n), d.isoformat()] for t, n, d in rows
    ]


# --- Workbooks ----------------------------------------------------------------------------------

HEADER = ["Name", "AI code", "Score", "Tested"]
KINDS = [Kind.TEXT, Kind.TEXT, Kind.NUMBER, Kind.DATE]


def workbook(rows, **options):
    file = io.BytesIO()
    count = xlsx_file(file, "Roster", HEADER, KINDS, rows, **options)
    file.seek(0)
    return count, openpyxl.load_workbook(file)


def test_a_workbook_keeps_the_kinds_of_its_cells():
    rows = [
        ('=HYPERLINK("http://x")', "000905", 61, dt.date(2026, 6, 30)),
        ("http://example.org", 111007, None, "2026-02-28"),
        ("Zoë", "", "waiting", "soon"),
        ("12", None, Decimal("62.5"), dt.date(1899, 12, 31)),
    ]
    count, book = workbook(rows)
    sheet = book["Roster"]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert count == 4
    assert cells == [
        HEADER,
        ['\'=HYPERLINK("http://x")', "000905", 61, dt.datetime(2026, 6, 30)],  # noqa: DTZ001 - as the reader gives it
        ["http://example.org", "111007", None, dt.datetime(2026, 2, 28)],  # noqa: DTZ001 - likewise
        ["Zoë", None, "waiting", "soon"],
        ["12", None, 62.5, "1899-12-31"],
    ]
    assert [cell.data_type for cell in sheet[2]] == ["s", "s", "n", "d"]
    assert sheet["D2"].number_format == "yyyy-mm-dd"
    assert sheet["B2"].number_format == "@"
    assert all(cell.hyperlink is None for row in sheet.iter_rows() for cell in row)


def test_a_workbook_is_ready_to_work_with():
    _, book = workbook([("x" * 200, "1", 1, None), ("y", "2", 2, None)])
    sheet = book["Roster"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:D3"
    assert all(cell.font.bold for cell in sheet[1])
    assert sheet.column_dimensions["A"].width > 40 > sheet.column_dimensions["B"].width > 8


def test_an_empty_workbook_has_its_header():
    count, book = workbook([])
    assert count == 0
    assert [cell.value for cell in book["Roster"][1]] == HEADER


def test_a_workbook_that_was_guarded_is_not_guarded_again():
    _, book = workbook([("'=1", "1", 1, None)], guarded=True)
    assert book["Roster"]["A2"].value == "'=1"


def test_rows_go_on_in_another_sheet(monkeypatch):
    monkeypatch.setattr(tabular, "_SHEET_ROWS", 301)
    told: list[int] = []
    count, book = workbook([(str(number), "", number, None) for number in range(601)], progress=told.append)
    assert count == 601
    assert [(sheet.title, sheet.max_row) for sheet in book] == [("Roster", 301), ("Roster 2", 301), ("Roster 3", 2)]
    assert [sheet["A1"].value for sheet in book] == ["Name"] * 3
    assert book["Roster 3"]["A2"].value == "600"
    assert told == sorted(told)
    assert told[-1] == 601


def test_text_that_no_cell_can_hold_is_refused():
    with pytest.raises(ValueError, match="Row 2, column 1 does not fit"):
        workbook([("x" * 40_000, "", 1, None)])


@given(st.text(min_size=1).map(clean))
@example("<b>&amp;")
@example("{=1}")
def test_any_stored_text_comes_back_from_a_workbook(value):
    _, book = workbook([(value, "last", 1, None)])
    assert book["Roster"]["A2"].value == (guard(value) or None)
    assert book["Roster"]["A2"].data_type == ("s" if value else "n")
