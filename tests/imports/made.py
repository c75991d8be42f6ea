"""A made-up layout with one column of each kind, and tables as tests write them."""

import io
import re

import xlsxwriter

from scoreport.imports.layout import Column, Kind, Layout
from scoreport.imports.table import Table, read_table

_CARD = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]{0,39}", re.ASCII)

LIBRARY = Layout(
    "library-cards",
    1,
    (
        Column("card", Kind.IDENTIFIER, required=True, pattern=_CARD),
        Column("last_name", Kind.NAME, headers=("surname",), required=True),
        Column("first_name", Kind.NAME),
        Column("branch", Kind.DIGITS, digits=6),
        Column("born", Kind.DAY, required=True),
        Column("joined", Kind.DAY),
        Column("level", Kind.CHOICE, codes=("7", "12", "77W"), words={"female": "7"}, default="12"),
        Column("books", Kind.NUMBER, lowest=0, highest=99),
        Column("note", may_be_absent=True),
    ),
)
GOOD = {
    "card": "C00123",
    "last_name": "Lopez",
    "first_name": "Ana",
    "branch": "000905",
    "born": "2008-03-04",
    "joined": "2026-01-05",
    "level": "7",
    "books": "3",
}
HEADER = ",".join(GOOD)


def line(**cells: str) -> str:
    """Return one row as CSV, with other cells where the test wants them."""
    return ",".join((GOOD | cells).values())


def table(*lines: str, **options) -> Table:
    """Read a table of these lines under the header."""
    return raw("\n".join([HEADER, *lines, ""]).encode(), **options)


def raw(content: bytes, **options) -> Table:
    """Read a file."""
    return read_table(LIBRARY, io.BytesIO(content), **options)


def workbook(*rows: tuple[object, ...], names: tuple[str, ...] = ("Sheet1",)) -> bytes:
    """Return a workbook whose first sheet has these rows; text is text, numbers are numbers, dates are dates."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "m/d/yyyy", "strings_to_formulas": False}) as book:
        for number, name in enumerate(names):
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows if number == 0 else ()):
                sheet.write_row(place, 0, row)
    return file.getvalue()
