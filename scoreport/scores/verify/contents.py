"""Contents and claims: who says what, and what of it is current."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from scoreport.imports.models import ImportFile
from scoreport.imports.rules import STAGED, Effect, FileState
from scoreport.scores.models import Claim, Score
from scoreport.scores.verify.tally import Check, Finding, Tally, number, stream

_CLAIMING = (FileState.ACCEPTED, FileState.UNDOING)


def one_current(_at: datetime) -> Iterator[Finding]:
    """Check that each ticket has one current wording, and no wording twice."""
    tally = Tally(_("Each ticket has one current wording and none of them twice"))
    tally.checked = number("SELECT count(*) FROM (SELECT 1 FROM scores_score GROUP BY program, ticket) t")
    for program, ticket, current in stream(
        "SELECT program, ticket, sum(CASE WHEN is_current THEN 1 ELSE 0 END) FROM scores_score"
        " GROUP BY program, ticket HAVING sum(CASE WHEN is_current THEN 1 ELSE 0 END) <> 1"
        " OR count(*) <> count(DISTINCT row_hash)"
    ):
        tally.deviate(f"{program} {ticket}: {current} current")
    yield tally.finding()


def newest_is_current(_at: datetime) -> Iterator[Finding]:
    """Check that the newest claim of each ticket says what is current."""
    tally = Tally(_("The newest claim of each ticket says what is current"))
    tally.checked = Claim.objects.count()
    for program, ticket in stream(
        "SELECT program, ticket FROM (SELECT s.program, s.ticket, s.is_current, row_number() OVER"
        " (PARTITION BY s.program, s.ticket ORDER BY f.accepted_order DESC, c.line DESC) AS place"
        " FROM scores_claim c JOIN scores_score s ON s.id = c.score_id JOIN imports_importfile f ON f.id = c.file_id)"
        " ranked WHERE place = 1 AND NOT is_current"
    ):
        tally.deviate(f"{program} {ticket}")
    yield tally.finding()


def claimed(_at: datetime) -> Iterator[Finding]:
    """Check that no wording is without a claim, and no claim without its wording."""
    tally = Tally(_("Every wording is claimed by a file, and every claim has its wording"))
    tally.checked = Score.objects.count()
    for program, ticket in stream(
        "SELECT s.program, s.ticket FROM scores_score s"
        " WHERE NOT EXISTS (SELECT 1 FROM scores_claim c WHERE c.score_id = s.id)"
    ):
        tally.deviate(f"{program} {ticket}: no file says so")
    for file, line in stream(
        "SELECT c.file_id, c.line FROM scores_claim c LEFT JOIN scores_score s ON s.id = c.score_id WHERE s.id IS NULL"
    ):
        tally.deviate(f"file {file}, line {line}: its wording is gone")
    yield tally.finding()


def claims_of_files(_at: datetime) -> Iterator[Finding]:
    """Check that accepted files claim the rows that they were counted with, each ticket once, and no other file any."""
    tally = Tally(_("Accepted files claim the rows they were counted with, other files none"))
    counted: dict[int, dict[str, int]] = {}
    for file, kind, rows in stream("SELECT file_id, kind, count(*) FROM scores_claim GROUP BY file_id, kind"):
        counted.setdefault(file, {})[kind] = rows
    for file in ImportFile.objects.filter(kind="scores").order_by("pk"):
        claims = counted.pop(file.pk, {})
        taken = {effect: getattr(file, f"rows_{effect}") for effect in STAGED}
        if not file.accepts_reverting:
            del taken[Effect.REVERTING]
        if not file.accepts_doubles:
            del taken[Effect.DOUBLED]
        wanted = {kind.value: rows for kind, rows in taken.items() if rows} if file.state in _CLAIMING else {}
        tally.expect("file %d: claims %s, counted %s", file.pk, claims, wanted, holds=claims == wanted)
    for file in counted:
        tally.deviate(f"file {file}: claims of a file that does not exist")
    for file, ticket in stream(
        "SELECT c.file_id, s.ticket FROM scores_claim c JOIN scores_score s ON s.id = c.score_id"
        " GROUP BY c.file_id, s.program, s.ticket HAVING count(*) > 1"
    ):
        tally.deviate(f"file {file}: claims {ticket} twice")
    yield tally.finding()


CHECKS: tuple[Check, ...] = (one_current, newest_is_current, claimed, claims_of_files)
