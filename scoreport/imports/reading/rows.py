"""The header of a table, and its rows in the order of a layout."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from scoreport.imports.findings import looks_like_totals
from scoreport.imports.layout import Layout
from scoreport.imports.problems import Cause, Problem, UnreadableFile, reason_of
from scoreport.imports.reading.csv_rows import TabularError, csv_reader

type Piece = tuple[int, bytes]
"""Some rows as they are in a file: the number of the first line, and the bytes."""


@dataclass(frozen=True, slots=True)
class Header:
    """Where the columns of a layout are in a file, and what else is there."""

    names: tuple[str, ...]
    positions: tuple[int, ...]
    """The place of each column in a row; a column that the file lacks has the place behind the last cell."""
    delimiter: str
    ignored: tuple[str, ...]
    absent: frozenset[str]
    shortest: int
    """Cells that a row has at least: those behind them may be empty, and may then be cut off."""


def header_of(layout: Layout, names: Sequence[str], *, line: int = 1, delimiter: str = ",") -> Header:
    """Find the columns of a layout in the line of column names.

    Raises :class:`UnreadableFile` when two headers mean one column, or a column is missing.
    """
    places = [layout.place_of(name) for name in names]
    absent = [column for place, column in enumerate(layout.columns) if place not in places]
    missing = [column.name for column in absent if not column.may_be_absent]
    _refuse_equal(layout, names, line, missing)
    if missing:
        message = _("These columns are missing: %(missing)s. The layout %(layout)s has the columns %(all)s.")
        message %= {"missing": ", ".join(missing), "layout": layout.key, "all": ", ".join(layout.names)}
        raise UnreadableFile(message, line=line, column=missing[0])
    width = len(names)
    required = [place for place, known in enumerate(places) if known is not None and layout.columns[known].required]
    return Header(
        names=tuple(names),
        positions=tuple(places.index(n) if n in places else width for n in range(len(layout.columns))),
        delimiter=delimiter,
        ignored=tuple(
            name.strip() for name, known in zip(names, places, strict=True) if known is None and name.strip()
        ),
        absent=frozenset(column.name for column in absent),
        shortest=max(required, default=0) + 1,
    )


def _refuse_equal(layout: Layout, names: Sequence[str], line: int, missing: Sequence[str]) -> None:
    places = [layout.place_of(name) for name in names]
    for number, place in enumerate(places):
        if place is not None and place in places[:number]:
            first, column, value = places.index(place), layout.columns[place].name, names[number].strip()
            message = _(
                "Columns %(one)d (%(first)s) and %(other)d (%(second)s) both mean %(column)s."
                " Keep the right one and rename or remove the other."
            )
            where = {"one": first + 1, "first": names[first].strip(), "other": number + 1}
            message %= where | {"second": value, "column": column}
            if missing:
                message += " " + _("Missing: %(columns)s.") % {"columns": ", ".join(missing)}
            raise UnreadableFile(message, line=line, column=column, value=value)


def rows_of(piece: Piece, header: Header) -> Iterator[tuple[int, list[str] | Problem | None]]:
    """Yield (line, cells in the order of the layout), (line, problem), or (line, None) for a row without any value.

    Raises :class:`UnreadableFile` where the file stops being a table.
    """
    line, data = piece
    width, positions = len(header.names), header.positions
    # Columns that a file may lack are the last ones of a layout, nearly always.
    is_in_order = positions[:width] == tuple(range(width)) and set(positions[width:]) <= {width}
    absent = [""] * (len(positions) - width)
    try:
        for start, row in csv_reader(io.BytesIO(data), header.delimiter, first_line=line):
            cells = row
            if len(row) != width:
                fitted = _fitted(row, header)
                if isinstance(fitted, Problem):
                    yield start, fitted
                    continue
                cells = fitted
            if not cells[0].strip() and not any(map(str.strip, cells)):
                yield start, None
            elif is_in_order:
                yield start, cells + absent if absent else cells
            else:
                cells.append("")
                yield start, [cells[place] for place in positions]
    except TabularError as error:
        raise unreadable(error, header.names) from error


def _fitted(cells: list[str], header: Header) -> list[str] | Problem:
    """Return a row in the width of its header: cut cells are empty, and empty cells behind the last one are dropped."""
    width = len(header.names)
    if len(cells) > width and not any(map(str.strip, cells[width:])):
        return cells[:width]
    if header.shortest <= len(cells) < width or not any(map(str.strip, cells)):
        return [*cells, *[""] * (width - len(cells))][:width]
    value = header.delimiter.join(cells)[:80]
    if looks_like_totals([*cells, *[""] * (width - len(cells))]):
        return Problem("", value, reason_of(Cause.TOTALS_LINE), Cause.TOTALS_LINE)
    reason = _("The row has %(found)d cells and the header %(width)d. Look for a missing or extra comma.")
    return Problem("", value, reason % {"found": len(cells), "width": width})


def unreadable(error: TabularError, names: Sequence[str] = ()) -> UnreadableFile:
    """Say where a file stops being a table and what to do; what is there may be a student's, so it stays apart."""
    place = _("Line %(line)d") % {"line": error.line}
    if error.column is not None:
        place = _("%(line)s, column %(column)d") % {"line": place, "column": error.column}
    name = names[error.column - 1].strip() if error.column and error.column <= len(names) else ""
    return UnreadableFile(error.reason, line=error.line, column=name, value=error.value, place=place)
