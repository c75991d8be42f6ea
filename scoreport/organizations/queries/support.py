"""Reads of support access: who may look where, now and before."""

import datetime as dt
from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, NotFound, Permission, Place, Role
from scoreport.accounts.rules import PersonInfo
from scoreport.lib.clock import local_date
from scoreport.organizations.models import Membership, SupportGrant
from scoreport.organizations.models.tree import Organization
from scoreport.organizations.rules import OrganizationInfo, lineage_text
from scoreport.organizations.rules.support import SupportInfo


class UnknownSupport(NotFound):
    """There is no such support access that the actor may see."""


def held_by(person_id: int, at: dt.datetime) -> SupportInfo | None:
    """Return the support access that one of the program staff looks through at ``at``; unscoped, one query."""
    rows = SupportGrant.objects.filter(open_at(at), staff_id=person_id).order_by("-begun_at", "-id")
    row = rows.select_related("organization", "staff").first()
    return support_info(row) if row else None


def open_at(at: dt.datetime) -> Q:
    """Return the filter for what one of the program staff has begun and nobody and nothing has ended."""
    return Q(begun_at__lte=at, ended_at__isnull=True, ends_at__gt=at)


def support_access(actor: Actor, place: Place, *, limit: int = 50) -> list[SupportInfo]:
    """Return the newest support access of an organization, newest first. Raises :class:`NotAllowed`."""
    access.require(actor, Permission.ACCESS_READ, place)
    return _infos(SupportGrant.objects.filter(organization_id=place.id).order_by("-id")[:limit])


def open_to_staff(actor: Actor, at: dt.datetime, *, limit: int = 100) -> list[SupportInfo]:
    """Return what waits for one of the program staff, and what the actor has begun; the first to end comes first."""
    access.require(actor, Permission.SUPPORT_BEGIN)
    alive = SupportGrant.objects.filter(ended_at__isnull=True, ends_at__gt=at)
    mine = Q(staff_id=actor.person_id) if actor.person_id is not None else Q(pk__in=())
    return _infos(alive.filter(Q(staff__isnull=True) | mine).order_by("ends_at", "id")[:limit])


def support(actor: Actor, support_id: int) -> SupportInfo:
    """Return one: to those who manage access there, and to program staff while nobody else of them has it.

    Raises :class:`UnknownSupport`.
    """
    row = SupportGrant.objects.select_related("organization", "staff").filter(pk=support_id).first()
    if row is not None and _is_seen_by(actor, row):
        return support_info(row)
    raise UnknownSupport(_("There is no such support access."))


def _is_seen_by(actor: Actor, row: SupportGrant) -> bool:
    if access.can(actor, Permission.PEOPLE_GRANT, row.organization.info.place):
        return True
    return access.can(actor, Permission.SUPPORT_BEGIN) and row.staff_id in {None, actor.person_id}


def told_of(actor: Actor, at: dt.datetime, *, limit: int = 3) -> list[SupportInfo]:
    """Return what a banner tells a person of: what they look through, and what their institutions have open.

    It asks nothing for those who neither look nor manage access anywhere.
    """
    tops = [grant.place for grant in access.grants_for(actor, Permission.PEOPLE_GRANT) if grant.place]
    looks = any(grant.role is Role.SUPPORT for grant in actor.grants)
    if not tops and not looks:
        return []
    alive = SupportGrant.objects.filter(ended_at__isnull=True, ends_at__gt=at)
    under = Organization.objects.under(lineage_text(place.lineage) for place in tops)
    wanted = Q(organization__in=under) if tops else Q(pk__in=())
    if looks:
        wanted |= Q(staff_id=actor.person_id, begun_at__isnull=False)
    return _infos(alive.filter(wanted).order_by("ends_at", "id")[:limit])


def managers_told(organization: OrganizationInfo, at: dt.datetime) -> list[PersonInfo]:
    """Return the access managers of an organization, or of the nearest one above it that has some; unscoped."""
    rows = Membership.objects.filter(
        organization_id__in=organization.lineage, role=Role.ACCESS_MANAGER.value, revoked_at=None, user__is_active=True
    )
    held: dict[int, list[PersonInfo]] = {}
    for row in rows.select_related("user", "organization").order_by("user__email"):
        zone = row.organization.time_zone if row.organization else settings.TIME_ZONE
        if local_date(at, zone) <= row.ends_on and row.organization_id:
            held.setdefault(row.organization_id, []).append(row.user.info)
    return next((held[number] for number in reversed(organization.lineage) if number in held), [])


def _infos(rows: Iterable[SupportGrant] | QuerySet[SupportGrant]) -> list[SupportInfo]:
    found = rows.select_related("organization", "staff") if isinstance(rows, QuerySet) else rows
    return [support_info(row) for row in found]


def support_info(row: SupportGrant) -> SupportInfo:
    """Return support access without its row."""
    return SupportInfo(
        id=row.pk,
        organization=row.organization.info,
        ticket=row.ticket,
        reason=row.reason,
        granted_by=row.granted_by,
        granted_at=row.granted_at,
        ends_at=row.ends_at,
        staff_id=row.staff_id,
        staff=row.staff.info.as_text if row.staff else "",
        begun_at=row.begun_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )
