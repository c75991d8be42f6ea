"""The pages of exam vouchers: who sees what, one order, its file, its purchase order number, voiding."""

import datetime as dt
import re

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY

from scoreport.audit.queries import events_of
from scoreport.outbox.models import Mail
from scoreport.vouchers.actions import void_vouchers
from scoreport.vouchers.models import Voucher, VoucherOrder
from scoreport.vouchers.queries import order as order_of
from tests.vouchers.ordering import BEN, fulfilled, place, prepare, prepare_people
from tests.web.pages import read
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db

CODE = re.compile(r"\b[A-Z2-9]{4}(?:-[A-Z2-9]{4}){3}\b")
HERE = "/vouchers/470001/"


@pytest.fixture(autouse=True)
def _people(world):
    """Add Cara and Bo of Alder High School, and Dee of its district."""
    prepare_people(world)


def of(placed, part=""):
    return f"/vouchers/orders/{placed.code}/{part}"


def body(response):
    return b"".join(response.streaming_content).decode()


def test_who_has_one_organization_goes_straight_to_it_and_others_choose(client_for):
    assert client_for("bo").get("/vouchers/").headers["Location"] == HERE
    district = read(client_for("dee").get("/vouchers/"))
    assert district.links("listed")["Alder High School"] == HERE
    assert "Birch" not in district.text
    assert client_for("amy").get("/vouchers/").status_code == 403
    assert read(client_for("cara").get("/")).links()["Exam vouchers"] == "/vouchers/"


def test_the_summary_has_the_profile_and_the_numbers_of_the_year(client_for):
    void_vouchers(OPERATOR, order=fulfilled(2).code, at=AT)
    fulfilled(3, covers_remote=True)
    page = read(client_for("cara").get(HERE))
    assert page.figures() == {"Orders": "2", "Vouchers": "5", "Voided": "2", "Most it can cost": "$381.00"}
    assert page.links()["Start an Order"] == f"{HERE}order/"
    for words in ("Cara Clay cara@juniper.example", "Alex Ash alex@juniper.example", "304-555-0100", "2026–2027"):
        assert words in page.text
    past = read(client_for("cara").get(HERE, {"year": "2025-2026"}))
    assert past.figures()["Orders"] == "0"
    assert "Alex Ash" not in past.text
    assert past.links()["Order History"] == f"{HERE}orders/?year=2025-2026"
    assert "2026–2027" in read(client_for("cara").get(HERE, {"year": "1999-2000"})).text


def test_the_header_leads_to_the_other_organizations(client_for):
    links = read(client_for("dee").get("/vouchers/D-ALDER/")).links()
    assert links["Alder High SchoolSchool · AI code 470001"] == HERE
    assert links["Find another organization"] == "/vouchers/"
    assert "Find another organization" not in read(client_for("cara").get(HERE)).links()


def test_one_person_for_all_is_named_once_and_no_profile_is_said(client_for):
    district = read(client_for("dee").get("/vouchers/D-ALDER/")).text
    assert "Billing contactSame as coordinator" in district
    assert "Alternate CLEP coordinatorNobody yet" in district
    early = read(client_for("pat").get("/vouchers/000905/"))
    assert "No profile yet" in early.text


@pytest.mark.parametrize(("name", "why"), [("bo", "Only the CLEP coordinator"), ("dee", "Only its own CLEP")])
def test_who_reads_orders_without_ordering_is_told_why(client_for, name, why):
    placed = fulfilled()
    page = read(client_for(name).get(HERE))
    assert "Start an Order" not in page.links()
    assert why in page.text
    assert client_for(name).get(f"{HERE}order/").status_code == 403
    assert "Update PO number" not in read(client_for(name).get(of(placed))).text
    assert client_for(name).post(of(placed), {"purchase_order": "PO 1"}).status_code == 403
    assert client_for(name).post(of(placed, "void/")).status_code == 403
    assert VoucherOrder.objects.get().purchase_order == ""


def test_order_history_of_a_year(client_for):
    cara = client_for("cara")
    assert (
        "Orders that your organization places in this academic year appear here"
        in read(cara.get(f"{HERE}orders/")).text
    )
    first, second = fulfilled(2, purchase_order="PO 77"), place(key="later")
    page = read(cara.get(f"{HERE}orders/"))
    listed = [row[1:] for row in page.rows("stacks")]
    assert listed == [
        ["Nov 21, 2026", "3", "Generating Vouchers", "Jun 30, 2027", "–"],
        ["Nov 21, 2026", "2", "Fulfilled", "Jun 30, 2027", "PO 77"],
    ]
    for placed in (first, second):
        assert page.links()[f"{placed.code[:4]}-{placed.code[4:]}"] == of(placed)


