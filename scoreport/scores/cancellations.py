"""Which scores are canceled, and since when: decided here and nowhere else.

A file cancels a score by the status of its row, or by leaving the score empty where an earlier file had one; a person
withdraws a score by hand until it is restored. Either holds for a ticket, so every version of the ticket carries
``canceled_on`` and loses its release: none of their numbers is shown, whatever reads ``released_at``. All of it follows
from assertions and withdrawals, so that it can be decided again at any time.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched, groupby
from typing import TYPE_CHECKING, Final

from django.conf import settings

from scoreport.imports.models import ImportFile
from scoreport.imports.target import CHANGED, TOUCHED
from scoreport.imports.versions import current
from scoreport.lib.clock import local_date
from scoreport.programs.catalog import program as program_of
from scoreport.programs.rules import ScoreStatus
from scoreport.scores import school_resolution, totals
from scoreport.scores.models import ScoreWithdrawal
from scoreport.scores.results import AbstractResult, Results, results_of
from scoreport.scores.rules import Statement, canceled_since

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

_SOME: Final = 2_000

type Ticket = tuple[str, str]
"""A program and a registration ticket of it."""


@dataclass(frozen=True, slots=True)
class Canceled:
    """The versions of a ticket, and the day since which its score is canceled; None when it is not."""

    versions: list[AbstractResult]
    on: date | None

    @property
    def deviates(self) -> bool:
        """Whether what is stored says something else."""
        return any(row.canceled_on != self.on for row in self.versions)


def release_of(row: AbstractResult, zone: str) -> datetime | None:
    """Return when a score is released by the program's policy; None without a score, or when it is canceled."""
    program = program_of(row.program)
    exam = program.exam_by_code(row.exam_code)
    if value_of(row) is None or row.canceled_on is not None or exam is None:
        return None
    return program.release.release_at(exam, row.tested_on, row.scored_on, zone)


def value_of(row: AbstractResult) -> int | None:
    """Return what a result says of the main measure of its program."""
    value: int | None = getattr(row, results_of(row.program).value)
    return value


def shown_score(column: str, alias: str, *, is_staged: bool) -> str:
    """Return the SQL of a measure of a row, without its number where the score is canceled, or withdrawn by hand."""
    if not is_staged:
        return f"CASE WHEN {alias}.canceled_on IS NULL THEN {alias}.{column} END"
    return (
        f"CASE WHEN NOT EXISTS (SELECT 1 FROM scores_scorewithdrawal w WHERE w.program = {alias}.program"
        f" AND w.ticket = {alias}.ticket AND w.restored_at IS NULL) THEN {alias}.{column} END"
    )


def decide(tickets: Iterable[Ticket]) -> Iterator[Canceled]:
    """Yield what follows for each ticket from the assertions and withdrawals that are stored now."""
    for program, some in groupby(sorted(set(tickets)), key=lambda one: one[0]):
        for part in batched((ticket for _program, ticket in some), _SOME, strict=False):
            yield from _decide(program, part)


def _decide(program: str, tickets: Sequence[str]) -> Iterator[Canceled]:
    results = results_of(program)
    versions: defaultdict[str, list[AbstractResult]] = defaultdict(list)
    # Current and retired versions have an index each, so they are looked up apart.
    for is_current in (True, False):
        condition = current(results.table, is_current=is_current)
        found = results.model.objects.filter(program=program, ticket__in=tickets)
        for row in found.extra(where=[condition]).order_by("pk"):  # noqa: S610 - the words are ours
            versions[row.ticket].append(row)
    said = _statements(results, versions)
    withdrawn = dict(
        ScoreWithdrawal.objects.filter(program=program, ticket__in=tickets, restored_at__isnull=True)
        .order_by("pk")
        .values_list("ticket", "withdrawn_at")
    )
    for ticket, rows in sorted(versions.items()):
        since = canceled_since(said[ticket], withdrawn.get(ticket))
        yield Canceled(rows, local_date(since, settings.TIME_ZONE) if since else None)


