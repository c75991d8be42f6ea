"""Where somebody is signed in, and that ending a session takes effect at once."""

import datetime as dt
import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.urls import reverse

from scoreport.accounts.models import BrowserSession
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.web.middleware import AT_KEY
from tests.web.pages import read, text_of

pytestmark = pytest.mark.django_db

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile Safari/604.1"
PAGE = "/account/sessions/"


def browser_of(client_for, name, user_agent=PHONE, **changes):
    client = client_for(name, **changes)
    client.defaults["HTTP_USER_AGENT"] = user_agent
    client.get("/")
    return client


def is_signed_in(client):
    return client.get("/").status_code == 200


def rows(client):
    """Return name and facts of each session that the page lists."""
    markup = read(client.get(PAGE)).part("sessions").markup
    found = re.findall(r"<h2>(.*?)</h2>\s*<p>(.*?)<br>(.*?)</p>", markup, re.DOTALL)
    return [[text_of(part) for part in row] for row in found]


def end_links(client):
    return [url for url in read(client.get(PAGE)).links().values() if url.endswith("/end/")]


def test_one_sees_ones_own_sessions_in_words(client_for):
    phone = browser_of(client_for, "amy")
    desk = browser_of(client_for, "amy", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Gecko/20100101 Firefox/140.0")
    browser_of(client_for, "dan")
    found = rows(desk)
    assert [row[0] for row in found] == ["Firefox on Windows This session", "Safari on iPhone"]
    assert found[1][1:] == [
        "Signed in Nov 21, 2026, 12:00 PM Eastern",
        "Last used Nov 21, 2026, 12:00 PM Eastern, from the address 127.0.0.1",
    ]
    assert len(end_links(desk)) == 1
    assert [row[0] for row in rows(phone)] == ["Safari on iPhone This session", "Firefox on Windows"]


def test_a_session_that_is_ended_opens_nothing_from_its_next_request_on(client_for):
    phone, desk = browser_of(client_for, "amy"), browser_of(client_for, "amy")
    (link,) = end_links(desk)
    assert "whoever uses it has to sign in again" in read(desk.get(link)).text
    assert is_signed_in(phone)
    desk.post(link)
    assert not is_signed_in(phone)
    assert is_signed_in(desk)
    assert [row[0] for row in rows(desk)] == ["Safari on iPhone This session"]
    (event,) = events_of(verb=Verb.SESSION_ENDED)
    assert (event.facts.subject, event.facts.detail["sessions"]) == (
        "Amy <amy@juniper.example>",
        ["Safari on iPhone, 127.0.0.1"],
    )
    assert desk.post(link).status_code == 404


def test_nobody_ends_the_session_of_somebody_else(client_for):
    amy, dan = browser_of(client_for, "amy"), browser_of(client_for, "dan")
    theirs = BrowserSession.objects.get(user__email="amy@juniper.example")
    link = reverse("account_end_session", args=[theirs.pk])
    assert (dan.get(link).status_code, dan.post(link).status_code) == (404, 404)
    dan.post(reverse("account_end_others"))
    assert is_signed_in(amy)
    browser_of(client_for, "amy").post(link)
    assert not is_signed_in(amy)


def test_all_others_are_ended_together(client_for):
    others = [browser_of(client_for, "amy") for _browser in range(3)]
    desk = browser_of(client_for, "amy")
    assert "You stay signed in here" in read(desk.get(reverse("account_end_others"))).text
    assert all(map(is_signed_in, others))
    answer = desk.post(reverse("account_end_others"), follow=True)
    assert "3 other sessions are ended." in read(answer).text
    assert not any(map(is_signed_in, others))
    assert is_signed_in(desk)
    assert "End all others" not in read(desk.get(PAGE)).text
    assert len(events_of(verb=Verb.SESSION_ENDED)) == 1


def test_a_session_that_got_another_key_meanwhile_ends_too(client_for):
    """A request that ran while the session was ended may have saved it again, under a new key."""
    phone, desk = browser_of(client_for, "amy"), browser_of(client_for, "amy")
    (link,) = end_links(desk)
    session = phone.session
    session.cycle_key()
    phone.cookies["sessionid"] = session.session_key
    desk.post(link)
    assert Session.objects.filter(pk=session.session_key).exists()
    answer = phone.get("/")
    assert answer.url.startswith(reverse("account_login"))
    assert "ended from another one" in read(phone.get(answer.url)).text


def test_a_key_that_changes_is_followed(client_for):
    phone, desk = browser_of(client_for, "amy"), browser_of(client_for, "amy")
    session = phone.session
    session.cycle_key()
    phone.cookies["sessionid"] = session.session_key
    assert is_signed_in(phone)
    (link,) = end_links(desk)
    desk.post(link)
    assert not is_signed_in(phone)


def test_signing_out_and_idling_leave_the_list(client_for, at):
    phone, desk = browser_of(client_for, "amy"), browser_of(client_for, "amy")
    idle = browser_of(client_for, "amy", now=at - dt.timedelta(minutes=30))
    assert len(rows(desk)) == 2
    phone.post(reverse("account_logout"))
    assert len(rows(desk)) == 1
    idle.defaults[AT_KEY] = at
    assert not is_signed_in(idle)
    assert BrowserSession.objects.count() == 1


def test_the_list_says_when_a_session_was_used_last(client_for, at):
    phone, desk = browser_of(client_for, "amy"), browser_of(client_for, "amy")
    phone.defaults[AT_KEY] = desk.defaults[AT_KEY] = at + dt.timedelta(minutes=5)
    phone.get("/")
    assert rows(desk)[1][1:] == [
        "Signed in Nov 21, 2026, 12:00 PM Eastern",
        "Last used Nov 21, 2026, 12:05 PM Eastern, from the address 127.0.0.1",
    ]


def test_a_new_password_takes_the_other_sessions_off_the_list(client_for, anonymous):
    desk = browser_of(client_for, "amy", second_factor=False)
    person = get_user_model().objects.get(email="amy@juniper.example")
    person.set_password("correct horse battery")
    person.save()
    anonymous.post(reverse("account_login"), {"login": person.email, "password": "correct horse battery"})
    assert len(rows(anonymous)) == 2
    changed = {"oldpassword": "correct horse battery", "password1": "battery horse correct"}
    anonymous.post(reverse("account_change_password"), changed | {"password2": changed["password1"]})
    assert len(rows(anonymous)) == 1
    assert not is_signed_in(desk)


def test_a_session_costs_no_query_but_once_a_minute(client_for, django_assert_num_queries):
    client = browser_of(client_for, "nora")
    with django_assert_num_queries(1):
        client.get(reverse("session_stay"))


def test_one_changes_ones_own_name(client_for):
    amy = client_for("amy")
    assert "amy@juniper.example" in read(amy.get(reverse("account"))).text
    assert "Write your name" in read(amy.post(reverse("account"), {"name": "\u200b"})).text
    amy.post(reverse("account"), {"name": " Amy  Alder\u202e "})
    assert get_user_model().objects.get(email="amy@juniper.example").name == "Amy Alder"
    (event,) = events_of(verb=Verb.PERSON_RENAMED)
    assert (event.facts.subject, event.facts.detail["before"]) == (
        "Amy Alder <amy@juniper.example>",
        "Amy <amy@juniper.example>",
    )
    amy.post(reverse("account"), {"name": "Amy Alder"})
    assert len(events_of(verb=Verb.PERSON_RENAMED)) == 1
    assert amy.get(reverse("account_email")).url == reverse("account")
