"""Reads of access codes, for those who issue them. What a code reads is nowhere stored."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from scoreport import access
from scoreport.access import Actor, NotFound, Permission, Role
from scoreport.lib.clock import local_date
from scoreport.lib.text import clean
from scoreport.organizations.models import AccessCode, Membership, Organization, OrganizationQuerySet
from scoreport.organizations.queries.staff import staff_addresses
from scoreport.organizations.queries.tree import find
from scoreport.organizations.rules import OrganizationInfo, lineage_text
from scoreport.organizations.rules.codes import CodeInfo, Recipient, Tool
from scoreport.organizations.rules.contacts import STAFF_WAIT, ContactInfo, ContactProblem, contact_problem


class UnknownCode(NotFound):
    """The organization has no such code."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An organization beside its codes: how many managers it has of its own, and how many codes still open."""

    info: OrganizationInfo
    contact: Recipient | None
    contact_problem: ContactProblem | None
    managers: int
    open_codes: int


@dataclass(frozen=True, slots=True)
class StandingPage:
    """One page of a list of organizations and their codes."""

    rows: tuple[Standing, ...]
    total: int
    page: int


def codes_of(actor: Actor, organization: OrganizationInfo) -> tuple[CodeInfo, ...]:
    """Return the codes of an organization, the newest first; raises :class:`scoreport.access.NotAllowed`."""
    access.require(actor, Permission.ACCESS_CODE_ISSUE, organization.place)
    rows = AccessCode.objects.filter(organization_id=organization.id).order_by("-issued_at", "-id")
    return tuple(code_info(row) for row in rows)


def contact_of(actor: Actor, organization: OrganizationInfo, *, at: dt.datetime) -> ContactInfo:
    """Return the contact on file, and why no code can be emailed to it now."""
    access.require(actor, Permission.ACCESS_CODE_ISSUE, organization.place)
    row = Organization.objects.get(pk=organization.id)
    problem = _problem(row, staff_addresses(since=at - STAFF_WAIT), actor, at)
    return ContactInfo(_contact(row), row.contact_codes_from if problem is ContactProblem.NEW else None, problem)


def standings(
    actor: Actor, *, search: str, only_without_manager: bool, at: dt.datetime, page: int, per_page: int
) -> StandingPage:
    """Return the organizations that match, by name; a page beyond the last one is the last one."""
    access.require(actor, Permission.ACCESS_CODE_ISSUE)
    rows = Organization.objects.all().matching(clean(search))
    if only_without_manager:
        rows = rows.exclude(pk__in=_managed(at).keys())
    total = rows.count()
    number = min(max(1, page), max(1, -(-total // per_page)))
    shown = list(rows.order_by("sort_name", "id")[(number - 1) * per_page : number * per_page])
    return StandingPage(rows=_standings(actor, shown, at), total=total, page=number)


def chosen(
    actor: Actor, *, under: str | None, only_without_manager: bool, only_with_contact: bool, at: dt.datetime
) -> tuple[Standing, ...]:
    """Return the organizations that a bulk of codes is for, by name: one and all under it, or all there are.

    ``only_with_contact`` leaves out those to whose contact no code can be emailed now.
    Raises :class:`scoreport.organizations.queries.UnknownOrganization`.
    """
    access.require(actor, Permission.ACCESS_CODE_ISSUE)
    rows: OrganizationQuerySet = Organization.objects.all()
    if under is not None:
        rows = rows.under([lineage_text(find(clean(under)).lineage)])
    if only_with_contact:
        rows = rows.exclude(contact_email="")
    if only_without_manager:
        rows = rows.exclude(pk__in=_managed(at).keys())
    found = _standings(actor, list(rows.order_by("sort_name", "id")), at)
    return tuple(one for one in found if one.contact_problem is None) if only_with_contact else found


def code_info(row: AccessCode) -> CodeInfo:
    """Return a code without its row."""
    return CodeInfo(
        id=row.pk,
        organization_id=row.organization_id,
        tool=Tool(row.tool),
        hint=row.hint,
        year=row.year,
        issued_at=row.issued_at,
        issued_by=row.issued_by,
        sent_to=row.sent_to,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
        used_at=row.used_at,
        used_by=row.used_by,
    )


def _standings(actor: Actor, rows: list[Organization], at: dt.datetime) -> tuple[Standing, ...]:
    managed, staff = _managed(at), staff_addresses(since=at - STAFF_WAIT)
    still_open = AccessCode.objects.filter(organization__in=rows, used_at__isnull=True, revoked_at__isnull=True)
    codes = Counter(still_open.values_list("organization_id", flat=True))
    return tuple(
        Standing(row.info, _contact(row), _problem(row, staff, actor, at), managed[row.pk], codes[row.pk])
        for row in rows
    )


def _managed(at: dt.datetime) -> Counter[int]:
    """Count the access managers that each organization has of its own."""
    held = Membership.objects.filter(role=Role.ACCESS_MANAGER.value, revoked_at__isnull=True, user__is_active=True)
    rows = held.values_list("organization_id", "ends_on", "organization__time_zone")
    return Counter(number for number, ends_on, zone in rows if number and local_date(at, zone or "UTC") <= ends_on)


def _contact(row: Organization) -> Recipient | None:
    return Recipient(row.contact_name or row.name, row.contact_email) if row.contact_email else None


def _problem(row: Organization, staff: frozenset[str], actor: Actor, at: dt.datetime) -> ContactProblem | None:
    """Return why no code can be emailed to the contact; the operator waits for nothing."""
    codes_from = None if actor.is_trusted else row.contact_codes_from
    return contact_problem(row.contact_email, codes_from=codes_from, staff_addresses=staff, at=at)
