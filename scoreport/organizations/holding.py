"""Roles that people hold: found, given, prolonged and taken, so that no act leaves an organization without a manager.

Whoever changes roles holds the lock of the organization (:func:`lock`) until the end of the transaction, so two acts
at once are decided one after the other. Whether the actor may is asked by the actions.
"""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from scoreport.access import Actor, Refused, Role
from scoreport.accounts.rules import PersonInfo
from scoreport.lib.clock import local_date
from scoreport.organizations import code_notifications
from scoreport.organizations.models import Membership, Organization
from scoreport.organizations.rules import OrganizationInfo, lineage_text, role_end


class LastManager(Refused):
    """The act would leave an organization without an access manager."""


class NotKnownHere(Refused):
    """The person holds no role here yet, so they have to accept an invitation first."""


class EndsTooEarly(Refused):
    """A role must last for at least today."""


class EndsTooLate(Refused):
    """A role that an access manager hands out ends with the academic year after this one at the latest."""


@dataclass(frozen=True, slots=True)
class Held:
    """A stored role with who holds it and where; roles of program staff have no organization and are none of these."""

    row: Membership
    person: PersonInfo
    place: OrganizationInfo
    role: Role
    today: dt.date

    @property
    def counts(self) -> bool:
        """Whether it opens anything now."""
        return self.row.revoked_at is None and self.row.ends_on >= self.today and self.person.is_active


def lock(place: OrganizationInfo) -> None:
    """Let one transaction at a time change roles or invitations at an organization; SQLite has one writer anyway."""
    Organization.objects.select_for_update().get(pk=place.id)


def held(row: Membership, at: dt.datetime) -> Held:
    """Return a row of somebody at an organization with what belongs to it."""
    assert row.organization is not None  # noqa: S101 - program staff are kept out by the callers
    place = row.organization.info
    return Held(row, row.user.info, place, Role(row.role), local_date(at, place.time_zone))


def latest_end(place: OrganizationInfo | None, at: dt.datetime) -> dt.date:
    """Return the last day of a role that is given now: the default, and the latest that access managers may choose."""
    today = local_date(at, place.time_zone if place else settings.TIME_ZONE)
    return role_end(today, years=settings.ROLE_ENDS_AFTER_YEARS)


def is_known(actor: Actor, holder: PersonInfo, place: OrganizationInfo, at: dt.datetime) -> bool:
    """Tell whether a person may get a role here without accepting an invitation first.

    They hold a role here or under this organization now, or give one to themselves; the operator asks nobody.
    Everybody else is another institution's business until they accept.
    """
    if actor.is_trusted or actor.person_id == holder.id:
        return True
    rows = Membership.objects.filter(
        user_id=holder.id,
        revoked_at__isnull=True,
        organization__in=Organization.objects.under([lineage_text(place.lineage)]),
    ).values_list("ends_on", "organization__time_zone")
    return any(local_date(at, zone) <= ends_on for ends_on, zone in rows)


def require_known(actor: Actor, holder: PersonInfo | None, place: OrganizationInfo, at: dt.datetime) -> PersonInfo:
    """Return a person who may get a role directly; raises :class:`NotKnownHere`.

    An address without an account is refused in the same words, so that nobody can look through accounts.
    """
    if holder is None or not holder.is_active or not is_known(actor, holder, place, at):
        raise NotKnownHere(_("This person has no role here yet. Send them an invitation instead."))
    return holder


def chosen_end(actor: Actor, place: OrganizationInfo | None, ends_on: dt.date | None, at: dt.datetime) -> dt.date:
    """Return the last day of a role: the one that was asked for, or the default.

    Raises :class:`EndsTooEarly`, and :class:`EndsTooLate` for everybody but the operator.
    """
    latest = latest_end(place, at)
    last_day = ends_on or latest
    if last_day < local_date(at, place.time_zone if place else settings.TIME_ZONE):
        raise EndsTooEarly(_("A role cannot end on %(day)s, which is over.") % {"day": last_day.isoformat()})
    if last_day > latest and not actor.is_trusted:
        message = _("A role can end on %(day)s at the latest. Choose that day or an earlier one.")
        raise EndsTooLate(message % {"day": latest.isoformat()})
    return last_day


def give(
    actor: Actor, *, person_id: int, place: OrganizationInfo, role: Role, ends_on: dt.date, at: dt.datetime
) -> tuple[Membership, bool]:
    """Give a role, or prolong one that is held; tell whether that changed anything. A later end is never shortened."""
    row, made = Membership.objects.get_or_create(
        user_id=person_id,
        organization_id=place.id,
        role=role.value,
        revoked_at=None,
        defaults={"ends_on": ends_on, "granted_by": actor.name, "granted_by_id": actor.person_id, "granted_at": at},
    )
    if not made and row.ends_on >= ends_on:
        return row, False
    had_ended = not made and row.ends_on < local_date(at, place.time_zone)
    if made or had_ended:
        code_notifications.first_report_role(
            actor, row=row, is_new=made, giver_id=actor.person_id, giver=actor.name, place=place, at=at
        )
    changed: dict[str, object] = {} if made else {"ends_on": ends_on}
    if had_ended:
        # What was over is given anew; what goes on keeps who gave it, and since when it is held.
        changed |= {
            "granted_by": actor.name, "granted_by_id": actor.person_id, "granted_at": at, "last_used_on": None,
        }  # fmt: skip
    if changed:
        Membership.objects.filter(pk=row.pk).update(**changed)
        row.refresh_from_db(fields=list(changed))
    return row, True


def keep_a_manager(actor: Actor, one: Held, at: dt.datetime) -> None:
    """Return when an organization has an access manager left without this role; call it under the lock.

    A role that ends today is no rest to build on. Raises :class:`LastManager`; not for the operator, who must be
    able to shut out an account that somebody else has taken over.
    """
    if actor.is_trusted or one.role is not Role.ACCESS_MANAGER or not one.counts:
        return
    others = Membership.objects.filter(
        organization_id=one.place.id,
        role=Role.ACCESS_MANAGER.value,
        revoked_at__isnull=True,
        user__is_active=True,
        ends_on__gt=local_date(at, one.place.time_zone),
    ).exclude(pk=one.row.pk)
    if not others.exists():
        message = _(
            "%(person)s is the last access manager of %(organization)s. Make somebody else an access manager first."
        )
        raise LastManager(message % {"person": one.person.name, "organization": one.place.name})


def take(actor: Actor, one: Held, at: dt.datetime) -> bool:
    """Take a role away; tell whether it was there to be taken. Raises :class:`LastManager`."""
    keep_a_manager(actor, one, at)
    still_held = Membership.objects.filter(pk=one.row.pk, revoked_at__isnull=True)
    return still_held.update(revoked_at=at, revoked_by=actor.name) == 1
