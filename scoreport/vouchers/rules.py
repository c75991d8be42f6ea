"""Orders and vouchers: their states, what may be ordered, and what it can cost; pure.

The rules of ordering are those of My CLEP (reference: college_board.md 5.2 and 5.3).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext_lazy

from scoreport.access import Actor, Permission, Place, grants_for
from scoreport.lib.clock import local_date
from scoreport.organizations.rules import OrganizationInfo
from scoreport.programs.rules import AcademicYear

MOST_VOUCHERS: Final = 10_000
"""An order has from 1 to so many vouchers."""
CODE_LENGTH: Final = 16
"""Symbols of a voucher code: 15 random ones of 31, and one that finds slips."""
PURPOSE: Final = "voucher code"
"""For what codes are encrypted, and their digests taken."""
TERMS_VERSION: Final = "2026-07"
"""The Online Terms and Conditions for Bulk Purchase that are accepted with each order."""
LONGEST_REFERENCE: Final = 60


class OrderStatus(StrEnum):
    """The status of an order. The stored value never changes."""

    GENERATING = "generating"
    FULFILLED = "fulfilled"

    @property
    def label(self) -> str:
        """What pages and commands call it, in the reader's language."""
        return str(_STATUS_LABELS[self])


_STATUS_LABELS = {
    OrderStatus.GENERATING: gettext_lazy("Generating Vouchers"),
    OrderStatus.FULFILLED: gettext_lazy("Fulfilled"),
}


class VoucherState(StrEnum):
    """The state of a voucher. Available and voided are stored; a voucher expires by itself."""

    AVAILABLE = "available"
    EXPIRED = "expired"
    VOIDED = "voided"

    @property
    def label(self) -> str:
        """What pages and files call it, in the reader's language."""
        return str(_STATE_LABELS[self])


_STATE_LABELS = {
    VoucherState.AVAILABLE: gettext_lazy("Available"),
    VoucherState.EXPIRED: gettext_lazy("Expired"),
    VoucherState.VOIDED: gettext_lazy("Voided"),
}


def state_on(stored: VoucherState, expires_on: dt.date, today: dt.date) -> VoucherState:
    """Return the state of a voucher on a day of its organization; the expiration date is its last good day."""
    return VoucherState.EXPIRED if stored is VoucherState.AVAILABLE and expires_on < today else stored


def holds_here(actor: Actor, permission: Permission, place: Place) -> bool:
    """Tell whether an actor has a permission by a role at this very organization, and not by one above it.

    District users read the orders of their schools; they neither order for them nor see their codes.
    """
    held = grants_for(actor, permission)
    return actor.is_trusted or any(grant.place is not None and grant.place.id == place.id for grant in held)


@dataclass(frozen=True, slots=True)
class Contact:
    """A person of an organization's profile."""

    email: str
    name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class ProfileInfo:
    """The coordinator, alternate and billing contact of an organization; ``alternate`` may be None."""

    coordinator: Contact
    alternate: Contact | None
    billing: Contact
    saved_at: dt.datetime
    saved_by: str

    @property
    def billing_is_coordinator(self) -> bool:
        """Whether the coordinator is invoiced as well."""
        return self.billing.email == self.coordinator.email


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What is ordered: how many vouchers, their last good day, whether they cover remote proctoring, a reference."""

    quantity: int
    expires_on: dt.date
    covers_remote: bool = False
    purchase_order: str = ""


@dataclass(frozen=True, slots=True)
class OrderInfo:
    """An order as people see it. Fees are in cents, as they were when it was placed; ``voided`` counts vouchers."""

    id: int
    code: str
    organization: OrganizationInfo
    year: AcademicYear
    wanted: NewOrder
    status: OrderStatus
    exam_cents: int
    remote_cents: int
    voided: int
    placed_at: dt.datetime
    placed_by: str
    fulfilled_at: dt.datetime | None

    @property
    def most_cents(self) -> int:
        """What the order can cost at most, by the fees of its first day; voided vouchers cost nothing."""
        left = replace(self.wanted, quantity=self.wanted.quantity - self.voided)
        return most_cents(left, self.exam_cents, self.remote_cents)

    def is_expired(self, at: dt.datetime) -> bool:
        """Whether the last good day of its vouchers is over where the organization is."""
        return self.wanted.expires_on < local_date(at, self.organization.time_zone)


@dataclass(frozen=True, slots=True)
class VoucherInfo:
    """One voucher of an order; ``code`` is readable, and empty for readers who may not see codes."""

    id: int
    line: int
    code: str
    hint: str
    state: VoucherState
    expires_on: dt.date
    covers_remote: bool
    order_code: str


def most_cents(wanted: NewOrder, exam_cents: int, remote_cents: int) -> int:
    """Return what an order can cost at most, in cents: every exam taken, and taken remotely where that is covered."""
    return wanted.quantity * (exam_cents + (remote_cents if wanted.covers_remote else 0))


@dataclass(frozen=True, slots=True)
class OrderTotals:
    """The numbers of several orders together; ``most_cents`` is what they can cost at most."""

    orders: int
    vouchers: int
    voided: int
    most_cents: int


def totals_of(orders: Sequence[OrderInfo]) -> OrderTotals:
    """Return the numbers of several orders together."""
    return OrderTotals(
        orders=len(orders),
        vouchers=sum(one.wanted.quantity for one in orders),
        voided=sum(one.voided for one in orders),
        most_cents=sum(one.most_cents for one in orders),
    )
