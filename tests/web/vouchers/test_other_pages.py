"""Pages of other areas that show people who hold a role of vouchers, and what they did."""

import datetime as dt

import pytest

from scoreport.access import Role
from scoreport.organizations.actions.changes import change_role
from scoreport.organizations.actions.memberships import NoSuchRole
from scoreport.organizations.models import Membership
from scoreport.vouchers.actions import change_purchase_order, download_vouchers, void_vouchers
from tests.organizations.managing import accept_terms
from tests.vouchers.ordering import fulfilled, prepare_people
from tests.web.pages import read
from tests.world import AT

END = dt.date(2027, 6, 30)

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(world, client_for):
    """Return the browser of Max, who manages access at Alder High School."""
    prepare_people(world)
    accept_terms(world.people["max"].id)
    return client_for("max")


def test_managing_access_lists_and_revokes_roles_of_vouchers(manager, world):
    users = read(manager.get("/managing/470001/"))
    for label in ("CLEP coordinator", "Alternate CLEP coordinator", "CLEP billing contact"):
        assert label in users.text
    assert b"CLEP billing contact" in b"".join(manager.get("/managing/470001/users.csv").streaming_content)
    number = Membership.objects.get(user_id=world.people["bo"].id).pk
    assert f"/managing/470001/roles/{number}/change/" not in users.markup
    for act, status in (("renew", 200), ("revoke", 200), ("change", 404)):
        assert manager.get(f"/managing/470001/roles/{number}/{act}/").status_code == status, act
    with pytest.raises(NoSuchRole, match="is not handed out by access managers"):
        change_role(world.actor("max"), membership_id=number, role=Role.ACCESS_MANAGER, ends_on=END, at=AT)
    assert manager.post(f"/managing/470001/roles/{number}/revoke/").status_code == 302
    assert not Membership.objects.filter(user_id=world.people["bo"].id, revoked_at=None).exists()
    person = f"/managing/470001/log/people/{world.people['cara'].id}/"
    for path in ("/managing/470001/?state=over", "/managing/470001/review/", "/managing/470001/requests/", person):
        assert manager.get(path).status_code == 200, path


def test_the_access_log_says_what_happened_to_orders(manager, world):
    cara, placed = world.actor("cara"), fulfilled(4)
    change_purchase_order(cara, code=placed.code, purchase_order="PO 3", at=AT)
    list(download_vouchers(cara, order=placed.code, at=AT))
    void_vouchers(cara, order=placed.code, at=AT)
    number = f"{placed.code[:4]}-{placed.code[4:]}"
    log = read(manager.get("/managing/470001/log/", {"kind": "vouchers"})).text
    for sentence in (
        "Saved the CLEP profile",
        f"Ordered 4 exam vouchers: order {number}",
        f"The vouchers of order {number} were generated",
        f"Changed the purchase order number of order {number}",
        f"Downloaded 4 voucher codes of order {number}",
        f"Voided 4 vouchers of order {number}",
    ):
        assert sentence in log


@pytest.mark.parametrize("name", ["cara", "bo", "dee"])
def test_people_with_a_role_of_vouchers_have_a_dashboard_and_an_account(world, client_for, name):
    prepare_people(world)
    browser = client_for(name)
    for path in (
        "/account/",
        "/tools/",
        "/organizations/",
        "/help/",
        "/account/sessions/",
        "/files/",
    ):
        assert browser.get(path, follow=True).status_code == 200, path
    assert "Order vouchers that pay CLEP exam fees" in read(browser.get("/")).text
