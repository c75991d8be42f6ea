"""Tries of passwords and codes are limited; strangers who use them up shut out nobody in a browser that is known."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from scoreport.accounts import limits
from scoreport.accounts.models import KnownDevice, LimitEntry
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.web import sessions
from scoreport.web.adapter import SecondFactorAdapter
from tests.web.account.test_second_factor import SECRET
from tests.web.test_sign_in import code_of

pytestmark = pytest.mark.django_db

AMY, PASSWORD, WRONG = "amy@juniper.example", "correct horse battery", "not right at all"


@pytest.fixture
def amy(world, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    user = get_user_model().objects.get(email=AMY)
    user.set_password(PASSWORD)
    user.save()
    return user


def browser(address="192.0.2.1"):
    return Client(REMOTE_ADDR=address)


def enter(client, password=PASSWORD, email=AMY):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def is_let_in(answer):
    return answer.status_code == 302


def is_limited(answer):
    return answer.status_code == 429 or "Too many tries" in answer.content.decode()


def known_browser(address="192.0.2.1"):
    client = browser(address)
    assert is_let_in(enter(client))
    client.post(reverse("account_logout"))
    return client


def guess(times, client=None, **form):
    return [enter(client or browser(f"198.51.100.{number}"), WRONG, **form) for number in range(times)]


def test_a_stranger_is_limited_and_a_known_browser_is_not(amy):
    mine = known_browser()
    guess(8)
    assert is_limited(enter(browser("203.0.113.9")))
    assert is_let_in(enter(mine))
    # The stranger gains nothing by it.
    assert is_limited(enter(browser("203.0.113.10")))


def test_without_a_counter_of_its_own_it_would_be(amy, monkeypatch):
    mine = known_browser()
    monkeypatch.setattr(sessions, "known_device", lambda _request, _email: None)
    guess(8)
    assert is_limited(enter(mine))


def test_a_stranger_at_the_same_address_does_not_either(amy):
    """A whole school comes from one address."""
    mine, stranger = known_browser(), browser()
    answers = guess(40, stranger)
    assert answers[-1].status_code == 429
    assert is_let_in(enter(mine))


def test_a_known_browser_is_limited_as_well(amy):
    mine = known_browser()
    guess(5, mine)
    assert is_limited(enter(mine))
    # Elsewhere the person gets in.
    assert is_let_in(enter(browser("203.0.113.9")))


def test_a_browser_is_known_for_its_own_person_and_by_a_cookie_that_cannot_be_made_up(amy):
    theirs = known_browser()
    KnownDevice.objects.update(user=get_user_model().objects.get(email="dan@juniper.example"))
    forged = browser("203.0.113.9")
    forged.cookies[sessions.DEVICE_COOKIE] = "made-up:1tVqXX:forged"
    guess(5)
    assert is_limited(enter(theirs))
    assert is_limited(enter(forged))


def test_every_spelling_of_an_email_has_one_counter(world):
    """A long s is an s to databases that ignore case, so it would have been a counter of its own."""
    for spelling in ("sue", "SUE", "Sue", "  sue", "\u017fue"):
        guess(1, email=f"{spelling}@juniper.example")
    assert is_limited(enter(browser("203.0.113.9"), email="sue@juniper.example"))


def test_an_email_without_an_account_is_limited_alike(amy):
    bodies = []
    for email in (AMY, "who@juniper.example"):
        answer = [*guess(5, email=email), enter(browser("203.0.113.9"), email=email)][-1]
        assert (answer.status_code, is_limited(answer)) == (200, True)
        bodies.append(re.sub(r'n" value="\w+"', "", answer.content.decode()).replace(email, "EMAIL"))
    assert bodies[0] == bodies[1]


def test_a_hundred_tries_a_day_are_the_most_for_an_account(amy, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed": "100/d/key"}
    guess(100)
    assert is_limited(enter(browser("203.0.113.9")))


# --- What pushes counters out ----------------------------------------------------------------------------


def fill(client_for, number=500):
    """Search a roster with many words, and try to sign in with many emails."""
    reader = client_for("dan")
    for one in range(3):
        assert reader.get("/reports/clep/D-ALDER/all/", {"q": f"word {one}"}).status_code == 200
    for one in range(number):
        caches["figures"].set(f"count-{one}", one)
        caches["default"].set(f"allauth:rl:allauth.account:login_failed:{one}", [1.0], 300)


def test_searches_and_other_emails_reset_no_counter(amy, client_for):
    guess(5)
    fill(client_for)
    assert is_limited(enter(browser("203.0.113.9")))


def test_in_a_cache_in_memory_they_would(amy, client_for, monkeypatch):
    """The negative control: the cache that counted tries until now."""
    memory = LocMemCache("flushed", {"OPTIONS": {"MAX_ENTRIES": 300}})
    for name in ("add", "get", "set", "delete"):
        monkeypatch.setattr(limits.LimitStore, name, staticmethod(getattr(memory, name)))
    guess(5)
    fill(client_for)
    assert is_let_in(enter(browser("203.0.113.9")))


def test_where_tries_cannot_be_counted_nobody_is_let_in(amy, monkeypatch):
    def broken(*_args, **_options):
        raise OperationalError

    monkeypatch.setattr(LimitEntry.objects, "filter", broken)
    answer = enter(browser())
    assert (answer.status_code, "Sign-in is busy" in answer.content.decode()) == (503, True)


# --- Second factors --------------------------------------------------------------------------------------


@pytest.fixture
def with_app(amy):
    data = {"secret": SecondFactorAdapter().encrypt(SECRET)}
    Authenticator.objects.create(user=amy, type=Authenticator.Type.TOTP, data=data)
    return amy


def give(client, code):
    enter(client)
    return client.post(reverse("mfa_authenticate"), {"code": code})


def test_who_knows_the_password_does_not_shut_out_the_app(with_app):
    mine = browser()
    code = code_of(SECRET)
    assert is_let_in(give(mine, code))
    mine.post(reverse("account_logout"))
    wrong = "000000" if code != "000000" else "111111"
    for number in range(5):
        answer = give(browser(f"198.51.100.{number}"), wrong)
    assert not is_limited(answer)
    assert is_limited(give(browser("203.0.113.9"), wrong))
    # In the known browser a wrong code is a wrong code, and not one too many.
    assert not is_limited(give(mine, wrong))
    assert {event.facts.detail["step"] for event in events_of(verb=Verb.SIGN_IN_FAILED)} == {"second factor"}


def test_a_code_counts_once_as_long_as_it_is_valid(with_app):
    code = code_of(SECRET)
    assert is_let_in(give(browser(), code))
    # allauth by itself forgets after thirty seconds that it was used.
    for key in ("used?user", "used%3Fuser"):
        caches["default"].delete(f"allauth.mfa.totp.{key}={with_app.pk}&code={code}")
    assert not is_let_in(give(browser("203.0.113.9"), code))


def test_without_our_own_note_it_would_count_again(with_app, monkeypatch):
    monkeypatch.setattr("scoreport.web.account.factor_forms._is_first_use", lambda _one, _code: True)
    code = code_of(SECRET)
    assert is_let_in(give(browser(), code))
    caches["default"].delete(f"allauth.mfa.totp.used?user={with_app.pk}&code={code}")
    assert is_let_in(give(browser("203.0.113.9"), code))
