"""Signing in through a real service that speaks SAML."""

import base64
import datetime as dt
from urllib.parse import urlencode

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.urls import reverse
from lxml import etree

from scoreport.accounts.actions import create_person
from scoreport.organizations import idp_metadata
from scoreport.organizations.actions.providers import set_provider
from scoreport.web.middleware import AT_KEY
from tests.web.account import saml_service
from tests.web.pages import read

pytestmark = [pytest.mark.django_db, pytest.mark.once]

User = get_user_model()
ACS = "/account/saml/alder/acs/"
BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'


@pytest.fixture
def browser(anonymous):
    """Return a browser that says which host it asks, as all real ones do."""
    anonymous.defaults["HTTP_HOST"] = "127.0.0.1"
    return anonymous


def begin(client, email="ann@alder.example", target=""):
    found = client.post(reverse("sign_in_service"), {"email": email, "next": target})
    assert found.url.startswith(reverse("sign_in_service_go"))
    path = reverse("saml_login", args=["alder"]) + (f"?next={target}" if target else "")
    return client.get(path).url


def post(client, response):
    """Come back as the page of the service sends one back: by a form of another site, and then by a redirect."""
    kept = send(client, response)
    return client.get(kept.url) if kept.status_code == 302 else kept


def send(client, response, acs=ACS):
    body = urlencode({"SAMLResponse": response, "RelayState": "https://evil.example/"})
    return client.post(acs, body, content_type="application/x-www-form-urlencoded")


def sign_in(client, service, **begun):
    return post(client, service.answer(begin(client, **begun)))


def is_signed_in(client):
    return client.get("/").status_code == 200


def test_who_has_no_account_gets_one(saml, browser):
    assert begin(browser).startswith(f"{saml_service.SSO}?SAMLRequest=")
    assert sign_in(browser, saml, target="/files/").url == "/files/"
    assert is_signed_in(browser)
    user = User.objects.get(email="ann@alder.example")
    assert user.name == "Ann Bo"
    assert SocialAccount.objects.get().uid == "ann@alder.example"


def test_the_same_person_comes_again_though_the_name_of_the_session_changes(saml, browser, operator, at):
    create_person(operator, email="ann@alder.example", name="Ann", at=at)
    for _time in range(2):
        sign_in(browser, saml)
        assert is_signed_in(browser)
        browser.post(reverse("account_logout"))
    assert SocialAccount.objects.count() == 1
    assert User.objects.get(email="ann@alder.example").name == "Ann"


def test_a_name_for_ever_counts_more_than_the_address(saml, browser):
    identity = "urn:oasis:names:tc:SAML:attribute:subject-id"
    saml.says(**{identity: "1234@alder.example"})
    sign_in(browser, saml)
    browser.post(reverse("account_logout"))
    saml.says(**{identity: "9999@alder.example"})
    assert "under another identity" in read(sign_in(browser, saml)).text
    assert not is_signed_in(browser)


def test_a_service_speaks_only_for_its_own_domains(saml, browser):
    saml.says(email="amy@juniper.example")
    answer = sign_in(browser, saml)
    assert answer.status_code == 403
    assert "does not speak for the address amy@juniper.example" in read(answer).text
    assert not is_signed_in(browser)
    saml.says()
    sign_in(browser, saml)
    assert is_signed_in(browser)


@pytest.mark.parametrize(
    "cheat",
    [
        {"is_signed": False},
        {"key": saml_service.OTHER_KEY},
        {"key": saml_service.OTHER_KEY, "certificate": saml_service.OTHER_CERTIFICATE},
        {"audience": "https://somebody-else.example/"},
    ],
)
def test_an_answer_that_is_forged_or_for_somebody_else_opens_nothing(saml, browser, cheat):
    honest = {name: getattr(saml, name) for name in cheat}
    vars(saml).update(cheat)
    assert sign_in(browser, saml).status_code == 401
    assert not is_signed_in(browser)
    vars(saml).update(honest)
    sign_in(browser, saml)
    assert is_signed_in(browser)


def test_an_answer_that_was_changed_opens_nothing(saml, browser, operator, at):
    create_person(operator, email="bob@alder.example", name="Bob", at=at)
    response = saml.answer(begin(browser))
    changed = base64.b64decode(response).replace(b"ann@alder.example", b"bob@alder.example")
    assert post(browser, base64.b64encode(changed).decode()).status_code == 401
    assert not is_signed_in(browser)


def test_an_answer_is_good_once_and_in_its_own_browser_only(saml, browser, client_for):
    response = saml.answer(begin(browser))
    stranger = client_for("nora")
    stranger.defaults["HTTP_HOST"] = "127.0.0.1"
    stranger.post(reverse("account_logout"))
    refused = post(stranger, response)
    assert refused.status_code == 403
    assert "belongs to no sign-in that was begun here" in read(refused).text
    assert not is_signed_in(stranger)
    # Whoever took it first used it up; its owner begins anew.
    assert "was used already" in read(post(browser, response)).text
    response = saml.answer(begin(browser))
    post(browser, response)
    assert is_signed_in(browser)
    browser.post(reverse("account_logout"))
    before = Session.objects.count()
    refused = post(browser, response)
    assert (refused.status_code, Session.objects.count()) == (403, before)
    assert "was used already" in read(refused).text
    assert not is_signed_in(browser)


