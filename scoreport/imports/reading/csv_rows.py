"""CSV read strictly: rows with the line on which each starts, or the first thing that is wrong with its place."""

import csv
import io
from collections.abc import Iterator
from itertools import chain, islice
from typing import IO, Final

from django.utils.translation import gettext as _

_CELL_LIMIT: Final = 10_000
"""Characters in one cell that is read. More is a quotation mark that was never closed, or an attack."""
_ROW_LIMIT: Final = 200_000
"""Bytes in one row that is read, over all its lines: what is held in memory at most."""
_BOM: Final = b"\xef\xbb\xbf"
_SHOWN: Final = 60
"""Characters of a wrong value that an error quotes."""


class TabularError(Exception):
    """A file that cannot be read as a table, with the place of the first thing wrong.

    `line` is the line of the file as an editor counts it, `column` the number of the cell in its row, from 1, or None
    when the whole row is meant; `value` is what is there, and `reason` a sentence that says what to do.
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


def csv_head(stream: IO[bytes], delimiter: str = ",", *, skip: int = 0) -> tuple[list[str], int]:
    """Return the first row of a file and the number of the line behind it, where the stream stands then.

    So many lines are skipped before it. Raises TabularError as :func:`csv_reader` does.
    """
    lines = _Lines(stream, delimiter, 1)
    for _skipped in islice(lines, skip):
        pass
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
            raise TabularError(start, None, lines.last, _malformed(error, lines.last)) from error
        if lines.row_size > _CELL_LIMIT:
            _refuse_long_cells(start, cells)
        if cells:
            may_be_empty = True
            yield start, cells
    if not may_be_empty:
        raise TabularError(1, None, "", _("The file is empty. It needs a line of column names and the rows."))


def csv_pieces(stream: IO[bytes], delimiter: str = ",", *, first_line: int, size: int) -> Iterator[tuple[int, bytes]]:
    """Yield the rest of a file in pieces of about so many bytes, each with the number of its first line.

    The stream stands where a row begins, and so does each piece, so that they can be read apart from each other: with
    :func:`csv_reader`, which finds in them what is wrong in the file.
    """
    line = first_line
    while data := stream.read(size):
        if not data.endswith(b"\n"):
            data += stream.readline(_ROW_LIMIT + 1)
        if b'"' in data:
            data += _rest_of_row(data, stream, delimiter)
        yield line, data
        line += data.count(b"\n")


def _rest_of_row(data: bytes, stream: IO[bytes], delimiter: str) -> bytes:
    """Return what a row still needs whose last cell is quoted and holds the line end where the data end."""
    rest: list[bytes] = []

    def more() -> Iterator[str]:
        # Asked for only where a row is open.
        left = _ROW_LIMIT + 1
        while left > 0 and (raw := stream.readline(_ROW_LIMIT + 1)):
            left -= len(raw)
            rest.append(raw)
            yield raw.decode("latin-1")

    # Bytes as characters: quotes, commas and line ends are the same ones, and what is not UTF-8 is found later.
    text = io.StringIO(data.decode("latin-1"), newline="\n")
    rows = csv.reader(chain(text, more()), delimiter=delimiter, strict=True)
    lines = data.count(b"\n")
    try:
        while rows.line_num < lines and next(rows, None) is not None:
            pass
    except csv.Error:
        pass  # Reading the piece finds it again and says where.
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
            raise TabularError(self._number, None, raw[:_SHOWN].decode(errors="replace"), _too_long(raw))
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


def _too_long(raw: bytes) -> str:
    """Return a sentence for a row that does not end: a text may have line ends that are none here."""
    if b"\n" not in raw and raw.count(b"\r") > 1:
        return _only_cr()
    reason = _("The row that ends here is longer than %(limit)d bytes. Is a quotation mark missing?")
    return reason % {"limit": _ROW_LIMIT}


def _only_cr() -> str:
    return _("The lines of this file end in CR alone. Save it again as CSV UTF-8, with LF or CRLF.")


def _malformed(error: csv.Error, line: str) -> str:
    """Return a sentence for what the csv module found wrong in a line."""
    words = str(error)
    if "new-line character" in words and line.endswith("\n"):
        return _("A cell of this row has a line break and no quotation marks around it. Remove the line break.")
    if "new-line character" in words:
        return _only_cr()
    if "field limit" in words:
        return _("The cell is longer than %(limit)d characters. Is a quotation mark missing?") % {"limit": _CELL_LIMIT}
    return _("The quotation marks of this row do not match. A quote inside a cell is written twice.")
