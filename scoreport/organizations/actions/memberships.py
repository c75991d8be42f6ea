"""Writes to the tree and to who belongs to it; each leaves an event in the audit."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission, Role, grants_for
from scoreport.accounts.actions import create_person, password_link
from scoreport.accounts.queries import UnknownPerson, has_password, known_person, person
from scoreport.accounts.rules import PasswordLink, PersonInfo
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.lib.clock import local_date
from scoreport.organizations import holding
from scoreport.organizations.holding import EndsTooEarly, EndsTooLate, LastManager
from scoreport.organizations.models import Membership
from scoreport.organizations.queries import UnknownOrganization
from scoreport.organizations.queries import organization as organization_seen_by
from scoreport.organizations.rules import MembershipInfo, OrganizationInfo

__all__ = [
    "AddedPerson",
    "EndsTooEarly",
    "EndsTooLate",
    "LastManager",
    "NoSuchRole",
    "add_person",
    "grant_role",
    "note_use",
    "revoke_role",
]


class NoSuchRole(access.Refused):
    """The person does not hold the role, or the role does not exist at such a place."""


@dataclass(frozen=True, slots=True)
class AddedPerson:
    """Somebody who got a role; the link is there when they have no password yet."""

    person: PersonInfo
    membership: MembershipInfo
    link: PasswordLink | None


def grant_role(
    actor: Actor, *, email: str, organization: str | None, role: Role, ends_on: dt.date | None = None, at: dt.datetime
) -> MembershipInfo:
    """Give a person a role until a day (by default 30 June, a year after the next one); nobody is told.

    A role that they hold already gets the new end; an access manager never shortens it this way. Raises
    :class:`scoreport.accounts.queries.UnknownPerson`,
    :class:`scoreport.organizations.queries.UnknownOrganization`, :class:`NoSuchRole`,
    :class:`EndsTooEarly`, :class:`EndsTooLate`, :class:`scoreport.organizations.holding.NotKnownHere`.
    """
    place = _place_of_role(actor, organization, role)
    holder = person(email) if place is None else _holder(actor, email, place, at)
    last_day = holding.chosen_end(actor, place, ends_on, at)
    with transaction.atomic():
        membership = _stored(actor, holder, place, role, last_day, at)
        last_day = membership.ends_on
        _record(actor, Verb.MEMBERSHIP_GRANTED, holder, place, role, at=at, ends_on=last_day.isoformat())
    return MembershipInfo(
        id=membership.pk,
        person=holder.as_text,
        role=role,
        organization=place.name if place else "",
        ends_on=last_day,
    )


def _holder(actor: Actor, email: str, place: OrganizationInfo, at: dt.datetime) -> PersonInfo:
    """Return who gets the role: the operator may name anybody with an account, others people whom they know."""
    if actor.is_trusted:
        return person(email)
    return holding.require_known(actor, known_person(email), place, at)


def _stored(
    actor: Actor, holder: PersonInfo, place: OrganizationInfo | None, role: Role, ends_on: dt.date, at: dt.datetime
) -> Membership:
    """Store a role; what the operator says replaces what was there."""
    if place is not None:
        holding.lock(place)
        if not actor.is_trusted:
            return holding.give(actor, person_id=holder.id, place=place, role=role, ends_on=ends_on, at=at)[0]
    membership, _made = Membership.objects.update_or_create(
        **_held(holder, place, role),
        defaults={"ends_on": ends_on, "granted_by": actor.name, "granted_by_id": actor.person_id, "granted_at": at},
    )
    return membership


def add_person(
    actor: Actor,
    *,
    email: str,
    name: str,
    organization: str | None,
    role: Role,
    ends_on: dt.date | None = None,
    at: dt.datetime,
) -> AddedPerson:
    """Give somebody a role, with an account if they have none: all of it or nothing.

    A person without a password gets a link to set one. Raises what :func:`grant_role` and
    :func:`scoreport.accounts.actions.create_person` raise.
    """
    with transaction.atomic():
        try:
            holder = person(email)
        except UnknownPerson:
            holder = create_person(actor, email=email, name=name, at=at)
        membership = grant_role(actor, email=email, organization=organization, role=role, ends_on=ends_on, at=at)
        link = None if has_password(holder.id) else password_link(actor, email=email, at=at)
    return AddedPerson(person=holder, membership=membership, link=link)


def revoke_role(actor: Actor, *, email: str, organization: str | None, role: Role, at: dt.datetime) -> None:
    """Take a role away; it opens nothing from the next request on, and stays on record; nobody is told.

    The operator may take away the last access manager too: an account that somebody else has taken over must be
    shut out at once. Raises :class:`scoreport.accounts.queries.UnknownPerson`,
    :class:`scoreport.organizations.queries.UnknownOrganization`, :class:`NoSuchRole`, :class:`LastManager`.
    """
    place = _place_of_role(actor, organization, role)
    holder = person(email)
    with transaction.atomic():
        if place is not None:
            holding.lock(place)
        row = Membership.objects.select_related("user", "organization").filter(**_held(holder, place, role)).first()
        if row is None:
            message = _("%(person)s does not hold the role %(role)s there.")
            raise NoSuchRole(message % {"person": holder.as_text, "role": role.label})
        if place is not None:
            holding.keep_a_manager(actor, holding.held(row, at), at)
        Membership.objects.filter(pk=row.pk).update(revoked_at=at, revoked_by=actor.name)
        _record(actor, Verb.MEMBERSHIP_REVOKED, holder, place, role, at=at)


def note_use(actor: Actor, *, permission: Permission, organization: str = "", at: dt.datetime) -> None:
    """Note that the roles that opened a page were used today; it writes at most once a day for each role.

    ``organization`` is the AI code or id that the page was asked for: only the roles that reach it count as used.
    Not an event: what was looked at is recorded by whoever shows it.
    """
    today = local_date(at, settings.TIME_ZONE)
    stale = [
        grant
        for grant in grants_for(actor, permission)
        if grant.membership_id is not None and (grant.used_on is None or grant.used_on < today)
    ]
    lineage: tuple[int, ...] = ()
    if stale and organization:
        try:
            lineage = organization_seen_by(actor, organization).lineage
        except UnknownOrganization:
            return
    # A page that shows no organization, such as an entry, is no use of a role at one.
    stale = [grant for grant in stale if grant.place is None or grant.place.id in lineage]
    if stale:
        Membership.objects.filter(pk__in=[grant.membership_id for grant in stale]).update(last_used_on=today)


def _place_of_role(actor: Actor, organization: str | None, role: Role) -> OrganizationInfo | None:
    """Return where the role is held, after asking whether the actor may hand it out there."""
    if (organization is None) != (role is Role.PROGRAM_STAFF):
        message = _("The role %(role)s is held at an organization; only program staff belong to none.")
        if role is Role.PROGRAM_STAFF:
            message = _("%(role)s belong to the whole installation, not to an organization.")
        raise NoSuchRole(message % {"role": role.label})
    if organization is None:
        access.require(actor, Permission.STAFF_GRANT)
        return None
    place = organization_seen_by(actor, organization)
    access.require(actor, Permission.PEOPLE_GRANT, place.place)
    return place


def _held(holder: PersonInfo, place: OrganizationInfo | None, role: Role) -> dict[str, Any]:
    """Return what tells the one membership that holds a role now."""
    return {
        "user_id": holder.id,
        "organization_id": place.id if place else None,
        "role": role.value,
        "revoked_at": None,
    }


def _record(
    actor: Actor,
    verb: Verb,
    holder: PersonInfo,
    place: OrganizationInfo | None,
    role: Role,
    *,
    at: dt.datetime,
    **detail: str,
) -> None:
    record(
        actor,
        verb=verb,
        at=at,
        organization=place.code if place else "",
        subject_kind="person",
        subject=holder.as_text,
        subject_id=holder.id,
        role=role.value,
        **detail,
    )
