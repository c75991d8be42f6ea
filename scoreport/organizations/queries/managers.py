"""Who the access managers of an organization are: its own first, then those of what it stands under."""

import datetime as dt
from dataclasses import dataclass

from scoreport.access import Role
from scoreport.lib.clock import local_date
from scoreport.organizations.models import Membership
from scoreport.organizations.rules import OrganizationInfo


@dataclass(frozen=True, slots=True)
class Manager:
    """Somebody who hands out roles at an organization, and where their own role is."""

    person_id: int
    name: str
    email: str
    language: str
    organization: OrganizationInfo

    @property
    def as_text(self) -> str:
        """How they are named where a record must stay readable for ever."""
        return f"{self.name} <{self.email}>"


def managers_of(organization: OrganizationInfo, at: dt.datetime) -> tuple[Manager, ...]:
    """Return everybody who may hand out roles at an organization now: the nearest first, then by name.

    Unscoped: whoever may sign in may be told whom to ask. Roles that were revoked or have ended do not
    count, neither do people whose account is suspended.
    """
    rows = (
        Membership.objects.filter(
            organization_id__in=organization.lineage,
            role=Role.ACCESS_MANAGER.value,
            revoked_at__isnull=True,
            user__is_active=True,
        )
        .select_related("user", "organization")
        .order_by("user__name", "user_id")
    )
    found: list[Manager] = []
    for row in rows:
        assert row.organization is not None  # noqa: S101 - tells the type checker what the filter says
        place = row.organization.info
        if local_date(at, place.time_zone) <= row.ends_on:
            found.append(Manager(row.user.pk, row.user.name, row.user.email, row.user.language, place))
    return tuple(sorted(found, key=lambda manager: -len(manager.organization.lineage)))


def nearest_managers(organization: OrganizationInfo, at: dt.datetime) -> tuple[Manager, ...]:
    """Return the access managers of the nearest organization that has any: its own, or else those above it."""
    found = managers_of(organization, at)
    return tuple(manager for manager in found if manager.organization.id == found[0].organization.id)
