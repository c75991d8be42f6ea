"""Ordering vouchers, by the rules of the My CLEP portal (reference: college_board.md 5.2, 5.3; its FAQ)."""

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from scoreport.access import NotAllowed
from scoreport.audit.queries import events_of
from scoreport.lib import codes
from scoreport.organizations.queries import UnknownOrganization, actor_of, find
from scoreport.outbox.models import Mail
from scoreport.programs.actions import NotAFee, NotOfYear, set_fee
from scoreport.programs.queries import NoFee, fee_on
from scoreport.programs.rules import AcademicYear
from scoreport.vouchers.actions import (
    NotOrdered,
    OtherOrder,
    change_purchase_order,
    download_vouchers,
    review_order,
)
from scoreport.vouchers.generate import generate
from scoreport.vouchers.models import Voucher, VoucherOrder
from scoreport.vouchers.queries import UnknownOrder, order, orders_of, vouchers_of
from scoreport.vouchers.rules import OrderStatus, VoucherState
from tests.vouchers.ordering import ALEX, BO, CARA, LAST, YEAR, fulfilled, place, prepare, wanted
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(world):
    """Set the fee of a year, and a profile at Alder High."""
    prepare()
    return world


def person(email: str, *, second_factor: bool = True):
    from scoreport.accounts.queries import person as by_email

    return actor_of(by_email(email).id, second_factor=second_factor, signed_in_at=AT, address="192.0.2.1", at=AT)


# --- Fees -----------------------------------------------------------------------------------------


def test_a_fee_counts_from_its_first_day_to_the_next_one_and_never_in_another_year(world):
    set_fee(OPERATOR, program="clep", year=YEAR, exam_cents=9700, remote_cents=3000, at=AT)
    later = dt.date(2027, 1, 1)
    set_fee(OPERATOR, program="clep", year=YEAR, exam_cents=9900, remote_cents=3100, starts_on=later, at=AT)
    assert [fee_on("clep", day).exam_cents for day in (YEAR.first_day, dt.date(2026, 12, 31), later, LAST)] == [
        9700, 9700, 9900, 9900,
    ]  # fmt: skip
    for day in (dt.date(2026, 6, 30), dt.date(2027, 7, 1)):
        with pytest.raises(NoFee, match="No fee is set for the academic year"):
            fee_on("clep", day)


def test_a_fee_can_be_corrected_and_both_amounts_are_recorded(world):
    for cents in (9700, 9500):
        set_fee(OPERATOR, program="clep", year=YEAR, exam_cents=cents, remote_cents=3000, at=AT)
    assert fee_on("clep", AT.date()).exam_cents == 9500
    newest = events_of(verb="programs:fee:set")[0].facts.detail
    assert (newest["before_exam_cents"], newest["exam_cents"]) == (9700, 9500)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"starts_on": dt.date(2026, 6, 30)}, NotOfYear),
        ({"starts_on": dt.date(2027, 7, 1)}, NotOfYear),
        ({"exam_cents": 0}, NotAFee),
        ({"remote_cents": -1}, NotAFee),
    ],
)
def test_a_fee_that_makes_no_sense_is_refused(world, changes, error):
    values = {"program": "clep", "year": YEAR, "exam_cents": 9700, "remote_cents": 3000, "at": AT} | changes
    with pytest.raises(error):
        set_fee(OPERATOR, **values)


def test_only_the_operator_sets_fees(ready):
    for actor in (person(CARA), ready.actor("pat"), ready.actor("max")):
        with pytest.raises(NotAllowed, match="Only the operator"):
            set_fee(actor, program="clep", year=YEAR, exam_cents=1, remote_cents=0, at=AT)


# --- Ordering -------------------------------------------------------------------------------------


def test_an_order_becomes_fulfilled_with_as_many_different_codes_as_were_ordered(ready, run_tasks):
    placed = place(person(CARA), wanted(25, covers_remote=True, purchase_order=" PO 7 "))
    assert placed.status is OrderStatus.GENERATING
    assert placed.status.label == "Generating Vouchers"
    assert (placed.wanted.purchase_order, placed.year, placed.most_cents) == ("PO 7", YEAR, 25 * 12700)
    run_tasks()
    found = order(person(CARA), placed.code)
    assert found.status.label == "Fulfilled"
    vouchers = list(vouchers_of(person(CARA), found, at=AT))
    assert [one.line for one in vouchers] == list(range(1, 26))
    assert len({one.code for one in vouchers}) == 25
    assert all(codes.is_code(codes.normalized(one.code)) for one in vouchers)
    assert {(one.state, one.expires_on, one.covers_remote) for one in vouchers} == {
        (VoucherState.AVAILABLE, LAST, True)
    }


