"""From a received file to a staging table and lists: what is new, changed, same, unmatched and refused.

Nothing of it touches a score. A check may be repeated at any time and starts afresh.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import IO

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from scoreport.lib.bulk import Cell, copy_rows
from scoreport.organizations.queries import resolver
from scoreport.scores.intake import diff, staging
from scoreport.scores.intake.layouts import Layout, Problem
from scoreport.scores.intake.read import RowReader
from scoreport.scores.intake.registry import layout_of
from scoreport.scores.models import RefusedRow, ScoreFile

_BATCH = 10_000
_QUOTED = 200
_REFUSED_COLUMNS = ("file_id", "line", "column", "value", "reason")

Progress = Callable[[int], None]


def check_file(file: ScoreFile, stream: IO[bytes], *, at: datetime, progress: Progress) -> None:
    """Read, check and stage a file, then count it against what is stored.

    Sets the counts, the notices and ``checked_against`` of ``file`` without saving it.
    Raises :class:`scoreport.scores.intake.read.UnreadableFile` when the file as a whole cannot be taken.
    """
    layout = layout_of(file.program)
    reader = RowReader(layout, stream)
    RefusedRow.objects.filter(file=file).delete()
    table = staging.create(file.pk)
    sieve = _Sieve(file, layout, reader, at)
    for batch in _batches(sieve.taken()):
        with transaction.atomic():
            copy_rows(connection, table, staging.COLUMNS, batch)
        sieve.store_refused()
        progress(sieve.rows)
    sieve.store_refused()
    staging.index(table)
    _refuse_doubled(file, table, layout, sieve.refused_tickets)
    file.rows_total = file.rows_done = sieve.rows
    file.notices = _notices(layout, reader)
    diff.count(file, table)


class _Sieve:
    """Lets good rows through to the staging table and keeps the reasons of the others."""

    def __init__(self, file: ScoreFile, layout: Layout, reader: RowReader, at: datetime) -> None:
        self._file = file
        self._reader = reader
        self._checker = layout.checker(resolver(), at, settings.TIME_ZONE)
        self._ticket = layout.columns.index(layout.ticket_column)
        self._refused: list[tuple[Cell, ...]] = []
        self.refused_tickets: dict[str, int] = {}
        self.rows = 0

    def taken(self) -> Iterator[tuple[Cell, ...]]:
        check = self._checker.check
        for line, cells in self._reader:
            self.rows += 1
            if isinstance(cells, Problem):
                self._refuse(line, [cells])
                continue
            result = check(line, cells)
            if isinstance(result, tuple):
                yield result
                continue
            self._refuse(line, result)
            if ticket := cells[self._ticket].strip():
                self.refused_tickets.setdefault(ticket, line)

    def _refuse(self, line: int, problems: list[Problem]) -> None:
        self._refused += [(self._file.pk, line, p.column, _quoted(p.value), p.reason) for p in problems]
        if len(self._refused) >= _BATCH:
            self.store_refused()

    def store_refused(self) -> None:
        with transaction.atomic():
            copy_rows(connection, RefusedRow._meta.db_table, _REFUSED_COLUMNS, self._refused)
        self._refused.clear()


def _quoted(value: str) -> str:
    """Return a wrong value as it is told: all of it, or the beginning of a long one."""
    return value if len(value) <= _QUOTED else f"{value[:_QUOTED]}…"


def _batches(rows: Iterator[tuple[Cell, ...]]) -> Iterator[list[tuple[Cell, ...]]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _refuse_doubled(file: ScoreFile, table: str, layout: Layout, refused: dict[str, int]) -> None:
    """Refuse every row whose ticket stands in the file twice, whether or not its twin was refused already."""
    doubled: dict[str, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT ticket, line FROM {table} WHERE ticket IN"
            f" (SELECT ticket FROM {table} GROUP BY ticket HAVING count(*) > 1) ORDER BY line"
        )
        for ticket, line in cursor:
            doubled.setdefault(ticket, []).append(line)
        for some in _chunks(list(refused)):
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(f"SELECT ticket, line FROM {table} WHERE ticket IN ({marks})", some)
            for ticket, line in cursor.fetchall():
                if line not in doubled.get(ticket, []):
                    doubled.setdefault(ticket, []).append(line)
    reason = _(
        "This ticket also stands on line %(other)d. A file may have one row for each ticket; keep the right one."
    )
    rows = []
    for ticket, lines in doubled.items():
        known = sorted({*lines, *([refused[ticket]] if ticket in refused else [])})
        rows += [
            (file.pk, line, layout.ticket_column, ticket, reason % {"other": next(n for n in known if n != line)})
            for line in lines
        ]
    with transaction.atomic(), connection.cursor() as cursor:
        copy_rows(connection, RefusedRow._meta.db_table, _REFUSED_COLUMNS, rows)
        for some in _chunks(list(doubled)):
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(f"DELETE FROM {table} WHERE ticket IN ({marks})", some)


def _chunks(values: list[str], size: int = 500) -> Iterator[list[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _notices(layout: Layout, reader: RowReader) -> list[str]:
    """Say what was left aside although nothing is wrong."""
    if not reader.header.ignored:
        return []
    message = _("These columns are not part of the layout %(layout)s and were ignored: %(columns)s.")
    return [message % {"layout": layout.name, "columns": ", ".join(reader.header.ignored)}]
