"""Voiding vouchers that nobody has used: once, recorded, and never more than what is available."""

import datetime as dt

import pytest

from scoreport.access import NotAllowed
from scoreport.audit.queries import events_of
from scoreport.vouchers.actions import NothingToVoid, void_vouchers
from scoreport.vouchers.queries import order, vouchers_of
from scoreport.vouchers.rules import VoucherState
from tests.vouchers.ordering import fulfilled, prepare
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(world):
    """Return an order of three vouchers."""
    prepare()
    return fulfilled()


def states(found, at=AT):
    return [one.state for one in vouchers_of(OPERATOR, found, at=at)]


def test_one_voucher_is_voided_by_its_code_however_it_is_typed(found):
    second = list(vouchers_of(OPERATOR, found, at=AT))[1].code
    assert void_vouchers(OPERATOR, order=found.code, code=f" {second.lower().replace('-', ' ')}", at=AT) == 1
    assert states(found) == [VoucherState.AVAILABLE, VoucherState.VOIDED, VoucherState.AVAILABLE]
    assert order(OPERATOR, found.code).voided == 1
    assert events_of(verb="vouchers:voucher:voided")[0].facts.detail == {"vouchers": 1, "hint": second[-4:]}
    with pytest.raises(NothingToVoid, match="No available voucher"):
        void_vouchers(OPERATOR, order=found.code, code=second, at=AT)


def test_all_that_are_available_are_voided_and_the_number_of_vouchers_stays(found):
    first = next(vouchers_of(OPERATOR, found, at=AT)).code
    void_vouchers(OPERATOR, order=found.code, code=first, at=AT)
    assert void_vouchers(OPERATOR, order=found.code, at=AT) == 2
    assert states(found) == [VoucherState.VOIDED] * 3


@pytest.mark.parametrize("typed", ["", " ", "----", "\u200b", "ABCD-EFGH-KLMN-PQRS", "AAAA"])
def test_a_code_that_is_none_is_a_slip_and_never_the_newest_voucher(found, typed):
    """Known fault V8: what is blank after cleaning finds nothing."""
    with pytest.raises(NothingToVoid, match="is not a voucher code"):
        void_vouchers(OPERATOR, order=found.code, code=typed, at=AT)
    assert states(found) == [VoucherState.AVAILABLE] * 3


def test_a_code_of_another_order_is_not_voided(found):
    other = next(vouchers_of(OPERATOR, fulfilled(1), at=AT)).code
    with pytest.raises(NothingToVoid):
        void_vouchers(OPERATOR, order=found.code, code=other, at=AT)


def test_expired_vouchers_stay_expired(found):
    after = AT + dt.timedelta(days=365)
    with pytest.raises(NothingToVoid):
        void_vouchers(OPERATOR, order=found.code, at=after)
    assert states(found, after) == [VoucherState.EXPIRED] * 3


def test_who_may_not_order_may_not_void(found, world):
    with pytest.raises(NotAllowed):
        void_vouchers(world.actor("amy"), order=found.code, at=AT)
    assert states(found) == [VoucherState.AVAILABLE] * 3
