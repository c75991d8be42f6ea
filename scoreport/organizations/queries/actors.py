"""Who may do what, now."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import connection

from scoreport.access import ANONYMOUS, Actor, ActorKind, Grant, Permission, Role
from scoreport.access.roles import ROLE_PERMISSIONS
from scoreport.accounts.models import User
from scoreport.lib.clock import local_date
from scoreport.lib.statements import as_day, as_moment, fetched
from scoreport.organizations.models import Organization
from scoreport.organizations.queries.support import held_by
from scoreport.organizations.rules import OrganizationInfo
from scoreport.organizations.rules.support import SupportInfo

_USER: Final = tuple(User._meta.concrete_fields)
_PLACE: Final = tuple(Organization._meta.concrete_fields)
_ROLE: Final = ("id", "role", "ends_on", "last_used_on")
_COLUMNS: Final = ", ".join(
    (
        *(f"u.{field.column}" for field in _USER),
        *(f"m.{name}" for name in _ROLE),
        *(f"o.{field.column}" for field in _PLACE),
    )
)
_JOINED: Final = (
    " LEFT JOIN organizations_membership m ON m.user_id = u.id AND m.revoked_at IS NULL"
    " LEFT JOIN organizations_organization o ON o.id = m.organization_id"
)
_READ: Final[Mapping[str, Callable[[object], object]]] = {"BooleanField": bool, "DateTimeField": as_moment}
_FACTORS: Final = {
    "postgresql": "(SELECT string_agg(a.id::text, ',') FROM mfa_authenticator a WHERE a.user_id = u.id)",
    "sqlite": "(SELECT group_concat(a.id, ',') FROM mfa_authenticator a WHERE a.user_id = u.id)",
}


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that nobody has taken away, as it is stored; whether it lasts is another question."""

    membership_id: int
    role: Role
    ends_on: dt.date
    used_on: dt.date | None
    organization: OrganizationInfo | None


@dataclass(frozen=True, slots=True)
class SessionPerson:
    """Whose session one is, as it is stored: the person, the ids of their authenticators, and their roles."""

    user: User
    authenticators: frozenset[int]
    roles: tuple[HeldRole, ...]


@dataclass(frozen=True, slots=True)
class StoredSession:
    """What is stored of a browser's session, and the person whose it is by the list of sessions, if it is on it."""

    data: str
    person: SessionPerson | None


def stored_session(key: str, *, at: dt.datetime) -> StoredSession | None:
    """Return a session that has not expired, with its person, by one query; unscoped, for whoever has the key.

    Whether the session is that person's is for the caller to check: its signed data says whose it is.
    """
    rows = fetched(
        f"SELECT s.session_data, {_FACTORS[connection.vendor]}, {_COLUMNS}"  # noqa: S608 - names of our own columns
        " FROM django_session s LEFT JOIN accounts_browsersession b ON b.key = s.session_key"
        f" LEFT JOIN accounts_user u ON u.id = b.user_id{_JOINED}"
        " WHERE s.session_key = %s AND s.expire_date > %s",
        [key, connection.ops.adapt_datetimefield_value(at)],
    )
    if not rows:
        return None
    data, factors, *columns = rows[0]
    if columns[0] is None:
        return StoredSession(data, None)
    numbers = frozenset(int(number) for number in factors.split(",")) if factors else frozenset[int]()
    roles = tuple(_roles(row[2 + len(_USER) :] for row in rows))
    return StoredSession(data, SessionPerson(_user(columns[: len(_USER)]), numbers, roles))


def actor_of(
    user_id: int,
    *,
    second_factor: bool,
    signed_in_at: dt.datetime | None = None,
    address: str = "",
    at: dt.datetime,
    kind: ActorKind = ActorKind.PERSON,
    person: SessionPerson | None = None,
) -> Actor:
    """Return a person as they may act at ``at``, with one query; program staff need a second one.

    Roles that were revoked or have ended do not count: the last day of a role is its ``ends_on``
    in the organization's own time zone. Somebody who is unknown or suspended is nobody. Support access that
    one of the program staff has begun is a grant until it ends, and what they do is done for its request.
    Times are those of the highest organization's zone, and of equals of the first role, so that it stays the same.
    ``person`` is the same person where the request has just read them with the session.
    """
    found = _person(user_id) if person is None or person.user.pk != user_id else person
    if found is None or not found.user.is_active:
        return ANONYMOUS
    grants, zones = _grants(found.roles, at)
    support = _support(user_id, kind, grants, at)
    return Actor(
        kind=kind,
        name=found.user.info.as_text,
        person_id=user_id,
        grants=(*grants, Grant(Role.SUPPORT, support.organization.place)) if support else tuple(grants),
        second_factor=second_factor,
        signed_in_at=signed_in_at,
        address=address,
        acting_for=support.acting_for if support else "",
        time_zone=min(zones)[-1] if zones else "",
    )


def _grants(roles: Iterable[HeldRole], at: dt.datetime) -> tuple[list[Grant], list[tuple[int, int, str]]]:
    """Return the roles that last at ``at``, and the time zones of their places, by which the highest is found."""
    grants, zones = list[Grant](), list[tuple[int, int, str]]()
    for held in roles:
        info = held.organization
        if local_date(at, (info and info.time_zone) or settings.TIME_ZONE) > held.ends_on:
            continue
        place = info.place if info else None
        grants.append(Grant(held.role, place, held.membership_id, held.used_on, info))
        if info and info.time_zone:
            zones.append((len(info.lineage), held.membership_id, info.time_zone))
    return grants, zones


def organizations_held(actor: Actor) -> dict[int, OrganizationInfo]:
    """Return the organizations of the actor's own grants that were read together with them, by their numbers."""
    return {
        grant.organization.id: grant.organization
        for grant in actor.grants
        if isinstance(grant.organization, OrganizationInfo)
    }


def _person(user_id: int) -> SessionPerson | None:
    rows = fetched(f"SELECT {_COLUMNS} FROM accounts_user u{_JOINED} WHERE u.id = %s", [user_id])  # noqa: S608 - names of our own columns
    if not rows:
        return None
    return SessionPerson(_user(rows[0][: len(_USER)]), frozenset(), tuple(_roles(row[len(_USER) :] for row in rows)))


def _user(columns: Iterable[Any]) -> User:
    """Return a person of a row of :func:`fetched`."""
    values = [
        value if value is None or (read := _READ.get(field.get_internal_type())) is None else read(value)
        for field, value in zip(_USER, columns, strict=True)
    ]
    return User.from_db("default", [field.attname for field in _USER], values)


def _roles(rows: Iterable[Any]) -> Iterable[HeldRole]:
    for number, role, ends_on, used_on, *place in rows:
        if number is None:
            continue
        organization = None
        if place[0] is not None:
            organization = Organization.from_db("default", [field.attname for field in _PLACE], place).info
        last_used = None if used_on is None else as_day(used_on)
        yield HeldRole(number, Role(role), as_day(ends_on), last_used, organization)


def _support(user_id: int, kind: ActorKind, grants: list[Grant], at: dt.datetime) -> SupportInfo | None:
    """Return what one of the program staff looks through; a job takes nothing out, so it never does."""
    is_staff = any(Permission.SUPPORT_BEGIN in ROLE_PERMISSIONS[grant.role] for grant in grants)
    return held_by(user_id, at) if is_staff and kind is ActorKind.PERSON else None
