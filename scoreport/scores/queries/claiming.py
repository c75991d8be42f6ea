"""Reads of claims: a school sees its own, program staff see all with what the row says, and nobody a score."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, NotFound, Permission
from scoreport.organizations.queries import infos
from scoreport.organizations.rules import NO_SCHOOL_CODES, OrganizationInfo
from scoreport.people.rules import Named, is_one_name
from scoreport.programs.catalog import program as program_of
from scoreport.scores.models import AttributionRequest
from scoreport.scores.results import AbstractResult, results_of
from scoreport.scores.rules import ClaimState, Evidence, evidence


class UnknownClaim(NotFound):
    """There is no claim of this number."""


@dataclass(frozen=True, slots=True)
class ClaimInfo:
    """A claim as its school sees it; ``exam`` and ``tested_on`` are empty while no file tells of the test."""

    number: int
    school: OrganizationInfo
    first_name: str
    last_name: str
    birth_date: date
    reason: str
    state: ClaimState
    asked_at: datetime
    asked_by: str
    decided_at: datetime | None
    decided_by: str
    sentence: str
    undone_at: datetime | None
    undone_by: str
    undone_because: str
    exam: str
    tested_on: date | None


@dataclass(frozen=True, slots=True)
class RowSide:
    """What the current row of a claimed ticket says; ``school`` is where the test belongs now. No score is told."""

    ticket: str
    first_name: str
    last_name: str
    birth_date: date
    ai_code: str
    voucher_code: str
    school: OrganizationInfo | None
    test_center: str
    registered_on: date | None


@dataclass(frozen=True, slots=True)
class ClaimCase:
    """A claim beside the row that it is about, for whoever decides; ``row`` None: no file tells of it any more."""

    claim: ClaimInfo
    row: RowSide | None
    evidence: tuple[Evidence, ...]
    rivals: tuple[int, ...]


def claims(
    actor: Actor, *, states: Collection[ClaimState], first: int = 0, limit: int = 20
) -> tuple[list[ClaimInfo], int]:
    """Return some claims in these states, open ones from the oldest on, others newest first, and how many there are."""
    access.require(actor, Permission.SCORES_CLAIM_DECIDE)
    found = AttributionRequest.objects.filter(state__in=[state.value for state in states])
    order = "pk" if set(states) == {ClaimState.OPEN} else "-pk"
    return _infos(list(found.order_by(order)[first : first + limit])), found.count()


def count_claims(actor: Actor) -> dict[ClaimState, int]:
    """Return how many claims there are in each state."""
    access.require(actor, Permission.SCORES_CLAIM_DECIDE)
    counted = AttributionRequest.objects.values_list("state").annotate(n=Count("id")).order_by()
    return dict.fromkeys(ClaimState, 0) | {ClaimState(state): n for state, n in counted}


def claims_of(actor: Actor, school: OrganizationInfo, *, limit: int = 20) -> list[ClaimInfo]:
    """Return the newest claims of one school, for those who may claim there."""
    access.require(actor, Permission.SCORES_CLAIM, school.place)
    return _infos(list(AttributionRequest.objects.filter(school_id=school.id).order_by("-pk")[:limit]))


def exam_of_ticket(program: str, ticket: str) -> tuple[str, date] | None:
    """Return exam and date tested of a current ticket; unscoped, for whoever holds its key (``scores.search``)."""
    row = results_of(program).model.objects.filter(program=program, ticket=ticket, is_current=True)
    found = row.values_list("exam_code", "tested_on").first()
    exam = program_of(program).exam_by_code(found[0]) if found else None
    return (exam.title, found[1]) if found and exam else None


def claim_case(actor: Actor, number: int) -> ClaimCase:
    """Return one claim with what the row says. Raises :class:`UnknownClaim`, :class:`scoreport.access.NotAllowed`."""
    access.require(actor, Permission.SCORES_CLAIM_DECIDE)
    claim = AttributionRequest.objects.filter(pk=number).first()
    if claim is None:
        raise UnknownClaim(_("There is no claim with the number %(number)s.") % {"number": number})
    row = results_of(claim.program).current(claim.ticket)
    (info,) = _infos([claim])
    others = AttributionRequest.objects.filter(program=claim.program, ticket=claim.ticket).exclude(pk=claim.pk)
    alive = others.filter(state__in=[ClaimState.OPEN, ClaimState.CONFIRMED]).order_by("pk")
    return ClaimCase(
        claim=info,
        row=None if row is None else _row(row),
        evidence=() if row is None else _evidence(info, row),
        rivals=tuple(alive.values_list("pk", flat=True)),
    )


def _row(row: AbstractResult) -> RowSide:
    school = infos([row.school_id])[row.school_id] if row.school_id is not None else None
    return RowSide(
        ticket=row.ticket,
        first_name=row.first_name,
        last_name=row.last_name,
        birth_date=row.birth_date,
        ai_code=row.ai_code,
        voucher_code=getattr(row, "voucher_code", ""),
        school=school,
        test_center=", ".join(
            filter(None, (getattr(row, "test_center_name", ""), getattr(row, "test_center_city", "")))
        ),
        registered_on=getattr(row, "registered_on", None),
    )


def _evidence(claim: ClaimInfo, row: AbstractResult) -> tuple[Evidence, ...]:
    told = Named(row.first_name, row.last_name, row.birth_date, None)
    return evidence(
        is_one_name=is_one_name(told, Named(claim.first_name, claim.last_name, claim.birth_date, None)),
        is_birth_date=row.birth_date == claim.birth_date,
        ai_code=row.ai_code,
        own_code=claim.school.ai_code,
        is_no_code=not row.ai_code or row.ai_code in NO_SCHOOL_CODES,
    )


def _infos(found: list[AttributionRequest]) -> list[ClaimInfo]:
    schools = infos(claim.school_id for claim in found)
    tests: dict[tuple[str, str], tuple[str, date]] = {}
    for program in {claim.program for claim in found}:
        tickets = [claim.ticket for claim in found if claim.program == program]
        current = results_of(program).model.objects.filter(is_current=True, ticket__in=tickets)
        for ticket, exam, tested_on in current.values_list("ticket", "exam_code", "tested_on"):
            tests[program, ticket] = exam, tested_on
    return [_info(claim, schools[claim.school_id], tests.get((claim.program, claim.ticket))) for claim in found]


def _info(claim: AttributionRequest, school: OrganizationInfo, test: tuple[str, date] | None) -> ClaimInfo:
    exam = program_of(claim.program).exam_by_code(test[0]) if test else None
    return ClaimInfo(
        number=claim.pk,
        school=school,
        first_name=claim.first_name,
        last_name=claim.last_name,
        birth_date=claim.birth_date,
        reason=claim.reason,
        state=ClaimState(claim.state),
        asked_at=claim.asked_at,
        asked_by=claim.asked_by,
        decided_at=claim.decided_at,
        decided_by=claim.decided_by,
        sentence=claim.sentence,
        undone_at=claim.undone_at,
        undone_by=claim.undone_by,
        undone_because=claim.undone_because,
        exam=exam.title if exam else "",
        tested_on=test[1] if test else None,
    )
