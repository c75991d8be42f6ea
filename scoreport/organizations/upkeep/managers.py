"""An organization that is about to lose its last access manager: those above are told, and all program staff."""

import datetime as dt
from collections.abc import Iterator

from django.db import transaction

from scoreport.access import Actor, Role
from scoreport.lib.clock import local_date
from scoreport.organizations import telling
from scoreport.organizations.models import Membership, Organization
from scoreport.organizations.queries.managers import Manager, managers_of
from scoreport.organizations.rules import OrganizationInfo
from scoreport.organizations.rules.ends import WARN_DAYS, window_of
from scoreport.organizations.upkeep import once
from scoreport.organizations.upkeep.ends import in_zone, zones
from scoreport.outbox.rules import MailKind


def warn(actor: Actor, at: dt.datetime) -> int:
    """Tell of each organization whose last role of an access manager ends soon; return of how many."""
    return sum(_warn_of(actor, place, at) for place in _with_an_end_near(at))


def _with_an_end_near(at: dt.datetime) -> Iterator[OrganizationInfo]:
    """Yield the organizations that have managers, all of whom end within the days of warnings."""
    for zone in zones():
        today = local_date(at, zone)
        active = Membership.objects.filter(
            in_zone(zone), role=Role.ACCESS_MANAGER.value, revoked_at__isnull=True, user__is_active=True
        )
        soon = active.filter(ends_on__gte=today, ends_on__lte=today + dt.timedelta(days=WARN_DAYS[0]))
        later = active.filter(ends_on__gt=today + dt.timedelta(days=WARN_DAYS[0]))
        rows = Organization.objects.filter(pk__in=soon.values("organization_id")).exclude(
            pk__in=later.values("organization_id")
        )
        yield from (row.info for row in rows.order_by("pk"))


def _warn_of(actor: Actor, place: OrganizationInfo, at: dt.datetime) -> int:
    today = local_date(at, place.time_zone)
    last = list(
        Membership.objects.filter(
            organization_id=place.id,
            role=Role.ACCESS_MANAGER.value,
            revoked_at__isnull=True,
            user__is_active=True,
            ends_on__gte=today,
        )
        .select_related("user")
        .order_by("-ends_on", "user__name", "pk")
    )
    ends_on = last[0].ends_on if last else today
    window = window_of(today, ends_on)
    if not last or window is None:
        return 0
    key = f"last-manager:{place.id}:{ends_on.isoformat()}:{window.days}"
    if once.is_told(key):
        return 0
    names = ", ".join(row.user.info.as_text for row in last if row.ends_on == ends_on)
    with transaction.atomic():
        if not once.claim(key, at):
            return 0
        for reader in _readers(place, at):
            telling.tell(
                actor, MailKind.LAST_MANAGER_ENDING, reader, at,
                organization=place.name, person=names, ends=ends_on, days=(ends_on - today).days,
            )  # fmt: skip
    return 1


def _readers(place: OrganizationInfo, at: dt.datetime) -> list[telling.Reader]:
    """Return the nearest managers above an organization and all program staff, each person once."""
    above = [manager for manager in managers_of(place, at) if manager.organization.id != place.id]
    nearest: list[Manager] = [one for one in above if one.organization.id == above[0].organization.id]
    readers = [telling.told_of(manager) for manager in nearest] + telling.staff(at)
    return list({reader.person_id: reader for reader in readers}.values())
