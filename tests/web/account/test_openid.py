"""Signing in through a real service that speaks OpenID Connect."""

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth import get_user_model
from django.urls import reverse

from scoreport.access import Role
from scoreport.accounts.actions import create_person
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.organizations.actions import grant_role
from scoreport.organizations.actions.providers import OpenIdService, remove_provider, set_provider
from scoreport.organizations.models import Membership
from tests.web.account.openid_service import CLIENT_ID, CLIENT_SECRET, OTHER_KEY
from tests.web.pages import read, text_of
from tests.web.test_sign_in import code_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]

User = get_user_model()


def begin(client, email="ann@alder.example", target=""):
    """Name an address and follow the link to the service; return the address there."""
    found = client.post(reverse("sign_in_service"), {"email": email, "next": target})
    assert found.status_code == 302, text_of(found.content.decode())
    (link,) = [
        url for words, url in read(client.get(found.url)).links().items() if words == "Sign in with Alder Connect"
    ]
    return client.get(link).url


def return_from(address):
    """Be sent back by the service; return the path here."""
    answer = requests.get(address, allow_redirects=False, timeout=5)
    return answer.headers["Location"].removeprefix("http://testserver")


def sign_in(client, **begun):
    return client.get(return_from(begin(client, **begun)))


def is_signed_in(client):
    return client.get("/").status_code == 200


def verbs():
    return [event.facts.verb for event in events_of(limit=20)][::-1]


def test_who_has_no_account_gets_one_and_no_role(openid, anonymous):
    answer = sign_in(anonymous, target="/files/")
    assert answer.url == "/files/"
    assert is_signed_in(anonymous)
    user = User.objects.get(email="ann@alder.example")
    assert (user.name, user.has_usable_password()) == ("Ann B", False)
    assert EmailAddress.objects.get(user=user).verified
    assert not Membership.objects.filter(user=user).exists()
    assert verbs()[-4:] == [
        Verb.PERSON_ADDED.value,
        Verb.PROVIDER_LINKED.value,
        Verb.SIGNED_IN.value,
        Verb.DEVICE_SEEN.value,
    ]
    # What else the service tells is not kept.
    assert SocialAccount.objects.get().extra_data == {}


def test_an_account_with_the_address_is_linked_once_and_keeps_its_roles(openid, anonymous, operator, at):
    ann = create_person(operator, email="ann@alder.example", name="Ann", at=at)
    grant_role(operator, email=ann.email, organization="ALDER-HIGH", role=Role.SUMMARY_REPORTS, at=at)
    for _time in range(2):
        sign_in(anonymous)
        assert "Score reports" in anonymous.get("/").content.decode()
        anonymous.post(reverse("account_logout"))
    assert User.objects.get(email="ann@alder.example").name == "Ann"
    assert verbs().count(Verb.PROVIDER_LINKED.value) == 1


def test_our_own_second_factor_is_asked_for(openid, anonymous, operator, at):
    from scoreport.web.adapter import SecondFactorAdapter

    ann = create_person(operator, email="ann@alder.example", name="Ann", at=at)
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    data = {"secret": SecondFactorAdapter().encrypt(secret)}
    Authenticator.objects.create(user_id=ann.id, type=Authenticator.Type.TOTP, data=data)
    assert sign_in(anonymous, target="/files/").url == reverse("mfa_authenticate")
    assert not is_signed_in(anonymous)
    # The service alone links nothing to an account that has a second factor.
    assert not SocialAccount.objects.filter(user_id=ann.id).exists()
    assert anonymous.post(reverse("mfa_authenticate"), {"code": code_of(secret)}).url == "/files/"
    assert is_signed_in(anonymous)
    assert SocialAccount.objects.get(user_id=ann.id).provider == "alder"


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"email": "amy@juniper.example"}, "does not speak for the address amy@juniper.example"),
        ({"email": "ann@evil.alder.example"}, "does not speak for the address"),
        ({"email": "ann@alder.example.evil.example"}, "does not speak for the address"),
        ({"email_verified": False}, "has not checked that the address"),
        ({"email_verified": "false"}, "has not checked that the address"),
        ({"email": ""}, "did not say which e-mail address you have"),
    ],
)
def test_a_service_speaks_only_for_checked_addresses_of_its_own_domains(openid, anonymous, claims, sentence):
    openid.says(**claims)
    before = User.objects.count()
    answer = sign_in(anonymous)
    assert answer.status_code == 403
    assert sentence in read(answer).text
    assert not is_signed_in(anonymous)
    assert (User.objects.count(), SocialAccount.objects.count()) == (before, 0)
    openid.says()
    sign_in(anonymous)
    assert is_signed_in(anonymous)


