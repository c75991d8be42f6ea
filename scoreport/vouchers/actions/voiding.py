"""Taking unused vouchers out of use for good."""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from scoreport.access import Actor, Permission, Refused, require, require_fresh_sign_in
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.lib import codes
from scoreport.lib.clock import local_date
from scoreport.lib.secrets import digests
from scoreport.vouchers import queries
from scoreport.vouchers.actions.orders import require_may_order
from scoreport.vouchers.models import Voucher
from scoreport.vouchers.rules import CODE_LENGTH, PURPOSE, VoucherState


class NothingToVoid(Refused):
    """No voucher that was named can be voided."""


def void_vouchers(actor: Actor, *, order: str, code: str | None = None, at: dt.datetime) -> int:
    """Void the available vouchers of an order, or only the one with this code, and return how many that were.

    A code that is blank is a slip, never all vouchers. A voided voucher pays for nothing any more. Raises
    :class:`scoreport.vouchers.queries.UnknownOrder`, :class:`NothingToVoid` and :class:`scoreport.access.NotAllowed`,
    also when the sign-in is not fresh.
    """
    found = queries.order(actor, order)
    require_may_order(actor, organization=found.organization)
    require(actor, Permission.VOUCHER_CODES_READ, found.organization.place)
    require_fresh_sign_in(
        actor,
        within=dt.timedelta(minutes=settings.FRESH_SIGN_IN_MINUTES),
        at=at,
        reason=_("Confirm that it's you before you void vouchers."),
    )
    typed = codes.normalized(code or "")
    if code is not None and not codes.is_code(typed, CODE_LENGTH):
        message = _("“%(code)s” is not a voucher code. Check it against your list of vouchers.")
        raise NothingToVoid(message % {"code": code})
    today = local_date(at, found.organization.time_zone)
    open_vouchers = Voucher.objects.filter(
        order_id=found.id, organization_id=found.organization.id, state=VoucherState.AVAILABLE, expires_on__gte=today
    )
    if typed:
        open_vouchers = open_vouchers.filter(digest__in=digests(typed, PURPOSE))
    with transaction.atomic():
        voided = open_vouchers.update(state=VoucherState.VOIDED, voided_at=at, voided_by=actor.name)
        if not voided:
            raise NothingToVoid(_("No available voucher of this order was named. Used, expired and voided ones stay."))
        record(
            actor, verb=Verb.VOUCHERS_VOIDED, at=at, organization=found.organization.code,
            subject_kind="voucher-order", subject=found.code, subject_id=found.id, vouchers=voided,
            hint=typed[-4:],
        )  # fmt: skip
    return voided
