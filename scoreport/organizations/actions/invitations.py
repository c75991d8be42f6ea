"""Offering roles to whoever owns an address, by mail: sent, sent again, cancelled."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission, Role
from scoreport.accounts.queries import people_by_email
from scoreport.accounts.rules import normalized_email
from scoreport.audit.rules import Verb
from scoreport.lib.clock import local, local_date
from scoreport.lib.secrets import digest, generate_token
from scoreport.lib.text import clean
from scoreport.organizations import invitees as lists
from scoreport.organizations.holding import lock
from scoreport.organizations.models.invitations import FormerLink, Invitation
from scoreport.organizations.offers import labels_of, record_about
from scoreport.organizations.queries.invitations import (
    PURPOSE,
    infos,
    outstanding_at,
    subject_of,
)
from scoreport.organizations.queries.invitations import invitation as invitation_seen_by
from scoreport.organizations.queries.tree import organization as organization_seen_by
from scoreport.organizations.rules import OrganizationInfo
from scoreport.organizations.rules.invitations import (
    LIFETIME,
    MOST_AT_ONCE,
    InvitationInfo,
    Invitee,
    Outlook,
    Planned,
    faults_of,
    in_order,
    is_alive,
)
from scoreport.outbox.actions import post, withdraw
from scoreport.outbox.rules import MailKind


class NotInvitable(access.Refused):
    """Something in what was asked for cannot be: the address, a role, or the end."""


class NothingToInvite(access.Refused):
    """The person has what is offered already, or an open invitation to it."""


class InvitationEnded(access.Refused):
    """It was accepted, cancelled or replaced meanwhile, or its time is over."""


def invite(
    actor: Actor,
    *,
    organization: str,
    email: str,
    name: str = "",
    roles: Sequence[Role],
    ends_on: dt.date | None = None,
    at: dt.datetime,
) -> InvitationInfo:
    """Offer roles at an organization to whoever owns an address, by mail, for seven days.

    Without ``ends_on`` the roles end on the default day. Raises
    :class:`scoreport.organizations.queries.UnknownOrganization`, :class:`NotInvitable`, :class:`NothingToInvite`.
    """
    place = _place_to_invite_to(actor, organization)
    frame = lists.frame_of(place, at, roles=roles, ends_on=ends_on)
    one = Invitee(email=normalized_email(email), name=clean(name), roles=frame.roles, ends_on=frame.ends_on)
    for _column, value, reason in faults_of(one, today=frame.today, last_day=frame.last_day):
        raise NotInvitable(f"“{value}”: {reason}" if value else reason)
    with transaction.atomic():
        lock(place)
        (planned,) = lists.plan(place, [one], at)
        if not planned.outlook.is_sent:
            raise NothingToInvite(_why_not(planned))
        (row,) = _send(actor, place, [planned], at)
    return infos([row], at)[0]


def invite_all(actor: Actor, *, organization: str, invitees: Sequence[Invitee], at: dt.datetime) -> list[Planned]:
    """Invite everybody of a list in one transaction, or nobody; return what became of each line.

    Who has the roles already, or an open invitation, gets no mail. Raises
    :class:`scoreport.organizations.queries.UnknownOrganization`, :class:`NotInvitable`.
    """
    place = _place_to_invite_to(actor, organization)
    frame = lists.frame_of(place, at)
    wanted = [replace(one, email=normalized_email(one.email), name=clean(one.name)) for one in invitees]
    if len(wanted) > MOST_AT_ONCE:
        raise NotInvitable(_("A list has up to %(limit)d people. Split it.") % {"limit": MOST_AT_ONCE})
    for one in wanted:
        for _column, value, reason in faults_of(one, today=frame.today, last_day=frame.last_day):
            raise NotInvitable(f"“{value}”: {reason}" if value else f"“{one.email}”: {reason}")
    with transaction.atomic():
        lock(place)
        planned = lists.plan(place, wanted, at)
        _send(actor, place, [one for one in planned if one.outlook.is_sent], at)
    return planned


def resend_invitation(actor: Actor, *, invitation_id: int, at: dt.datetime) -> InvitationInfo:
    """Send an invitation again, in the actor's name and with a new link that lives seven days.

    The old link says that there is a newer one. Raises
    :class:`scoreport.organizations.queries.invitations.UnknownInvitation`, :class:`InvitationEnded`.
    """
    info = invitation_seen_by(actor, invitation_id, at)
    if info.ends_on < local_date(at, info.organization.time_zone):
        raise InvitationEnded(_("The roles of this invitation have ended by now. Cancel it and invite anew."))
    token = generate_token()
    with transaction.atomic():
        lock(info.organization)
        row = Invitation.objects.select_for_update().get(pk=info.id)
        sent = Invitation.objects.filter(pk=info.id, accepted_at__isnull=True, cancelled_at__isnull=True).update(
            digest=digest(token, PURPOSE),
            invited_by=actor.name,
            inviter_id=actor.person_id,
            sent_at=at,
            times_sent=row.times_sent + 1,
            expires_at=at + LIFETIME,
            opened_at=None,
        )
        if not sent:
            raise InvitationEnded(_("This invitation was accepted or cancelled meanwhile."))
        withdraw(actor, about=subject_of(info.id))
        FormerLink.objects.create(invitation_id=info.id, digest=row.digest, replaced_at=at)
        row = Invitation.objects.select_related("organization").get(pk=info.id)
        _mail(actor, row, token, _language_of(row.email), at)
        record_about(actor, Verb.INVITATION_RESENT, row, at)
    return infos([row], at)[0]


def cancel_invitation(actor: Actor, *, invitation_id: int, at: dt.datetime) -> None:
    """Take an invitation back: its link opens nothing from now on.

    Raises :class:`scoreport.organizations.queries.invitations.UnknownInvitation`, :class:`InvitationEnded`.
    """
    info = invitation_seen_by(actor, invitation_id, at)
    with transaction.atomic():
        waiting = Invitation.objects.filter(pk=info.id, accepted_at__isnull=True, cancelled_at__isnull=True)
        if not waiting.update(cancelled_at=at, cancelled_by=actor.name):
            raise InvitationEnded(_("This invitation was accepted or cancelled meanwhile."))
        withdraw(actor, about=subject_of(info.id))
        row = Invitation.objects.select_related("organization").get(pk=info.id)
        record_about(actor, Verb.INVITATION_CANCELLED, row, at)


def _place_to_invite_to(actor: Actor, organization: str) -> OrganizationInfo:
    place = organization_seen_by(actor, organization)
    access.require(actor, Permission.PEOPLE_GRANT, place.place)
    return place


def _why_not(planned: Planned) -> str:
    email = planned.invitee.email
    if planned.outlook is Outlook.OPEN:
        return _(
            "There is an open invitation for %(email)s here already."
            " Send it again, or cancel it first, under “Outstanding invitations”."
        ) % {"email": email}
    return _("%(email)s has this access already, at least until that day.") % {"email": email}


def _send(actor: Actor, place: OrganizationInfo, planned: Sequence[Planned], at: dt.datetime) -> list[Invitation]:
    """Store, mail and record invitations. The caller holds the lock of the organization."""
    _clear_away_expired(actor, place, planned, at)
    people = people_by_email(one.invitee.email for one in planned)
    rows = []
    for one in planned:
        token = generate_token()
        row = Invitation.objects.create(
            organization_id=place.id,
            email=one.invitee.email,
            name=one.invitee.name,
            roles=[role.value for role in in_order(one.invitee.roles)],
            role_ends_on=one.invitee.ends_on,
            digest=digest(token, PURPOSE),
            invited_by=actor.name,
            inviter_id=actor.person_id,
            invited_at=at,
            sent_at=at,
            expires_at=at + LIFETIME,
        )
        holder = people.get(row.email)
        _mail(actor, row, token, holder.language if holder else "", at)
        rows.append(row)
    for row in rows:
        record_about(actor, Verb.INVITATION_SENT, row, at)
    return rows


def _clear_away_expired(actor: Actor, place: OrganizationInfo, planned: Sequence[Planned], at: dt.datetime) -> None:
    """Close expired invitations of the same people: one at a time may wait for an address."""
    waiting = outstanding_at(place.id, [one.invitee.email for one in planned])
    over = [number for number, end in waiting.values() if not is_alive(end, at)]
    Invitation.objects.filter(pk__in=over, accepted_at__isnull=True, cancelled_at__isnull=True).update(
        cancelled_at=at, cancelled_by=actor.name
    )


def _language_of(email: str) -> str:
    holder = people_by_email([email]).get(email)
    return holder.language if holder else ""


def _mail(actor: Actor, row: Invitation, token: str, language: str, at: dt.datetime) -> None:
    post(
        actor,
        kind=MailKind.INVITATION,
        to=row.email,
        at=at,
        language=language,
        about=subject_of(row.pk),
        organization=row.organization.name,
        inviter=actor.name,
        roles=labels_of(row, language),
        token=token,
        expires=local(row.expires_at, row.organization.time_zone),
        ends=row.role_ends_on,
    )