@pytest.mark.parametrize(
    "cheat",
    [
        {"key": OTHER_KEY},
        {"algorithm": "HS256"},
        {"algorithm": "none"},
        {"audience": "somebody-else"},
        {"issuer": "https://evil.example"},
        {"userinfo": {"sub": "bob-2", "email": "bob@alder.example", "email_verified": True}},
    ],
)
def test_a_statement_that_is_not_the_services_own_opens_nothing(openid, anonymous, cheat):
    honest = {name: getattr(openid, name) for name in cheat}
    vars(openid).update(cheat)
    answer = sign_in(anonymous)
    assert (answer.status_code, is_signed_in(anonymous)) == (401, False)
    assert "did not answer as it should" in read(answer).text
    vars(openid).update(honest)
    sign_in(anonymous)
    assert is_signed_in(anonymous)


def test_an_answer_is_good_once_and_in_its_own_browser_only(openid, anonymous, client_for):
    back = return_from(begin(anonymous))
    stranger = client_for("nora")
    stranger.post(reverse("account_logout"))
    assert stranger.get(back).status_code == 401
    assert not is_signed_in(stranger)
    anonymous.get(back)
    assert is_signed_in(anonymous)
    anonymous.post(reverse("account_logout"))
    assert anonymous.get(back).status_code == 401
    assert not is_signed_in(anonymous)


def test_an_account_is_not_opened_to_another_identity_with_its_address(openid, anonymous):
    sign_in(anonymous)
    anonymous.post(reverse("account_logout"))
    openid.says(sub="ann-2")
    answer = sign_in(anonymous)
    assert "under another identity" in read(answer).text
    assert not is_signed_in(anonymous)


def test_somebody_suspended_does_not_come_in_by_a_service(openid, anonymous, operator, at):
    create_person(operator, email="ann@alder.example", name="Ann", at=at)
    User.objects.filter(email="ann@alder.example").update(is_active=False)
    assert sign_in(anonymous).url == reverse("account_inactive")
    assert (is_signed_in(anonymous), SocialAccount.objects.count()) == (False, 0)


def test_a_service_that_was_removed_opens_nothing(openid, anonymous, operator, at):
    back = return_from(begin(anonymous))
    remove_provider(operator, slug="alder", at=at)
    assert anonymous.get(back).status_code == 404
    answer = anonymous.post(reverse("sign_in_service"), {"email": "ann@alder.example"})
    assert "No school or district has set up a sign-in service" in read(answer).text


def test_no_link_of_somebody_else_begins_a_sign_in(openid, anonymous):
    login = reverse("openid_connect_login", args=["alder"])
    assert anonymous.get(login).url == reverse("sign_in_service")
    begin(anonymous)
    address = anonymous.get(
        f"{login}?process=connect&scope=everything&auth_params=prompt%3Dnone&next=//evil.example/"
    ).url
    assert "everything" not in address
    assert "prompt" not in address
    assert anonymous.get(return_from(address)).url == reverse("dashboard")


def test_a_service_that_is_down_is_told_in_a_sentence(openid, anonymous):
    found = anonymous.post(reverse("sign_in_service"), {"email": "ann@alder.example"})
    openid.is_down = True
    answer = anonymous.get(reverse("openid_connect_login", args=["alder"]))
    assert answer.status_code == 401
    assert "Alder Connect did not answer as it should" in read(answer).text
    assert found.url == reverse("sign_in_service_go")


