"""Reads of invitations: for those who send them, and for whoever holds a link."""

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import batched
from typing import Final

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, NotFound, Permission, Place, Role
from scoreport.accounts.queries import verified_addresses
from scoreport.accounts.rules import normalized_email
from scoreport.lib.secrets import digests
from scoreport.organizations.models.invitations import FormerLink, Invitation
from scoreport.organizations.models.tree import Organization
from scoreport.organizations.queries.actors import actor_of
from scoreport.organizations.rules import OrganizationInfo, lineage_text, reach_of
from scoreport.organizations.rules.invitations import (
    InvitationGroup,
    InvitationInfo,
    InvitationPage,
    InvitationState,
    Landing,
    Standing,
    in_order,
    is_alive,
    is_of_program,
    state_of,
)
from scoreport.outbox.queries import newest_about
from scoreport.outbox.rules import MailInfo, MailState

PURPOSE: Final = "invitation"
"""What the digests of links are made for."""

_BATCH: Final = 500
_OUTSTANDING: Final = Q(accepted_at__isnull=True, cancelled_at__isnull=True)


class UnknownInvitation(NotFound):
    """There is no such invitation that the actor may handle."""


def subject_of(invitation_id: int) -> str:
    """Return what the mails with the link of an invitation are about."""
    return f"invitation:{invitation_id}"


def may_back(row: Invitation, at: dt.datetime) -> bool:
    """Tell whether whoever sent an invitation may still give access there."""
    return _may_back(row.inviter_id, row.invited_by, row.organization.info.place, at)


def _may_back(inviter_id: int | None, invited_by: str, place: Place, at: dt.datetime) -> bool:
    if inviter_id is None:
        return is_of_program(invited_by)
    return access.can(actor_of(inviter_id, second_factor=True, at=at), Permission.PEOPLE_GRANT, place)


# --- For those who send them ---------------------------------------------------------------------


def organizations_to_invite_to(actor: Actor, place: Place, *, limit: int) -> tuple[OrganizationInfo, ...]:
    """Return a place and the organizations under it, itself first, then by name, ``limit`` at most."""
    access.require(actor, Permission.PEOPLE_GRANT, place)
    rows = Organization.objects.under([lineage_text(place.lineage)]).exclude(pk=place.id)
    top = Organization.objects.get(pk=place.id)
    return (top.info, *(row.info for row in rows.order_by("sort_name", "id")[: limit - 1]))


def invitation(actor: Actor, invitation_id: int, at: dt.datetime) -> InvitationInfo:
    """Return an invitation that the actor may handle; raises :class:`UnknownInvitation`."""
    row = Invitation.objects.select_related("organization").filter(pk=invitation_id).first()
    if row is None or not access.can(actor, Permission.PEOPLE_GRANT, row.organization.info.place):
        raise UnknownInvitation(_("There is no such invitation."))
    access.require(actor, Permission.PEOPLE_GRANT, row.organization.info.place)
    return infos([row], at)[0]


def invitations(
    actor: Actor,
    place: Place,
    *,
    at: dt.datetime,
    group: InvitationGroup = InvitationGroup.OUTSTANDING,
    search: str = "",
    first: int = 0,
    limit: int = 25,
) -> InvitationPage:
    """Return the invitations to a place and to what is under it, the newest first."""
    access.require(actor, Permission.PEOPLE_GRANT, place)
    start, beyond = reach_of(lineage_text(place.lineage))
    rows = Invitation.objects.filter(organization__lineage__gte=start, organization__lineage__lt=beyond)
    if typed := search.strip():
        rows = rows.filter(Q(email__contains=normalized_email(typed)) | Q(name__icontains=typed))
    expired = _OUTSTANDING & Q(expires_at__lte=at)
    kinds = {
        InvitationGroup.OUTSTANDING: _OUTSTANDING,
        InvitationGroup.BOUNCED: Q(pk__in=_bounced(rows.filter(_OUTSTANDING & Q(opened_at__isnull=True)), at)),
        InvitationGroup.EXPIRED: expired,
        InvitationGroup.ACCEPTED: Q(accepted_at__isnull=False),
        InvitationGroup.CANCELLED: Q(cancelled_at__isnull=False),
    }
    counts = rows.aggregate(**{kind.value: Count("pk", filter=condition) for kind, condition in kinds.items()})
    found = rows.filter(kinds[group]).select_related("organization").order_by("-sent_at", "-id")
    return InvitationPage(
        rows=tuple(infos(list(found[first : first + limit]), at)),
        total=counts[group.value],
        counts={kind: counts[kind.value] for kind in kinds},
    )


