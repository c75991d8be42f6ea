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
from scoreport.scores.models import Score, ScoreAssertion, ScoreWithdrawal
from scoreport.scores.rules import Statement, canceled_since

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

_SOME: Final = 2_000

type Ticket = tuple[str, str]
"""A program and a registration ticket of it."""


@dataclass(frozen=True, slots=True)
class Canceled:
    """The versions of a ticket, and the day since which its score is canceled; None when it is not."""

    versions: list[Score]
    on: date | None

    @property
    def deviates(self) -> bool:
        """Whether what is stored says something else."""
        return any(row.canceled_on != self.on for row in self.versions)


def release_of(row: Score, zone: str) -> datetime | None:
    """Return when a score is released by the program's policy; None without a score, or when it is canceled."""
    program = program_of(row.program)
    exam = program.exam_by_code(row.exam_code)
    if row.score is None or row.canceled_on is not None or exam is None:
        return None
    return program.release.release_at(exam, row.tested_on, row.scored_on, zone)


def shown_score(alias: str, *, is_staged: bool) -> str:
    """Return the SQL of a row's score, without its number where the score is canceled, or withdrawn by hand."""
    if not is_staged:
        return f"CASE WHEN {alias}.canceled_on IS NULL THEN {alias}.score END"
    return (
        f"CASE WHEN NOT EXISTS (SELECT 1 FROM scores_scorewithdrawal w WHERE w.program = {alias}.program"
        f" AND w.ticket = {alias}.ticket AND w.restored_at IS NULL) THEN {alias}.score END"
    )


def decide(tickets: Iterable[Ticket]) -> Iterator[Canceled]:
    """Yield what follows for each ticket from the assertions and withdrawals that are stored now."""
    for program, some in groupby(sorted(set(tickets)), key=lambda one: one[0]):
        for part in batched((ticket for _program, ticket in some), _SOME, strict=False):
            yield from _decide(program, part)


def _decide(program: str, tickets: Sequence[str]) -> Iterator[Canceled]:
    versions: defaultdict[str, list[Score]] = defaultdict(list)
    # Current and retired versions have an index each, so they are looked up apart.
    for is_current in (True, False):
        condition = current("scores_score", is_current=is_current)
        found = Score.objects.filter(program=program, ticket__in=tickets)
        for row in found.extra(where=[condition]).order_by("pk"):  # noqa: S610 - the words are ours
            versions[row.ticket].append(row)
    said = _statements(versions)
    withdrawn = dict(
        ScoreWithdrawal.objects.filter(program=program, ticket__in=tickets, restored_at__isnull=True)
        .order_by("pk")
        .values_list("ticket", "withdrawn_at")
    )
    for ticket, rows in sorted(versions.items()):
        since = canceled_since(said[ticket], withdrawn.get(ticket))
        yield Canceled(rows, local_date(since, settings.TIME_ZONE) if since else None)


def _statements(versions: dict[str, list[Score]]) -> dict[str, list[Statement]]:
    """Return what was said of each ticket, in the order of acceptance."""
    rows = {row.pk: row for some in versions.values() for row in some}
    assertions = list(
        ScoreAssertion.objects.filter(version_id__in=rows).order_by("pk").values_list("file_id", "line", "version_id")
    )
    files = ImportFile.objects.filter(pk__in={file for file, _line, _score in assertions}, accepted_at__isnull=False)
    accepted = {file.pk: (file.accepted_order, file.accepted_at) for file in files.order_by("pk")}
    found: defaultdict[str, list[Statement]] = defaultdict(list)
    for file, _line, score in sorted(assertions, key=lambda one: (accepted[one[0]][0], one[1])):
        row, said_at = rows[score], accepted[file][1]
        assert said_at is not None  # noqa: S101 - tells the type checker what the query asked for
        found[row.ticket].append(Statement(said_at, row.score is not None, row.status == ScoreStatus.CANCELED))
    return found


def recompute(tickets: Iterable[Ticket]) -> set[totals.Key]:
    """Store which of these tickets are canceled now; return whose totals change with that.

    The caller holds the transaction and the lock of all acceptances.
    """
    changed = [one for one in decide(tickets) if one.deviates]
    by_day: defaultdict[date | None, list[Score]] = defaultdict(list)
    for one in changed:
        by_day[one.on].extend(one.versions)
    for day, rows in by_day.items():
        if day is None:
            _restore(rows)
        else:
            _update([row.pk for row in rows], canceled_on=day, released_at=None)
    return totals.keys_of(
        (row.program, row.district_id, row.state_id, row.year) for one in changed for row in one.versions
    )


def _restore(rows: list[Score]) -> None:
    """Let these versions be released again when their program says so."""
    zones = school_resolution.schools().zones()
    by_release: defaultdict[datetime | None, list[int]] = defaultdict(list)
    for row in rows:
        row.canceled_on = None
        by_release[release_of(row, zones.get(row.school_id or 0, settings.TIME_ZONE))].append(row.pk)
    for moment, numbers in by_release.items():
        _update(numbers, canceled_on=None, released_at=moment)


def _update(numbers: list[int], **values: date | datetime | None) -> None:
    for some in batched(numbers, _SOME, strict=False):
        Score.objects.filter(pk__in=some).update(**values)


def settle_accepted(cursor: "CursorWrapper", below: int) -> set[totals.Key]:
    """Settle the tickets that an acceptance may have canceled or brought back; return whose totals change.

    ``below`` is the highest id before it; table ``CHANGED`` has the tickets whose versions changed.
    """
    cursor.execute(
        f"SELECT n.program, n.ticket FROM {CHANGED} x JOIN scores_score o ON o.id = x.old_id"
        f" JOIN scores_score n ON n.program = x.program AND n.ticket = x.ticket AND {current('n')}"
        " WHERE n.score IS NULL OR n.canceled_on IS NOT NULL OR o.canceled_on IS NOT NULL"
        " UNION SELECT program, ticket FROM scores_score WHERE id > %s AND status <> ''"
        " UNION SELECT program, ticket FROM scores_scorewithdrawal WHERE restored_at IS NULL",
        [below],
    )
    return recompute(cursor.fetchall())


def settle_undone(cursor: "CursorWrapper") -> set[totals.Key]:
    """Settle the tickets of a file that was undone; table ``TOUCHED`` has all that it spoke of.

    Return whose totals change.
    """
    cursor.execute(
        f"SELECT b.program, b.ticket FROM {TOUCHED} b JOIN scores_score s ON s.id = b.id"
        " WHERE s.canceled_on IS NOT NULL OR s.status <> '' OR (s.is_current AND s.score IS NULL AND EXISTS ("
        " SELECT 1 FROM scores_score h WHERE h.program = s.program AND h.ticket = s.ticket"
        f" AND {current('h', is_current=False)}))"
    )
    return recompute(cursor.fetchall())