def test_who_turns_back_at_the_service_is_told_so(openid, anonymous):
    openid.answer = {"error": "access_denied"}
    answer = anonymous.get(sign_in(anonymous).url)
    assert "You turned back" in read(answer).text


def test_whether_there_is_an_account_is_not_told(openid, anonymous, operator, at):
    create_person(operator, email="bob@alder.example", name="Bob", at=at)
    for known, unknown in (("bob@alder.example", "who@alder.example"), ("amy@juniper.example", "who@juniper.example")):
        answers = [anonymous.post(reverse("sign_in_service"), {"email": email}) for email in (known, unknown)]
        assert answers[0].status_code == answers[1].status_code
        assert getattr(answers[0], "url", "") == getattr(answers[1], "url", "")
        if answers[0].status_code == 200:
            assert read(answers[0]).text == read(answers[1]).text.replace("who@", "amy@")


def test_nobody_learns_which_services_there_are(openid, anonymous):
    for name in ("account_login", "account_signup", "sign_in_service"):
        assert "Alder" not in anonymous.get(reverse(name)).content.decode()


def test_looking_for_a_service_is_limited(openid, anonymous):
    answers = [anonymous.post(reverse("sign_in_service"), {"email": "x@y.example"}).status_code for _try in range(31)]
    assert (answers[29], answers[30]) == (200, 429)


def test_an_answer_signs_in_and_does_nothing_else(openid, anonymous):
    """The library would also link a service to whoever is signed in, without asking for whom it speaks."""
    back = return_from(begin(anonymous))
    session = anonymous.session
    for state, *_rest in session["socialaccount_states"].values():
        state["process"] = "connect"
    session.save()
    assert "belongs to no sign-in that was begun here" in read(anonymous.get(back)).text
    assert not SocialAccount.objects.exists()


# --- Microsoft Entra ID, which does not say whether an address was verified --------------------------------------

TENANT = "0f6a3b1c-1111-2222-3333-444455556666"


@pytest.fixture
def entra(openid, operator, at):
    """Speak as Entra ID does; the operator trusts the tenant."""
    openid.issuer = openid.configured_issuer = f"{openid.url}/{TENANT}/v2.0"
    service = OpenIdService(openid.url, CLIENT_ID, CLIENT_SECRET, tenants=(TENANT,))
    set_up(operator, service, at)
    openid.says(tid=TENANT)
    del openid.claims["email_verified"]
    return openid


def set_up(operator, service, at):
    set_provider(
        operator, slug="alder", organization="D-ALDER", name="Alder Connect", domains=["alder.example"],
        service=service, at=at,
    )  # fmt: skip


def test_addresses_of_a_trusted_tenant_count_as_verified(entra, anonymous, operator, at):
    sign_in(anonymous)
    assert is_signed_in(anonymous)
    anonymous.post(reverse("account_logout"))
    set_up(operator, OpenIdService(entra.url, CLIENT_ID, CLIENT_SECRET), at)
    assert "has not checked that the address" in read(sign_in(anonymous)).text
    assert not is_signed_in(anonymous)


@pytest.mark.parametrize(
    "claims",
    [
        {"tid": "99999999-1111-2222-3333-444455556666"},
        {"tid": ""},
        {"email": "amy@juniper.example"},
        {"email_verified": False},
        {"email_verified": ""},
    ],
    ids=["another tenant", "no tenant", "another domain", "not verified", "nothing"],
)
def test_nothing_else_is_trusted(entra, anonymous, claims):
    entra.claims |= claims
    assert sign_in(anonymous).status_code == 403
    assert not is_signed_in(anonymous)


def test_the_tenant_has_to_be_the_issuers(entra, anonymous):
    entra.issuer = entra.configured_issuer = f"{entra.url}/99999999-1111-2222-3333-444455556666/v2.0"
    assert sign_in(anonymous).status_code == 403
    assert not is_signed_in(anonymous)


def test_an_address_that_is_not_in_the_signed_statement_is_not_trusted(entra, anonymous):
    entra.userinfo = {"sub": "ann-1", "email": "bob@alder.example", "name": "Ann"}
    assert sign_in(anonymous).status_code == 403
    assert not is_signed_in(anonymous)
