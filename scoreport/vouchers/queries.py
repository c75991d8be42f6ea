"""Reads of orders, vouchers and profiles: the actor first, and only what one of their roles reaches."""

import base64
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, NotFound, Permission
from scoreport.lib import codes
from scoreport.lib.clock import local_date
from scoreport.lib.secrets import decrypt_many
from scoreport.organizations.queries import organization
from scoreport.organizations.rules import OrganizationInfo
from scoreport.programs.rules import AcademicYear
from scoreport.vouchers.models import Voucher, VoucherOrder, VoucherProfile
from scoreport.vouchers.rules import (
    PURPOSE,
    Contact,
    NewOrder,
    OrderInfo,
    OrderStatus,
    ProfileInfo,
    VoucherInfo,
    VoucherState,
    holds_here,
    state_on,
)

_AT_ONCE: Final = 2_000


class UnknownOrder(NotFound):
    """There is no such order that the actor may see."""


def offered_years(at: dt.datetime, place: OrganizationInfo) -> tuple[AcademicYear, ...]:
    """Return the academic years whose orders are shown, the running one first."""
    running = AcademicYear.of(local_date(at, place.time_zone))
    return tuple(AcademicYear(running.start - back) for back in range(settings.VOUCHER_YEARS))


def profile_of(actor: Actor, place: OrganizationInfo, *, program: str) -> ProfileInfo | None:
    """Return the profile of an organization as it is now, or None where none was saved yet."""
    access.require(actor, Permission.VOUCHERS_READ, place.place)
    row = VoucherProfile.objects.filter(organization_id=place.id, program=program).order_by("-id").first()
    if row is None:
        return None
    return ProfileInfo(
        coordinator=Contact(**row.coordinator),
        alternate=Contact(**row.alternate) if row.alternate else None,
        billing=Contact(**row.billing),
        saved_at=row.saved_at,
        saved_by=row.saved_by,
    )


def orders_of(actor: Actor, place: OrganizationInfo, *, program: str, year: AcademicYear) -> list[OrderInfo]:
    """Return the orders of an organization in an academic year, the newest first."""
    access.require(actor, Permission.VOUCHERS_READ, place.place)
    rows = _orders().filter(organization_id=place.id, program=program, year=year.start).order_by("-id")
    return [_info(row) for row in rows]


@dataclass(frozen=True, slots=True)
class VoucherYear:
    """An academic year of an organization as its pages show it; the profile is that of now, for this year only."""

    year: AcademicYear
    offered: tuple[AcademicYear, ...]
    orders: list[OrderInfo]
    profile: ProfileInfo | None

    @property
    def is_running(self) -> bool:
        """Whether it is the academic year of today."""
        return self.year == self.offered[0]


def voucher_year(
    actor: Actor, place: OrganizationInfo, *, program: str, year: AcademicYear | None, at: dt.datetime
) -> VoucherYear:
    """Return an academic year of an organization; a year that is not offered (or None) is the running one."""
    offered = offered_years(at, place)
    chosen = year if year in offered else offered[0]
    return VoucherYear(
        year=chosen,
        offered=offered,
        orders=orders_of(actor, place, program=program, year=chosen),
        profile=profile_of(actor, place, program=program) if chosen == offered[0] else None,
    )


def order(actor: Actor, code: str) -> OrderInfo:
    """Return an order by its ID, however it is typed.

    Raises :class:`UnknownOrder`, also for an order of an organization that the actor does not reach, and
    :class:`scoreport.access.NotAllowed`.
    """
    row = _orders().filter(code=codes.normalized(code)).first()
    if row is None or not (actor.is_trusted or _is_reached(actor, row)):
        message = _("There is no order with the ID “%(code)s”.")
        raise UnknownOrder(message % {"code": code})
    found = _info(row)
    access.require(actor, Permission.VOUCHERS_READ, found.organization.place)
    return found


def reads_codes(actor: Actor, place: OrganizationInfo) -> bool:
    """Tell whether an actor may see the codes of an organization's vouchers: by a role held there."""
    return holds_here(actor, Permission.VOUCHER_CODES_READ, place.place)


def vouchers_of(actor: Actor, found: OrderInfo, *, at: dt.datetime) -> Iterator[VoucherInfo]:
    """Yield the vouchers of an order with their codes, in their order.

    The caller records that they were shown. Raises :class:`scoreport.access.NotAllowed`.
    """
    access.require(actor, Permission.VOUCHER_CODES_READ, found.organization.place)
    if not reads_codes(actor, found.organization):
        raise access.NotAllowed(_("Only the CLEP coordinators of this organization may see the codes of its vouchers."))
    return _vouchers(found, local_date(at, found.organization.time_zone))


def _vouchers(found: OrderInfo, today: dt.date) -> Iterator[VoucherInfo]:
    rows = Voucher.objects.filter(order_id=found.id).order_by("line")
    names = ("id", "line", "sealed", "hint", "state", "expires_on", "covers_remote")
    stored = list(rows.values_list(*names))
    for start in range(0, len(stored), _AT_ONCE):
        some = stored[start : start + _AT_ONCE]
        read = _readable([sealed for _id, _line, sealed, *_rest in some])
        for code, (number, line, _sealed, hint, state, expires_on, covers_remote) in zip(read, some, strict=True):
            yield VoucherInfo(
                id=number,
                line=line,
                code=code,
                hint=hint,
                state=state_on(VoucherState(state), expires_on, today),
                expires_on=expires_on,
                covers_remote=covers_remote,
                order_code=found.code,
            )


def _readable(sealed: Sequence[str]) -> list[str]:
    """Return codes as people read them; raises ValueError where the key is not known."""
    return [codes.grouped(code) for code in decrypt_many(map(base64.b64decode, sealed), PURPOSE)]


def _is_reached(actor: Actor, row: VoucherOrder) -> bool:
    return any(grant.reaches(row.organization.info.place) for grant in actor.grants)


def _orders() -> "QuerySet[VoucherOrder]":
    voided = Count("vouchers", filter=Q(vouchers__state=VoucherState.VOIDED.value))
    return VoucherOrder.objects.select_related("organization").annotate(voided=voided)


def _info(row: VoucherOrder) -> OrderInfo:
    return OrderInfo(
        id=row.pk,
        code=row.code,
        organization=row.organization.info,
        year=AcademicYear(row.year),
        wanted=NewOrder(
            quantity=row.quantity,
            expires_on=row.expires_on,
            covers_remote=row.covers_remote,
            purchase_order=row.purchase_order,
        ),
        status=OrderStatus(row.status),
        exam_cents=row.exam_cents,
        remote_cents=row.remote_cents,
        voided=getattr(row, "voided", 0),
        placed_at=row.placed_at,
        placed_by=row.placed_by,
        fulfilled_at=row.fulfilled_at,
    )


def organization_with_orders(actor: Actor, address: str) -> OrganizationInfo:
    """Return an organization whose orders the actor may see.

    Raises :class:`scoreport.organizations.queries.UnknownOrganization` and :class:`scoreport.access.NotAllowed`.
    """
    place = organization(actor, address)
    access.require(actor, Permission.VOUCHERS_READ, place.place)
    return place
