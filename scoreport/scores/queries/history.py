"""What files said of a student's tests over time, and which scores people withdrew and restored."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import BooleanField, ExpressionWrapper, Q

from scoreport.access import Actor
from scoreport.imports.models import ImportFile
from scoreport.programs.rules import ScoreStatus
from scoreport.scores.models import ScoreWithdrawal
from scoreport.scores.queries.reading import masked, visible_scores
from scoreport.scores.results import Results, results_of
from scoreport.scores.rules import ScoreChange


@dataclass(frozen=True, slots=True)
class ScoreVersion:
    """What one file said of one test, or that a person withdrew or restored its score, as a student's page shows it.

    ``is_current`` is true for the newest file that changed what counts.
    """

    ticket: str
    points: int | None
    said_at: datetime
    is_current: bool
    change: ScoreChange = ScoreChange.FILE


def versions(actor: Actor, student_id: int, at: datetime, *, program: str) -> list[ScoreVersion]:
    """Return all that happened to a student's visible tests of a program, oldest first: the history of corrections."""
    rows = visible_scores(actor, at, program=program).filter(student_id=student_id)
    tickets = list(rows.values_list("ticket", flat=True))
    changes = [*_by_files(results_of(program), tickets, at), *_by_hand(program, tickets)]
    return sorted(changes, key=lambda one: (one.ticket, one.said_at))


def _by_files(results: Results, tickets: list[str], at: datetime) -> Iterator[ScoreVersion]:
    """Yield what files changed, whether by a number, a status, or by leaving the score empty.

    Which files changed something follows from the files that are not undone now (``scores.rules.canceled_since``).
    """
    has_score = ExpressionWrapper(Q(**{f"{results.value}__isnull": False}), output_field=BooleanField())
    rows = masked(results.model.objects.filter(ticket__in=tickets), at).annotate(has_score=has_score)
    by_id = {row["id"]: row for row in rows.values("id", "ticket", "points", "status", "has_score")}
    said_rows = results.assertions.objects.filter(version_id__in=by_id).order_by("pk")
    assertions = said_rows.values_list("file_id", "version_id")
    files = ImportFile.objects.filter(pk__in={file for file, _version in assertions})
    accepted = {
        file: (order, moment)
        for file, order, moment in files.values_list("pk", "accepted_order", "accepted_at")
        if order is not None and moment is not None
    }
    said = sorted((by_id[version]["ticket"], *accepted[file], version) for file, version in assertions)
    for ticket, some in groupby(said, key=lambda one: one[0]):
        changes = [next(same) for _version, same in groupby(some, key=lambda one: one[-1])]
        had_score = False
        for one in changes:
            _ticket, _order, said_at, version = one
            row = by_id[version]
            is_canceled = row["status"] == ScoreStatus.CANCELED or (had_score and not row["has_score"])
            had_score = had_score or row["has_score"]
            change = ScoreChange.FILE_CANCELED if is_canceled else ScoreChange.FILE
            yield ScoreVersion(ticket, row["points"], said_at, one is changes[-1], change)


def _by_hand(program: str, tickets: list[str]) -> Iterator[ScoreVersion]:
    for row in ScoreWithdrawal.objects.filter(program=program, ticket__in=tickets).order_by("pk"):
        yield ScoreVersion(row.ticket, None, row.withdrawn_at, False, ScoreChange.WITHDRAWN)
        if row.restored_at is not None:
            yield ScoreVersion(row.ticket, None, row.restored_at, False, ScoreChange.RESTORED)
