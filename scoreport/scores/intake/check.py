"""From a received file to a staging table and lists: what is new, changed, same, unmatched and refused.

Nothing of it touches a score. A check may be repeated at any time and starts afresh.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import IO, TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from scoreport.lib.bulk import Cell, copy_rows
from scoreport.lib.text import fold_given_names, fold_name
from scoreport.scores import placing
from scoreport.scores.intake import diff, staging
from scoreport.scores.intake.layouts import About, Layout, Problem
from scoreport.scores.intake.read import RowReader
from scoreport.scores.intake.registry import layout_of
from scoreport.scores.models import RefusedRow, RefusedTest, ScoreFile

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

_BATCH = 10_000
_SOME = 500
_QUOTED = 200
_REFUSED_COLUMNS = ("file_id", "line", "column", "value", "reason")
_ABOUT_COLUMNS = (
    *("file_id", "line", "ticket", "voucher_code", "first_name", "last_name", "fold_given", "fold_last"),
    *("birth_date", "ai_code", "exam_code", "tested_on"),
)

Progress = Callable[[int], None]


def check_file(file: ScoreFile, stream: IO[bytes], *, at: datetime, progress: Progress) -> None:
    """Read, check and stage a file, then count it against what is stored.

    Sets the counts, the notices and ``checked_against`` of ``file`` without saving it.
    Raises :class:`scoreport.scores.intake.read.UnreadableFile` when the file as a whole cannot be taken.
    """
    layout = layout_of(file.program)
    reader = RowReader(layout, stream)
    RefusedRow.objects.filter(file=file).delete()
    RefusedTest.objects.filter(file=file).delete()
    table = staging.create(file.pk)
    sieve = _Sieve(file, layout, reader, at)
    while not sieve.done:
        # PostgreSQL stores rows while the next are checked. SQLite lets one writer in at a time, who comes prepared.
        rows = sieve.taken(_BATCH) if connection.vendor == "postgresql" else list(sieve.taken(_BATCH))
        with transaction.atomic():
            copy_rows(connection, table, staging.COLUMNS, rows, batch=_SOME, has_instants=False)
        sieve.store_refused()
        progress(sieve.rows)
    staging.index(table)
    _refuse_doubled(file, table, layout, sieve.refused_tickets)
    file.rows_total = file.rows_done = sieve.rows
    file.notices = _notices(layout, reader)
    diff.count(file, table)


class _Sieve:
    """Lets good rows through to the staging table and keeps the reasons of the others."""

    def __init__(self, file: ScoreFile, layout: Layout, reader: RowReader, at: datetime) -> None:
        self._file = file
        self._rows = iter(reader)
        self._checker = layout.checker(placing.schools(), at, settings.TIME_ZONE)
        self._layout = layout
        self._refused: list[tuple[Cell, ...]] = []
        self._about: list[tuple[Cell, ...]] = []
        self.refused_tickets: dict[str, int] = {}
        self.rows = 0
        self.done = False

    def taken(self, most: int) -> Iterator[tuple[Cell, ...]]:
        """Read so many rows, or what is left, and yield the good ones."""
        check = self._checker.check
        end = self.rows + most
        for line, cells in islice(self._rows, most):
            self.rows += 1
            if isinstance(cells, Problem):
                self._refuse(line, [cells])
                continue
            result = check(line, cells)
            if isinstance(result, tuple):
                yield result
                continue
            about = self._layout.about(cells)
            self._about.append(_about(self._file.pk, line, about))
            self._refuse(line, result)
            if about.ticket:
                self.refused_tickets.setdefault(about.ticket, line)
        self.done = self.rows < end

    def _refuse(self, line: int, problems: list[Problem]) -> None:
        self._refused += [(self._file.pk, line, p.column, _quoted(p.value), p.reason) for p in problems]

    def store_refused(self) -> None:
        if not self._refused:
            return
        with transaction.atomic():
            copy_rows(connection, RefusedRow._meta.db_table, _REFUSED_COLUMNS, self._refused)
            copy_rows(connection, RefusedTest._meta.db_table, _ABOUT_COLUMNS, self._about)
        self._refused.clear()
        self._about.clear()


def _about(file_id: int, line: int, about: About) -> tuple[Cell, ...]:
    """Return what a refused row is about, cut where a cell is longer than any of these can be."""
    names = about.first_name[:_QUOTED], about.last_name[:_QUOTED]
    folded = fold_given_names(names[0]), fold_name(names[1])
    rest = about.birth_date, about.ai_code, about.exam_code, about.tested_on
    return (
        *(file_id, line, about.ticket[:_QUOTED], about.voucher_code[:_QUOTED], *names, *folded),
        *(value[:_QUOTED] for value in rest),
    )


def _quoted(value: str) -> str:
    """Return a wrong value as it is told: all of it, or the beginning of a long one."""
    return value if len(value) <= _QUOTED else f"{value[:_QUOTED]}…"


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
            _note_about(cursor, file.pk, f"{table} WHERE ticket IN ({marks})", some)
            cursor.execute(f"DELETE FROM {table} WHERE ticket IN ({marks})", some)


def _note_about(cursor: "CursorWrapper", file_id: int, source: str, tickets: list[str]) -> None:
    """Note whose tests the rows are about that were good but for their doubled ticket."""
    cursor.execute(
        f"INSERT INTO {RefusedTest._meta.db_table} ({', '.join(_ABOUT_COLUMNS)})"
        " SELECT %s, line, ticket, voucher_code, first_name, last_name, fold_given, fold_last,"
        f" CAST(birth_date AS text), ai_code, exam_code, CAST(tested_on AS text) FROM {source}",
        [file_id, *tickets],
    )


def _chunks(values: list[str], size: int = 500) -> Iterator[list[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _notices(layout: Layout, reader: RowReader) -> list[str]:
    """Say what was left aside although nothing is wrong."""
    if not reader.header.ignored:
        return []
    message = _("These columns are not part of the layout %(layout)s and were ignored: %(columns)s.")
    return [message % {"layout": layout.name, "columns": ", ".join(reader.header.ignored)}]
