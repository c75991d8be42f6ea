"""``scoreport fees`` and ``scoreport vouchers``."""

import csv
import json

import pytest

from scoreport.audit.queries import events_of
from scoreport.lib.codes import is_code, normalized
from scoreport.vouchers.models import Voucher, VoucherOrder

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.usefixtures("world")]

YEAR = "2026-2027"
SCHOOL = ("--organization", "470001")
ORDER = ("order", *SCHOOL, "--by", "cara@juniper.example", "--accept-terms", "--json")


@pytest.fixture
def ready(world, scoreport, monkeypatch, at):
    """Set the fee and the profile by command, on the day of the tests."""
    monkeypatch.setattr("scoreport.cli.base.clock.now", lambda: at)
    fee = ("fees", "set", "--program", "clep", "--year", YEAR, "--exam", "97.00", "--remote", "30.00")
    assert scoreport(*fee).out == (
        "From 2026-07-01, an exam costs $97.00, and $30.00 more when it is taken remotely.\n"
    )
    people = ("--coordinator", "cara@juniper.example", "--billing", "bo@juniper.example")
    said = scoreport("vouchers", "profile", *SCHOOL, *people)
    assert (said.code, said.err) == (
        0, "The profile of Alder High School is saved. Each link above sets the password of a new account, once.\n",
    )  # fmt: skip
    assert [line.split()[0] for line in said.out.splitlines()] == ["cara@juniper.example", "bo@juniper.example"]


@pytest.mark.usefixtures("ready")
def test_an_order_is_placed_listed_and_voided(scoreport, tmp_path):
    said = scoreport("vouchers", *ORDER, "--quantity", "12", "--remote", "--po", "PO 1")
    placed = json.loads(said.out)
    assert placed == {
        "order": placed["order"],
        "status": "Fulfilled",
        "organization": "470001",
        "quantity": 12,
        "expires_on": "2027-06-30",
        "covers_remote_proctoring": True,
        "purchase_order": "PO 1",
        "most": "1524.00",
    }
    assert said.err == f"Order {placed['order']} at Alder High School: 12 vouchers, at most $1,524.00.\n"
    file = tmp_path / "codes.csv"
    assert scoreport("vouchers", "list", "--order", placed["order"], "--csv", file).code == 0
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    assert list(rows[0])[:3] == ["voucher_code", "state", "expires_on"]
    assert len({row["voucher_code"] for row in rows if is_code(normalized(row["voucher_code"]))}) == 12
    assert scoreport("vouchers", "list", "--order", placed["order"]).out == file.read_text(encoding="utf-8")
    assert len(events_of(verb="vouchers:voucher:downloaded")) == 2
    one = rows[0]["voucher_code"]
    assert scoreport("vouchers", "void", "--order", placed["order"], "--code", one).out == "1 voucher is void.\n"
    assert scoreport("vouchers", "void", "--order", placed["order"]).out == "11 vouchers are void.\n"
    said = scoreport("vouchers", "void", "--order", placed["order"])
    assert (said.code, said.err) == (
        1, "No available voucher of this order was named. Used, expired and voided ones stay.\n",
    )  # fmt: skip
    assert placed["order"] in scoreport("vouchers", "list", *SCHOOL).out


@pytest.mark.usefixtures("ready")
def test_the_same_key_is_the_same_order(scoreport):
    first, second = (json.loads(scoreport("vouchers", *ORDER, "--quantity", "2", "--key", "k").out) for _n in range(2))
    assert first == second
    assert (VoucherOrder.objects.count(), Voucher.objects.count()) == (1, 2)


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--quantity", "0"), "Order from 1 to 10,000 vouchers. You asked for 0."),
        (("--quantity", "1", "--expires", "2027-07-01"), "Vouchers ordered today expire between"),
        (("--quantity", "many"), "invalid int value: 'many'"),
        (("--quantity", "1", "--expires", "soon"), "“soon” is not a date. Write it like 2027-01-31."),
    ],
)
def test_what_cannot_be_ordered_is_refused(scoreport, arguments, sentence):
    said = scoreport("vouchers", *ORDER, *arguments)
    assert (said.code, sentence in said.err) == (1, True), said.err
    assert not VoucherOrder.objects.exists()


@pytest.mark.usefixtures("ready")
def test_terms_are_accepted_by_word(scoreport):
    arguments = [word for word in ORDER if word != "--accept-terms"]
    assert "Accept the Online Terms" in scoreport("vouchers", *arguments, "--quantity", "1").err


@pytest.mark.usefixtures("ready")
def test_fees_are_listed_and_amounts_that_are_none_are_refused(scoreport):
    assert scoreport("fees", "list", "--program", "clep").out == "2026-2027  2026-07-01  97.00  30.00\n1 fee.\n"
    listed = json.loads(scoreport("fees", "list", "--program", "clep", "--json").out)
    assert listed["fees"] == [{"year": YEAR, "from": "2026-07-01", "exam": "97.00", "remote": "30.00"}]
    wrong = ("fees", "set", "--program", "clep", "--year", YEAR, "--exam", "97,5", "--remote", "30.00")
    assert "“97,5” is not an amount in dollars." in scoreport(*wrong).err
    outside = ("--exam", "99.00", "--remote", "30.00", "--from", "2027-07-01")
    said = scoreport("fees", "set", "--program", "clep", "--year", YEAR, *outside)
    assert said.err == "2027-07-01 is not in the academic year 2026–2027.\n"


@pytest.mark.usefixtures("ready")
def test_a_new_profile_takes_the_role_from_who_is_not_in_it_any_more(scoreport):
    people = ("--coordinator", "dora@juniper.example", "--billing", "dora@juniper.example")
    assert scoreport("vouchers", "profile", *SCHOOL, *people).code == 0
    listed = json.loads(scoreport("access", "list", *SCHOOL, "--json").out)
    held = {(role["email"], role["role"]) for role in listed["roles"] if role["role"].startswith("clep-")}
    assert held == {("dora@juniper.example", "clep-coordinator"), ("dora@juniper.example", "clep-billing")}
