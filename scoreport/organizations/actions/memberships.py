"""Writes to the tree and to who belongs to it; each leaves an event in the audit."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission, Role
from scoreport.accounts.actions import create_person, password_link
from scoreport.accounts.queries import UnknownPerson, has_password, person
from scoreport.accounts.rules import PasswordLink, PersonInfo
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.lib.clock import local_date
from scoreport.organizations.models import Membership
from scoreport.organizations.queries import organization as organization_seen_by
from scoreport.organizations.rules import MembershipInfo, OrganizationInfo, role_end


class NoSuchRole(access.Refused):
    """The person does not hold the role, or the role does not exist at such a place."""


class EndsTooEarly(access.Refused):
    """A role must last for at least today."""


@dataclass(frozen=True, slots=True)
class AddedPerson:
    """Somebody who got a role; the link is there when they have no password yet."""

    person: PersonInfo
    membership: MembershipInfo
    link: PasswordLink | None


def grant_role(
    actor: Actor, *, email: str, organization: str | None, role: Role, ends_on: dt.date | None = None, at: dt.datetime
) -> MembershipInfo:
    """Give a person a role until a day (by default 30 June, a year after the next one).

    A role that they hold already gets the new end. Raises
    :class:`scoreport.accounts.queries.UnknownPerson`,
    :class:`scoreport.organizations.queries.UnknownOrganization`, :class:`NoSuchRole`,
    :class:`EndsTooEarly`.
    """
    place = _place_of_role(actor, organization, role)
    holder = person(email)
    today = local_date(at, place.time_zone if place else settings.TIME_ZONE)
    last_day = ends_on or role_end(today, years=settings.ROLE_ENDS_AFTER_YEARS)
    if last_day < today:
        raise EndsTooEarly(_("A role cannot end on %(day)s, which is over.") % {"day": last_day.isoformat()})
    with transaction.atomic():
        membership, _made = Membership.objects.update_or_create(
            **_held(holder, place, role),
            defaults={"ends_on": last_day, "granted_by": actor.name, "granted_at": at},
        )
        _record(actor, Verb.MEMBERSHIP_GRANTED, holder, place, role, at=at, ends_on=last_day.isoformat())
    return MembershipInfo(
        id=membership.pk,
        person=holder.as_text,
        role=role,
        organization=place.name if place else "",
        ends_on=last_day,
    )


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
    """Take a role away; it opens nothing from the next request on, and stays on record.

    Raises :class:`scoreport.accounts.queries.UnknownPerson`,
    :class:`scoreport.organizations.queries.UnknownOrganization`, :class:`NoSuchRole`.
    """
    place = _place_of_role(actor, organization, role)
    holder = person(email)
    with transaction.atomic():
        revoked = Membership.objects.filter(**_held(holder, place, role)).update(revoked_at=at, revoked_by=actor.name)
        if not revoked:
            message = _("%(person)s does not hold the role %(role)s there.")
            raise NoSuchRole(message % {"person": holder.as_text, "role": role.label})
        _record(actor, Verb.MEMBERSHIP_REVOKED, holder, place, role, at=at)


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
        role=role.value,
        **detail,
    )
