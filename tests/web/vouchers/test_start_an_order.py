"""Start an Order: four steps at one address, without a script."""

import datetime as dt

import pytest

from scoreport.vouchers.models import VoucherOrder
from tests.vouchers.ordering import prepare_people
from tests.web.pages import read

pytestmark = pytest.mark.django_db

URL = "/vouchers/470001/order/"
DETAILS = {"quantity": "25", "expires_on": "2027-05-31", "covers_remote": "yes", "purchase_order": "PO 7"}


@pytest.fixture
def cara(world, client_for):
    """Return Cara's browser."""
    prepare_people(world)
    return client_for("cara")


def sent_by(page):
    """Return what the form of a step sends besides what is typed."""
    return {name: values[0] for name, values in page.fields("/order/").items()}


def go(browser, page, step, **typed):
    """Press the button of a step and read the next page."""
    return read(browser.post(URL, sent_by(page) | typed | {"step": step}))


def at_terms(browser):
    """Go through the first three steps."""
    page = go(browser, read(browser.get(URL)), "details")
    return go(browser, go(browser, page, "review", **DETAILS), "terms")


def test_from_the_first_step_to_the_confirmation(cara):
    first = read(cara.get(URL))
    for words in ("You are ordering forAlder High School", "CLEP exam fee$97.00", "Remote proctoring fee$30.00"):
        assert words in first.text
    details = go(cara, first, "details")
    assert sent_by(details)["expires_on"] == "2027-06-30"
    assert sent_by(details)["covers_remote"] == "no"
    review = go(cara, details, "review", **DETAILS)
    for words in ("Quantity25", "May 31, 2027", "Remote proctoringCovered", "PO 7", "Most it can cost$3,175.00"):
        assert words in review.text
    back = go(cara, review, "details")
    assert {name: sent_by(back)[name] for name in DETAILS} == DETAILS
    terms = go(cara, go(cara, back, "review", quantity="5"), "terms")
    assert "Vouchers that are not used, have expired or were voided cost nothing." in terms.text
    assert not VoucherOrder.objects.exists()
    done = cara.post(URL, sent_by(terms) | {"step": "place", "accepts_terms": "on"}, follow=True)
    placed = VoucherOrder.objects.get()
    assert done.redirect_chain == [(f"/vouchers/orders/{placed.code}/", 302)]
    assert "Your order was received." in read(done).text
    assert (placed.quantity, placed.expires_on, placed.covers_remote) == (5, dt.date(2027, 5, 31), True)
    assert (placed.purchase_order, placed.terms) == ("PO 7", "2026-07")


def test_the_last_step_sent_twice_is_one_order_and_with_other_details_none(cara):
    last = sent_by(at_terms(cara)) | {"step": "place", "accepts_terms": "on"}
    once, twice = cara.post(URL, last), cara.post(URL, last)
    assert once.headers["Location"] == twice.headers["Location"]
    assert "This form placed order" in read(cara.post(URL, last | {"quantity": "26"})).text
    assert VoucherOrder.objects.count() == 1


def test_each_mistake_is_said_at_its_field(cara):
    details = go(cara, read(cara.get(URL)), "details")
    for typed, field, words in (
        ({"quantity": "0"}, "quantity", "Order from 1 to 10,000 vouchers."),
        ({"quantity": "10001"}, "quantity", "Order from 1 to 10,000 vouchers."),
        ({"quantity": "ten"}, "quantity", "Enter a whole number."),
        ({"expires_on": "2027-07-01"}, "expires_on", "Choose a date from Nov 21, 2026 to Jun 30, 2027."),
        ({"expires_on": "2026-11-20"}, "expires_on", "Choose a date from"),
        ({"expires_on": "13/40/2027"}, "expires_on", "This is not a date."),
        ({"covers_remote": ""}, "covers_remote", "Choose yes or no."),
        ({"purchase_order": "9" * 61}, "purchase_order", "at most 60 characters"),
    ):
        page = go(cara, details, "review", **DETAILS | typed)
        assert words in page.part(f"id_{field}_error").text, typed
    unread = go(cara, at_terms(cara), "place")
    assert "Accept the terms and conditions" in unread.part("id_accepts_terms_error").text
    assert not VoucherOrder.objects.exists()


def test_what_makes_no_sense_begins_anew(cara):
    page = read(cara.post(URL, {"step": "nonsense", "request_key": "mine"}))
    assert "You are ordering for" in page.text
    assert len(sent_by(page)["request_key"]) == 36


def test_without_two_step_sign_in_it_is_asked_for_first(world, client_for):
    prepare_people(world)
    assert client_for("cara", second_factor=False).get(URL).headers["Location"] == "/account/second-factor/"


def test_without_a_profile_there_is_a_sentence_why(cara, world):
    from scoreport.access import Role
    from scoreport.organizations.actions import grant_role
    from tests.world import AT, OPERATOR

    grant_role(OPERATOR, email="cara@juniper.example", organization="ALDER-EARLY", role=Role.CLEP_COORDINATOR, at=AT)
    page = cara.get("/vouchers/000905/order/")
    assert page.status_code == 409
    assert "This organization has no profile yet." in read(page).text
    assert "This organization has no profile yet." in read(cara.get("/vouchers/000905/")).text
