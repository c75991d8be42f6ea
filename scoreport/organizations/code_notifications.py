"""Emails that let an institution see how people get in: codes, the contact on file, a new manager's first report role.

They go to every access manager of the institution and of what is above it, and to the contact on file. Posted in the
caller's transaction.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from django.db.models import Q, QuerySet

from scoreport.access import Actor, Role
from scoreport.accounts.models import User
from scoreport.accounts.rules import PersonInfo
from scoreport.lib.clock import local_date
from scoreport.organizations import telling
from scoreport.organizations.models import Membership, Organization
from scoreport.organizations.queries.managers import managers_of
from scoreport.organizations.rules import OrganizationInfo, reach_of
from scoreport.organizations.rules.codes import IssuedCode
from scoreport.organizations.telling import Reader, tell
from scoreport.outbox.rules import MailKind

REPORT_ROLES: Final = (Role.DETAILED_REPORTS, Role.SUMMARY_REPORTS, Role.FILE_DOWNLOADS)
MOST_NAMES: Final = 100
"""Organizations that one email lists."""
_NO_PERSON: Final = 0


def readers_of(place: OrganizationInfo, at: dt.datetime) -> list[Reader]:
    """Return the access managers of an organization and of those above it, and the nearest contact on file."""
    managers = {one.email: telling.told_of(one) for one in managers_of(place, at)}
    contact = _contact_reader(place)
    if contact is not None:
        managers.setdefault(contact.email, contact)
    return list(managers.values())


def issued_elsewhere(actor: Actor, issued: Sequence[IssuedCode], *, at: dt.datetime) -> None:
    """Email managers and contacts about codes that were printed, or emailed to others; one email for each reader."""
    lists: dict[str, list[str]] = defaultdict(list)
    readers: dict[str, Reader] = {}
    for one in issued:
        for reader in readers_of(one.organization, at):
            if reader.email != one.sent_to:
                readers[reader.email] = reader
                lists[reader.email].append(
                    f"{one.organization.name}: {one.sent_to}" if one.sent_to else one.organization.name
                )
    for email, names in lists.items():
        tell(
            actor, MailKind.ACCESS_CODE_ISSUED, readers[email], at,
            organizations=names[:MOST_NAMES], more=max(0, len(names) - MOST_NAMES), by=actor.name,
        )  # fmt: skip


def redeemed(
    actor: Actor,
    *,
    person: PersonInfo,
    place: OrganizationInfo,
    hint: str,
    issued_by: str,
    is_request: bool,
    at: dt.datetime,
) -> None:
    """Email everyone of the line that someone used a code; all program staff where there is nobody."""
    managers = {manager.person_id for manager in managers_of(place, at)}
    for reader in _others(place, person.id, at):
        tell(
            actor, MailKind.ACCESS_CODE_REDEEMED, reader, at,
            organization=place.name, address=place.address, person=person.as_text, code=hint, by=issued_by,
            is_request=is_request, is_manager=reader.person_id in managers,
        )  # fmt: skip


def contact_changed(actor: Actor, *, readers: Iterable[Reader], changes: Sequence[str], at: dt.datetime) -> None:
    """Email people about changed contacts; each change is a line such as ``Alder High: a@b.example → c@d.example``."""
    for reader in readers:
        tell(
            actor, MailKind.CONTACT_CHANGED, reader, at,
            changes=list(changes[:MOST_NAMES]), more=max(0, len(changes) - MOST_NAMES), by=actor.name,
        )  # fmt: skip


def change_line(name: str, before: str, after: str) -> str:
    """Return the line about one change in an email about changed contacts."""
    return f"{name}: {before or '–'} → {after or '–'}"


def contact_reader(email: str) -> Reader:
    """Return a contact on file as someone who gets email; they need no account."""
    user = User.objects.filter(email=email).first()
    return Reader(user.pk if user else _NO_PERSON, email, user.language if user else "")


def first_report_role(
    actor: Actor,
    *,
    row: Membership,
    is_new: bool,
    giver_id: int | None,
    giver: str,
    place: OrganizationInfo,
    at: dt.datetime,
) -> None:
    """Email everyone of the line when a new access manager gives, or gets, the first report role of their time.

    ``row`` is the role as it was stored just now, or (not ``is_new``) as it was before it is given again after its
    end. Roles that the operator gives by command are not reported.
    """
    role = Role(row.role)
    if role not in REPORT_ROLES or actor.is_trusted:
        return
    holder = row.user.info
    people = {giver_id: giver, holder.id: holder.as_text}
    others = Membership.objects.exclude(pk=row.pk) if is_new else Membership.objects.all()
    new = next(((number, text) for number, text in people.items() if _is_first(number, others, place, at)), None)
    if new is None:
        return
    managers = {manager.person_id for manager in managers_of(place, at)}
    for reader in _others(place, new[0], at):
        tell(
            actor, MailKind.FIRST_REPORT_ROLE, reader, at,
            organization=place.name, address=place.address, manager=new[1], person=holder.as_text,
            role=telling.label(role, reader.language), is_manager=reader.person_id in managers,
        )  # fmt: skip


def _is_first(person_id: int | None, others: QuerySet[Membership], place: OrganizationInfo, at: dt.datetime) -> bool:
    """Tell whether a person manages access there, and neither gave nor held one of the others within their reach."""
    if person_id is None:
        return False
    managed = Membership.objects.filter(
        user_id=person_id, role=Role.ACCESS_MANAGER.value, revoked_at__isnull=True, organization_id__in=place.lineage
    ).select_related("organization")
    is_new = False
    for held in managed:
        assert held.organization is not None  # noqa: S101 - tells the type checker what the filter says
        if local_date(at, held.organization.time_zone) > held.ends_on:
            continue
        first, beyond = reach_of(held.organization.lineage)
        earlier = others.filter(
            Q(granted_by_id=person_id) | Q(user_id=person_id),
            role__in=[role.value for role in REPORT_ROLES],
            organization__lineage__gte=first,
            organization__lineage__lt=beyond,
        )
        if earlier.exists():
            return False
        is_new = True
    return is_new


def _others(place: OrganizationInfo, person_id: int | None, at: dt.datetime) -> list[Reader]:
    """Return everybody of the line but one person; all program staff where there is nobody else."""
    return [one for one in readers_of(place, at) if one.person_id != person_id] or telling.staff(at)


def _contact_reader(place: OrganizationInfo) -> Reader | None:
    rows = Organization.objects.filter(pk__in=place.lineage).exclude(contact_email="")
    emails = dict(rows.values_list("pk", "contact_email"))
    nearest = next((emails[number] for number in reversed(place.lineage) if number in emails), None)
    return contact_reader(nearest) if nearest else None
