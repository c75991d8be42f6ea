"""Signing in for real: link, password, second factor, and what is written down of it."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth import get_user_model
from django.core import mail
from django.urls import reverse

from scoreport.accounts.actions import password_link
from scoreport.accounts.models import BrowserSession
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.web.adapter import SecondFactorAdapter

PASSWORD = "correct horse battery"
AMY = "amy@juniper.example"

pytestmark = pytest.mark.urls("tests.web.base_urls")


def code_of(secret):
    return format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1]))


def verbs():
    return [event.facts.verb for event in events_of(limit=10)][::-1]


def sign_in(client, password=PASSWORD, email=AMY):
    return client.post(reverse("account_login"), {"login": email, "password": password})


@pytest.fixture
def with_password(world):
    user = get_user_model().objects.get(email=AMY)
    user.set_password(PASSWORD)
    user.save()
    return user


def begin_app(client):
    """Open the page that sets up an authenticator app, and return the secret on it; it asks for the password first."""
    asked = client.get(reverse("mfa_activate_totp")).url
    page = client.get(client.post(asked, {"password": PASSWORD}).url)
    return re.findall(r"\b[A-Z2-7]{32}\b", page.content.decode())[0]


@pytest.mark.django_db(transaction=True)
def test_the_way_from_the_link_to_the_roster(anonymous, world, operator, at):
    link = password_link(operator, email=AMY, at=at)
    address = reverse("account_reset_password_from_key", kwargs={"uidb36": link.uid, "key": link.key})
    form = anonymous.get(address).url
    answer = anonymous.post(form, {"password1": "short", "password2": "short"})
    assert "15 characters" in answer.content.decode()
    anonymous.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    assert sign_in(anonymous, password="not hers at all").status_code == 200
    assert sign_in(anonymous).url == reverse("dashboard")

    # The roster asks for a second factor, and setting one up opens it in the same session.
    assert anonymous.get("/roster/?sort=score").url == reverse("mfa_index")
    secret = begin_app(anonymous)
    codes = anonymous.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert codes.url == reverse("mfa_view_recovery_codes")
    assert 'href="/roster/?sort=score"' in anonymous.get(codes.url).content.decode()
    assert anonymous.get("/roster/?sort=score").status_code == 200
    assert "/roster/" not in anonymous.get(codes.url).content.decode()

    # The link worked once.
    assert anonymous.get(address).status_code == 200
    anonymous.post(reverse("account_logout"))
    assert verbs()[-7:] == [
        "accounts:password:link-made",
        "accounts:password:set",
        "accounts:session:failed",
        "accounts:session:started",
        "accounts:device:seen",
        "accounts:second-factor:added",
        "accounts:session:ended",
    ]
    assert all(event.facts.subject == f"Amy <{AMY}>" for event in events_of(limit=7))


def test_seeds_and_codes_are_stored_encrypted(anonymous, with_password):
    sign_in(anonymous)
    secret = begin_app(anonymous)
    anonymous.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    app = Authenticator.objects.get(type=Authenticator.Type.TOTP)
    assert secret not in str(app.data)
    assert SecondFactorAdapter().decrypt(app.data["secret"]) == secret


@pytest.mark.django_db(transaction=True)
def test_a_second_factor_that_is_switched_off_is_on_record_and_opens_nothing(anonymous, with_password):
    sign_in(anonymous)
    anonymous.post(reverse("mfa_activate_totp"), {"code": code_of(begin_app(anonymous))})
    assert anonymous.get("/roster/").status_code == 200
    anonymous.post(reverse("mfa_deactivate_totp"))
    assert anonymous.get("/roster/").url == reverse("mfa_index")
    assert [verb for verb in verbs() if "second-factor" in verb] == [
        "accounts:second-factor:added",
        "accounts:second-factor:removed",
    ]


def test_with_a_second_factor_the_password_alone_does_not_sign_in(anonymous, with_password):
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    data = {"secret": SecondFactorAdapter().encrypt(secret)}
    Authenticator.objects.create(user=with_password, type=Authenticator.Type.TOTP, data=data)
    assert sign_in(anonymous).url == reverse("mfa_authenticate")
    assert anonymous.get("/roster/").url.startswith(reverse("account_login"))
    wrong = "000000" if code_of(secret) != "000000" else "111111"
    assert anonymous.post(reverse("mfa_authenticate"), {"code": wrong}).status_code == 200
    assert anonymous.post(reverse("mfa_authenticate"), {"code": code_of(secret)}).url == reverse("dashboard")
    assert anonymous.get("/roster/").status_code == 200


def test_somebody_suspended_cannot_sign_in(anonymous, with_password):
    with_password.is_active = False
    with_password.save()
    assert sign_in(anonymous).url == reverse("account_inactive")
    assert anonymous.get("/roster/").url.startswith(reverse("account_login"))


def test_an_unknown_address_is_answered_like_a_wrong_password(anonymous, with_password):
    answers = [sign_in(anonymous, email=email, password="not right at all") for email in (AMY, "who@juniper.example")]
    bodies = [
        re.sub(r'csrfmiddlewaretoken" value="\w+"', "", answer.content.decode()).replace("who@", "amy@")
        for answer in answers
    ]
    assert bodies[0] == bodies[1]
    # What was typed instead of an address is not kept: it might be a password.
    assert [event.facts.subject for event in events_of(limit=2)] == ["", f"Amy <{AMY}>"]


def test_both_cost_one_hash(anonymous, with_password, monkeypatch):
    from scoreport.accounts.hashing import ScoreportArgon2Hasher

    hashes = []
    for name in ("encode", "verify"):
        real = getattr(ScoreportArgon2Hasher, name)

        def counted(self, *args, real=real, name=name):
            hashes.append(name)
            return real(self, *args)

        monkeypatch.setattr(ScoreportArgon2Hasher, name, counted)
    for email in (AMY, "nora@juniper.example", "who@juniper.example"):
        hashes.clear()
        sign_in(anonymous, email=email, password="not right at all")
        assert len(hashes) == 1


def test_asking_for_a_new_password_tells_nobody_who_has_an_account(anonymous, world, run_tasks):
    for email in (AMY, "who@juniper.example"):
        answer = anonymous.post(reverse("account_reset_password"), {"email": email})
        assert answer.url == reverse("account_reset_password_done")
    assert mail.outbox == []
    run_tasks()
    assert [message.to for message in mail.outbox] == [[AMY], ["who@juniper.example"]]


def test_a_new_password_ends_other_sessions(client_for, anonymous, with_password):
    other = client_for("amy", second_factor=False)
    assert other.get(reverse("dashboard")).status_code == 200
    sign_in(anonymous)
    changed = {"oldpassword": PASSWORD, "password1": PASSWORD + "!", "password2": PASSWORD + "!"}
    anonymous.post(reverse("account_change_password"), changed)
    assert anonymous.get(reverse("dashboard")).status_code == 200
    assert other.get(reverse("dashboard")).url.startswith(reverse("account_login"))


def test_tries_are_limited(anonymous, with_password):
    for _try in range(5):
        sign_in(anonymous, password="not right at all")
    assert "oo many" in sign_in(anonymous).content.decode()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_sign_in_leads_nowhere_else(anonymous, with_password, target):
    answer = anonymous.post(reverse("account_login"), {"login": AMY, "password": PASSWORD, "next": target})
    assert answer.url == reverse("dashboard")


@pytest.mark.parametrize(
    "path",
    ["email/", "confirm-email/", "login/code/", "login/code/confirm/", "phone/verify/", "social/", "signup/passkey/"],
)
def test_pages_of_the_library_that_we_do_not_serve_are_not_there(client_for, path):
    assert client_for("amy").get(f"/account/{path}").status_code == 404


@pytest.mark.django_db
def test_a_sign_in_and_what_follows_it_carry_one_session(anonymous, with_password):
    sign_in(anonymous)
    anonymous.get(reverse("dashboard"))
    anonymous.post(reverse("account_logout"))
    sign_in(anonymous)
    own = [event.facts for event in events_of(limit=10)][::-1]
    numbers = [(facts.verb, facts.session_id) for facts in own if facts.verb.startswith("accounts:session:")]
    assert [verb for verb, _number in numbers] == [Verb.SIGNED_IN, Verb.SIGNED_OUT, Verb.SIGNED_IN]
    first, ended, second = (number for _verb, number in numbers)
    assert first == ended != second
    assert second == BrowserSession.objects.get().pk
