"""Mails about roles: to whoever holds one, and to those who answer for it. Posted in the caller's transaction."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import translation

from scoreport.access import Actor, Role
from scoreport.accounts.rules import PersonInfo
from scoreport.lib.clock import local_date
from scoreport.organizations.models import Membership
from scoreport.organizations.queries.managers import Manager, managers_of
from scoreport.organizations.rules import OrganizationInfo
from scoreport.outbox.actions import post
from scoreport.outbox.rules import MailKind, Value


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who gets mail."""

    person_id: int
    email: str
    language: str


def label(role: Role, language: str) -> str:
    """Return the name of a role in the language of whoever will read it."""
    with translation.override(language or settings.LANGUAGE_CODE):
        return role.label


def nearest_but(place: OrganizationInfo, at: dt.datetime, *, person_id: int | None) -> tuple[Manager, ...]:
    """Return the access managers of the nearest organization that has any besides one person."""
    others = [manager for manager in managers_of(place, at) if manager.person_id != person_id]
    return tuple(manager for manager in others if manager.organization.id == others[0].organization.id)


def staff(at: dt.datetime) -> list[Reader]:
    """Return the program staff, by their number."""
    rows = Membership.objects.filter(
        role=Role.PROGRAM_STAFF.value,
        revoked_at__isnull=True,
        ends_on__gte=local_date(at, settings.TIME_ZONE),
        user__is_active=True,
    ).select_related("user")
    return [Reader(row.user.pk, row.user.email, row.user.language) for row in rows.order_by("user_id")]


def told_of(manager: Manager) -> Reader:
    """Return a manager as somebody who gets mail."""
    return Reader(manager.person_id, manager.email, manager.language)


def given(
    actor: Actor,
    *,
    person: PersonInfo,
    place: OrganizationInfo,
    roles: Sequence[Role],
    ends_on: dt.date,
    at: dt.datetime,
) -> None:
    """Tell of roles that were given: the holder; or, where people gave them to themselves, the others who answer."""
    if actor.person_id == person.id:
        for role in roles:
            _taken_by_themself(actor, person=person, place=place, role=role, at=at)
        return
    post(
        actor, kind=MailKind.ROLE_GRANTED, to=person.email, at=at, language=person.language,
        organization=place.name, roles=[label(role, person.language) for role in roles], by=actor.name, ends=ends_on,
    )  # fmt: skip


def _taken_by_themself(
    actor: Actor, *, person: PersonInfo, place: OrganizationInfo, role: Role, at: dt.datetime
) -> None:
    """Tell the other access managers, or all program staff where there is none."""
    others: Iterable[Reader] = [told_of(one) for one in nearest_but(place, at, person_id=person.id)] or staff(at)
    for reader in others:
        tell(
            actor, MailKind.SELF_GRANTED, reader, at,
            organization=place.name, person=person.as_text, role=label(role, reader.language),
        )  # fmt: skip


def new_end(
    actor: Actor, *, person: PersonInfo, place: OrganizationInfo, role: Role, ends_on: dt.date, at: dt.datetime
) -> None:
    """Tell the holder that a role ends on another day now."""
    if actor.person_id != person.id:
        post(
            actor, kind=MailKind.ROLE_RENEWED, to=person.email, at=at, language=person.language,
            organization=place.name, role=label(role, person.language), by=actor.name, ends=ends_on,
        )  # fmt: skip


def taken(actor: Actor, *, person: PersonInfo, place: OrganizationInfo, role: Role, at: dt.datetime) -> None:
    """Tell the holder that a role was taken away."""
    if actor.person_id != person.id:
        post(
            actor, kind=MailKind.ROLE_REVOKED, to=person.email, at=at, language=person.language,
            organization=place.name, role=label(role, person.language), by=actor.name,
        )  # fmt: skip


def tell(actor: Actor, kind: MailKind, reader: Reader, at: dt.datetime, **values: Value) -> None:
    """Post a mail to one reader in their language."""
    post(actor, kind=kind, to=reader.email, at=at, language=reader.language, about="", **values)
