"""Claims of schools and what they placed."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.lib.invariants import Check, CheckReport, Finding
from scoreport.organizations.queries.tree import located
from scoreport.scores.models import AttributionRequest, Placement
from scoreport.scores.rules import ClaimState


def placements(_at: datetime) -> Iterator[Finding]:
    """Check that confirmed claims, and nothing else, place their tickets at their schools."""
    report = CheckReport(_("Confirmed claims, and nothing else, say where a ticket belongs"))
    placed = {row.claim_id: (row.program, row.ticket, row.school_id) for row in Placement.objects.all()}
    known = located({school for _program, _ticket, school in placed.values()})
    for claim in AttributionRequest.objects.order_by("pk").iterator():
        wanted = (claim.program, claim.ticket, claim.school_id) if claim.state == ClaimState.CONFIRMED else None
        there = placed.pop(claim.pk, None)
        fits = there == wanted and (there is None or claim.school_id in known)
        report.expect("claim %d: %s, placed %s", claim.pk, claim.state, there, holds=fits)
    for number, about in placed.items():
        report.deviate(f"placement {about} of claim {number}, which does not exist")
    yield report.finding()


def decisions_recorded(_at: datetime) -> Iterator[Finding]:
    """Check that every claim and every decision about one was recorded, once."""
    report = CheckReport(_("Every claim and every decision about one was recorded"))
    decided = {ClaimState.CONFIRMED: Verb.CLAIM_CONFIRMED, ClaimState.DECLINED: Verb.CLAIM_DECLINED}
    for claim in AttributionRequest.objects.order_by("pk").iterator():
        state = ClaimState(claim.state)
        wanted = [Verb.CLAIM_ASKED, *([decided[state]] if state in decided else [])]
        if state is ClaimState.UNDONE:
            wanted += [Verb.CLAIM_CONFIRMED, Verb.CLAIM_UNDONE]
        recorded = [
            event.facts.verb
            for event in events_of(subject_kind="score-claim", subject=str(claim.pk), limit=10_000)
            if event.facts.verb != Verb.CLAIM_VIEWED
        ]
        fits = sorted(recorded) == sorted(verb.value for verb in wanted)
        report.expect("claim %d: %s, recorded %s", claim.pk, state.value, recorded, holds=fits)
    yield report.finding()


CHECKS: tuple[Check, ...] = (placements, decisions_recorded)
