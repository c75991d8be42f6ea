"""Taking the codes of an order out as a file."""

import datetime as dt
from collections.abc import Iterator
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from scoreport.access import Actor, require_fresh_sign_in
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.lib.tabular import csv_lines
from scoreport.vouchers import queries
from scoreport.vouchers.actions.orders import NotOrdered
from scoreport.vouchers.rules import OrderStatus

COLUMNS: Final = ("voucher_code", "state", "expires_on", "covers_remote_proctoring", "order_id")
"""The columns of the file, in their order; later ones are added at the end."""


def download_vouchers(actor: Actor, *, order: str, at: dt.datetime) -> Iterator[bytes]:
    """Return the vouchers of an order as CSV, in pieces; that they were taken out is recorded before the first.

    Raises :class:`scoreport.vouchers.queries.UnknownOrder`, :class:`scoreport.vouchers.actions.NotOrdered` while they
    are still being generated, and :class:`scoreport.access.NotAllowed`, also when the sign-in is not fresh.
    """
    found = queries.order(actor, order)
    vouchers = queries.vouchers_of(actor, found, at=at)
    if found.status is not OrderStatus.FULFILLED:
        raise NotOrdered(_("The vouchers of this order are still being generated. Try again in a minute."))
    require_fresh_sign_in(
        actor,
        within=dt.timedelta(minutes=settings.FRESH_SIGN_IN_MINUTES),
        at=at,
        reason=_("Confirm that it's you before you download voucher codes."),
    )
    with transaction.atomic():
        record(
            actor, verb=Verb.VOUCHERS_DOWNLOADED, at=at, organization=found.organization.code,
            subject_kind="voucher-order", subject=found.code, subject_id=found.id, vouchers=found.wanted.quantity,
        )  # fmt: skip
    rows = (
        (one.code, one.state.value, one.expires_on, "yes" if one.covers_remote else "no", one.order_code)
        for one in vouchers
    )
    return csv_lines(COLUMNS, rows)
