"""What ``scoreport verify`` checks about vouchers: quiet about sound data, and not about anything else."""

import datetime as dt

import pytest

from scoreport.audit.models import Event
from scoreport.vouchers.models import Voucher, VoucherOrder
from scoreport.vouchers.verify import verify
from tests.vouchers.ordering import fulfilled, place, prepare
from tests.world import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def stored(world):
    """Store a fulfilled order and one whose vouchers are being generated."""
    prepare()
    place(key="waits")
    return fulfilled()


def deviations() -> list[str]:
    return [finding.name for finding in verify(at=AT, progress=lambda _count: None) if finding.deviations]


def test_sound_data_is_found_sound(stored):
    assert deviations() == []


FIRST = {"line": 1}
WRONGS = {
    "a voucher that is lost": (lambda: Voucher.objects.filter(line=3).delete(), "Each order"),
    "a line that is lost": (lambda: Voucher.objects.filter(line=2).update(line=9), "Each order"),
    "an order that asks for more": (lambda: VoucherOrder.objects.update(quantity=4), "Each order"),
    "a later day": (lambda: VoucherOrder.objects.update(expires_on=dt.date(2027, 7, 1)), "Vouchers expire"),
    "a voucher that lasts": (
        lambda: Voucher.objects.filter(**FIRST).update(expires_on=dt.date(2028, 1, 1)),
        "Vouchers",
    ),
    "a code of another": (
        lambda: Voucher.objects.filter(**FIRST).update(sealed=Voucher.objects.get(line=2).sealed),
        "Voucher codes",
    ),
    "a code that is no code": (lambda: Voucher.objects.filter(**FIRST).update(sealed="AAAA"), "Voucher codes"),
    "a code of another key": (lambda: Voucher.objects.filter(**FIRST).update(digest="0"), "Voucher codes"),
    "an order that nobody recorded": (
        lambda: Event.objects.filter(verb="vouchers:order:placed").delete(),
        "Every voucher order",
    ),
}


@pytest.mark.parametrize("wrong", WRONGS)
def test_whatever_is_wrong_is_noticed(stored, wrong):
    """The negative control of every check."""
    do, words = WRONGS[wrong]
    do()
    assert [name for name in deviations() if name.startswith(words)]
