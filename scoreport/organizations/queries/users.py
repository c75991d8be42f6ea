"""Who has access to an organization, for its access managers and for support."""

import datetime as dt
from collections.abc import Iterator

from django.db.models import F, Func, OrderBy, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, NotFound, Permission, Role
from scoreport.access.roles import ROLE_PERMISSIONS
from scoreport.accounts.rules import normalized_email
from scoreport.lib.clock import local_date, start_of_day
from scoreport.organizations.models import Membership, Organization
from scoreport.organizations.queries.tree import organization as organization_seen_by
from scoreport.organizations.rules import OrganizationInfo, lineage_text
from scoreport.organizations.rules.ends import UNUSED_DAYS, WARN_DAYS
from scoreport.organizations.rules.users import HeldRole, Order, Shown, UserCounts, UsersPage, UsersQuery

_CHUNK = 500


def users(
    actor: Actor,
    organization: OrganizationInfo,
    query: UsersQuery,
    at: dt.datetime,
    *,
    first: int = 0,
    limit: int | None = None,
) -> UsersPage:
    """Return the roles at an organization, and with ``with_under`` at everything under it, that fit a query.

    A page beyond the last one is the last one.
    """
    rows = _asked(actor, organization, query, at)
    total = rows.count()
    if limit:
        first = min(first, max(0, total - 1) // limit * limit)
    shown = rows.order_by(*_order(query))[first : None if limit is None else first + limit]
    return UsersPage(rows=tuple(held_role(row, at) for row in shown), total=total)


def all_users(actor: Actor, organization: OrganizationInfo, query: UsersQuery, at: dt.datetime) -> Iterator[HeldRole]:
    """Yield every role that fits a query, in its order, with flat memory."""
    rows = _asked(actor, organization, query, at).order_by(*_order(query))
    return (held_role(row, at) for row in rows.iterator(chunk_size=_CHUNK))


def count_users(actor: Actor, organization: OrganizationInfo, query: UsersQuery, at: dt.datetime) -> UserCounts:
    """Count the roles of each list, whatever list the query asks for; its other filters do not count either."""
    rows = _at_place(actor, organization, with_under=query.with_under)
    zones = _zones(rows)
    active = rows.filter(_fits(Shown.ACTIVE, zones, at))
    by_role = dict.fromkeys(Role, 0)
    for role in active.values_list("role", flat=True).order_by():
        by_role[Role(role)] += 1
    return UserCounts(
        active=sum(by_role.values()),
        ending=rows.filter(_fits(Shown.ENDING, zones, at)).count(),
        unused=rows.filter(_fits(Shown.UNUSED, zones, at)).count(),
        over=rows.filter(_fits(Shown.OVER, zones, at)).count(),
        by_role=by_role,
    )


def role_held(actor: Actor, membership_id: int, at: dt.datetime) -> HeldRole:
    """Return one role at an organization that the actor may look into; raises :class:`scoreport.access.NotFound`."""
    row = _rows().filter(pk=membership_id).first()
    if row is None or row.organization is None:
        raise NotFound(_("There is no such role."))
    place = organization_seen_by(actor, row.organization.code)
    access.require(actor, Permission.ACCESS_READ, place.place)
    return held_role(row, at)


def people_known(actor: Actor, organization: OrganizationInfo, *, limit: int) -> list[tuple[str, str]]:
    """Return name and e-mail address of people who have or had a role here or under it, by name: whom to offer."""
    rows = _at_place(actor, organization, with_under=True).filter(user__is_active=True)
    found = rows.order_by("user__name", "user__email").values_list("user__name", "user__email").distinct()
    return list(found[:limit])


def has_under(organization: OrganizationInfo) -> bool:
    """Tell whether anything stands under an organization."""
    return Organization.objects.filter(parent_id=organization.id).exists()


def held_role(row: Membership, at: dt.datetime) -> HeldRole:
    """Return a role at an organization without its row."""
    assert row.organization is not None  # noqa: S101 - rows of program staff are never asked for
    place = row.organization.info
    return HeldRole(
        id=row.pk,
        person_id=row.user.pk,
        name=row.user.name,
        email=row.user.email,
        role=Role(row.role),
        organization=place,
        granted_by=row.granted_by,
        granted_at=row.granted_at,
        granted_on=local_date(row.granted_at, place.time_zone),
        ends_on=row.ends_on,
        last_used_on=row.last_used_on,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
        today=local_date(at, place.time_zone),
    )


def _rows() -> QuerySet[Membership]:
    return Membership.objects.filter(organization__isnull=False).select_related("user", "organization")


def _at_place(actor: Actor, organization: OrganizationInfo, *, with_under: bool) -> QuerySet[Membership]:
    access.require(actor, Permission.ACCESS_READ, organization.place)
    if not with_under:
        return _rows().filter(organization_id=organization.id)
    under = Organization.objects.under([lineage_text(organization.lineage)])
    return _rows().filter(organization__in=under)


def _asked(actor: Actor, organization: OrganizationInfo, query: UsersQuery, at: dt.datetime) -> QuerySet[Membership]:
    rows = _at_place(actor, organization, with_under=query.with_under)
    rows = rows.filter(_fits(query.shown, _zones(rows), at))
    if query.role is not None:
        rows = rows.filter(role=query.role.value)
    if query.search:
        wanted = Q(user__name__icontains=query.search) | Q(user__email__contains=normalized_email(query.search))
        rows = rows.filter(wanted)
    return rows


def _zones(rows: QuerySet[Membership]) -> list[str]:
    return list(rows.order_by().values_list("organization__time_zone", flat=True).distinct())


def _fits(shown: Shown, zones: list[str], at: dt.datetime) -> Q:
    """Say in SQL what :class:`HeldRole` says of one row: "today" differs from zone to zone."""
    fits = Q(pk__in=())
    for zone in zones:
        today = local_date(at, zone)
        active = Q(revoked_at__isnull=True, ends_on__gte=today)
        match shown:
            case Shown.ACTIVE:
                one = active
            case Shown.ENDING:
                one = active & Q(ends_on__lte=today + dt.timedelta(days=WARN_DAYS[0]))
            case Shown.UNUSED:
                one = active & _unused(today, zone)
            case Shown.OVER:
                one = ~active
        fits |= Q(organization__time_zone=zone) & one
    return fits


def _unused(today: dt.date, zone: str) -> Q:
    """Say in SQL what ``rules.ends.is_unused`` says."""
    last = today - dt.timedelta(days=UNUSED_DAYS)
    opens = [role.value for role, permissions in ROLE_PERMISSIONS.items() if permissions]
    granted_then = Q(granted_at__lt=start_of_day(last + dt.timedelta(days=1), zone))
    return Q(role__in=opens) & (Q(last_used_on__lte=last) | Q(last_used_on__isnull=True) & granted_then)


def _order(query: UsersQuery) -> list[OrderBy]:
    columns: dict[Order, F | Func] = {
        Order.NAME: Lower("user__name"),
        Order.ROLE: F("role"),
        Order.ORGANIZATION: F("organization__sort_name"),
        Order.GRANTED: F("granted_at"),
        Order.ENDS: F("ends_on"),
        Order.USED: F("last_used_on"),
    }
    expression = columns[query.order]
    chosen = expression.desc(nulls_last=True) if query.descending else expression.asc(nulls_first=True)
    return [chosen, Lower("user__name").asc(), F("user_id").asc(), F("role").asc(), F("pk").asc()]
