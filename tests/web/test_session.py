"""Who a request comes from, for how long, and what is revoked at once."""

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.urls import reverse

from scoreport.access import Role
from scoreport.accounts.models import User
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.organizations.actions import revoke_role
from scoreport.web.middleware import AT_KEY
from tests.conftest import InspectingClient

pytestmark = pytest.mark.urls("tests.web.base_urls")

ROSTER = "/roster/"


def sign_in_page(response):
    return response.status_code == 302 and response.url.startswith(reverse("account_login"))


def later(client, moment):
    """Return the same browser at another moment."""
    other = InspectingClient(**{AT_KEY: moment})
    other.cookies = client.cookies
    return other


# --- Who -----------------------------------------------------------------------------------------------


def test_a_request_carries_its_person(client_for):
    assert client_for("amy").get(ROSTER).content == b"Amy <amy@juniper.example>"


def test_nobody_has_to_sign_in_first_except_for_public_pages(anonymous):
    assert anonymous.get("/public/").content == b"anonymous"
    for path in (ROSTER, "/place/ST/", "/forgotten/", "/"):
        response = anonymous.get(path)
        assert sign_in_page(response)
        assert response.url.endswith(f"?next={path}")


def _suspend(amy):
    amy.is_active = False


@pytest.mark.parametrize("change", [_suspend, lambda amy: amy.set_password("another long enough one")])
def test_who_was_suspended_or_has_another_password_is_signed_out_by_the_next_click(client_for, world, change):
    """Whatever stored it: the session itself is still there, on the list and as long as ever."""
    client = client_for("amy")
    assert client.get(ROSTER).content == b"Amy <amy@juniper.example>"
    amy = User.objects.get(pk=world.people["amy"].id)
    change(amy)
    amy.save()
    assert sign_in_page(client.get(ROSTER))


def test_an_actor_costs_one_query(client_for, django_assert_num_queries):
    client = client_for("amy")
    client.get(ROSTER)
    # Session, person, second factor and roles together.
    with django_assert_num_queries(1):
        client.get(ROSTER)


def test_no_header_of_a_client_tells_the_time(client_for, at):
    client = client_for("amy")
    late = (at + dt.timedelta(days=900)).isoformat()
    response = client.get(ROSTER, headers={"scoreport.at": late, "scoreport-at": late})
    assert response.status_code == 200


# --- What is revoked -------------------------------------------------------------------------------------


def test_a_revoked_role_opens_nothing_from_the_next_request_on(client_for, operator, at):
    client = client_for("amy")
    assert client.get(ROSTER).status_code == 200
    revoke_role(operator, email="amy@juniper.example", organization="470001", role=Role.DETAILED_REPORTS, at=at)
    assert client.get(ROSTER).status_code == 403


def test_a_role_that_ended_opens_nothing(client_for):
    after = dt.datetime(2028, 7, 1, 4, 0, tzinfo=dt.UTC)
    assert client_for("amy", now=after - dt.timedelta(seconds=1)).get(ROSTER).status_code == 200
    assert client_for("amy", now=after).get(ROSTER).status_code == 403


def test_somebody_suspended_is_signed_out_at_once(client_for):
    client = client_for("amy")
    User.objects.filter(email="amy@juniper.example").update(is_active=False)
    assert sign_in_page(client.get(ROSTER))


def test_a_second_factor_that_was_removed_counts_no_more(client_for):
    client = client_for("amy")
    Authenticator.objects.all().delete()
    assert client.get(ROSTER).url == reverse("mfa_index")


def test_the_second_factor_of_somebody_else_counts_nothing(client_for, world):
    client = client_for("amy", second_factor=False)
    theirs = Authenticator.objects.create(user_id=world.people["dan"].id, type=Authenticator.Type.TOTP, data={})
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": 0, "id": theirs.pk}]
    session["account_authentication_methods_user"] = str(world.people["amy"].id)
    session.save()
    assert client.get(ROSTER).url == reverse("mfa_index")


@pytest.mark.parametrize(("demo", "status"), [(True, 200), (False, 302)])
def test_the_flag_of_a_demo_counts_in_a_demo_only(client_for, settings, demo, status):
    settings.DEMO = demo
    client = client_for("amy", second_factor=False)
    session = client.session
    session["demo_second_factor"] = True
    session.save()
    assert client.get(ROSTER).status_code == status


# --- How long --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "stays"), [(29, True), (30, False)])
def test_a_session_ends_when_nobody_uses_it(client_for, at, minutes, stays):
    client = client_for("amy")
    client.get(ROSTER)
    response = later(client, at + dt.timedelta(minutes=minutes)).get(ROSTER)
    assert sign_in_page(response) is not stays
    # Signing out holds for the browser, not only for that one answer.
    assert sign_in_page(later(client, at).get(ROSTER)) is not stays
    reasons = [event.facts.detail["reason"] for event in events_of(verb=Verb.SIGNED_OUT)]
    assert reasons == ([] if stays else ["idle"])


def test_each_use_starts_the_time_again_but_not_for_ever(client_for, at):
    client = client_for("amy")
    for minutes in range(0, 12 * 60, 20):
        assert later(client, at + dt.timedelta(minutes=minutes)).get(ROSTER).status_code == 200
    assert sign_in_page(later(client, at + dt.timedelta(hours=12)).get(ROSTER))
    assert [event.facts.detail["reason"] for event in events_of(verb=Verb.SIGNED_OUT)] == ["age"]


def test_whoever_was_signed_out_comes_back_to_the_page_and_is_told_why(client_for, at):
    client = client_for("amy")
    client.get(ROSTER)
    browser = later(client, at + dt.timedelta(hours=1))
    response = browser.get(f"{ROSTER}?sort=score")
    assert response.url == f"{reverse('account_login')}?next=%2Froster%2F%3Fsort%3Dscore"
    assert "nobody used this page" in browser.get(response.url).content.decode()


def test_a_part_of_a_page_is_not_replaced_by_the_sign_in_page(client_for, at):
    client = client_for("amy")
    client.get(ROSTER)
    response = later(client, at + dt.timedelta(hours=1)).get(ROSTER, headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"].startswith(reverse("account_login"))


def test_using_a_page_often_writes_the_session_seldom(client_for, at, django_assert_num_queries):
    client = client_for("amy")
    client.get(ROSTER)
    with django_assert_num_queries(1):
        later(client, at + dt.timedelta(seconds=59)).get(ROSTER)


# --- Language --------------------------------------------------------------------------------------------


def test_a_chosen_language_follows_the_person_to_other_browsers(client_for):
    client_for("amy").post(reverse("set_language"), {"language": "es", "next": "/"})
    assert 'lang="es"' in client_for("amy").get("/").content.decode()
    assert 'lang="en"' in client_for("dan").get("/").content.decode()


# --- The demo's and the mails' ground ---------------------------------------------------------------------


def test_nothing_is_mailed_by_looking_at_pages(client_for):
    client_for("amy").get("/")
    assert mail.outbox == []
