"""Who may do what, now."""

import datetime as dt

from django.conf import settings

from scoreport.access import ANONYMOUS, Actor, ActorKind, Grant, Place, PlaceKind, Role
from scoreport.accounts.models import User
from scoreport.lib.clock import local_date
from scoreport.organizations.rules import ids_of

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
    address: str = "",
    at: dt.datetime,
    kind: ActorKind = ActorKind.PERSON,
) -> Actor:
    """Return a person as they may act at ``at``, with one query.

    Roles that were revoked or have ended do not count: the last day of a role is its ``ends_on``
    in the organization's own time zone. Somebody who is unknown or suspended is nobody.
    """
    rows = User.objects.filter(pk=user_id, is_active=True).values_list(*_GRANT_COLUMNS)
    grants: list[Grant] = []
    name = ""
    for own_name, email, number, role, ends_on, revoked_at, used_on, place_kind, lineage, time_zone in rows:
        name = f"{own_name} <{email}>"
        if role is None or revoked_at is not None:
            continue
        if local_date(at, time_zone or settings.TIME_ZONE) <= ends_on:
            grants.append(Grant(Role(role), _place(place_kind, lineage), membership_id=number, used_on=used_on))
    if not name:
        return ANONYMOUS
    return Actor(
        kind=kind,
        name=name,
        person_id=user_id,
        grants=tuple(grants),
        second_factor=second_factor,
        address=address,
    )


def _place(kind: str | None, lineage: str | None) -> Place | None:
    if kind is None or lineage is None:
        return None
    ids = ids_of(lineage)
    return Place(id=ids[-1], kind=PlaceKind(kind), lineage=ids)
