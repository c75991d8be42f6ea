"""What people do about missing scores: look for them, claim them, and decide about claims."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, NotFound, Permission, Refused
from scoreport.accounts.queries import UnknownPerson, person_by_id
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.imports import run
from scoreport.lib.locks import Lock, hold
from scoreport.lib.text import clean
from scoreport.organizations.queries import info
from scoreport.organizations.rules import OrganizationInfo
from scoreport.outbox.actions import post
from scoreport.outbox.rules import MailKind
from scoreport.people.queries import public_ids
from scoreport.scores import reattribution
from scoreport.scores.files.shown import count_rows_shown, record_by_school
from scoreport.scores.models import AttributionRequest, MissingSearch, Placement
from scoreport.scores.queries import UnknownClaim
from scoreport.scores.results import results_of
from scoreport.scores.rules import SEARCHES_A_DAY, WINDOW, ClaimState, claim_may_move, may_seek
from scoreport.scores.search import Answer, SearchCriteria, find, opened, require

_LONGEST: Final = 500


class TooManySearches(Refused):
    """Somebody has looked for more scores than one person does in a day."""


class UnknownTest(NotFound):
    """There is no such test that the actor may claim."""


class NotNow(Refused):
    """The claim was decided meanwhile, or what it is about has changed; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A student as the school has them, and why the test is theirs."""

    first_name: str
    last_name: str
    birth_date: date
    reason: str


def search(actor: Actor, *, organization: OrganizationInfo | None, criteria: SearchCriteria, at: datetime) -> Answer:
    """Say what is known of a missing score; that somebody asked is recorded, with a digest instead of a name.

    Without an organization, only program staff and the operator may ask: what is in any report is then found.

    Raises :class:`scoreport.access.NotAllowed`, :class:`TooManySearches`,
    :class:`scoreport.scores.files.shown.TooManyRows`.
    """
    require(actor, organization)
    with transaction.atomic():
        _count_search(actor, at)
        answer = find(actor, organization=organization, criteria=criteria, at=at)
        _note_found(actor, answer, at)
        record(
            actor,
            verb=Verb.MISSING_SOUGHT,
            at=at,
            organization=organization.code if organization else "",
            subject_kind="missing-score",
            subject=criteria.as_subject(),
            by=criteria.by.value,
            found=answer.state.value,
        )
    return answer


def _note_found(actor: Actor, answer: Answer, at: datetime) -> None:
    """Record at the schools whose tests program staff found; raises :class:`TooManyRows`."""
    if actor.is_trusted or not access.can(actor, Permission.SCORES_CLAIM_DECIDE):
        return
    count_rows_shown(actor, {f"test:{test.program}:{test.ticket}": 1 for test in answer.shown}, at)
    called = public_ids(test.student_id for test in answer.shown if test.student_id)
    for test in answer.shown:
        if test.school_id is not None:
            record_by_school(
                actor,
                verb=Verb.MISSING_FOUND,
                at=at,
                schools={test.school_id: {"by": answer.by.value}},
                subject_kind="student" if test.student_id in called else "",
                subject=called.get(test.student_id, ""),
            )


def _count_search(actor: Actor, at: datetime) -> None:
    """Count a search of a person, one at a time. Raises :class:`TooManySearches`."""
    if actor.person_id is None:
        return
    hold(Lock.SEARCHES, actor.person_id)
    mine = MissingSearch.objects.filter(person_id=actor.person_id)
    mine.filter(at__lte=at - WINDOW).delete()
    if not may_seek(mine.count()):
        message = _(
            "You have looked for %(count)d scores within a day, which is as many as one person may. Go on tomorrow."
        )
        raise TooManySearches(message % {"count": SEARCHES_A_DAY})
    MissingSearch.objects.create(person_id=actor.person_id, at=at)


def claim_test(actor: Actor, *, organization: OrganizationInfo, key: str, claimed: Claimed, at: datetime) -> int:
    """Say that a test which the finder showed is one of this school's students'; return the number of the claim.

    Raises :class:`scoreport.access.NotAllowed`, :class:`UnknownTest`, :class:`NotNow`.
    """
    access.require(actor, Permission.SCORES_CLAIM, organization.place)
    test = opened(actor, organization, key, at)
    with transaction.atomic():
        current = results_of(test.program).current(test.ticket)
        if current is None:
            raise UnknownTest(_("This test is no longer on file. Look for it again."))
        if current.school_id == organization.id:
            raise NotNow(_("This test stands in your report already. Look for it again to see where."))
        claim = _opened(actor, organization, claimed, at, program=test.program, ticket=test.ticket)
        record(
            actor,
            verb=Verb.CLAIM_ASKED,
            at=at,
            organization=organization.code,
            subject_kind="score-claim",
            subject=str(claim.pk),
            ticket=test.ticket,
        )
    return claim.pk


def _opened(
    actor: Actor, organization: OrganizationInfo, claimed: Claimed, at: datetime, *, program: str, ticket: str
) -> AttributionRequest:
    try:
        with transaction.atomic():
            return AttributionRequest.objects.create(
                program=program,
                ticket=ticket,
                school_id=organization.id,
                first_name=clean(claimed.first_name)[:_LONGEST],
                last_name=clean(claimed.last_name)[:_LONGEST],
                birth_date=claimed.birth_date,
                reason=clean(claimed.reason)[:_LONGEST],
                asked_at=at,
                asked_by=actor.name,
                asked_by_id=actor.person_id,
            )
    except IntegrityError:
        raise NotNow(_("Your school has claimed this test already. Program staff will decide.")) from None


def note_claim_seen(actor: Actor, *, number: int, at: datetime) -> None:
    """Record that a person is about to see what a claim and its row say of a student, also at each school.

    Raises :class:`UnknownClaim`, :class:`scoreport.scores.files.shown.TooManyRows`.
    """
    access.require(actor, Permission.SCORES_CLAIM_DECIDE)
    claim = AttributionRequest.objects.filter(pk=number).first()
    if claim is None:
        raise UnknownClaim(_("There is no claim with the number %(number)s.") % {"number": number})
    row = results_of(claim.program).current(claim.ticket)
    schools = {claim.school_id} | ({row.school_id} if row and row.school_id is not None else set())
    with transaction.atomic():
        count_rows_shown(actor, {f"test:{claim.program}:{claim.ticket}": 1}, at)
        record(actor, verb=Verb.CLAIM_VIEWED, at=at, subject_kind="score-claim", subject=str(number))
        record_by_school(
            actor,
            verb=Verb.CLAIM_ROW_SHOWN,
            at=at,
            schools={school: {"claim": number} for school in schools},
            subject_kind="student" if row else "",
            subject=public_ids([row.student_id])[row.student_id] if row else "",
        )


def confirm_claim(actor: Actor, *, number: int, sentence: str = "", at: datetime) -> None:
    """Let the claimed test belong to the school; reversible by :func:`undo_claim`.

    Raises :class:`scoreport.access.NotAllowed`, :class:`UnknownClaim`, :class:`NotNow`.
    """
    access.require(actor, Permission.SCORES_CLAIM_DECIDE)
    with transaction.atomic():
        run.lock()
        claim = _decide(actor, number, ClaimState.CONFIRMED, sentence=sentence, at=at)
        said = results_of(claim.program).model.objects.filter(program=claim.program, ticket=claim.ticket)
        if not said.exists():
            raise NotNow(_("No file tells of this test any more, so there is nothing to assign. Decline the claim."))
        placed = Placement.objects.filter(program=claim.program, ticket=claim.ticket).first()
        if placed is not None:
            message = _("This test was assigned by claim %(number)d already. Undo that one first, or decline this one.")
            raise NotNow(message % {"number": placed.claim_id})
        reattribution.place(claim, at=at)
        _tell(actor, claim, is_confirmed=True, at=at)
        _record(actor, claim, Verb.CLAIM_CONFIRMED, at)


def decline_claim(actor: Actor, *, number: int, sentence: str, at: datetime) -> None:
    """Say why a claimed test is not assigned; the school may claim it again.

    Raises :class:`scoreport.access.NotAllowed`, :class:`UnknownClaim`, :class:`NotNow`.
    """
    access.require(actor, Permission.SCORES_CLAIM_DECIDE)
    if not clean(sentence):
        raise NotNow(_("Say in a sentence why the claim is declined; the school reads it."))
    with transaction.atomic():
        claim = _decide(actor, number, ClaimState.DECLINED, sentence=sentence, at=at)
        _tell(actor, claim, is_confirmed=False, at=at)
        _record(actor, claim, Verb.CLAIM_DECLINED, at)


def undo_claim(actor: Actor, *, number: int, sentence: str, at: datetime) -> None:
    """Take the confirmation of a claim back; everything is as it was before it.

    Raises :class:`scoreport.access.NotAllowed`, :class:`UnknownClaim`, :class:`NotNow`.
    """
    access.require(actor, Permission.SCORES_CLAIM_DECIDE)
    if not clean(sentence):
        raise NotNow(_("Say in a sentence why the claim is undone; the school reads it."))
    with transaction.atomic():
        run.lock()
        because = clean(sentence)[:_LONGEST]
        claim = _move(number, ClaimState.UNDONE, undone_at=at, undone_by=actor.name, undone_because=because)
        reattribution.displace(claim, at=at)
        _tell(actor, claim, is_confirmed=False, at=at)
        _record(actor, claim, Verb.CLAIM_UNDONE, at)


def _decide(actor: Actor, number: int, to: ClaimState, *, sentence: str, at: datetime) -> AttributionRequest:
    return _move(number, to, decided_at=at, decided_by=actor.name, sentence=clean(sentence)[:_LONGEST])


def _move(number: int, to: ClaimState, **facts: datetime | str) -> AttributionRequest:
    """Move a claim by one conditional UPDATE. Raises :class:`UnknownClaim`, :class:`NotNow`."""
    allowed = [state.value for state in ClaimState if claim_may_move(state, to)]
    moved = AttributionRequest.objects.filter(pk=number, state__in=allowed).update(state=to.value, **facts)
    claim = AttributionRequest.objects.filter(pk=number).first()
    if claim is None:
        raise UnknownClaim(_("There is no claim with the number %(number)s.") % {"number": number})
    if not moved:
        raise NotNow(_("Somebody else decided about this claim meanwhile. Reload the page to see how."))
    return claim


def _tell(actor: Actor, claim: AttributionRequest, *, is_confirmed: bool, at: datetime) -> None:
    """Mail whoever claimed the test; the mail names no student."""
    if claim.asked_by_id is None:
        return
    try:
        person = person_by_id(claim.asked_by_id)
    except UnknownPerson:
        return
    if not person.is_active:
        return
    post(
        actor,
        kind=MailKind.CLAIM_DECIDED,
        to=person.email,
        at=at,
        language=person.language,
        about=f"score-claim:{claim.pk}",
        organization=info(claim.school_id).name,
        is_confirmed=is_confirmed,
    )


def _record(actor: Actor, claim: AttributionRequest, verb: Verb, at: datetime) -> None:
    record(
        actor,
        verb=verb,
        at=at,
        organization=info(claim.school_id).code,
        subject_kind="score-claim",
        subject=str(claim.pk),
        ticket=claim.ticket,
    )
