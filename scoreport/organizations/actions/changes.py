"""What access managers do with roles: assign, renew, change, revoke; each at once, told by mail, on record."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import K12_ROLES, Actor, NotFound, Permission, Role
from scoreport.accounts.queries import known_person
from scoreport.accounts.rules import PersonInfo
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.organizations import holding, telling
from scoreport.organizations.actions.memberships import NoSuchRole
from scoreport.organizations.holding import Held, LastManager
from scoreport.organizations.models import Membership
from scoreport.organizations.queries import organization as organization_seen_by
from scoreport.organizations.rules import OrganizationInfo


class HeldAlready(access.Refused):
    """The person holds this role already, until the same day or a later one."""


class NotHeld(access.Refused):
    """The role was taken away, or has ended, before the act."""


def assign_roles(
    actor: Actor,
    *,
    email: str,
    organization: str,
    roles: Sequence[Role],
    ends_on: dt.date | None = None,
    at: dt.datetime,
) -> tuple[Role, ...]:
    """Give roles to a person who holds one here or below; return those that they did not hold (so long) before.

    The person gets an email, or the other access managers do where people give roles to themselves. Raises
    :class:`scoreport.organizations.holding.NotKnownHere`, :class:`scoreport.organizations.queries.UnknownOrganization`,
    :class:`NoSuchRole`, :class:`HeldAlready`, :class:`scoreport.organizations.holding.EndsTooEarly`,
    :class:`scoreport.organizations.holding.EndsTooLate`.
    """
    place = organization_seen_by(actor, organization)
    access.require(actor, Permission.PEOPLE_GRANT, place.place)
    _check_roles(roles)
    holder = holding.require_known(actor, known_person(email), place, at)
    last_day = holding.chosen_end(actor, place, ends_on, at)
    with transaction.atomic():
        holding.lock(place)
        new = tuple(
            role
            for role in dict.fromkeys(roles)
            if holding.give(actor, person_id=holder.id, place=place, role=role, ends_on=last_day, at=at)[1]
        )
        if not new:
            message = _("%(person)s holds this already, until %(day)s or longer.")
            raise HeldAlready(message % {"person": holder.as_text, "day": last_day.isoformat()})
        telling.given(actor, person=holder, place=place, roles=new, ends_on=last_day, at=at)
        for role in new:
            _record(actor, Verb.MEMBERSHIP_GRANTED, holder, place, role, at, ends_on=last_day.isoformat())
    return new


def renew_role(actor: Actor, *, membership_id: int, at: dt.datetime) -> dt.date:
    """Let a role end on the default day, also one that has ended already; return that day.

    Raises :class:`scoreport.access.NotFound`, :class:`NotHeld`, :class:`HeldAlready` when there is nothing to gain.
    """
    with transaction.atomic():
        one = _locked(actor, membership_id, at)
        ends_on = holding.latest_end(one.place, at)
        if one.row.ends_on >= ends_on:
            message = _("This role lasts until %(day)s already; today it cannot be renewed for longer.")
            raise HeldAlready(message % {"day": one.row.ends_on.isoformat()})
        holding.give(actor, person_id=one.person.id, place=one.place, role=one.role, ends_on=ends_on, at=at)
        telling.new_end(actor, person=one.person, place=one.place, role=one.role, ends_on=ends_on, at=at)
        _record(actor, Verb.MEMBERSHIP_RENEWED, one.person, one.place, one.role, at, ends_on=ends_on.isoformat())
    return ends_on


def change_role(actor: Actor, *, membership_id: int, role: Role, ends_on: dt.date, at: dt.datetime) -> None:
    """Give a role another end, or make it another role; the former role stays on record.

    Raises :class:`scoreport.access.NotFound`, :class:`NoSuchRole`, :class:`NotHeld`, :class:`HeldAlready`,
    :class:`scoreport.organizations.holding.LastManager`, :class:`scoreport.organizations.holding.EndsTooEarly`,
    :class:`scoreport.organizations.holding.EndsTooLate`.
    """
    _check_roles([role])
    with transaction.atomic():
        one = _locked(actor, membership_id, at)
        # Roles of vouchers come from the profile of their organization; they can be revoked and renewed.
        _check_roles([one.role])
        last_day = holding.chosen_end(actor, one.place, ends_on, at)
        if not one.counts:
            raise NotHeld(_("This role has ended. Renew it, or assign another one."))
        if role is not one.role:
            _exchange(actor, one, role, last_day, at)
        elif last_day == one.row.ends_on:
            raise HeldAlready(_("Nothing changed: this is the role and the last day that are held already."))
        else:
            if last_day < one.row.ends_on:
                holding.keep_a_manager(actor, one, at)
            Membership.objects.filter(pk=one.row.pk).update(ends_on=last_day)
            telling.new_end(actor, person=one.person, place=one.place, role=role, ends_on=last_day, at=at)
        _record(
            actor, Verb.MEMBERSHIP_CHANGED, one.person, one.place, role, at,
            ends_on=last_day.isoformat(), before=one.role.value, ended_on=one.row.ends_on.isoformat(),
        )  # fmt: skip


def _exchange(actor: Actor, one: Held, role: Role, ends_on: dt.date, at: dt.datetime) -> None:
    """Take the one role and give the other; both are told."""
    holding.take(actor, one, at)
    _row, new = holding.give(actor, person_id=one.person.id, place=one.place, role=role, ends_on=ends_on, at=at)
    if not new:
        message = _("%(person)s holds the role %(role)s already. Revoke this one instead.")
        raise HeldAlready(message % {"person": one.person.name, "role": role.label})
    telling.taken(actor, person=one.person, place=one.place, role=one.role, at=at)
    telling.given(actor, person=one.person, place=one.place, roles=[role], ends_on=ends_on, at=at)


def revoke_held_role(actor: Actor, *, membership_id: int, at: dt.datetime) -> None:
    """Take a role away: from the next request on it opens nothing. It stays on record.

    Raises :class:`scoreport.access.NotFound`, :class:`NotHeld`,
    :class:`scoreport.organizations.holding.LastManager`.
    """
    with transaction.atomic():
        one = _locked(actor, membership_id, at)
        if not one.counts and one.row.ends_on < one.today:
            raise NotHeld(_("This role has ended by itself. It opens nothing any more."))
        holding.take(actor, one, at)
        telling.taken(actor, person=one.person, place=one.place, role=one.role, at=at)
        _record(actor, Verb.MEMBERSHIP_REVOKED, one.person, one.place, one.role, at)


def _locked(actor: Actor, membership_id: int, at: dt.datetime) -> Held:
    """Return a role that the actor may change, as it is under the lock of its organization."""
    rows = Membership.objects.select_related("user", "organization").filter(organization__isnull=False)
    row = rows.filter(pk=membership_id).first()
    if row is None or row.organization is None:
        raise NotFound(_("There is no such role."))
    place = organization_seen_by(actor, row.organization.code)
    access.require(actor, Permission.PEOPLE_GRANT, place.place)
    holding.lock(place)
    row.refresh_from_db()
    one = holding.held(row, at)
    if row.revoked_at is not None:
        message = _("%(person)s does not hold this role any more: %(by)s took it away.")
        raise NotHeld(message % {"person": one.person.name, "by": row.revoked_by})
    return one


def _check_roles(roles: Sequence[Role]) -> None:
    if not roles:
        raise NoSuchRole(_("Choose at least one role."))
    for role in roles:
        if role not in K12_ROLES:
            raise NoSuchRole(_("The role %(role)s is not handed out by access managers.") % {"role": role.label})


def _record(
    actor: Actor, verb: Verb, holder: PersonInfo, place: OrganizationInfo, role: Role, at: dt.datetime, **detail: str
) -> None:
    record(
        actor, verb=verb, at=at, organization=place.code, subject_kind="person", subject=holder.as_text,
        subject_id=holder.id, role=role.value, **detail,
    )  # fmt: skip


__all__ = [
    "HeldAlready",
    "LastManager",
    "NoSuchRole",
    "NotHeld",
    "assign_roles",
    "change_role",
    "renew_role",
    "revoke_held_role",
]
