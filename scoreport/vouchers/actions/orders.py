"""Placing an order, and the one thing about it that can change: its purchase order number."""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission, Refused
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.lib import codes
from scoreport.lib.clock import local_date
from scoreport.lib.money import dollars
from scoreport.lib.text import clean
from scoreport.organizations.rules import OrganizationInfo
from scoreport.outbox.actions import post
from scoreport.outbox.rules import MailKind
from scoreport.programs.queries import fee_on
from scoreport.programs.rules import AcademicYear, FeeInfo
from scoreport.vouchers import queries
from scoreport.vouchers.models import VoucherOrder
from scoreport.vouchers.rules import (
    LONGEST_REFERENCE,
    MOST_VOUCHERS,
    TERMS_VERSION,
    NewOrder,
    OrderInfo,
    holds_here,
    most_cents,
)
from scoreport.vouchers.tasks import generate_vouchers

_CODE_LENGTH = 8


class NotOrdered(Refused):
    """The order cannot be placed as it is; the sentence says what to change."""


class OtherOrder(Refused):
    """The same request was sent before, with something else in it."""


@dataclass(frozen=True, slots=True)
class _Request:
    organization: OrganizationInfo
    program: str
    wanted: NewOrder
    key: str
    by: str


@dataclass(frozen=True, slots=True)
class ReviewedOrder:
    """An order that is about to be placed, with the fee of its year and the most that it can cost, in cents."""

    wanted: NewOrder
    fee: FeeInfo
    most_cents: int


@dataclass(frozen=True, slots=True)
class OrderStart:
    """What a coordinator sees first: the fee in force, and the days on which vouchers may expire."""

    fee: FeeInfo
    first_day: dt.date
    last_day: dt.date


def start_order(actor: Actor, *, organization: OrganizationInfo, program: str, at: dt.datetime) -> OrderStart:
    """Return the fee and the expiration dates of an order that is placed now; nothing is stored.

    Raises :class:`NotOrdered` without a profile, :class:`scoreport.programs.queries.NoFee` and
    :class:`scoreport.access.NotAllowed`.
    """
    require_may_order(actor, organization=organization)
    today = local_date(at, organization.time_zone)
    _require_profile(actor, organization, program)
    fee = fee_on(program, today)
    return OrderStart(fee, today, fee.year.last_day)


def review_order(
    actor: Actor, *, organization: OrganizationInfo, program: str, wanted: NewOrder, at: dt.datetime
) -> ReviewedOrder:
    """Return what an order would be; nothing is stored.

    Raises :class:`NotOrdered`, :class:`scoreport.programs.queries.NoFee` and :class:`scoreport.access.NotAllowed`.
    """
    require_may_order(actor, organization=organization)
    today = local_date(at, organization.time_zone)
    if not 1 <= wanted.quantity <= MOST_VOUCHERS:
        message = _("Order from 1 to %(most)s vouchers. You asked for %(quantity)d.")
        raise NotOrdered(message % {"most": f"{MOST_VOUCHERS:,}", "quantity": wanted.quantity})
    latest = AcademicYear.of(today).last_day
    if not today <= wanted.expires_on <= latest:
        message = _("Vouchers ordered today expire between %(today)s and %(latest)s. You chose %(day)s.")
        days = {"today": today, "latest": latest, "day": wanted.expires_on}
        raise NotOrdered(message % {name: day.isoformat() for name, day in days.items()})
    reference = clean(wanted.purchase_order).strip()
    if len(reference) > LONGEST_REFERENCE:
        message = _("A purchase order number has at most %(most)d characters.")
        raise NotOrdered(message % {"most": LONGEST_REFERENCE})
    _require_profile(actor, organization, program)
    fee = fee_on(program, today)
    checked = NewOrder(wanted.quantity, wanted.expires_on, wanted.covers_remote, reference)
    return ReviewedOrder(checked, fee, most_cents(checked, fee.exam_cents, fee.remote_cents))


def _require_profile(actor: Actor, organization: OrganizationInfo, program: str) -> None:
    if queries.profile_of(actor, organization, program=program) is None:
        raise NotOrdered(_("This organization has no profile yet. It needs one before vouchers can be ordered."))


def require_may_order(actor: Actor, *, organization: OrganizationInfo) -> None:
    """Return when a person may order for an organization: by a role that they hold there, not one above it.

    District users see the orders of their schools and order as the district (reference: college_board.md 5.1).
    Raises :class:`scoreport.access.NotAllowed`.
    """
    access.require(actor, Permission.VOUCHERS_ORDER, organization.place)
    if not holds_here(actor, Permission.VOUCHERS_ORDER, organization.place):
        raise access.NotAllowed(
            _("You can see the orders of this organization. Only its own CLEP coordinators can order for it.")
        )


