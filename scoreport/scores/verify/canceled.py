"""Canceled scores beside the claims and withdrawals that they follow from."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.imports.versions import current
from scoreport.lib.invariants import Check, CheckReport, Finding, stream
from scoreport.scores import cancellations
from scoreport.scores.models import ScoreWithdrawal
from scoreport.scores.results import all_results

_MANY = 1_000_000


def canceled(_at: datetime) -> Iterator[Finding]:
    """Check that scores are canceled which files or people canceled, with every version of their tickets."""
    report = CheckReport(_("Canceled scores are those that files or people canceled"))
    for one in cancellations.decide(_tickets()):
        row = one.versions[0]
        what = "%s %s: canceled %s, should be %s"
        report.expect(what, row.program, row.ticket, row.canceled_on, one.on, holds=not one.deviates)
    yield report.finding()


def _tickets() -> Iterator[tuple[str, str]]:
    """Yield the tickets whose score is canceled, or might have to be."""
    for results in all_results():
        table = results.table
        yield from stream(
            f"SELECT program, ticket FROM {table} WHERE canceled_on IS NOT NULL OR status <> ''"
            f" UNION SELECT s.program, s.ticket FROM {table} s WHERE {current('s')} AND s.{results.value} IS NULL"
            f" AND EXISTS (SELECT 1 FROM {table} h WHERE h.program = s.program AND h.ticket = s.ticket"
            f" AND {current('h', is_current=False)})"
            " UNION SELECT program, ticket FROM scores_scorewithdrawal WHERE restored_at IS NULL AND program = %s",
            [results.program.slug],
        )


def withdrawals_recorded(_at: datetime) -> Iterator[Finding]:
    """Check that every withdrawal by hand and every end of one was recorded, once."""
    report = CheckReport(_("Every withdrawal of a score and every end of one was recorded"))
    recorded = {
        verb: Counter(event.facts.detail.get("withdrawal") for event in events_of(verb=verb, limit=_MANY))
        for verb in (Verb.SCORE_WITHDRAWN, Verb.SCORE_RESTORED)
    }
    for row in ScoreWithdrawal.objects.order_by("pk").iterator():
        numbers = tuple(recorded[verb][row.pk] for verb in (Verb.SCORE_WITHDRAWN, Verb.SCORE_RESTORED))
        wanted = (1, int(row.restored_at is not None))
        report.expect("withdrawal %d: recorded %s, should be %s", row.pk, numbers, wanted, holds=numbers == wanted)
    yield report.finding()


CHECKS: tuple[Check, ...] = (canceled, withdrawals_recorded)
