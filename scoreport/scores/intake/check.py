"""From a received file to a staging table and lists: what is new, changed, same, unmatched and refused.

Nothing of it touches a score. A check may be repeated at any time and starts afresh.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from typing import IO, TYPE_CHECKING, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from scoreport.imports import staging
from scoreport.imports.findings import Findings
from scoreport.imports.models import ImportFile, RejectedRow
from scoreport.imports.problems import FileCause, RepairKind, read_with_repairs
from scoreport.imports.reading.opening import Opened, opened
from scoreport.lib.bulk import copy_packed, copy_rows
from scoreport.lib.folded import TICKET_MARKS, folded_sql
from scoreport.lib.process_pool import map_pieces
from scoreport.scores import school_resolution
from scoreport.scores.intake import status
from scoreport.scores.intake.check_rows import ABOUT_COLUMNS, REFUSED_COLUMNS, CheckContext, CheckedPiece, RowChecker
from scoreport.scores.intake.registry import layout_of
from scoreport.scores.models import RefusedTest
from scoreport.scores.results import results_of

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

_SOME: Final = 500

Progress = Callable[[int], None]


@dataclass(slots=True)
class _Checked:
    """What reading a file once has shown; its good rows are staged and its refused ones are listed."""

    table: str
    rows: int = 0
    refused_tickets: dict[str, int] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)


def check_file(file: ImportFile, stream: IO[bytes], *, at: datetime, progress: Progress) -> None:
    """Read, check and stage a file.

    Sets the counts of its rows, the notices and the causes of ``file`` without saving it. Raises
    :class:`scoreport.imports.problems.UnreadableFile` when the file as a whole cannot be taken, also because a repair
    is offered that was not chosen.
    """
    chosen = frozenset(map(RepairKind, file.repairs))
    layout = layout_of(file.program)

    def read(made: frozenset[RepairKind]) -> tuple[tuple[Opened, _Checked], tuple[FileCause, ...]]:
        with opened(layout.layout, stream, repairs=chosen, sheet=file.sheet) as source:
            whole = _checked(file, source, at=at, repairs=made, progress=progress)
        return (source, whole), (*source.repaired, *whole.findings.causes())

    (source, whole), causes = read_with_repairs(stream, chosen, read)
    _index(file, whole.table)
    _refuse_doubled(file, whole.table, layout.ticket_column, whole.refused_tickets)
    _refuse_missing(file, whole.table)
    file.rows_total = file.rows_done = whole.rows
    file.rows_skipped = whole.findings.skipped
    file.notices = [*source.notices, *whole.findings.notices()]
    file.causes = [one.as_json() for one in causes]


def _checked(
    file: ImportFile, source: Opened, *, at: datetime, repairs: frozenset[RepairKind], progress: Progress
) -> _Checked:
    """Read all rows of a file once, from a fresh staging table and fresh lists on."""
    RejectedRow.objects.filter(file=file).delete()
    RefusedTest.objects.filter(file=file).delete()
    whole = _Checked(staging.create(file.pk, results_of(file.program).store))
    context = CheckContext(
        file.pk,
        file.program,
        source.header,
        school_resolution.schools(),
        at=at,
        zone=settings.TIME_ZONE,
        vendor=connection.vendor,
        repairs=repairs,
    )
    columns = results_of(file.program).store.staged_columns
    with closing(map_pieces(source.pieces, RowChecker, context, helpers=settings.CHECK_PROCESSES)) as pieces:
        for piece in pieces:
            _store(whole.table, columns, piece)
            whole.rows += piece.rows
            whole.findings.add(piece.findings)
            for ticket, line in piece.refused_tickets:
                whole.refused_tickets.setdefault(ticket, line)
            progress(whole.rows)
    return whole


def _index(file: ImportFile, table: str) -> None:
    """Index a filled staging table; the missing score finder takes a ticket however it is typed (``scores.search``)."""
    folded = folded_sql("ticket", TICKET_MARKS)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX {table}_folded ON {table} (({folded})) WHERE NOT (ticket = {folded})")
    staging.index(table, results_of(file.program).store)


def _store(table: str, columns: Sequence[str], piece: CheckedPiece) -> None:
    """Stage the good rows of a piece and keep the reasons of the others; others write before and after."""
    if piece.good:
        with transaction.atomic():
            copy_packed(connection, table, columns, piece.good)
    if piece.refused:
        with transaction.atomic():
            copy_rows(connection, RejectedRow._meta.db_table, REFUSED_COLUMNS, piece.refused)
            copy_rows(connection, RefusedTest._meta.db_table, ABOUT_COLUMNS, piece.about)


def _refuse_doubled(file: ImportFile, table: str, ticket_column: str, refused: dict[str, int]) -> None:
    """Refuse every row whose ticket is in the file twice, whether or not the other row was refused already."""
    doubled: dict[str, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT ticket, line FROM {table} WHERE ticket IN"
            f" (SELECT ticket FROM {table} GROUP BY ticket HAVING count(*) > 1) ORDER BY line"
        )
        for ticket, line in cursor:
            doubled.setdefault(ticket, []).append(line)
        for some in batched(refused, _SOME, strict=False):
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(f"SELECT ticket, line FROM {table} WHERE ticket IN ({marks})", some)
            for ticket, line in cursor.fetchall():
                if line not in doubled.get(ticket, []):
                    doubled.setdefault(ticket, []).append(line)
    reason = _("This ticket is also on line %(other)d. A file may have one row for each ticket. Keep the right one.")
    rows = []
    for ticket, lines in doubled.items():
        known = sorted({*lines, *([refused[ticket]] if ticket in refused else [])})
        rows += [
            (file.pk, line, ticket_column, ticket, reason % {"other": next(n for n in known if n != line)}, "")
            for line in lines
        ]
    with transaction.atomic(), connection.cursor() as cursor:
        copy_rows(connection, RejectedRow._meta.db_table, REFUSED_COLUMNS, rows)
        for some in batched(doubled, _SOME, strict=False):
            marks = ", ".join(["%s"] * len(some))
            note_refused(cursor, file, f"{table} WHERE ticket IN ({marks})", some)
            cursor.execute(f"DELETE FROM {table} WHERE ticket IN ({marks})", some)


def _refuse_missing(file: ImportFile, table: str) -> None:
    """Refuse the rows without a score that cancel none (:mod:`scoreport.scores.intake.status`)."""
    with transaction.atomic(), connection.cursor() as cursor:
        refused = status.missing_scores(file, table)
        note_refused(cursor, file, f"{table} t WHERE {refused}")
        cursor.execute(f"DELETE FROM {table} AS t WHERE {refused}")


def note_refused(cursor: "CursorWrapper", file: ImportFile, source: str, parameters: Sequence[str] = ()) -> None:
    """Note whose tests staged rows are about that are refused although nothing in them is wrong."""
    cursor.execute(
        f"INSERT INTO {RefusedTest._meta.db_table} ({', '.join(ABOUT_COLUMNS)})"
        f" SELECT %s, line, ticket, {results_of(file.program).voucher}, first_name, last_name, fold_given, fold_last,"
        f" CAST(birth_date AS text), ai_code, exam_code, CAST(tested_on AS text) FROM {source}",
        [file.pk, *parameters],
    )
