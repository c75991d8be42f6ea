"""Opening a file: its first bytes and lines say what it is, before any row is read."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Final

from django.utils.translation import gettext as _

from scoreport.imports.layout import Layout
from scoreport.imports.problems import FileCause, RepairKind, offered
from scoreport.imports.reading.csv_rows import TabularError, csv_head, csv_pieces
from scoreport.imports.reading.dialects import Dialect, dialect_of
from scoreport.imports.reading.encodings import Encoding, other_encoding, transcoded
from scoreport.imports.reading.rows import Header, Piece, header_of, unreadable
from scoreport.imports.reading.workbooks import as_csv, is_workbook

_PIECE: Final = 1 << 19
"""Bytes that are checked at a time: three thousand rows of CLEP scores."""
_HEAD: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Opened:
    """A file whose header was found: its rows in pieces, what is to be said of it, and what was repaired."""

    header: Header
    pieces: Iterator[Piece]
    notices: tuple[str, ...]
    repaired: tuple[FileCause, ...]


@contextmanager
def opened(
    layout: Layout, stream: IO[bytes], *, repairs: Collection[RepairKind] = (), sheet: str = ""
) -> Iterator[Opened]:
    """Give a file's header and its rows in pieces that can be read apart from each other (``rows.rows_of``).

    A workbook is read as the table of one sheet. Another separator or encoding is read only with its repair.
    Raises :class:`UnreadableFile` for the file as a whole, with the repairs that are offered.
    """
    if not is_workbook(stream):
        yield _table(layout, stream, repairs, [])
        return
    table, notice = as_csv(stream, sheet=sheet)
    with table:
        yield _table(layout, table, repairs, [notice] if notice else [])


def _table(layout: Layout, stream: IO[bytes], repairs: Collection[RepairKind], notices: list[str]) -> Opened:
    causes: list[FileCause] = []
    if encoding := other_encoding(stream):
        causes.append(encoding.cause())
    dialect = dialect_of(layout, _head(stream, encoding))
    if dialect.delimiter != layout.delimiter and not dialect.is_declared:
        causes.append(dialect.cause(layout))
    causes = [cause.repaired() if cause.offer in repairs else cause for cause in causes]
    if refusal := offered(causes):
        raise refusal
    table = transcoded(stream, encoding) if encoding else stream
    header, line = _header(layout, table, dialect)
    return Opened(
        header,
        csv_pieces(table, dialect.delimiter, first_line=line, size=_PIECE),
        tuple(notices + _notices(layout, header, dialect)),
        tuple(causes),
    )


def _header(layout: Layout, table: IO[bytes], dialect: Dialect) -> tuple[Header, int]:
    try:
        names, line = csv_head(table, dialect.delimiter, skip=dialect.skipped)
    except TabularError as error:
        raise unreadable(error) from error
    return header_of(layout, names, line=dialect.skipped + 1, delimiter=dialect.delimiter), line


def _notices(layout: Layout, header: Header, dialect: Dialect) -> list[str]:
    """Say what was left out although nothing is wrong."""
    said = []
    if dialect.title:
        message = _("The header is on line %(line)d. The lines above it were skipped (%(title)s).")
        said.append(message % {"line": dialect.skipped + 1, "title": dialect.title})
    if header.ignored:
        message = _("These columns are not part of the layout %(layout)s and were ignored: %(columns)s.")
        said.append(message % {"layout": layout.key, "columns": ", ".join(header.ignored)})
    return said


def _head(stream: IO[bytes], encoding: Encoding | None) -> str:
    """Return the beginning of a file as text; the stream is read from its beginning again then."""
    table = transcoded(stream, encoding) if encoding else stream
    head = table.read(_HEAD).decode("utf-8", errors="replace").removeprefix("\ufeff")
    stream.seek(0)
    return head
