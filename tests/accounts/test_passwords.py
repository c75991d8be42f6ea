"""Passwords: how long, how they are hashed, and never more of that at once than cores."""

import threading

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, identify_hasher, make_password
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError

from scoreport.accounts import hashing
from scoreport.accounts.actions import PersonExists, password_link, store_password
from scoreport.accounts.hashing import ScoreportArgon2Hasher, TooManySignIns
from scoreport.accounts.queries import UnknownPerson
from scoreport.accounts.rules import LENGTH_ALONE, LENGTH_WITH_SECOND_FACTOR
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from tests.factories.accounts import UserFactory

LONG = "correct horse battery"


def give_app(user):
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})


# --- Length ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length", "has_app", "is_enough"),
    [(14, False, False), (15, False, True), (7, True, False), (8, True, True), (200, False, True)],
)
def test_a_password_needs_15_characters_or_8_with_a_second_factor(db, length, has_app, is_enough):
    user = UserFactory.create()
    if has_app:
        give_app(user)
    password = ("zwölf Boxkämpfer " * 20)[:length]
    if is_enough:
        validate_password(password, user)
    else:
        with pytest.raises(ValidationError, match=r"needs (15|8) characters or more"):
            validate_password(password, user)


def test_recovery_codes_alone_are_no_second_factor(db):
    user = UserFactory.create()
    Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data={})
    with pytest.raises(ValidationError, match="15"):
        validate_password("eleven long", user)


def test_common_passwords_are_refused_whatever_their_length(db):
    user = UserFactory.create()
    give_app(user)
    with pytest.raises(ValidationError, match="too common"):
        validate_password("password123", user)


def test_without_a_person_the_longer_length_counts():
    with pytest.raises(ValidationError, match="15"):
        validate_password("fourteen chars")
    validate_password(LONG)


def test_the_form_says_what_will_be_asked_for():
    told = " ".join(password_validators_help_texts())
    assert str(LENGTH_ALONE) in told
    assert str(LENGTH_WITH_SECOND_FACTOR) in told


# --- Hashing -------------------------------------------------------------------------------------------


def test_a_hash_is_argon2id_with_the_agreed_parameters():
    encoded = make_password(LONG)
    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert isinstance(identify_hasher(encoded), ScoreportArgon2Hasher)
    assert check_password(LONG, encoded)
    assert not check_password(LONG + " ", encoded)


class Slots:
    """A semaphore that remembers how many held it at once."""

    def __init__(self, size):
        self.semaphore = threading.BoundedSemaphore(size)
        self.lock = threading.Lock()
        self.held = self.most = 0

    def acquire(self, timeout):
        taken = self.semaphore.acquire(timeout=timeout)
        with self.lock:
            self.held += taken
            self.most = max(self.most, self.held)
        return taken

    def release(self):
        with self.lock:
            self.held -= 1
        self.semaphore.release()


@pytest.mark.parametrize("size", [1, 2])
def test_no_more_hashes_run_at_once_than_there_are_slots(monkeypatch, size):
    slots = Slots(size)
    running = Slots(99)
    real = Argon2PasswordHasher.encode

    def watched(self, password, salt):
        running.acquire(timeout=1)
        try:
            return real(self, password, salt)
        finally:
            running.release()

    monkeypatch.setattr(hashing, "_slots", slots)
    monkeypatch.setattr(Argon2PasswordHasher, "encode", watched)
    threads = [threading.Thread(target=make_password, args=(LONG,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert running.most == size
    assert slots.held == 0


def test_whoever_waits_too_long_is_told_so_and_nothing_is_held(monkeypatch):
    taken = Slots(1)
    taken.acquire(timeout=0)
    monkeypatch.setattr(hashing, "_slots", taken)
    monkeypatch.setattr(hashing, "_PATIENCE_SECONDS", 0)
    with pytest.raises(TooManySignIns, match="Wait a minute"):
        make_password(LONG)
    taken.release()
    assert make_password(LONG)


def test_the_bound_is_the_one_of_the_settings(settings):
    size = hashing._slots._initial_value  # type: ignore[attr-defined]  # there is no public name for it
    assert size == settings.PASSWORD_HASHES_AT_ONCE


# --- Links that set one ----------------------------------------------------------------------------------


def test_a_link_is_made_for_somebody_without_a_password_only(db, operator, at):
    user = UserFactory.create(email="ann@juniper.example")
    link = password_link(operator, email="Ann@juniper.example", at=at)
    assert link.uid
    assert link.key
    store_password(operator, user_id=user.pk, encoded=make_password(LONG), at=at)
    with pytest.raises(PersonExists, match="has a password already"):
        password_link(operator, email="ann@juniper.example", at=at)
    with pytest.raises(UnknownPerson):
        password_link(operator, email="bob@juniper.example", at=at)
    assert [event.facts.verb for event in events_of()] == [Verb.PASSWORD_SET, Verb.PASSWORD_LINK_MADE]
