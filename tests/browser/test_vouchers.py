"""The pages of exam vouchers in each dress: an order from its first step to its file, by keyboard and mouse alone."""

import pytest
from playwright.sync_api import expect

from scoreport.vouchers.generate import generate
from scoreport.vouchers.models import VoucherOrder
from tests.browser.test_missing import look_here
from tests.vouchers.ordering import fulfilled, prepare_people
from tests.world import AT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_order_from_its_first_step_to_its_file(world, visitor):
    prepare_people(world)
    page = visitor("cara").open("/vouchers/")
    page.get_by_role("link", name="Start an Order").click()
    found = look_here(page, "voucher-start")
    page.get_by_role("button", name="Continue").click()
    page.fill("[name=quantity]", "25")
    page.get_by_label("Yes, the vouchers cover remote proctoring").check()
    found += look_here(page, "voucher-details")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Review your order")).to_be_visible()
    found += look_here(page, "voucher-review")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("I accept the Online Terms").check()
    found += look_here(page, "voucher-terms")
    page.get_by_role("button", name="Place order").click()
    expect(page.get_by_text("Your order was received.")).to_be_visible()
    found += look_here(page, "voucher-waiting")
    generate(VoucherOrder.objects.latest("pk").pk, at=AT)
    # The page asks for itself again and keeps its notice.
    download = page.get_by_role("link", name="Download Vouchers")
    expect(download).to_be_visible()
    expect(page.get_by_text("Your order was received.")).to_be_visible()
    found += look_here(page, "voucher-order")
    with page.expect_download() as file:
        download.click()
    assert file.value.suggested_filename.startswith("clep_vouchers_")
    assert found == []


def test_the_orders_of_a_year_and_voiding(world, visitor):
    prepare_people(world)
    placed = fulfilled(120, covers_remote=True, purchase_order="PO 2026-0117")
    cara = visitor("cara")
    found = look_here(cara.open("/vouchers/"), "vouchers")
    found += look_here(cara.open("/vouchers/470001/orders/"), "voucher-orders")
    found += look_here(cara.open(f"/vouchers/orders/{placed.code}/void/"), "voucher-void")
    assert found == []


def test_choosing_an_organization_and_reading_its_empty_pages(world, visitor):
    prepare_people(world)
    dee = visitor("dee")
    page = dee.open("/vouchers/")
    found = look_here(page, "vouchers-choose")
    page.fill("[name=q]", "Early")
    expect(page.get_by_text("1 organization", exact=True)).to_be_visible()
    page.get_by_role("link", name="Alder Early College").click()
    found += look_here(page, "vouchers-no-profile")
    page.get_by_role("link", name="Order History").click()
    found += look_here(page, "voucher-orders-empty")
    assert found == []
