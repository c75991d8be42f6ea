"""A small file read whole: its rows in canonical text, and everything that is wrong with each of them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Final

from scoreport.imports.cells import WRONG, RowReader
from scoreport.imports.findings import Findings, looks_like_totals
from scoreport.imports.layout import Layout
from scoreport.imports.problems import (
    Cause,
    FileCause,
    Problem,
    RepairKind,
    read_with_repairs,
    reason_of,
    repair_notices,
)
from scoreport.imports.reading.opening import Opened, opened
from scoreport.imports.reading.rows import rows_of

_PROGRESS: Final = 500

type Progress = Callable[[int], object]
"""Called now and then with the number of rows that were read so far."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row with its line: its values by column, with nothing where one is wrong, and its problems."""

    line: int
    values: dict[str, str]
    problems: tuple[Problem, ...]

    def __getitem__(self, column: str) -> str:
        return self.values[column]


@dataclass(frozen=True, slots=True)
class Table:
    """What a file says."""

    rows: tuple[TableRow, ...]
    absent: frozenset[str] = frozenset()
    """Columns that may be absent, and are."""
    ignored: tuple[str, ...] = ()
    causes: tuple[FileCause, ...] = ()
    notices: tuple[str, ...] = ()
    skipped: int = 0


@dataclass(slots=True)
class _Read:
    rows: list[TableRow] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)


def read_table(
    layout: Layout,
    stream: IO[bytes],
    *,
    repairs: Collection[RepairKind] = (),
    sheet: str = "",
    most: int | None = None,
    progress: Progress | None = None,
) -> Table:
    """Return what a file says; of one with more than ``most`` rows, that many and one more.

    Raises :class:`scoreport.imports.problems.UnreadableFile` for the file as a whole, with offered repairs.
    """

    def read(made: frozenset[RepairKind]) -> tuple[tuple[Opened, _Read], tuple[FileCause, ...]]:
        with opened(layout, stream, repairs=repairs, sheet=sheet) as source:
            found = _rows(layout, source, made, most, progress)
        return (source, found), (*source.repaired, *found.findings.causes())

    (source, found), causes = read_with_repairs(stream, repairs, read)
    return Table(
        rows=tuple(found.rows),
        absent=source.header.absent,
        ignored=source.header.ignored,
        causes=causes,
        notices=(*source.notices, *repair_notices(causes), *found.findings.notices()),
        skipped=found.findings.skipped,
    )


def _rows(
    layout: Layout, source: Opened, repairs: frozenset[RepairKind], most: int | None, progress: Progress | None
) -> _Read:
    reader, read = RowReader(layout, repairs), _Read()
    for line, cells in _each(source):
        if most is not None and len(read.rows) > most:
            break
        if cells is None:
            read.findings.skipped += 1
            continue
        values, problems = _values(reader, cells)
        if problems and not isinstance(cells, Problem) and looks_like_totals(cells):
            problems = [Problem("", next(filter(None, cells)), reason_of(Cause.TOTALS_LINE), Cause.TOTALS_LINE)]
        read.findings.note(line, reader.log)
        listed = tuple(read.findings.listed(line, problems))
        read.rows.append(TableRow(line, dict(zip(layout.names, values, strict=True)), listed))
        if progress and len(read.rows) % _PROGRESS == 0:
            progress(len(read.rows))
    read.findings.iso_columns |= reader.columns_of_dates()
    return read


def _each(source: Opened) -> Iterator[tuple[int, list[str] | Problem | None]]:
    for piece in source.pieces:
        yield from rows_of(piece, source.header)


def _values(reader: RowReader, cells: list[str] | Problem) -> tuple[Sequence[str], Iterable[Problem]]:
    if isinstance(cells, Problem):
        reader.log.clear()
        return [""] * reader.width, [cells]
    values = reader.read(cells)
    if reader.log.problems:
        values = ["" if value == WRONG else value for value in values]
    return values, list(reader.log.problems)