def test_an_order_waits_for_its_vouchers_and_asks_for_itself_again(client_for):
    cara, placed = client_for("cara"), place()
    page = cara.get(of(placed))
    assert "Generating Vouchers" in read(page).text
    assert 'hx-trigger="every 2s"' in page.content.decode()
    assert "Check again" in read(page).text
    assert "Download Vouchers" not in read(page).text
    early = cara.get(of(placed, "vouchers.csv"), follow=True)
    assert "still being generated" in read(early).text
    done = fulfilled(4)
    part = cara.get(of(done), headers={"HX-Request": "true", "HX-Target": "order"}).content.decode()
    assert part.lstrip().startswith('<section class="card order"')
    assert "every 2s" not in part
    assert "Download Vouchers" in part


def test_the_file_is_private_recorded_and_wants_a_fresh_sign_in(client_for):
    placed = fulfilled()
    answer = client_for("cara").get(of(placed, "vouchers.csv"))
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="clep_vouchers_{placed.code}.csv"'
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert len(CODE.findall(body(answer))) == 3
    assert events_of(verb="vouchers:voucher:downloaded")[0].facts.subject == placed.code
    assert client_for("bo").get(of(placed, "vouchers.csv")).status_code == 403


def test_downloading_and_voiding_want_a_fresh_sign_in(client_for):
    cara, placed = client_for("cara"), fulfilled()
    session = cara.session
    for record in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        record["at"] = (AT - dt.timedelta(minutes=20)).timestamp()
    session.save()
    came_from = {"Referer": f"http://testserver{of(placed)}"}
    for answer in (
        cara.get(of(placed, "vouchers.csv"), headers=came_from),
        cara.post(of(placed, "void/"), {"which": "all"}, headers=came_from),
    ):
        assert answer.headers["Location"] == f"/account/reauthenticate/?next=%2Fvouchers%2Forders%2F{placed.code}%2F"
    assert order_of(OPERATOR, placed.code).voided == 0
    assert not events_of(verb="vouchers:voucher:downloaded")


def test_no_page_has_a_voucher_code(client_for):
    placed = fulfilled()
    cara = client_for("cara")
    for path in (HERE, f"{HERE}orders/", of(placed), of(placed, "void/")):
        assert not CODE.search(cara.get(path).content.decode()), path


def test_a_purchase_order_number_is_updated_and_confirmed(client_for):
    cara, placed = client_for("cara"), fulfilled()
    done = read(cara.post(of(placed), {"purchase_order": " PO 42 "}, follow=True))
    assert "Updated order confirmation" in done.text
    assert "PO numberPO 42" in done.text
    assert Mail.objects.filter(kind="vouchers-ordered", about=f"voucher-order:{placed.id}").count() == 4
    refused = read(cara.post(of(placed), {"purchase_order": "9" * 61}))
    assert "at most 60 characters" in refused.part("id_purchase_order_error").text


def test_voiding_says_how_many_and_takes_one_code_or_all(client_for):
    cara, placed = client_for("cara"), fulfilled(4)
    one = CODE.findall(body(cara.get(of(placed, "vouchers.csv"))))[0]
    page = read(cara.get(of(placed, "void/")))
    assert "You can't undo this." in page.text
    for typed, sentence in (
        ({"which": "one", "code": "AAAA"}, "“AAAA” is not a voucher code"),
        ({"which": "one", "code": ""}, "Enter the code of the voucher."),
        ({"which": "all", "code": one}, "To void all vouchers, leave the code empty."),
    ):
        assert sentence in read(cara.post(of(placed, "void/"), typed)).part("id_code_error").text
    assert "Choose one voucher or all." in read(cara.post(of(placed, "void/"), {"code": one})).text
    assert order_of(OPERATOR, placed.code).voided == 0
    chosen = {"which": "one", "code": one}
    assert "1 voucher was voided." in read(cara.post(of(placed, "void/"), chosen, follow=True)).text
    rest = read(cara.post(of(placed, "void/"), {"which": "all"}, follow=True))
    assert "3 vouchers were voided." in rest.text
    assert "Void unused vouchers" not in rest.text
    assert not Voucher.objects.filter(state="available").exists()
    assert "No available voucher" in read(cara.post(of(placed, "void/"), {"which": "all"})).text


def test_orders_of_others_are_answered_like_those_that_do_not_exist(client_for):
    prepare("BIRCH-HIGH", coordinator=BEN)
    theirs = place(key="theirs", organization="BIRCH-HIGH")
    cara = client_for("cara")
    for ours, nothing in (
        (of(theirs), "/vouchers/orders/AAAAAAAA/"),
        (of(theirs, "void/"), "/vouchers/orders/AAAAAAAA/void/"),
        (of(theirs, "vouchers.csv"), "/vouchers/orders/AAAAAAAA/vouchers.csv"),
        ("/vouchers/470101/", "/vouchers/999999/"),
        ("/vouchers/470101/orders/", "/vouchers/999999/orders/"),
        ("/vouchers/470101/order/", "/vouchers/999999/order/"),
    ):
        hidden, missing = cara.get(ours), cara.get(nothing)
        assert (hidden.status_code, missing.status_code) == (404, 404)
        assert hidden.content == missing.content
