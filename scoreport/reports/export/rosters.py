"""A roster as the bytes of a file."""

import io
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from django.db.models.expressions import Combinable
from django.utils import translation

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.lib import tabular
from scoreport.lib.bulk import stream_queryset
from scoreport.lib.clock import local_date
from scoreport.organizations.rules import OrganizationInfo
from scoreport.reports.export.cells import cell, status_cell
from scoreport.reports.queries.order import ordered
from scoreport.reports.queries.rows import asked
from scoreport.reports.rules import STATUS, RosterColumn, RosterQuery, columns_of_file

if TYPE_CHECKING:
    from scoreport.scores.queries import VisibleScores

Progress = Callable[[int], None]
_ROWS: Final = 2000


def csv_chunks(actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime) -> Iterator[bytes]:
    """Return a roster as CSV in chunks, the header first. Its words are English, whoever reads it.

    The years of the query are spelled out. Raises :class:`scoreport.access.NotAllowed` at once.
    """
    rows = _rows(actor, organization, query, at)
    with translation.override("en"):
        cells = _cells(organization, query, at)
    header = [column.key for column in _columns(query)]
    return stream_queryset(rows, cells, header=header)


def write_xlsx(
    target: Path | IO[bytes],
    actor: Actor,
    organization: OrganizationInfo,
    query: RosterQuery,
    at: datetime,
    *,
    progress: Progress | None = None,
) -> int:
    """Write a roster as a workbook, in the language that is active, and return how many rows it holds.

    Raises :class:`scoreport.access.NotAllowed`.
    """
    columns = _columns(query)
    rows = _rows(actor, organization, query, at).values_list(*_cells(organization, query, at))
    return tabular.xlsx_file(
        target,
        str(query.definition.words.roster),
        [str(column.label) for column in columns],
        [column.kind for column in columns],
        rows.iterator(chunk_size=_ROWS),
        guarded=True,
        progress=progress,
    )


def xlsx_chunks(actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime) -> Iterator[bytes]:
    """Return a small roster as a workbook, which cannot be begun before its last row is known, in one chunk.

    Raises :class:`scoreport.access.NotAllowed`.
    """
    buffer = io.BytesIO()
    write_xlsx(buffer, actor, organization, query, at)
    return iter([buffer.getvalue()])


def _cells(organization: OrganizationInfo, query: RosterQuery, at: datetime) -> list[str | Combinable]:
    """Return what stands in each column; whether a score is overdue depends on the day where the organization is."""
    today = local_date(at, organization.time_zone)
    known = query.definition.program
    return [status_cell(known, at, today) if column is STATUS else cell(column) for column in _columns(query)]


def _columns(query: RosterQuery) -> tuple[RosterColumn, ...]:
    return columns_of_file(query.definition.columns_of(query.columns))


def _rows(actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime) -> "VisibleScores":
    access.require(actor, Permission.SCORES_EXPORT, organization.place)
    return ordered(organization, query, asked(actor, organization, query, at))
