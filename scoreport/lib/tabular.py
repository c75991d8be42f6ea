"""Tables in and out: CSV read strictly, CSV and XLSX written with typed cells that no spreadsheet runs."""

import csv
import datetime as dt
import io
import unicodedata
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
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
_CELL_LIMIT: Final = 10_000
"""Characters in one cell that is read. More is a quotation mark that was never closed, or an attack."""
_ROW_LIMIT: Final = 200_000
"""Bytes in one row that is read, over all its lines: what is held in memory at most."""
_BOM: Final = b"\xef\xbb\xbf"
_SHOWN: Final = 60
"""Characters of a wrong value that an error quotes."""

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


class TabularError(Exception):
    """A file that cannot be read as a table, with the place of the first thing wrong.

    `line` is the line of the file as an editor counts it, `column` the number of the cell in its row, from 1, or None
    when the whole row is meant; `value` is what stands there, and `reason` a sentence that says what to do.
    """

    def __init__(self, line: int, column: int | None, value: str, reason: str) -> None:
        # All four, so that another process can send it.
        super().__init__(line, column, value, reason)
        self.line = line
        self.column = column
        self.value = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


def csv_reader(stream: IO[bytes], delimiter: str = ",", *, first_line: int = 1) -> Iterator[tuple[int, list[str]]]:
    """Yield the line on which each row starts, and its cells as they are, from UTF-8 with or without a BOM.

    Lines may end in LF or CRLF, and quoted cells may hold line ends. Empty lines are left out; the header is a row
    like the others. Memory stays flat whatever the file is. A stream that begins later in a file, where a row does,
    may tell its first line. Raises TabularError at the first thing that is wrong: not UTF-8, not text, quotes that do
    not match, cells or rows beyond their limits, nothing in the file.
    """
    return _rows(_Lines(stream, delimiter, first_line), delimiter, may_be_empty=first_line > 1)


def csv_head(stream: IO[bytes], delimiter: str = ",") -> tuple[list[str], int]:
    """Return the first row of a file and the number of the line behind it, where the stream stands then.

    Raises TabularError as :func:`csv_reader` does.
    """
    lines = _Lines(stream, delimiter, 1)
    _line, names = next(_rows(lines, delimiter, may_be_empty=False))
    return names, lines.begin_row()


def _rows(lines: "_Lines", delimiter: str, *, may_be_empty: bool) -> Iterator[tuple[int, list[str]]]:
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        start = lines.begin_row()
        try:
            cells = next(rows)
        except StopIteration:
            break
        except csv.Error as error:
            raise TabularError(start, None, lines.last, _malformed(error)) from error
        if lines.row_size > _CELL_LIMIT:
            _refuse_long_cells(start, cells)
        if cells:
            may_be_empty = True
            yield start, cells
    if not may_be_empty:
        raise TabularError(1, None, "", _("The file is empty. It needs a line of column names and the rows."))


def csv_pieces(stream: IO[bytes], *, first_line: int, size: int) -> Iterator[tuple[int, bytes]]:
    """Yield the rest of a file in pieces of about so many bytes, each with the number of its first line.

    The stream stands where a row begins, and so does each piece, so that they can be read apart from each other: with
    :func:`csv_reader`, which finds in them what is wrong in the file.
    """
    line = first_line
    while data := stream.read(size):
        if not data.endswith(b"\n"):
            data += stream.readline(_ROW_LIMIT + 1)
        if b'"' in data:
            data += _rest_of_row(data, stream)
        yield line, data
        line += data.count(b"\n")