def _bounced(rows: "Iterable[Invitation]", at: dt.datetime) -> list[int]:
    """Return which of some outstanding invitations were never opened and came back."""
    alive = [row.pk for row in rows if is_alive(row.expires_at, at)]
    told: dict[str, MailInfo] = {}
    for some in batched(alive, _BATCH, strict=False):
        told |= newest_about(subject_of(number) for number in some)
    lost = {MailState.BOUNCED, MailState.GIVEN_UP}
    return [number for number in alive if (mail := told.get(subject_of(number))) and mail.state in lost]


def outstanding_at(organization_id: int, emails: Iterable[str]) -> dict[str, tuple[int, dt.datetime]]:
    """Return number and end of the invitations that wait for these addresses at an organization; unscoped."""
    found = Invitation.objects.filter(_OUTSTANDING, organization_id=organization_id, email__in=set(emails))
    return {email: (number, end) for number, email, end in found.values_list("id", "email", "expires_at")}


def infos(rows: Sequence[Invitation], at: dt.datetime) -> list[InvitationInfo]:
    """Return invitations without their rows; unscoped. The organizations were joined already."""
    mails = newest_about(subject_of(row.pk) for row in rows)
    backing: dict[tuple[int | None, str, int], bool] = {}
    told = []
    for row in rows:
        key = (row.inviter_id, row.invited_by, row.organization_id)
        if key not in backing:
            backing[key] = may_back(row, at)
        told.append(_info(row, mails.get(subject_of(row.pk)), at, is_backed=backing[key]))
    return told


def _info(row: Invitation, mail: MailInfo | None, at: dt.datetime, *, is_backed: bool) -> InvitationInfo:
    state = state_of(
        at=at,
        expires_at=row.expires_at,
        opened_at=row.opened_at,
        accepted_at=row.accepted_at,
        cancelled_at=row.cancelled_at,
        mail=mail.state if mail else None,
        is_backed=is_backed,
    )
    return InvitationInfo(
        id=row.pk,
        organization=row.organization.info,
        email=row.email,
        name=row.name,
        roles=in_order([Role(role) for role in row.roles]),
        ends_on=row.role_ends_on,
        invited_by=row.invited_by,
        invited_at=row.invited_at,
        sent_at=row.sent_at,
        times_sent=row.times_sent,
        expires_at=row.expires_at,
        opened_at=row.opened_at,
        accepted_at=row.accepted_at,
        accepted_by=row.accepted_by,
        cancelled_at=row.cancelled_at,
        cancelled_by=row.cancelled_by,
        state=state,
        reason=mail.reason if mail and state is InvitationState.BOUNCED else "",
    )


# --- For whoever holds a link --------------------------------------------------------------------


def landing(actor: Actor, token: str, at: dt.datetime) -> Landing:
    """Return what a link leads to, for whoever asks. Nothing is written, and nothing is used up."""
    row = row_of(token)
    if row is None:
        replaced = FormerLink.objects.filter(
            digest__in=digests(token, PURPOSE),
            invitation__accepted_at__isnull=True,
            invitation__cancelled_at__isnull=True,
        )
        return Landing(Standing.REPLACED if replaced.exists() else Standing.CLOSED)
    is_owner = is_for(row, actor)
    if row.accepted_at is not None and is_owner:
        return Landing(Standing.ACCEPTED, infos([row], at)[0])
    if row.accepted_at or row.cancelled_at or not is_alive(row.expires_at, at) or not may_back(row, at):
        return Landing(Standing.CLOSED)
    elsewhere = actor.person_id is not None and not is_owner
    return Landing(Standing.ELSEWHERE if elsewhere else Standing.OPEN, infos([row], at)[0])


def row_of(token: str) -> Invitation | None:
    """Return the invitation whose newest link this is, with its organization."""
    wanted = Invitation.objects.filter(digest__in=digests(token, PURPOSE))
    return wanted.select_related("organization").first()


def is_for(row: Invitation, actor: Actor) -> bool:
    """Tell whether the actor owns the address that was invited."""
    return actor.person_id is not None and row.email in verified_addresses(actor.person_id)
