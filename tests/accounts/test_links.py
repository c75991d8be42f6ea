"""Whom a sign-in service means: accounts are linked by their address, made where there is none, never taken over."""

import threading

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection, connections

from scoreport.access import ANONYMOUS, NotAllowed, Refused
from scoreport.accounts.actions import (
    AnotherIdentity,
    begin_session,
    create_person,
    link_person,
    sign_up,
    unlink_provider,
)
from scoreport.accounts.models import BrowserSession, User
from scoreport.accounts.rules import Device, device_of
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.organizations.queries import actor_of

pytestmark = pytest.mark.django_db

ANN = "ann@alder.example"


def link(at, uid="ann-1", email=ANN, name="Ann B", provider="alder"):
    return link_person(ANONYMOUS, provider=provider, uid=uid, email=email, name=name, at=at)


def verbs():
    return [event.facts.verb for event in events_of(limit=20)][::-1]


def test_one_identity_is_one_account_for_ever(at):
    ann = link(at)
    assert (ann.email, ann.name) == (ANN, "Ann B")
    assert link(at) == ann == link(at, email="ann.bo@alder.example", name="Ann Bo")
    assert verbs() == [Verb.PERSON_ADDED, Verb.PROVIDER_LINKED]


def test_a_name_is_cleaned_and_made_of_the_address_where_there_is_none(at):
    assert link(at, name=" Ann\u202e ").name == "Ann"
    assert link(at, uid="bob-1", email="Bob@alder.example", name="").name == "bob"


def test_an_existing_account_is_linked_and_another_identity_refused(operator, at):
    ann = create_person(operator, email=ANN, name="Ann", at=at)
    assert link(at) == ann
    with pytest.raises(AnotherIdentity, match="another identity"):
        link(at, uid="ann-2")
    assert link(at, uid="ann-9", provider="other") == ann
    assert SocialAccount.objects.count() == 2


def test_who_took_somebody_elses_address_loses_the_account_to_its_owner(at):
    """An account was begun with an address that was never shown to be theirs, and a password that they know."""
    taken = sign_up(ANONYMOUS, email=ANN, name="Not Ann", encoded=make_password("correct horse battery"), at=at)
    EmailAddress.objects.create(user_id=taken.id, email=ANN, verified=False, primary=True)
    store = SessionStore()
    store.create()
    actor = actor_of(taken.id, second_factor=False, at=at)
    begin_session(actor, key=str(store.session_key), user_agent="", at=at)
    assert link(at).id == taken.id
    user = User.objects.get(pk=taken.id)
    assert not user.has_usable_password()
    assert EmailAddress.objects.get(user=user).verified
    assert (Session.objects.count(), BrowserSession.objects.count()) == (0, 0)
    assert verbs() == [Verb.PERSON_ADDED, Verb.EMAIL_VERIFIED, Verb.PROVIDER_LINKED]


def test_a_checked_account_keeps_its_password(at):
    taken = sign_up(ANONYMOUS, email=ANN, name="Ann", encoded=make_password("correct horse battery"), at=at)
    EmailAddress.objects.create(user_id=taken.id, email=ANN, verified=True, primary=True)
    link(at)
    assert User.objects.get(pk=taken.id).check_password("correct horse battery")


def test_somebody_suspended_is_not_linked(operator, at):
    create_person(operator, email=ANN, name="Ann", at=at)
    User.objects.filter(email=ANN).update(is_active=False)
    assert not link(at).is_active
    assert not SocialAccount.objects.exists()


def test_only_the_operator_forgets_whom_a_service_means(world, operator, at):
    link(at)
    for name in ("amy", "max", "pat"):
        with pytest.raises(NotAllowed):
            unlink_provider(world.actor(name), provider="alder", at=at)
    assert unlink_provider(operator, provider="alder", at=at) == 1
    assert unlink_provider(operator, provider="alder", at=at) == 0
    assert verbs().count(Verb.PROVIDER_UNLINKED) == 1
    assert User.objects.filter(email=ANN).exists()


@pytest.mark.parametrize(
    ("user_agent", "browser", "system"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge", "Windows"),
        ("Mozilla/5.0 (Linux; Android 15) SamsungBrowser/28.0 Chrome/130.0", "Samsung Internet", "Android"),
        ("Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) CriOS/140.0 Mobile/15E148 Safari/604.1", "Chrome", "iPad"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "Linux"),
        ("curl/8.5", "", ""),
        ("", "", ""),
    ],
)  # fmt: skip
def test_a_device_says_what_it_is(user_agent, browser, system):
    assert device_of(user_agent) == Device(browser, system)


def test_a_device_is_named_in_words():
    assert Device("Firefox", "Linux").as_text == "Firefox on Linux"
    assert (Device("Firefox", "").as_text, Device("", "Mac").as_text) == ("Firefox", "Mac")
    assert Device("", "").as_text == "Unknown browser"


@pytest.mark.django_db(transaction=True)
def test_who_comes_twice_at_once_has_one_account(at):
    """On PostgreSQL four come at the same moment; SQLite in memory has one connection."""
    answers: list[object] = []

    def come() -> None:
        try:
            answers.append(link(at).email)
        except Refused as refusal:
            answers.append(str(refusal))

    def come_and_leave() -> None:
        come()
        connections.close_all()

    others = [threading.Thread(target=come_and_leave) for _ in range(4 if connection.vendor == "postgresql" else 0)]
    for thread in others:
        thread.start()
    come()
    for thread in others:
        thread.join()
    assert ANN in answers
    assert set(answers) <= {ANN, "This was asked for twice at the same moment. Please try again."}
    assert (User.objects.count(), SocialAccount.objects.count()) == (1, 1)
    assert verbs() == [Verb.PERSON_ADDED, Verb.PROVIDER_LINKED]
