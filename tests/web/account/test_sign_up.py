"""Making an account: with the real mails, alike for addresses with and without an account, and opening nothing."""

import re
from http.cookies import SimpleCookie

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scoreport.accounts.hashing import ScoreportArgon2Hasher
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.outbox.models import Mail
from tests.organizations.invited import NEW, invited, token_of
from tests.web.pages import read

pytestmark = pytest.mark.django_db

User = get_user_model()
PASSWORD = "correct horse battery"
ANN = "ann@alder.example"


def sign_up(client, email=ANN, name="Ann B", password=PASSWORD, target=""):
    told = {"name": name, "email": email, "password1": password, "next": target}
    return client.post(reverse("account_signup"), told)


def code_in(mail):
    return re.findall(r"^\s*([A-Z0-9]{3,}-[A-Z0-9-]+|\d{6})\s*$", mail.get_content(), re.MULTILINE)[0]


def verify(client, code):
    return client.post(reverse("account_email_verification_sent"), {"action": "verify", "code": code})


def is_signed_in(client):
    return client.get("/").status_code == 200


def fresh(client):
    """Make a browser as it was when it was bought, and nobody has tried anything."""
    client.cookies = SimpleCookie()
    cache.clear()


def test_the_way_to_a_new_account(anonymous, postman, run_tasks):
    form = anonymous.get(reverse("account_signup") + "?next=/files/")
    assert read(form).fields("signup/")["next"] == ["/files/"]
    asked = sign_up(anonymous, target="/files/")
    assert asked.url == reverse("account_email_verification_sent")
    assert f"We sent a message to {ANN}" in read(anonymous.get(asked.url)).text
    assert not is_signed_in(anonymous)
    run_tasks()
    (mail,) = postman.to(ANN)
    code = code_in(mail)
    assert code in mail["Subject"]
    assert "not the code of our latest message" in read(verify(anonymous, "AAAA-AAAA")).text
    assert verify(anonymous, f" {code.lower()} ").url == "/files/"
    assert "No tools yet" in read(anonymous.get("/")).text
    user = User.objects.get(email=ANN)
    assert (user.name, user.memberships.count()) == ("Ann B", 0)
    assert EmailAddress.objects.get(user=user).verified
    assert [event.facts.verb for event in events_of(limit=4)][::-1] == [
        Verb.PERSON_ADDED,
        Verb.EMAIL_VERIFIED,
        Verb.SIGNED_IN,
        Verb.DEVICE_SEEN,
    ]


def test_a_password_without_the_code_opens_nothing(anonymous, postman, run_tasks):
    sign_up(anonymous)
    fresh(anonymous)
    answer = anonymous.post(reverse("account_login"), {"login": ANN, "password": PASSWORD})
    assert answer.url == reverse("account_email_verification_sent")
    assert not is_signed_in(anonymous)
    run_tasks()
    old, new = (code_in(mail) for mail in postman.to(ANN))
    assert verify(anonymous, old).status_code == 200
    assert verify(anonymous, new).url == reverse("dashboard")
    assert is_signed_in(anonymous)


def test_a_code_is_good_in_its_own_browser_only_and_for_three_tries(anonymous, client_for, postman, run_tasks):
    sign_up(anonymous)
    run_tasks()
    code = code_in(postman.to(ANN)[0])
    stranger = client_for("nora")
    stranger.post(reverse("account_logout"))
    assert verify(stranger, code).url == reverse("account_login")
    for _try in range(2):
        assert verify(anonymous, "AAAA-AAAA").status_code == 200
    assert verify(anonymous, "AAAA-AAAA").url == reverse("account_login")
    assert verify(anonymous, code).url == reverse("account_login")
    assert not is_signed_in(anonymous)


def test_a_new_code_can_be_had_and_the_old_one_is_void(anonymous, postman, run_tasks):
    sign_up(anonymous)
    resend = {"action": "resend"}
    assert anonymous.post(reverse("account_email_verification_sent"), resend).status_code == 429
    cache.clear()
    assert anonymous.post(reverse("account_email_verification_sent"), resend).status_code == 302
    run_tasks()
    old, new = (code_in(mail) for mail in postman.to(ANN))
    assert verify(anonymous, old).status_code == 200
    assert verify(anonymous, new).url == reverse("dashboard")