def test_generating_twice_makes_no_second_batch(ready):
    placed = place()
    assert [generate(placed.id, at=AT) for _time in range(2)] == [True, False]
    assert Voucher.objects.count() == 3


def test_codes_are_not_readable_in_the_database(ready):
    found = fulfilled()
    read = {codes.normalized(one.code) for one in vouchers_of(OPERATOR, found, at=AT)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM vouchers_voucher")
        stored = str(cursor.fetchall())
    assert not any(code in stored or code[:12] in stored for code in read)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"quantity": 0}, "Order from 1 to 10,000 vouchers. You asked for 0."),
        ({"quantity": 10_001}, "Order from 1 to 10,000 vouchers. You asked for 10001."),
        ({"expires_on": dt.date(2027, 7, 1)}, "between 2026-11-21 and 2027-06-30. You chose 2027-07-01."),
        ({"expires_on": dt.date(2026, 11, 20)}, "You chose 2026-11-20."),
        ({"purchase_order": "x" * 61}, "at most 60 characters"),
    ],
)
def test_what_cannot_be_ordered_is_refused_with_what_to_change(ready, changes, sentence):
    with pytest.raises(NotOrdered) as error:
        place(what=wanted(**changes))
    assert sentence in str(error.value)
    assert not VoucherOrder.objects.exists()


def test_vouchers_may_expire_today_and_on_june_30(ready):
    for day in (AT.date(), LAST):
        assert place(what=wanted(expires_on=day), key=str(day)).wanted.expires_on == day


def test_the_academic_year_is_that_of_the_organizations_own_day(ready):
    """At 11 PM on June 30 in the east it is July already in London, and not yet next year here."""
    late = dt.datetime(2027, 7, 1, 3, 0, tzinfo=dt.UTC)
    assert place(at=late).wanted.expires_on == LAST
    with pytest.raises(NotOrdered):
        place(key="later", at=late + dt.timedelta(hours=1))


def test_terms_are_accepted_for_each_order(ready):
    with pytest.raises(NotOrdered, match="Accept the Online Terms and Conditions"):
        place(accepts_terms=False)
    place()
    assert VoucherOrder.objects.get().terms


def test_without_a_profile_or_a_fee_nothing_is_ordered(ready):
    with pytest.raises(NotOrdered, match="no profile yet"):
        place(organization="ALDER-EARLY")
    with pytest.raises(NoFee):
        place(at=AT + dt.timedelta(days=365), what=wanted(expires_on=dt.date(2028, 6, 30)))


# --- The same request once more (known fault V5) ---------------------------------------------------


def test_a_form_that_is_sent_twice_is_one_order(ready):
    first, second = place(), place()
    assert first.code == second.code
    assert VoucherOrder.objects.count() == 1
    assert Mail.objects.filter(kind="vouchers-ordered").count() == 2, "coordinator and alternate, once"


def test_a_form_that_is_sent_again_with_something_else_is_refused(ready):
    place()
    with pytest.raises(OtherOrder, match="placed order"):
        place(what=wanted(4))


def test_the_same_form_at_another_school_is_an_order_of_its_own(ready):
    prepare("ALDER-EARLY")
    assert place().code != place(organization="ALDER-EARLY").code


# --- Who may -----------------------------------------------------------------------------------------


def test_coordinator_and_alternate_order_and_the_billing_contact_sees_orders_without_codes(ready):
    for email in (CARA, ALEX):
        place(person(email), key=email)
    found = fulfilled()
    billing = person(BO)
    assert len(orders_of(billing, find("ALDER-HIGH"), program="clep", year=YEAR)) == 3
    with pytest.raises(NotAllowed, match="may order and void"):
        place(billing, key="b")
    with pytest.raises(NotAllowed, match="codes of its vouchers"):
        vouchers_of(billing, found, at=AT)
    with pytest.raises(NotAllowed):
        download_vouchers(billing, order=found.code, at=AT)


def test_ordering_and_codes_need_a_second_factor(ready):
    found, without = fulfilled(), person(CARA, second_factor=False)
    for act in (lambda: place(without, key="w"), lambda: vouchers_of(without, found, at=AT)):
        with pytest.raises(NotAllowed) as error:
            act()
        assert error.value.needs_second_factor


