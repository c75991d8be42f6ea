"""Support access: an access manager allows it, one of the program staff begins it, either ends it.

Every page that is seen through it is recorded (:func:`note_page`).
"""

import datetime as dt
from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, ActorKind, NotAllowed, Permission, Refused
from scoreport.accounts.models import User
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.lib.clock import local
from scoreport.lib.text import clean
from scoreport.organizations.models import SupportGrant
from scoreport.organizations.queries import organization as organization_seen_by
from scoreport.organizations.queries.support import UnknownSupport, held_by, managers_told, support, support_info
from scoreport.organizations.rules.support import LONGEST_REASON, LONGEST_TICKET, MOST_HOURS, SupportInfo, end_after
from scoreport.outbox import actions as outbox
from scoreport.outbox.rules import MailKind


class TicketMissing(Refused):
    """Support access is given for one request and a reason, and one of them is missing."""


class TooManyHours(Refused):
    """Support access lasts from one to eight hours."""


class NotOpen(Refused):
    """Somebody else has begun it, or it is over."""


class LooksElsewhere(Refused):
    """The person looks through another support access already."""


def allow(actor: Actor, *, organization: str, ticket: str, reason: str, hours: int, at: dt.datetime) -> SupportInfo:
    """Let one of the program staff look at an organization, without changing anything, for some hours.

    Raises :class:`scoreport.organizations.queries.UnknownOrganization`, :class:`scoreport.access.NotAllowed`,
    :class:`TicketMissing`, :class:`TooManyHours`.
    """
    place = organization_seen_by(actor, organization)
    access.require(actor, Permission.PEOPLE_GRANT, place.place)
    number, why = clean(ticket)[:LONGEST_TICKET].strip(), clean(reason)[:LONGEST_REASON].strip()
    if not number or not why:
        raise TicketMissing(_("Say for which request support may look, and why."))
    ends_at = end_after(at, hours)
    if ends_at is None:
        raise TooManyHours(_("Support access lasts from 1 to %(most)d hours.") % {"most": MOST_HOURS})
    with transaction.atomic():
        row = SupportGrant.objects.create(
            organization_id=place.id, ticket=number, reason=why, granted_at=at, granted_by=actor.name, ends_at=ends_at
        )
        given = support_info(row)
        _mail(actor, MailKind.SUPPORT_ALLOWED, given, at=at, by=_name(actor.name))
        _record(actor, Verb.SUPPORT_ALLOWED, given, at=at, hours=hours, reason=why)
    return given


def begin(actor: Actor, *, support_id: int, at: dt.datetime) -> SupportInfo:
    """Begin to look; whoever of the program staff begins first has it, and it shows from the next request on.

    Raises :class:`scoreport.access.NotAllowed`, :class:`scoreport.organizations.queries.support.UnknownSupport`,
    :class:`NotOpen`, :class:`LooksElsewhere`.
    """
    access.require(actor, Permission.SUPPORT_BEGIN)
    if actor.kind is not ActorKind.PERSON or actor.person_id is None:
        raise NotAllowed(_("Only a person who signed in can look through support access."))
    with transaction.atomic():
        # One at a time for each person, so that every page belongs to one institution's log.
        User.objects.select_for_update().get(pk=actor.person_id)
        if held_by(actor.person_id, at):
            raise LooksElsewhere(_("You look at another institution already. End that first."))
        free = SupportGrant.objects.filter(pk=support_id, staff=None, ended_at=None, ends_at__gt=at)
        if free.update(staff_id=actor.person_id, begun_at=at) != 1:
            if not SupportGrant.objects.filter(pk=support_id).exists():
                raise UnknownSupport(_("There is no such support access."))
            raise NotOpen(_("This support access is over, or somebody else of the program staff has begun it."))
        begun = support(actor, support_id)
        _mail(actor, MailKind.SUPPORT_BEGUN, begun, at=at, staff=_name(actor.name))
        _record(replace(actor, acting_for=begun.acting_for), Verb.SUPPORT_BEGUN, begun, at=at)
    return begun


def end(actor: Actor, *, support_id: int, at: dt.datetime) -> SupportInfo:
    """End it at once, from either side; what has ended already stays as it is.

    Raises :class:`scoreport.organizations.queries.support.UnknownSupport`, and
    :class:`scoreport.access.NotAllowed` to program staff who have not begun it.
    """
    found = support(actor, support_id)
    if actor.person_id is None or found.staff_id != actor.person_id:
        access.require(actor, Permission.PEOPLE_GRANT, found.organization.place)
    with transaction.atomic():
        alive = SupportGrant.objects.filter(pk=support_id, ended_at=None, ends_at__gt=at)
        if alive.update(ended_at=at, ended_by=actor.name) == 1:
            _record(actor, Verb.SUPPORT_ENDED, found, at=at)
    return support(actor, support_id)


def note_page(actor: Actor, *, support_id: int, path: str, asked: tuple[str, ...], at: dt.datetime) -> None:
    """Record a page that one of the program staff sees through support access.

    ``path`` carries no secrets, ``asked`` are the names of what stood behind it, never the values: people
    search by names. Raises :class:`scoreport.organizations.queries.support.UnknownSupport` for somebody
    else's, and what the database raises; then the page must not be shown.
    """
    held = support(actor, support_id)
    if actor.person_id is None or held.staff_id != actor.person_id:
        raise UnknownSupport(_("There is no such support access."))
    with transaction.atomic():
        record(
            actor, verb=Verb.SUPPORT_PAGE_VIEWED, at=at, organization=held.organization.code, subject_kind="page",
            subject=path, ticket=held.ticket, asked=asked,
        )  # fmt: skip


def _name(as_text: str) -> str:
    """Return a person's name without the address."""
    return as_text.partition(" <")[0]


def _mail(actor: Actor, kind: MailKind, told: SupportInfo, *, at: dt.datetime, **values: str) -> None:
    """Tell every access manager of the institution."""
    for manager in managers_told(told.organization, at):
        outbox.post(
            actor,
            kind=kind,
            to=manager.email,
            at=at,
            language=manager.language,
            about=f"support:{told.id}",
            organization=told.organization.name,
            address=told.organization.address,
            ticket=told.ticket,
            ends=local(told.ends_at, told.organization.time_zone),
            **values,
        )


def _record(actor: Actor, verb: Verb, told: SupportInfo, *, at: dt.datetime, **detail: str | int) -> None:
    record(
        actor, verb=verb, at=at, organization=told.organization.code, subject_kind="support", subject=str(told.id),
        ticket=told.ticket, staff=told.staff, ends_at=told.ends_at.astimezone(dt.UTC).isoformat(timespec="seconds"),
        **detail,
    )  # fmt: skip