def _rest_of_row(data: bytes, stream: IO[bytes]) -> bytes:
    """Return what a row still needs whose last cell is quoted and holds the line end where the data end."""
    rest: list[bytes] = []

    def more() -> Iterator[str]:
        # Asked for only where a row is open.
        left = _ROW_LIMIT + 1
        while left > 0 and (raw := stream.readline(_ROW_LIMIT + 1)):
            left -= len(raw)
            rest.append(raw)
            yield raw.decode("latin-1")

    # Bytes as characters: quotes, commas and line ends are the same ones, and what is not UTF-8 is told later.
    text = io.StringIO(data.decode("latin-1"), newline="\n")
    rows = csv.reader(chain(text, more()), strict=True)
    lines = data.count(b"\n")
    try:
        while rows.line_num < lines and next(rows, None) is not None:
            pass
    except csv.Error:
        pass  # Whoever reads the piece finds it again and says where.
    return b"".join(rest)


class _Lines:
    """The lines of a file, decoded one at a time so that a wrong byte is known by its line."""

    def __init__(self, stream: IO[bytes], delimiter: str, first_line: int) -> None:
        self._stream = stream
        self._delimiter = delimiter.encode()
        self._number = first_line - 1
        self.row_size = 0
        self.last = ""

    def begin_row(self) -> int:
        """Return the number of the line that comes next; the size of the row counts from there."""
        self.row_size = 0
        return self._number + 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        raw = self._stream.readline(_ROW_LIMIT + 1)
        if not raw:
            raise StopIteration
        self._number += 1
        self.row_size += len(raw)
        if self._number == 1:
            _refuse_other_formats(raw)
            raw = raw.removeprefix(_BOM)
        if self.row_size > _ROW_LIMIT:
            reason = _("The row that ends here is longer than %(limit)d bytes. Is a quotation mark missing?")
            raise TabularError(
                self._number, None, raw[:_SHOWN].decode(errors="replace"), reason % {"limit": _ROW_LIMIT}
            )
        if b"\0" in raw:
            raise self._error(raw, raw.index(b"\0"), _("There is a NUL character. Save the file again as CSV UTF-8."))
        try:
            self.last = raw.decode()
        except UnicodeDecodeError as error:
            reason = _("This is not UTF-8. Save the file again as CSV UTF-8.")
            raise self._error(raw, error.start, reason) from error
        return self.last

    def _error(self, raw: bytes, position: int, reason: str) -> TabularError:
        column = raw.count(self._delimiter, 0, position) + 1
        cell = raw.split(self._delimiter)[column - 1].strip(b'"\r\n')
        return TabularError(self._number, column, cell.decode(errors="backslashreplace").replace("\0", "\\0"), reason)


def _refuse_other_formats(first_line: bytes) -> None:
    """Recognize by its first bytes what people upload instead of a CSV file, and say what to do."""
    reason = ""
    if first_line.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        reason = _("This is a workbook or a ZIP file. Open it and save the table as CSV UTF-8.")
    elif first_line.startswith((b"\xff\xfe", b"\xfe\xff")) or first_line[:1] == b"\0" or first_line[1:2] == b"\0":
        reason = _("This is UTF-16 text. Save the file again as CSV UTF-8.")
    elif first_line.startswith((b"\x1f\x8b", b"%PDF-", b"{\\rtf")) or b"\0" in first_line:
        reason = _("This is not a text file. Save the table as CSV UTF-8.")
    if reason:
        raise TabularError(1, None, "", reason)


def _refuse_long_cells(line: int, cells: list[str]) -> None:
    for column, cell in enumerate(cells, start=1):
        if len(cell) > _CELL_LIMIT:
            reason = _("The cell is longer than %(limit)d characters. Is a quotation mark missing?")
            raise TabularError(line, column, cell, reason % {"limit": _CELL_LIMIT})


def _malformed(error: csv.Error) -> str:
    """Return a sentence for what the csv module found wrong."""
    told = str(error)
    if "new-line character" in told:
        return _("The lines of this file end in CR alone. Save it again as CSV UTF-8, with LF or CRLF.")
    if "field limit" in told:
        return _("The cell is longer than %(limit)d characters. Is a quotation mark missing?") % {"limit": _CELL_LIMIT}
    return _("The quotation marks of this row do not match. A quote inside a cell is written twice.")