def place_order(
    actor: Actor,
    *,
    organization: OrganizationInfo,
    program: str,
    wanted: NewOrder,
    accepts_terms: bool,
    request_key: str,
    by: str = "",
    at: dt.datetime,
) -> OrderInfo:
    """Order vouchers: the order is stored, its codes are generated in the background, and it is confirmed by email.

    ``request_key`` is drawn when the form is shown: the same order sent once more is the same order. ``by`` is the
    address of the person for whom the operator orders. Raises what :func:`review_order` raises, :class:`NotOrdered`
    without the terms, and :class:`OtherOrder`.
    """
    if not accepts_terms:
        raise NotOrdered(_("Accept the Online Terms and Conditions for Bulk Purchase to place the order."))
    if (known := _placed(actor, organization, program, wanted, request_key)) is not None:
        return known
    reviewed = review_order(actor, organization=organization, program=program, wanted=wanted, at=at)
    request = _Request(organization, program, wanted, request_key, by)
    try:
        with transaction.atomic():
            return _stored(actor, request, reviewed, at)
    except IntegrityError:
        # The same request was quicker in another process.
        if (known := _placed(actor, organization, program, wanted, request_key)) is None:
            raise
        return known


def _stored(actor: Actor, request: _Request, reviewed: ReviewedOrder, at: dt.datetime) -> OrderInfo:
    checked, fee = reviewed.wanted, reviewed.fee
    row = VoucherOrder.objects.create(
        code=codes.generate(_CODE_LENGTH),
        organization_id=request.organization.id,
        program=request.program,
        year=fee.year.start,
        quantity=checked.quantity,
        expires_on=checked.expires_on,
        covers_remote=checked.covers_remote,
        purchase_order=checked.purchase_order,
        exam_cents=fee.exam_cents,
        remote_cents=fee.remote_cents,
        terms=TERMS_VERSION,
        request_key=request.key,
        request_digest=_digest(request.program, request.wanted),
        placed_at=at,
        placed_by=request.by or actor.name,
        placed_by_id=actor.person_id,
    )
    generate_vouchers.enqueue(row.pk)
    placed = queries.order(actor, row.code)
    _confirm(actor, placed, request.program, at, is_new=True)
    record(
        actor, verb=Verb.VOUCHER_ORDERED, at=at, organization=request.organization.code, subject_kind="voucher-order",
        subject=row.code, subject_id=row.pk, quantity=row.quantity, expires_on=row.expires_on.isoformat(),
        covers_remote=row.covers_remote, purchase_order=row.purchase_order, most_cents=placed.most_cents,
        terms=TERMS_VERSION, ordered_by=request.by,
    )  # fmt: skip
    return placed


def _placed(
    actor: Actor, organization: OrganizationInfo, program: str, wanted: NewOrder, request_key: str
) -> OrderInfo | None:
    """Return the order that a request has placed before, if it has."""
    require_may_order(actor, organization=organization)
    row = VoucherOrder.objects.filter(organization_id=organization.id, request_key=request_key).first()
    if row is None:
        return None
    if row.request_digest != _digest(program, wanted):
        message = _("This form placed order %(code)s already. Start another order to buy more vouchers.")
        raise OtherOrder(message % {"code": codes.grouped(row.code)})
    return queries.order(actor, row.code)


def _digest(program: str, wanted: NewOrder) -> str:
    facts = [program, wanted.quantity, wanted.expires_on.isoformat(), wanted.covers_remote, wanted.purchase_order]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def change_purchase_order(actor: Actor, *, code: str, purchase_order: str, at: dt.datetime) -> OrderInfo:
    """Add or change the purchase order number of an order; the new number is confirmed by email.

    Raises :class:`scoreport.vouchers.queries.UnknownOrder`, :class:`NotOrdered` and
    :class:`scoreport.access.NotAllowed`.
    """
    found = queries.order(actor, code)
    require_may_order(actor, organization=found.organization)
    reference = clean(purchase_order).strip()
    if len(reference) > LONGEST_REFERENCE:
        message = _("A purchase order number has at most %(most)d characters.")
        raise NotOrdered(message % {"most": LONGEST_REFERENCE})
    if reference == found.wanted.purchase_order:
        return found
    with transaction.atomic():
        row = VoucherOrder.objects.select_for_update().get(pk=found.id)
        VoucherOrder.objects.filter(pk=row.pk).update(purchase_order=reference)
        changed = queries.order(actor, row.code)
        _confirm(actor, changed, row.program, at, is_new=False)
        record(
            actor, verb=Verb.VOUCHER_ORDER_CHANGED, at=at, organization=found.organization.code,
            subject_kind="voucher-order", subject=row.code, subject_id=row.pk, purchase_order=reference,
            before=row.purchase_order,
        )  # fmt: skip
    return changed


def _confirm(actor: Actor, placed: OrderInfo, program: str, at: dt.datetime, *, is_new: bool) -> None:
    """Email the coordinator and the alternate what was ordered; no email has a code."""
    profile = queries.profile_of(actor, placed.organization, program=program)
    addresses = {one.email for one in (profile.coordinator, profile.alternate) if one} if profile else set[str]()
    for address in sorted(addresses):
        post(
            actor,
            kind=MailKind.VOUCHERS_ORDERED,
            to=address,
            at=at,
            about=f"voucher-order:{placed.id}",
            organization=placed.organization.name,
            order=codes.grouped(placed.code),
            quantity=str(placed.wanted.quantity),
            expires=placed.wanted.expires_on,
            covers_remote=placed.wanted.covers_remote,
            purchase_order=placed.wanted.purchase_order,
            most=dollars(placed.most_cents),
            is_new=is_new,
        )
