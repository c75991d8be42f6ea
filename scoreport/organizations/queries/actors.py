"""Who may do what, now."""

import datetime as dt

from django.conf import settings

from scoreport.access import ANONYMOUS, Actor, ActorKind, Grant, Permission, Place, PlaceKind, Role
from scoreport.access.rules import ROLE_PERMISSIONS
from scoreport.accounts.models import User
from scoreport.lib.clock import local_date
from scoreport.organizations.queries.support import held_by
from scoreport.organizations.rules import ids_of
from scoreport.organizations.rules.support import SupportInfo

_GRANT_COLUMNS = (
    "name",
    "email",
    "memberships__id",
    "memberships__role",
    "memberships__ends_on",
    "memberships__revoked_at",
    "memberships__last_used_on",
    "memberships__organization__kind",
    "memberships__organization__lineage",
    "memberships__organization__time_zone",
)


def actor_of(
    user_id: int,
    *,
    second_factor: bool,
    signed_in_at: dt.datetime | None = None,
    address: str = "",
    at: dt.datetime,
    kind: ActorKind = ActorKind.PERSON,
) -> Actor:
    """Return a person as they may act at ``at``, with one query; program staff need a second one.

    Roles that were revoked or have ended do not count: the last day of a role is its ``ends_on``
    in the organization's own time zone. Somebody who is unknown or suspended is nobody. Support access that
    one of the program staff has begun is a grant until it ends, and what they do is done for its request.
    Times are those of the highest organization's zone, and of equals of the first role, so that it stays the same.
    """
    rows = User.objects.filter(pk=user_id, is_active=True).values_list(*_GRANT_COLUMNS)
    grants, zones, name = list[Grant](), list[tuple[int, int, str]](), ""
    for own_name, email, number, role, ends_on, revoked_at, used_on, place_kind, lineage, time_zone in rows:
        name = f"{own_name} <{email}>"
        if role is None or revoked_at is not None:
            continue
        if local_date(at, time_zone or settings.TIME_ZONE) <= ends_on:
            grants.append(Grant(Role(role), _place(place_kind, lineage), membership_id=number, used_on=used_on))
            if lineage and time_zone:
                zones.append((len(ids_of(lineage)), number, time_zone))
    if not name:
        return ANONYMOUS
    held = _support(user_id, kind, grants, at)
    return Actor(
        kind=kind,
        name=name,
        person_id=user_id,
        grants=(*grants, Grant(Role.SUPPORT, held.organization.place)) if held else tuple(grants),
        second_factor=second_factor,
        signed_in_at=signed_in_at,
        address=address,
        acting_for=held.acting_for if held else "",
        time_zone=min(zones)[-1] if zones else "",
    )


def _support(user_id: int, kind: ActorKind, grants: list[Grant], at: dt.datetime) -> SupportInfo | None:
    """Return what one of the program staff looks through; a job takes nothing out, so it never does."""
    is_staff = any(Permission.SUPPORT_BEGIN in ROLE_PERMISSIONS[grant.role] for grant in grants)
    return held_by(user_id, at) if is_staff and kind is ActorKind.PERSON else None


def _place(kind: str | None, lineage: str | None) -> Place | None:
    if kind is None or lineage is None:
        return None
    ids = ids_of(lineage)
    return Place(id=ids[-1], kind=PlaceKind(kind), lineage=ids)