def test_a_district_sees_the_orders_of_its_schools_and_orders_only_as_the_district(ready):
    found = fulfilled()
    prepare("D-ALDER")
    # Cara leaves the school, so that only her role at the district is left.
    from scoreport.access import Role
    from scoreport.organizations.actions import revoke_role

    revoke_role(OPERATOR, email=CARA, organization="ALDER-HIGH", role=Role.CLEP_COORDINATOR, at=AT)
    district = person(CARA)
    assert len(orders_of(district, find("ALDER-HIGH"), program="clep", year=YEAR)) == 1
    with pytest.raises(NotAllowed, match="codes of its vouchers"):
        download_vouchers(district, order=found.code, at=AT)
    with pytest.raises(NotAllowed, match="Only its own CLEP coordinators can order"):
        place(district, key="for the school")
    assert place(district, key="own", organization="D-ALDER").organization.code == "D-ALDER"


def test_others_find_no_order_and_no_organization(ready):
    found = fulfilled()
    for name in ("bea", "nora"):
        with pytest.raises(UnknownOrder) as error:
            order(ready.actor(name), found.code)
        with pytest.raises(UnknownOrder) as made_up:
            order(ready.actor(name), "AAAA-AAAA")
        assert str(error.value).replace(found.code, "") == str(made_up.value).replace("AAAA-AAAA", "")
    with pytest.raises(NotAllowed):
        order(ready.actor("amy"), found.code)
    assert issubclass(UnknownOrganization, Exception)


# --- After the order ----------------------------------------------------------------------------------


def test_the_purchase_order_number_can_be_added_and_changed_and_is_confirmed(ready):
    found = fulfilled()
    for number in ("PO-1", "PO-2", "PO-2"):
        changed = change_purchase_order(person(CARA), code=found.code.lower(), purchase_order=number, at=AT)
        assert changed.wanted.purchase_order == number
    events = events_of(verb="vouchers:order:changed")
    assert [(event.facts.detail["before"], event.facts.detail["purchase_order"]) for event in events] == [
        ("PO-1", "PO-2"), ("", "PO-1"),
    ]  # fmt: skip
    assert Mail.objects.filter(kind="vouchers-ordered").count() == 6


def test_the_file_has_its_columns_and_that_it_was_taken_out_is_recorded(ready):
    found = fulfilled(2, purchase_order="=1+1")
    lines = b"".join(download_vouchers(person(CARA), order=found.code, at=AT)).decode().splitlines()
    assert lines[0] == "voucher_code,state,expires_on,covers_remote_proctoring,order_id"
    assert [line.split(",")[1:] for line in lines[1:]] == [["available", "2027-06-30", "no", found.code]] * 2
    event = events_of(verb="vouchers:voucher:downloaded")[0].facts
    assert (event.organization, event.subject, event.detail["vouchers"]) == ("ALDER-HIGH", found.code, 2)
    assert "Cara" in event.actor


def test_the_file_waits_until_the_order_is_fulfilled(ready):
    placed = place()
    with pytest.raises(NotOrdered, match="still being generated"):
        download_vouchers(person(CARA), order=placed.code, at=AT)


def test_a_voucher_is_good_until_the_end_of_its_last_day_where_the_school_is(ready):
    found = fulfilled(1, expires_on=dt.date(2026, 12, 24))
    midnight = dt.datetime(2026, 12, 25, 5, 0, tzinfo=dt.UTC)
    states = [
        next(vouchers_of(OPERATOR, found, at=midnight + after)).state
        for after in (dt.timedelta(seconds=-1), dt.timedelta())
    ]
    assert states == [VoucherState.AVAILABLE, VoucherState.EXPIRED]


def test_orders_are_listed_by_academic_year(ready):
    fulfilled()
    lists = [orders_of(OPERATOR, find("ALDER-HIGH"), program="clep", year=AcademicYear(year)) for year in (2025, 2026)]
    assert [len(orders) for orders in lists] == [0, 1]


def test_a_review_stores_nothing_and_says_the_most_that_it_can_cost(ready):
    reviewed = review_order(
        person(CARA), organization=find("ALDER-HIGH"), program="clep", wanted=wanted(10_000, covers_remote=True), at=AT
    )
    assert reviewed.most_cents == 127_000_000
    assert not VoucherOrder.objects.exists()
    assert timezone.is_aware(AT)
