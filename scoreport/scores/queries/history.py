"""What files said of a student's tests over time, and which scores people withdrew and restored."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from django.db.models import BooleanField, ExpressionWrapper, Q

from scoreport.access import Actor
from scoreport.imports.models import ImportFile
from scoreport.imports.rules import Effect
from scoreport.programs.rules import ScoreStatus
from scoreport.scores.models import Score, ScoreAssertion, ScoreWithdrawal
from scoreport.scores.queries.reading import masked, visible_scores
from scoreport.scores.rules import ScoreChange


@dataclass(frozen=True, slots=True)
class ScoreVersion:
    """What one file said of one test, or that a person withdrew or restored its score, as a student's page shows it."""

    ticket: str
    points: int | None
    said_at: datetime
    is_current: bool
    change: ScoreChange = ScoreChange.FILE
    has_score: bool = False
    """Whether a file told of a score, whoever may see it."""


def versions(actor: Actor, student_id: int, at: datetime) -> list[ScoreVersion]:
    """Return everything that happened to a student's visible tests, oldest first: the history of corrections."""
    tickets = list(visible_scores(actor, at).filter(student_id=student_id).values_list("ticket", flat=True))
    said = sorted(_said(tickets, at), key=lambda one: (one.ticket, one.said_at))
    changes = [*_with_cancellations(said), *_by_hand(tickets)]
    return sorted(changes, key=lambda one: (one.ticket, one.said_at))


def _said(tickets: list[str], at: datetime) -> Iterator[ScoreVersion]:
    has_score = ExpressionWrapper(Q(score__isnull=False), output_field=BooleanField())
    rows = masked(Score.objects.filter(ticket__in=tickets), at).annotate(has_score=has_score)
    versions = {row["id"]: row for row in rows.values("id", "ticket", "points", "is_current", "status", "has_score")}
    accepted = {pk: moment for pk, moment in ImportFile.objects.values_list("pk", "accepted_at") if moment}
    assertions = ScoreAssertion.objects.filter(version_id__in=versions).exclude(kind=Effect.SAME).order_by("pk")
    for file, score in assertions.values_list("file_id", "version_id"):
        row = versions[score]
        is_canceled = row["status"] == ScoreStatus.CANCELED
        yield ScoreVersion(
            ticket=row["ticket"],
            points=row["points"],
            said_at=accepted[file],
            is_current=row["is_current"],
            change=ScoreChange.FILE_CANCELED if is_canceled else ScoreChange.FILE,
            has_score=row["has_score"],
        )


def _with_cancellations(said: list[ScoreVersion]) -> Iterator[ScoreVersion]:
    """Note which files canceled a score by leaving it empty (``scores.rules.canceled_since``)."""
    for _ticket, some in groupby(said, key=lambda one: one.ticket):
        had_score = False
        for one in some:
            yield replace(one, change=ScoreChange.FILE_CANCELED) if had_score and not one.has_score else one
            had_score = had_score or one.has_score


def _by_hand(tickets: list[str]) -> Iterator[ScoreVersion]:
    for row in ScoreWithdrawal.objects.filter(ticket__in=tickets).order_by("pk"):
        yield ScoreVersion(row.ticket, None, row.withdrawn_at, False, ScoreChange.WITHDRAWN)
        if row.restored_at is not None:
            yield ScoreVersion(row.ticket, None, row.restored_at, False, ScoreChange.RESTORED)
