"""Signing in through a real service that speaks SAML."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.urls import reverse
from lxml import etree

from scoreport.accounts.actions import create_person
from tests.web.account import saml_service
from tests.web.pages import read

pytestmark = pytest.mark.django_db

User = get_user_model()
ACS = "/account/saml/alder/acs/"


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
    kept = client.post(ACS, {"SAMLResponse": response, "RelayState": "https://evil.example/"})
    return client.get(kept.url) if kept.status_code == 302 else kept


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
    import base64

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
    post(browser, response)
    assert is_signed_in(browser)
    browser.post(reverse("account_logout"))
    assert post(browser, response).status_code == 403
    assert not is_signed_in(browser)


def test_an_answer_is_kept_until_the_browser_is_back_and_no_longer(saml, browser):
    kept = browser.post(ACS, {"SAMLResponse": saml.answer(begin(browser))})
    cookie = kept.cookies["saml-acs-session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", kept.url)
    assert Session.objects.filter(pk=cookie.value).exists()
    browser.get(kept.url)
    assert not Session.objects.filter(pk=cookie.value).exists()
    assert browser.get(kept.url).status_code == 401


def test_nothing_large_and_nothing_for_nobody_is_kept(saml, browser):
    before = Session.objects.count()
    assert browser.post(ACS, {"SAMLResponse": "A" * 250_000}).status_code == 403
    assert browser.post(ACS, {"SAMLResponse": "A" * 300_000}).status_code == 413
    assert browser.post(ACS.replace("alder", "birch"), {"SAMLResponse": "A"}).status_code == 404
    assert browser.get(ACS).status_code == 405
    assert Session.objects.count() == before


def test_the_metadata_tells_the_service_where_to_send_people_and_of_no_logout(saml, browser):
    answer = browser.get(reverse("saml_metadata", args=["alder"]))
    root = etree.fromstring(answer.content)
    assert root.get("entityID") == "http://127.0.0.1/account/saml/alder/metadata/"
    assert b'Location="http://127.0.0.1/account/saml/alder/acs/"' in answer.content
    assert b"SingleLogoutService" not in answer.content
    assert browser.get(reverse("saml_sls", args=["alder"])).status_code == 404


def test_nobody_is_signed_in_without_having_asked(saml, browser):
    """An answer that answers nothing could sign somebody in as a stranger."""
    import base64

    response = base64.b64decode(saml.answer(begin(browser)))
    unasked = response[: response.index(b' InResponseTo="')] + response[response.index(b"><saml:Issuer>") :]
    assert post(browser, base64.b64encode(unasked).decode()).status_code == 401
    assert not is_signed_in(browser)
