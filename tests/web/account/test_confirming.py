"""People without a password, who sign in through a service: they confirm who they are like everybody else."""

import re

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.urls import reverse

from scoreport.access import Role
from scoreport.accounts.actions import create_person
from scoreport.organizations.actions import grant_role
from scoreport.web.middleware import DEMO_SECOND_FACTOR_KEY, STARTED_KEY
from tests.conftest import give_second_factor
from tests.organizations.managing import accept_terms
from tests.web.account import test_openid, test_saml
from tests.web.pages import read
from tests.web.test_sign_in import code_of

# Setting up a second factor counts when its transaction is over.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

LOG, CSV = "/managing/470001/log/", "/managing/470001/log/log.csv"
HOUR = 3600


@pytest.fixture
def ann(world, operator, at):
    """Return an access manager whose account has no password."""
    ann = create_person(operator, email="ann@alder.example", name="Ann", at=at)
    grant_role(operator, email=ann.email, organization="ALDER-HIGH", role=Role.ACCESS_MANAGER, at=at)
    accept_terms(ann.id)
    return get_user_model().objects.get(pk=ann.id)


def signed_in(protocol, request, client):
    """Sign in through the service of a protocol."""
    service = request.getfixturevalue(protocol)
    if protocol == "saml":
        client.defaults["HTTP_HOST"] = "127.0.0.1"
        test_saml.sign_in(client, service)
    else:
        test_openid.sign_in(client)
    return client


def wait_an_hour(client):
    """Let every proof of the session be an hour older than the world's time."""
    session, now = client.session, client.defaults["scoreport.at"].timestamp()
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {**proof, "at": now - HOUR} for proof in session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    ]
    session[STARTED_KEY] = int(now - HOUR)
    session.save()


def ask(client):
    return client.get(CSV, headers={"Referer": f"http://{client.defaults.get('HTTP_HOST', 'testserver')}{LOG}"})


@pytest.mark.parametrize("protocol", ["openid", "saml"])
def test_they_set_up_a_second_factor_and_confirm_with_it(protocol, request, anonymous, ann, at):
    client = signed_in(protocol, request, anonymous)
    assert not ann.has_usable_password()
    assert ask(client).url == reverse("mfa_index")
    page = client.get(reverse("mfa_activate_totp"))
    secret = re.findall(r"\b[A-Z2-7]{32}\b", page.content.decode())[0]
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    codes = re.findall(r"<code>(\w+)</code>", client.get(reverse("mfa_view_recovery_codes")).content.decode())
    assert ask(client).status_code == 200

    wait_an_hour(client)
    asked = client.get(ask(client).url, follow=True)
    assert asked.redirect_chain[-1][0].startswith(reverse("mfa_reauthenticate"))
    assert "Confirm that it's you" in read(asked).text
    answer = client.post(asked.redirect_chain[-1][0], {"code": codes[0]})
    assert answer.url == LOG
    assert client.get(LOG).headers["Refresh"] == f"1; url={CSV}"
    assert "Refresh" not in client.get(LOG).headers
    assert b"Ann" in ask(client).getvalue()


def test_people_with_a_passkey_only_are_asked_for_it(request, anonymous, ann, openid):
    passkey = Authenticator.objects.create(
        user=ann, type=Authenticator.Type.WEBAUTHN, data={"name": "Key", "credential": {}}
    )
    anonymous.force_login(ann)
    session = anonymous.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": 0, "id": passkey.pk, "type": "webauthn"}]
    session["account_authentication_methods_user"] = str(ann.pk)
    session.save()
    wait_an_hour(anonymous)
    asked = anonymous.get(ask(anonymous).url)
    assert asked.url.startswith(reverse("mfa_reauthenticate_webauthn"))


def test_a_page_that_was_left_unconfirmed_fetches_nothing(client_for, ann, world):
    accept_terms(world.people["max"].id)
    client = client_for("max")
    wait_an_hour(client)
    assert "%2Fmanaging%2F470001%2Flog%2F" in ask(client).url
    assert "Refresh" not in client.get(LOG).headers
    give_second_factor(client, world.people["max"].id)
    assert "Refresh" not in client.get("/").headers
    assert client.get(LOG).headers["Refresh"] == f"1; url={CSV}"


def test_a_link_that_was_typed_or_is_on_another_site_leads_to_the_dashboard(client_for, world):
    accept_terms(world.people["max"].id)
    for headers in ({}, {"Referer": f"http://evil.example{LOG}"}):
        client = client_for("max")
        wait_an_hour(client)
        assert client.get(CSV, headers=headers).url.endswith("?next=%2F")


def test_with_nothing_to_confirm_with_they_sign_in_again(client_for, ann, world, settings):
    """In a demo, whose people have neither a password nor a second factor."""
    settings.DEMO = True
    accept_terms(world.people["max"].id)
    client = client_for("max", second_factor=False)
    session = client.session
    session[DEMO_SECOND_FACTOR_KEY] = True
    session.save()
    wait_an_hour(client)
    answer = ask(client)
    assert answer.url == f"{reverse('account_login')}?next=%2Fmanaging%2F470001%2Flog%2F"
    assert client.get("/").status_code == 302
