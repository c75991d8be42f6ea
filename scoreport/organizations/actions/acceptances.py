"""What whoever holds the link of an invitation does with it: open it, accept it."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor
from scoreport.accounts.queries import person_by_id
from scoreport.accounts.rules import PersonInfo
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.lib.clock import local_date
from scoreport.organizations import code_notifications
from scoreport.organizations.actions.invitations import InvitationEnded
from scoreport.organizations.holding import lock
from scoreport.organizations.models.invitations import Invitation
from scoreport.organizations.models.memberships import Membership, Notice
from scoreport.organizations.offers import labels_of, record_about
from scoreport.organizations.queries.invitations import infos, is_for, landing, may_back, row_of
from scoreport.organizations.rules.invitations import InvitationInfo, Landing, Standing, masked
from scoreport.outbox.actions import post
from scoreport.outbox.rules import MailKind


class InvitationElsewhere(access.Refused):
    """It is for another address than that of the person who is signed in."""


def open_invitation(actor: Actor, *, token: str, at: dt.datetime) -> Landing:
    """Return what a link leads to; note its first opening, and tell the inviter when it is somebody else's.

    Nothing is used up by it: programs that look at mails open links too.
    """
    found = landing(actor, token, at)
    if found.invitation is None or found.standing is Standing.ACCEPTED:
        return found
    if found.invitation.opened_at is None:
        with transaction.atomic():
            row = Invitation.objects.select_related("organization").get(pk=found.invitation.id)
            unopened = Invitation.objects.filter(pk=row.pk, digest=row.digest, opened_at__isnull=True)
            if unopened.update(opened_at=at):
                record_about(actor, Verb.INVITATION_OPENED, row, at)
    if found.standing is Standing.ELSEWHERE:
        _tell_misdirected(actor, found.invitation.id, at)
    return found


def accept_invitation(actor: Actor, *, token: str, at: dt.datetime) -> InvitationInfo:
    """Take what an invitation offers, once, by the owner of its address.

    A role that is held already gets the later end. Raises :class:`InvitationElsewhere` for anybody else, who
    learns nothing but a masked address, and :class:`InvitationEnded`.
    """
    row = row_of(token)
    if row is not None and actor.person_id is not None and not is_for(row, actor):
        open_invitation(actor, token=token, at=at)
        raise InvitationElsewhere(
            _("This invitation is for %(address)s. Sign in with that address to accept it.")
            % {"address": masked(row.email)}
        )
    if row is None or actor.person_id is None:
        raise InvitationEnded(_ended())
    with transaction.atomic():
        # Whoever takes the inviter's role away, or resends, comes before this or after it.
        lock(row.organization.info)
        waiting = Invitation.objects.filter(
            pk=row.pk, digest=row.digest, accepted_at__isnull=True, cancelled_at__isnull=True, expires_at__gt=at
        )
        is_over = row.role_ends_on < local_date(at, row.organization.time_zone)
        if is_over or not may_back(row, at) or not waiting.update(accepted_at=at, accepted_by=actor.name):
            raise InvitationEnded(_ended())
        granted = [role for role in row.roles if _grant(actor, actor.person_id, row, role, at)]
        _tell_accepted(actor, row, at)
        for role in granted:
            _record_grant(actor, row, role, at)
        record_about(actor, Verb.INVITATION_ACCEPTED, row, at, invited_by=row.invited_by)
    row.refresh_from_db()
    return infos([row], at)[0]


def _ended() -> str:
    return _(
        "This invitation opens nothing any more. Ask the access manager who invited you for a new one;"
        " it is one click for them."
    )


def _grant(actor: Actor, user_id: int, row: Invitation, role: str, at: dt.datetime) -> bool:
    """Give one role, or prolong it; tell whether anything changed. An end never comes nearer by it."""
    given = {
        "ends_on": row.role_ends_on, "granted_by": row.invited_by, "granted_by_id": row.inviter_id, "granted_at": at,
    }  # fmt: skip
    held, is_new = Membership.objects.get_or_create(
        user_id=user_id, organization_id=row.organization_id, role=role, revoked_at=None, defaults=given
    )
    if is_new or held.ends_on < local_date(at, row.organization.time_zone):
        code_notifications.first_report_role(
            actor, row=held, is_new=is_new, giver_id=row.inviter_id, giver=row.invited_by,
            place=row.organization.info, at=at,
        )  # fmt: skip
    return is_new or bool(
        Membership.objects.filter(pk=held.pk, revoked_at=None, ends_on__lt=row.role_ends_on).update(**given)
    )


def _record_grant(actor: Actor, row: Invitation, role: str, at: dt.datetime) -> None:
    record(
        actor,
        verb=Verb.MEMBERSHIP_GRANTED,
        at=at,
        organization=row.organization.code,
        subject_kind="person",
        subject=actor.name,
        subject_id=actor.person_id or "",
        role=role,
        ends_on=row.role_ends_on.isoformat(),
        invited_by=row.invited_by,
    )


def _tell_accepted(actor: Actor, row: Invitation, at: dt.datetime) -> None:
    if inviter := _inviter(row):
        post(
            actor,
            kind=MailKind.INVITATION_ACCEPTED,
            to=inviter.email,
            at=at,
            language=inviter.language,
            about=f"accepted:{row.pk}",
            organization=row.organization.name,
            address=row.organization.info.address,
            person=actor.name,
            roles=labels_of(row, inviter.language),
        )


def _tell_misdirected(actor: Actor, invitation_id: int, at: dt.datetime) -> None:
    """Tell the inviter that somebody else holds the link: once for each other person."""
    with transaction.atomic():
        _notice, is_new = Notice.objects.get_or_create(
            key=f"invitation:{invitation_id}:misdirected:{actor.person_id}", defaults={"at": at}
        )
        if not is_new or actor.person_id is None:
            return
        row = Invitation.objects.select_related("organization").get(pk=invitation_id)
        other = person_by_id(actor.person_id).email
        if inviter := _inviter(row):
            post(
                actor,
                kind=MailKind.INVITATION_MISDIRECTED,
                to=inviter.email,
                at=at,
                language=inviter.language,
                about=f"misdirected:{row.pk}",
                organization=row.organization.name,
                address=row.organization.info.address,
                invited=row.email,
                other=other,
            )
        record_about(actor, Verb.INVITATION_MISDIRECTED, row, at, other=other)


def _inviter(row: Invitation) -> PersonInfo | None:
    """Return who sent an invitation, if it was a person who can still read mail about it."""
    if row.inviter_id is None:
        return None
    inviter = person_by_id(row.inviter_id)
    return inviter if inviter.is_active else None
