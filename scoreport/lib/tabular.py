"""Tables out: CSV and XLSX written with typed cells that no spreadsheet runs."""

import csv
import datetime as dt
import io
import unicodedata
from collections.abc import Callable, Generator, Iterable, Sequence
from decimal import Decimal
from enum import Enum, auto
from itertools import chain, islice
from pathlib import Path
from typing import IO, Final

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from scoreport.lib.workbooks import workbook

_FORMULA_STARTS: Final = frozenset("=+-@|%")
_CONTROL_STARTS: Final = frozenset("\t\r\n\0")
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
_BATCH: Final = 500
"""Rows written between two chunks of bytes: about 64 kB of a roster."""
_SHEET_ROWS: Final = 1_048_576
"""Rows that one sheet of a workbook can hold, its header among them (Excel's limit)."""
_FIRST_EXCEL_DAY: Final = dt.date(1900, 3, 1)
"""Excel counts a 29 February 1900, so days before this one are written as text."""
_SAMPLE: Final = 200
"""Rows that are looked at to choose the width of columns."""
_WIDEST: Final = 48

Progress = Callable[[int], None]
"""Called now and then with the number of rows done so far."""


def is_hostile(cell: str) -> bool:
    """Tell whether a spreadsheet could take text for a formula or a command.

    It looks at the first character, and at the first visible one: `= + - @ | %` in any width, TAB, CR, LF and NUL.
    """
    first = cell[:1]
    if not first or first.isalnum():
        return False
    if first in _CONTROL_STARTS:
        return True
    visible = next((character for character in cell if unicodedata.category(character) not in _INVISIBLE), "")
    # Compatibility forms, such as full-width and small signs, become the plain ones.
    return unicodedata.normalize("NFKC", visible) in _FORMULA_STARTS


def guard(cell: str) -> str:
    """Return text that spreadsheets show and never run: what is hostile gets an apostrophe in front."""
    return f"'{cell}" if is_hostile(cell) else cell


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]], *, guarded: bool = False) -> Generator[bytes]:
    """Yield a CSV file in UTF-8, in chunks, with the header in the first chunk before any row is asked for.

    The bytes are those of PostgreSQL's COPY: lines end in LF, a cell is quoted only when it must be, dates are
    ISO 8601, None is nothing. COPY writes "" for an empty text and this writer writes nothing: give None for both.
    Text is guarded against formulas unless `guarded` says that the rows were.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    yield csv_line(header)
    remaining = iter(rows)
    while batch := list(islice(remaining, _BATCH)):
        writer.writerows(batch if guarded else map(_guarded_row, batch))
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def csv_line(cells: Sequence[object]) -> bytes:
    """Return one line of a CSV file."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(_guarded_row(cells))
    return buffer.getvalue().encode()


def _guarded_row(cells: Sequence[object]) -> list[object]:
    return [guard(cell) if isinstance(cell, str) else cell for cell in cells]


class Kind(Enum):
    """What the cells of a column are, so that a spreadsheet sorts and shows them right."""

    TEXT = auto()
    NUMBER = auto()
    DATE = auto()


def xlsx_file(
    target: Path | IO[bytes],
    sheet_name: str,
    header: Sequence[str],
    kinds: Sequence[Kind],
    rows: Iterable[Sequence[object]],
    *,
    guarded: bool = False,
    progress: Progress | None = None,
) -> int:
    """Write a workbook row by row, with little memory, and return how many rows it holds.

    Identifiers stay text with their leading zeros, numbers are numbers and dates are dates. Nothing becomes a formula
    or a link, and text is guarded as in a CSV file, since people save the one as the other. Rows beyond the limit of
    one sheet go on in the next one, under the same header. Raises ValueError for text that no cell can hold, and
    OSError. What is written on the way lies in the folder of uploads and is removed, whatever happens.
    """
    path = str(target) if isinstance(target, Path) else target
    written = 0
    remaining = iter(rows)
    with workbook(path) as book:
        sample = list(islice(remaining, _SAMPLE))
        columns = _Columns(book, header, kinds, sample, guarded=guarded)
        remaining = chain(sample, remaining)
        number = 1
        while number == 1 or sample:
            name = sheet_name if number == 1 else f"{sheet_name} {number}"
            written += columns.write_sheet(name, islice(remaining, _SHEET_ROWS - 1), written, progress)
            sample = list(islice(remaining, 1))
            remaining = chain(sample, remaining)
            number += 1
    return written


class _Columns:
    """The columns of one workbook: how each kind of cell is written and how wide it is."""

    def __init__(
        self,
        book: xlsxwriter.Workbook,
        header: Sequence[str],
        kinds: Sequence[Kind],
        sample: Sequence[Sequence[object]],
        *,
        guarded: bool,
    ) -> None:
        self._book = book
        self._header = [guard(title) for title in header]
        self._kinds = kinds
        self._guarded = guarded
        self._bold = book.add_format({"bold": True, "bottom": 1})
        self._text = book.add_format({"num_format": "@"})
        self._date = book.add_format({"num_format": "yyyy-mm-dd"})
        cells = [header, *sample]
        longest = (max(len(str(row[index] or "")) for row in cells) for index in range(len(header)))
        # Two characters more, for the arrow of the filter in the header.
        self._widths = [min(length, _WIDEST) + 2 for length in longest]

    def write_sheet(self, name: str, rows: Iterable[Sequence[object]], already: int, progress: Progress | None) -> int:
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for index, width in enumerate(self._widths):
            sheet.set_column(index, index, width)
            self._write_text(sheet, 0, index, self._header[index], self._bold)
        last = 0
        for last, row in enumerate(rows, start=1):
            for index, cell in enumerate(row):
                if cell is not None and cell != "":
                    self._write_cell(sheet, last, index, cell)
            if progress and last % _BATCH == 0:
                progress(already + last)
        sheet.autofilter(0, 0, last, len(self._header) - 1)
        if progress:
            progress(already + last)
        return last

    def _write_cell(self, sheet: Worksheet, row: int, index: int, cell: object) -> None:
        match self._kinds[index]:
            case Kind.NUMBER if isinstance(cell, int | float | Decimal):
                sheet.write_number(row, index, cell)
            case Kind.DATE if (day := _excel_day(cell)) is not None:
                sheet.write_datetime(row, index, day, self._date)
            case _:
                text = str(cell)
                self._write_text(sheet, row, index, text if self._guarded else guard(text), self._text)

    @staticmethod
    def _write_text(sheet: Worksheet, row: int, index: int, text: str, style: Format) -> None:
        # The library cuts what is too long and only says so in its answer.
        if sheet.write_string(row, index, text, style) != 0:
            message = _("Row %(row)d, column %(column)d does not fit into a cell of a workbook.")
            raise ValueError(message % {"row": row + 1, "column": index + 1})


def _excel_day(cell: object) -> dt.date | None:
    """Return the day that a cell means, from a date or from its ISO text, when Excel can count it."""
    if isinstance(cell, str):
        try:
            cell = dt.date.fromisoformat(cell)
        except ValueError:
            return None
    return cell if isinstance(cell, dt.date) and cell >= _FIRST_EXCEL_DAY else None