def _statements(results: Results, versions: dict[str, list[AbstractResult]]) -> dict[str, list[Statement]]:
    """Return what was said of each ticket, in the order of acceptance."""
    rows = {row.pk: row for some in versions.values() for row in some}
    assertions = list(
        results.assertions.objects.filter(version_id__in=rows)
        .order_by("pk")
        .values_list("file_id", "line", "version_id")
    )
    files = ImportFile.objects.filter(pk__in={file for file, _line, _score in assertions}, accepted_at__isnull=False)
    accepted = {file.pk: (file.accepted_order, file.accepted_at) for file in files.order_by("pk")}
    found: defaultdict[str, list[Statement]] = defaultdict(list)
    for file, _line, score in sorted(assertions, key=lambda one: (accepted[one[0]][0], one[1])):
        row, said_at = rows[score], accepted[file][1]
        assert said_at is not None  # noqa: S101 - tells the type checker what the query asked for
        found[row.ticket].append(Statement(said_at, value_of(row) is not None, row.status == ScoreStatus.CANCELED))
    return found


def recompute(tickets: Iterable[Ticket]) -> set[totals.Key]:
    """Store which of these tickets are canceled now; return whose totals change with that.

    The caller holds the transaction and the lock of all acceptances.
    """
    changed = [one for one in decide(tickets) if one.deviates]
    by_day: defaultdict[tuple[str, date | None], list[AbstractResult]] = defaultdict(list)
    for one in changed:
        by_day[one.versions[0].program, one.on].extend(one.versions)
    for (program, day), rows in by_day.items():
        if day is None:
            _restore(results_of(program), rows)
        else:
            _update(results_of(program), [row.pk for row in rows], canceled_on=day, released_at=None)
    return totals.keys_of(
        (row.program, row.district_id, row.state_id, row.year) for one in changed for row in one.versions
    )


def _restore(results: Results, rows: list[AbstractResult]) -> None:
    """Let these versions be released again when their program says so."""
    zones = school_resolution.schools().zones()
    by_release: defaultdict[datetime | None, list[int]] = defaultdict(list)
    for row in rows:
        row.canceled_on = None
        by_release[release_of(row, zones.get(row.school_id or 0, settings.TIME_ZONE))].append(row.pk)
    for moment, numbers in by_release.items():
        _update(results, numbers, canceled_on=None, released_at=moment)


def _update(results: Results, numbers: list[int], **values: date | datetime | None) -> None:
    for some in batched(numbers, _SOME, strict=False):
        results.model.objects.filter(pk__in=some).update(**values)


def settle_accepted(cursor: "CursorWrapper", results: Results, below: int) -> set[totals.Key]:
    """Settle the tickets that an acceptance may have canceled or brought back; return whose totals change.

    ``below`` is the highest id before it; table ``CHANGED`` has the tickets whose versions changed.
    """
    cursor.execute(
        f"SELECT n.program, n.ticket FROM {CHANGED} x JOIN {results.table} o ON o.id = x.old_id"
        f" JOIN {results.table} n ON n.program = x.program AND n.ticket = x.ticket AND {current('n')}"
        f" WHERE n.{results.value} IS NULL OR n.canceled_on IS NOT NULL OR o.canceled_on IS NOT NULL"
        f" UNION SELECT program, ticket FROM {results.table} WHERE id > %s AND status <> ''"
        " UNION SELECT program, ticket FROM scores_scorewithdrawal WHERE restored_at IS NULL AND program = %s",
        [below, results.program.slug],
    )
    return recompute(cursor.fetchall())


def settle_undone(cursor: "CursorWrapper", results: Results) -> set[totals.Key]:
    """Settle the tickets of a file that was undone; table ``TOUCHED`` has all that it spoke of.

    Return whose totals change.
    """
    cursor.execute(
        f"SELECT b.program, b.ticket FROM {TOUCHED} b JOIN {results.table} s ON s.id = b.id"
        " WHERE s.canceled_on IS NOT NULL OR s.status <> ''"
        f" OR (s.is_current AND s.{results.value} IS NULL AND EXISTS ("
        f" SELECT 1 FROM {results.table} h WHERE h.program = s.program AND h.ticket = s.ticket"
        f" AND {current('h', is_current=False)}))"
    )
    return recompute(cursor.fetchall())
