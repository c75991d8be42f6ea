"""Warnings before a role ends, to its holder and to those who can renew it; and the end on record."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import batched, groupby

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from scoreport.access import Actor, Role
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.lib.clock import local_date
from scoreport.organizations import telling
from scoreport.organizations.models import Membership, Organization
from scoreport.organizations.queries.managers import Manager
from scoreport.organizations.rules import OrganizationInfo
from scoreport.organizations.rules.ends import WINDOWS, Window, is_news
from scoreport.organizations.upkeep import once
from scoreport.outbox.rules import MailKind

# Ends that are older than this were noted, or lie before the upkeep was there to note them.
_LOOK_BACK = dt.timedelta(days=366)
_BATCH = 200


@dataclass(frozen=True, slots=True)
class _Ending:
    """A role that ends, and which warning says so."""

    row: Membership
    window: Window
    left: int

    @property
    def role(self) -> Role:
        return Role(self.row.role)


def warn(actor: Actor, at: dt.datetime) -> int:
    """Send the warnings that are due; return about how many roles."""
    warned = 0
    for zone in zones():
        today = local_date(at, zone)
        for window in WINDOWS:
            rows = once.untold(_ending(zone, today, window), "role", window.days)
            ordered = rows.select_related("user", "organization").order_by("organization_id", "pk")
            due = [_Ending(row, window, (row.ends_on - today).days) for row in ordered if _is_news(row, window, zone)]
            for _place, some in groupby(due, key=lambda one: one.row.organization_id):
                warned += _warn_at(actor, list(some), at)
    return warned


def zones() -> list[str]:
    """Return the time zones in which roles end; those of program staff end in the installation's own."""
    found = set(Organization.objects.order_by().values_list("time_zone", flat=True).distinct())
    return sorted(found | {settings.TIME_ZONE})


def in_zone(zone: str) -> Q:
    """Say which roles end in a time zone."""
    here = Q(organization__time_zone=zone)
    return here | Q(organization__isnull=True) if zone == settings.TIME_ZONE else here


def _ending(zone: str, today: dt.date, window: Window) -> QuerySet[Membership]:
    return Membership.objects.filter(
        in_zone(zone),
        revoked_at__isnull=True,
        user__is_active=True,
        ends_on__gte=today + dt.timedelta(days=window.least),
        ends_on__lte=today + dt.timedelta(days=window.most),
    )


def _is_news(row: Membership, window: Window, zone: str) -> bool:
    return is_news(window, granted_on=local_date(row.granted_at, zone), ends_on=row.ends_on)


def _warn_at(actor: Actor, due: list[_Ending], at: dt.datetime) -> int:
    """Warn of the roles of one organization; a mail and the row that it was written stay or go together."""
    place = due[0].row.organization.info if due[0].row.organization else None
    with transaction.atomic():
        new = [one for one in due if once.claim(once.key_of_role("role", one.row, one.window.days), at)]
        for one in new:
            _warn_holder(actor, one, place, at)
        if place is not None:
            _warn_managers(actor, new, place, at)
        for one in new:
            _record(actor, Verb.MEMBERSHIP_WARNED, one.row, at, days=one.left)
    return len(new)


def _warn_holder(actor: Actor, one: _Ending, place: OrganizationInfo | None, at: dt.datetime) -> None:
    user = one.row.user
    reader = telling.Reader(user.pk, user.email, user.language)
    managers = telling.nearest_but(place, at, person_id=user.pk) if place else ()
    with translation.override(user.language or settings.LANGUAGE_CODE):
        name = place.name if place else _("the whole installation")
    telling.tell(
        actor, MailKind.ROLE_ENDING, reader, at,
        organization=name, role=telling.label(one.role, user.language), ends=one.row.ends_on, days=one.left,
        managers=[manager.as_text for manager in managers],
    )  # fmt: skip


def _warn_managers(actor: Actor, new: list[_Ending], place: OrganizationInfo, at: dt.datetime) -> None:
    """Write one mail to each manager for the roles that end on one day; their own role was told to them already."""
    by_day = sorted(new, key=lambda one: (one.row.ends_on, one.row.pk))
    for ends_on, some in groupby(by_day, key=lambda one: one.row.ends_on):
        ending = list(some)
        for manager, theirs in _readers(ending, place, at):
            roles = [
                f"{one.row.user.name} <{one.row.user.email}>: {telling.label(one.role, manager.language)}"
                for one in theirs
            ]
            telling.tell(
                actor, MailKind.ROLES_ENDING, telling.told_of(manager), at,
                organization=place.name, address=place.address, roles=roles, ends=ends_on, days=ending[0].left,
            )  # fmt: skip


def _readers(
    ending: list[_Ending], place: OrganizationInfo, at: dt.datetime
) -> Iterator[tuple[Manager, list[_Ending]]]:
    """Pair each manager with the roles of others that they are to look at.

    The only manager of a place is no reader of their own end; then those above are.
    """
    found: dict[int, tuple[Manager, list[_Ending]]] = {}
    for one in ending:
        for manager in telling.nearest_but(place, at, person_id=one.row.user.pk):
            found.setdefault(manager.person_id, (manager, []))[1].append(one)
    yield from found.values()


# --- The end itself ------------------------------------------------------------------------------


def note_ended(actor: Actor, at: dt.datetime) -> int:
    """Record the roles that have ended by themselves; return how many. They open nothing since, noted or not."""
    noted = 0
    for zone in zones():
        today = local_date(at, zone)
        over = Membership.objects.filter(
            in_zone(zone), revoked_at__isnull=True, ends_on__lt=today, ends_on__gte=today - _LOOK_BACK
        )
        rows: Iterable[Membership] = once.untold(over, "ended").select_related("user", "organization").order_by("pk")
        for some in batched(rows, _BATCH):
            noted += _note(actor, some, at)
    return noted


def _note(actor: Actor, rows: Iterable[Membership], at: dt.datetime) -> int:
    with transaction.atomic():
        new = [row for row in rows if once.claim(once.key_of_role("ended", row), at)]
        for row in new:
            _record(actor, Verb.MEMBERSHIP_ENDED, row, at)
    return len(new)


def _record(actor: Actor, verb: Verb, row: Membership, at: dt.datetime, **detail: int) -> None:
    record(
        actor, verb=verb, at=at, organization=row.organization.code if row.organization else "",
        subject_kind="person", subject=row.user.info.as_text, subject_id=row.user_id,
        role=row.role, ends_on=row.ends_on.isoformat(), **detail,
    )  # fmt: skip
