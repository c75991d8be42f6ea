"""A score file as rows of its layout: the header decides the order, extra columns are reported."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import IO

from django.utils.translation import gettext as _

from scoreport.imports.rules import UnreadableFile
from scoreport.lib.tabular import TabularError, csv_head, csv_pieces, csv_reader
from scoreport.scores.intake.layouts import Layout, Problem

_PIECE = 1 << 19
"""Bytes that are checked at a time: three thousand rows of CLEP scores."""


@dataclass(frozen=True, slots=True)
class Header:
    """Where the layout's columns stand in a file, and what else stands there."""

    positions: tuple[int, ...]
    width: int
    ignored: tuple[str, ...]


def header_of(layout: Layout, names: list[str]) -> Header:
    """Find the layout's columns in the first line. Raises :class:`UnreadableFile` when one is missing or doubled."""
    found = [name.strip().casefold() for name in names]
    missing = [column for column in layout.columns if column not in found]
    if missing:
        message = _("Line 1: the columns %(missing)s are missing. The layout %(layout)s has the columns %(all)s.")
        raise UnreadableFile(
            message % {"missing": ", ".join(missing), "layout": layout.name, "all": ", ".join(layout.columns)}
        )
    doubled = sorted({column for column in layout.columns if found.count(column) > 1})
    if doubled:
        message = _("Line 1: the column %(column)s stands there twice. Keep the right one.")
        raise UnreadableFile(message % {"column": doubled[0]})
    ignored = tuple(name for name, key in zip(names, found, strict=True) if key not in layout.columns)
    return Header(tuple(found.index(column) for column in layout.columns), len(names), ignored)


type Piece = tuple[int, bytes]
"""Some rows as they stand in a file: the number of the first line, and the bytes."""


def opened(layout: Layout, stream: IO[bytes]) -> tuple[Header, Iterator[Piece]]:
    """Return the header of a file, and its rows in pieces that can be read apart from each other (:func:`rows_of`).

    Raises :class:`UnreadableFile` for the file as a whole.
    """
    try:
        names, line = csv_head(stream)
    except TabularError as error:
        raise _unreadable(error) from error
    return header_of(layout, names), csv_pieces(stream, first_line=line, size=_PIECE)


def rows_of(piece: Piece, header: Header) -> Iterator[tuple[int, list[str] | Problem]]:
    """Yield (line, cells in layout order), or (line, problem) for a row of another width.

    Raises :class:`UnreadableFile` where the file stops being a table.
    """
    line, data = piece
    width, pick = header.width, itemgetter(*header.positions)
    is_in_order = header.positions == tuple(range(width))
    try:
        for start, cells in csv_reader(io.BytesIO(data), first_line=line):
            if len(cells) == width:
                yield start, cells if is_in_order else list(pick(cells))
            else:
                reason = _("The row has %(found)d cells and the header %(width)d. Look for a missing or extra comma.")
                yield start, Problem("", ",".join(cells)[:80], reason % {"found": len(cells), "width": width})
    except TabularError as error:
        raise _unreadable(error) from error


def _unreadable(error: TabularError) -> UnreadableFile:
    """Say where the file stops being a table, what stands there and what to do."""
    place = _("Line %(line)d") % {"line": error.line}
    if error.column is not None:
        place = _("%(line)s, column %(column)d") % {"line": place, "column": error.column}
    if error.value:
        place = f"{place} ({error.value!r})"
    return UnreadableFile(f"{place}: {error.reason}")