def test_what_an_answer_says_is_kept_until_the_browser_is_back_and_no_longer(saml, browser, at):
    saml.says(secret="not asked for")
    kept = send(browser, saml.answer(begin(browser)))
    cookie = kept.cookies["saml-acs-session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", kept.url)
    stored = Session.objects.get(pk=cookie.value).get_decoded()
    assert stored["statement"]["said"]["attributes"][saml_service.MAIL] == ["ann@alder.example"]
    assert "not asked for" not in str(stored)
    assert "Signature" not in str(stored)
    browser.get(kept.url)
    assert not Session.objects.filter(pk=cookie.value).exists()
    assert browser.get(kept.url).status_code == 401


def test_what_was_kept_is_good_for_five_minutes(saml, browser, at):
    kept = send(browser, saml.answer(begin(browser)))
    browser.defaults[AT_KEY] = at + dt.timedelta(minutes=5)
    assert browser.get(kept.url).status_code == 401
    assert not is_signed_in(browser)


@pytest.mark.parametrize(
    "cheat", [{"is_signed": False}, {"key": saml_service.OTHER_KEY}, {"audience": "https://x.example/"}]
)
def test_nothing_is_stored_before_it_was_checked(saml, browser, cheat):
    address = begin(browser)
    before = Session.objects.count()
    vars(saml).update(cheat)
    answer = send(browser, saml.answer(address))
    assert (answer.status_code, Session.objects.count()) == (401, before)
    assert "could not be checked" in read(answer).text
    for nonsense in ("", "A", "%%%", base64.b64encode(b"<x").decode(), base64.b64encode(BOMB).decode()):
        assert send(browser, nonsense).status_code == 401
    assert Session.objects.count() == before
    assert "saml-acs-session" not in answer.cookies


def test_nothing_large_and_nothing_for_nobody_is_kept(saml, browser):
    before = Session.objects.count()
    assert send(browser, "A" * 250_000).status_code == 403
    assert send(browser, "A" * 300_000).status_code == 413
    assert browser.post(ACS, {"SAMLResponse": saml.answer(begin(browser))}).status_code == 403
    assert browser.post(ACS, "x", content_type="text/xml").status_code == 403
    assert send(browser, "A", ACS.replace("alder", "birch")).status_code == 404
    assert browser.get(ACS).status_code == 405
    assert Session.objects.filter(session_data__contains="statement").count() == 0
    assert Session.objects.count() - before <= 1


# --- A service that changes its certificate -------------------------------------------------------------------


def set_up_with(operator, at, *certificates, **more):
    service = idp_metadata.read(saml_service.metadata(certificates=certificates, **more).encode(), at=at)
    set_provider(
        operator, slug="alder", organization="D-ALDER", name="Alder Portal", domains=["alder.example"],
        service=service, at=at,
    )  # fmt: skip


@pytest.mark.parametrize("number", [0, 1])
def test_every_certificate_of_the_metadata_counts(saml, browser, operator, at, number):
    set_up_with(operator, at, saml_service.CERTIFICATE, saml_service.OTHER_CERTIFICATE)
    keys = [
        (saml_service.KEY, saml_service.CERTIFICATE),
        (saml_service.OTHER_KEY, saml_service.OTHER_CERTIFICATE),
    ]
    saml.key, saml.certificate = keys[number]
    sign_in(browser, saml)
    assert is_signed_in(browser)


def test_a_certificate_that_has_expired_counts_no_more(saml, browser, operator, at):
    old_key, old = saml_service.pair(days=30)
    set_up_with(operator, at, old, saml_service.CERTIFICATE)
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=31)
    browser.defaults[AT_KEY] = later
    saml.key, saml.certificate = old_key, old
    assert sign_in(browser, saml).status_code == 401
    assert not is_signed_in(browser)
    saml.key, saml.certificate = saml_service.KEY, saml_service.CERTIFICATE
    sign_in(browser, saml)
    assert is_signed_in(browser)


@pytest.mark.parametrize("days", [9, 40])
def test_a_service_whose_metadata_has_expired_lets_nobody_in_and_says_so(saml, browser, operator, at, days):
    old = saml_service.pair(days=30)[1]
    more = 'validUntil="2026-11-30T00:00:00Z"' if days == 9 else ""
    set_up_with(operator, at, saml_service.CERTIFICATE if days == 9 else old, more=more)
    address = begin(browser)
    browser.defaults[AT_KEY] = max(at, dt.datetime.now(dt.UTC)) + dt.timedelta(days=days)
    browser.post(reverse("sign_in_service"), {"email": "ann@alder.example"})
    refused = browser.get(reverse("saml_login", args=["alder"]))
    assert refused.status_code == 403
    assert "The settings of Alder Portal have expired" in read(refused).text
    assert send(browser, saml.answer(address)).status_code == 403
    assert browser.get(reverse("saml_metadata", args=["alder"])).status_code == 200


def test_the_metadata_tells_the_service_where_to_send_people_and_of_no_logout(saml, browser):
    answer = browser.get(reverse("saml_metadata", args=["alder"]))
    root = etree.fromstring(answer.content)
    assert root.get("entityID") == "http://127.0.0.1/account/saml/alder/metadata/"
    assert b'Location="http://127.0.0.1/account/saml/alder/acs/"' in answer.content
    assert b"SingleLogoutService" not in answer.content
    assert browser.get(reverse("saml_sls", args=["alder"])).status_code == 404


def test_nobody_is_signed_in_without_having_asked(saml, browser):
    """An answer that answers nothing could sign somebody in as a stranger."""
    response = base64.b64decode(saml.answer(begin(browser)))
    unasked = response[: response.index(b' InResponseTo="')] + response[response.index(b"><saml:Issuer>") :]
    assert post(browser, base64.b64encode(unasked).decode()).status_code == 401
    assert not is_signed_in(browser)