def test_an_address_with_an_account_is_answered_alike_and_its_owner_is_told(anonymous, world, postman, run_tasks):
    pages, answers, queries = [], [], []
    for email in ("amy@juniper.example", "who@juniper.example"):
        fresh(anonymous)
        with CaptureQueriesContext(connection) as asked:
            answers.append(sign_up(anonymous, email=email))
        queries.append(len(asked))
        page = read(anonymous.get(answers[-1].url)).markup.replace("who@", "amy@")
        wrong = read(verify(anonymous, "AAAA-AAAA")).markup.replace("who@", "amy@")
        pages.append([re.sub(r'value="\w{64}"', "", text) for text in (page, wrong)])
    assert pages[0] == pages[1]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].cookies.keys() == answers[1].cookies.keys()
    # The new account is a few rows more, each of them a fraction of a millisecond; the hash is what takes time.
    assert abs(queries[0] - queries[1]) < 25
    run_tasks()
    (told,) = postman.to("amy@juniper.example")
    assert told["Subject"] == "You have an account already"
    assert "/account/password/reset/" in told.get_content()
    assert len(postman.to("who@juniper.example")) == 1


def test_both_cost_one_hash(anonymous, world, monkeypatch):
    hashes = []
    real = ScoreportArgon2Hasher.encode

    def counted(self, *args):
        hashes.append(1)
        return real(self, *args)

    monkeypatch.setattr(ScoreportArgon2Hasher, "encode", counted)
    for email in ("amy@juniper.example", "who@juniper.example"):
        fresh(anonymous)
        hashes.clear()
        sign_up(anonymous, email=email)
        assert len(hashes) == 1


@pytest.mark.parametrize("email", ["amy@juniper.example", "who@juniper.example"])
def test_a_mail_server_that_is_down_changes_no_page(anonymous, world, settings, email):
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 9, "timeout": 1},
        }
    }
    assert sign_up(anonymous, email=email).url == reverse("account_email_verification_sent")
    assert anonymous.post(reverse("account_reset_password"), {"email": email}).url == reverse(
        "account_reset_password_done"
    )
    assert Mail.objects.filter(to=email).count() == 2


def test_what_is_mailed_is_not_kept_in_the_clear(anonymous, postman, run_tasks):
    sign_up(anonymous)
    waiting = Mail.objects.get(to=ANN)
    run_tasks()
    assert code_in(postman.to(ANN)[0]) not in waiting.sealed
    waiting.refresh_from_db()
    assert waiting.sealed == ""


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", " \u200b ", "Write your name as colleagues know it."),
        ("email", "ann", "Enter a valid email address"),
        ("password", "short", "It needs 15 characters or more."),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_stored(anonymous, field, value, sentence):
    answer = sign_up(anonymous, **{field: value})
    assert sentence in read(answer).text
    assert not User.objects.exists()
    assert sign_up(anonymous).status_code == 302


def test_the_next_page_is_one_of_ours(anonymous, postman, run_tasks):
    sign_up(anonymous, target="https://evil.example/")
    run_tasks()
    assert verify(anonymous, code_in(postman.to(ANN)[0])).url == reverse("dashboard")


def test_signing_up_is_limited(anonymous):
    for number in range(20):
        sign_up(anonymous, password="short", email=f"ann{number}@alder.example")
    assert sign_up(anonymous).status_code == 429
    assert not User.objects.exists()


def test_somebody_who_is_signed_in_is_not_asked_for_a_code(client_for):
    assert client_for("amy").get(reverse("account_email_verification_sent")).url == reverse("dashboard")


def test_an_invitation_fills_in_its_address_and_proves_nothing(world, anonymous, postman, run_tasks):
    """Whoever was forwarded the mail, or a scanner that sends forms, must not get an account of the invited person."""
    link = f"/invitations/{token_of(invited(world.actor('max')))}/"
    form = anonymous.post(f"{link}account/").url
    assert read(anonymous.get(form)).fields("signup/")["email"] == [NEW]
    assert sign_up(anonymous, email=NEW, target=link).url == reverse("account_email_verification_sent")
    assert not is_signed_in(anonymous)
    assert "Accept the invitation" not in read(anonymous.get(link)).text
    run_tasks()
    (code,) = [mail for mail in postman.to(NEW) if "code" in mail["Subject"]]
    assert verify(anonymous, code_in(code)).url == link
    assert "Accept the invitation" in read(anonymous.get(link)).text
    assert EmailAddress.objects.get(user=User.objects.get(email=NEW)).verified
