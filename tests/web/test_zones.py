"""Times of day stand in the zone of the organization that a page or a mail is about, with the zone's name."""

import pytest
from django.urls import reverse

from scoreport.access import Role
from scoreport.organizations.actions.invitations import invite
from scoreport.organizations.models import Organization
from tests.scores.files import load, row
from tests.web.pages import read
from tests.world import AT

pytestmark = pytest.mark.django_db

REPORT = "/reports/clep/470001/2025-2026/"


@pytest.fixture
def central(world):
    """Alder High is an hour behind its state."""
    Organization.objects.filter(code="ALDER-HIGH").update(time_zone="America/Chicago")
    load(row("T1"))
    return world


@pytest.mark.parametrize("name", ["amy", "sam"])
def test_a_page_about_an_organization_has_its_zone_whoever_reads_it(central, client_for, name):
    assert "Data as of Nov 21, 2026, 11:00 AM Central." in read(client_for(name).get(REPORT)).text


def test_a_page_about_the_person_has_the_zone_of_their_own_organization(central, client_for):
    sessions = reverse("account_sessions")
    for name, time in (("amy", "11:00 AM Central"), ("sam", "12:00 PM Eastern"), ("nora", "12:00 PM Eastern")):
        client = client_for(name)
        client.get(REPORT)
        assert f"Signed in Nov 21, 2026, {time}" in read(client.get(sessions)).text


def test_the_zone_of_one_request_is_not_that_of_the_next(central, client_for, anonymous):
    client_for("amy").get(REPORT)
    assert "12:00 PM Eastern" in read(client_for("nora").get(reverse("account_sessions"))).text


def test_a_mail_has_the_zone_of_the_organization_and_so_has_the_page_behind_its_link(
    central, actor, postman, run_tasks, client_for
):
    invite(
        actor("max"), organization="ALDER-HIGH", email="nora@juniper.example", name="Nora",
        roles=[Role.SUMMARY_REPORTS], ends_on=None, at=AT,
    )  # fmt: skip
    run_tasks()
    (mail,) = postman.to("nora@juniper.example")
    text = mail.get_content().replace("\u00a0", " ")
    assert "The link works until Nov 28, 2026, 11:00 AM Central" in text
    path = next(line for line in text.split() if "/invitations/" in line).partition("//")[2].partition("/")[2]
    assert "Nov 28, 2026, 11:00 AM Central" in read(client_for("nora").get(f"/{path}")).text


def test_a_mail_about_the_person_has_their_own_zone(central, anonymous, actor, postman, run_tasks):
    from scoreport.accounts.actions import device_seen

    for token in ("first", "second"):
        device_seen(actor("amy"), token=token, user_agent="Mozilla/5.0 (X11; CrOS) Chrome/140.0.0.0", at=AT)
    run_tasks()
    (mail,) = postman.to("amy@juniper.example")
    assert "When: Nov 21, 2026, 11:00\u00a0AM Central" in mail.get_content()
