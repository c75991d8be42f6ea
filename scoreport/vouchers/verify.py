"""Every invariant of what is stored about vouchers, checked against the data itself; nothing is changed by it."""

import base64
import hmac
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import batched
from typing import Final

from scoreport.audit.rules import Verb
from scoreport.lib.invariants import Check, CheckReport, Finding, number, snapshot, stream
from scoreport.lib.secrets import decrypt_many, digests
from scoreport.programs.rules import AcademicYear
from scoreport.vouchers.models import VoucherOrder
from scoreport.vouchers.rules import PURPOSE, OrderStatus

_AT_ONCE: Final = 1_000


def orders_have_their_vouchers(_at: datetime) -> Iterator[Finding]:
    """Check that a fulfilled order has as many vouchers as were ordered, one on each line, and another one none."""
    found = CheckReport("Each order has the vouchers that were ordered")
    rows = stream(
        "SELECT o.code, o.status, o.quantity, COUNT(v.id), COALESCE(MIN(v.line), 1), COALESCE(MAX(v.line), 0)"
        " FROM vouchers_voucherorder o LEFT JOIN vouchers_voucher v ON v.order_id = o.id"
        " GROUP BY o.id, o.code, o.status, o.quantity ORDER BY o.id"
    )
    for code, status, quantity, stored, first, last in rows:
        wanted = quantity if status == OrderStatus.FULFILLED else 0
        found.expect(
            "order %s: %s vouchers are stored, %s were ordered", code, stored, wanted,
            holds=(stored, first, last) == (wanted, 1, wanted),
        )  # fmt: skip
    yield found.finding()


def orders_fit_their_year(_at: datetime) -> Iterator[Finding]:
    """Check that no voucher is good after June 30 of its order's academic year, or for longer than the order says."""
    found = CheckReport("Vouchers expire by June 30 of their academic year")
    for row in VoucherOrder.objects.order_by("id").iterator():
        found.expect(
            "order %s: %s is not in its academic year", row.code, row.expires_on,
            holds=AcademicYear(row.year).contains(row.expires_on),
        )  # fmt: skip
    longer = number(
        "SELECT COUNT(*) FROM vouchers_voucher v JOIN vouchers_voucherorder o ON o.id = v.order_id"
        " WHERE v.expires_on > o.expires_on"
    )
    for _voucher in range(longer):
        found.deviate("a voucher is good for longer than its order says")
    yield found.finding()


def codes_can_be_read(_at: datetime) -> Iterator[Finding]:
    """Check that each code can be decrypted, and is found by its digest."""
    found = CheckReport("Voucher codes can be read and found")
    rows = stream(
        "SELECT o.code, v.line, v.sealed, v.digest FROM vouchers_voucher v"
        " JOIN vouchers_voucherorder o ON o.id = v.order_id ORDER BY v.id"
    )
    for some in batched(rows, _AT_ONCE):
        for order, line, sealed, digest in some:
            found.expect("order %s, line %s: the code can't be read or found", order, line, holds=_fits(sealed, digest))
    yield found.finding()


def _fits(sealed: str, digest: str) -> bool:
    try:
        (code,) = decrypt_many([base64.b64decode(sealed)], PURPOSE)
    except ValueError:
        return False
    return any(hmac.compare_digest(digest, known) for known in digests(code, PURPOSE))


def orders_are_recorded(_at: datetime) -> Iterator[Finding]:
    """Check that each order was recorded when it was placed, and when it was fulfilled."""
    found = CheckReport("Every voucher order was recorded")
    recorded = {
        (verb, subject)
        for verb, subject in stream(
            "SELECT verb, subject FROM audit_event WHERE verb IN (%s, %s)",
            [Verb.VOUCHER_ORDERED.value, Verb.VOUCHER_ORDER_FULFILLED.value],
        )
    }
    for code, status in VoucherOrder.objects.order_by("id").values_list("code", "status").iterator():
        verbs = [Verb.VOUCHER_ORDERED] + [Verb.VOUCHER_ORDER_FULFILLED] * (status == OrderStatus.FULFILLED)
        for verb in verbs:
            found.expect("order %s: no event %s", code, verb.value, holds=(verb.value, code) in recorded)
    yield found.finding()


CHECKS: Final[tuple[Check, ...]] = (
    orders_have_their_vouchers,
    orders_fit_their_year,
    codes_can_be_read,
    orders_are_recorded,
)


def verify(*, at: datetime, progress: Callable[[int], None]) -> Iterator[Finding]:
    """Yield what each check found, as soon as it is through; ``progress`` is called with 1 after each step."""
    for check in CHECKS:
        with snapshot():
            yield from check(at)
        progress(1)
