"""Requests for roles, for those who may hand them out."""

import datetime as dt

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, NotFound, Permission, Role
from scoreport.lib.clock import local_date
from scoreport.organizations.models import AccessRequest, Organization
from scoreport.organizations.queries.tree import organization as organization_seen_by
from scoreport.organizations.rules import OrganizationInfo, lineage_text, role_end
from scoreport.organizations.rules.asked import RoleRequest
from scoreport.organizations.rules.requests import AnswerState, Asked


def role_requests(
    actor: Actor, organization: OrganizationInfo, at: dt.datetime, *, is_open: bool, first: int = 0, limit: int
) -> tuple[list[RoleRequest], int]:
    """Return the requests at an organization and everything under it, and how many there are in all.

    Open ones come the oldest first, answered and withdrawn ones the newest first. A page beyond the last one is the
    last one.
    """
    rows = _at_place(actor, organization, is_open=is_open)
    total = rows.count()
    start = min(first, max(0, total - 1) // limit * limit)
    ordered = rows.order_by("asked_at", "id") if is_open else rows.order_by("-answered_at", "-id")
    return [role_request_info(row, at) for row in ordered[start : start + limit]], total


def count_open_requests(actor: Actor, organization: OrganizationInfo) -> int:
    """Return how many requests wait at an organization and under it."""
    return _at_place(actor, organization, is_open=True).count()


def role_request(actor: Actor, request_id: int, at: dt.datetime) -> RoleRequest:
    """Return one request; raises :class:`scoreport.access.NotFound` for what is somebody else's to answer."""
    row = _rows().filter(pk=request_id).first()
    if row is None or row.organization is None:
        raise NotFound(_("There is no such request."))
    place = organization_seen_by(actor, row.organization.code)
    access.require(actor, Permission.PEOPLE_GRANT, place.place)
    return role_request_info(row, at)


def role_request_info(row: AccessRequest, at: dt.datetime) -> RoleRequest:
    """Return a request for a role without its row."""
    assert row.organization is not None  # noqa: S101 - a constraint: a role is asked for at an organization
    place = row.organization.info
    return RoleRequest(
        id=row.pk,
        name=row.user.name,
        email=row.user.email,
        title=row.title,
        role=Role(row.role),
        why=row.why,
        organization=place,
        asked_at=row.asked_at,
        state=AnswerState(row.state),
        answered_at=row.answered_at,
        answered_by=row.answered_by,
        answer=row.answer,
        latest_end=role_end(local_date(at, place.time_zone), years=settings.ROLE_ENDS_AFTER_YEARS),
        person_id=row.user_id,
        code_hint=row.code_hint,
    )


def _rows() -> QuerySet[AccessRequest]:
    return AccessRequest.objects.filter(asked_for=Asked.ROLE.value).select_related("user", "organization")


def _at_place(actor: Actor, organization: OrganizationInfo, *, is_open: bool) -> QuerySet[AccessRequest]:
    access.require(actor, Permission.PEOPLE_GRANT, organization.place)
    rows = _rows().filter(organization__in=Organization.objects.under([lineage_text(organization.lineage)]))
    return rows.filter(state=AnswerState.OPEN.value) if is_open else rows.exclude(state=AnswerState.OPEN.value)
