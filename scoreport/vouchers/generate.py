"""Draws the codes of an order and stores its vouchers: all of them, or none."""

import base64
import datetime as dt
from itertools import count
from typing import Final

from django.db import connection, transaction

from scoreport import access
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.lib import codes
from scoreport.lib.bulk import copy_rows
from scoreport.lib.secrets import digest_many, encrypt_many
from scoreport.vouchers.models import Voucher, VoucherOrder
from scoreport.vouchers.rules import CODE_LENGTH, PURPOSE, OrderStatus, VoucherState

_HINT: Final = 4
_COLUMNS: Final = (
    "order_id", "organization_id", "line", "digest", "sealed", "hint", "state", "expires_on", "covers_remote",
    "voided_by",
)  # fmt: skip


def generate(order_id: int, *, at: dt.datetime) -> bool:
    """Store the vouchers of an order and fulfill it; say whether there was anything to do.

    A second run, and one beside it, finds the order fulfilled and does nothing.
    """
    with transaction.atomic():
        order = VoucherOrder.objects.select_for_update().select_related("organization").get(pk=order_id)
        if order.status != OrderStatus.GENERATING:
            return False
        _store(order)
        made = Voucher.objects.filter(order=order).count()
        if made != order.quantity:
            message = f"Order {order.code} asks for {order.quantity} vouchers, and {made} were stored."
            raise RuntimeError(message)
        VoucherOrder.objects.filter(pk=order.pk, status=OrderStatus.GENERATING).update(
            status=OrderStatus.FULFILLED, fulfilled_at=at
        )
        record(
            access.job("vouchers"), verb=Verb.VOUCHER_ORDER_FULFILLED, at=at, organization=order.organization.code,
            subject_kind="voucher-order", subject=order.code, subject_id=order.pk, quantity=order.quantity,
        )  # fmt: skip
    return True


def _store(order: VoucherOrder) -> None:
    drawn = _fresh(order.quantity)
    sealed = encrypt_many(list(drawn.values()), PURPOSE)
    rows = (
        (
            order.pk, order.organization_id, line, digest, base64.b64encode(secret).decode(), code[-_HINT:],
            VoucherState.AVAILABLE.value, order.expires_on, order.covers_remote, "",
        )
        for line, (digest, code), secret in zip(count(1), drawn.items(), sealed, strict=False)
    )  # fmt: skip
    copy_rows(connection, Voucher._meta.db_table, _COLUMNS, rows)


def _fresh(quantity: int) -> dict[str, str]:
    """Return so many codes that no voucher has, by their digests."""
    found: dict[str, str] = {}
    while len(found) < quantity:
        drawn = codes.generate_many(quantity - len(found), CODE_LENGTH)
        by_digest = dict(zip(digest_many(drawn, PURPOSE), drawn, strict=True))
        for digest in Voucher.objects.filter(digest__in=list(by_digest)).values_list("digest", flat=True):
            del by_digest[digest]
        found |= by_digest
    return found
