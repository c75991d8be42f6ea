"""A sign-in with a new device is told to the person, once for each device."""

from http.cookies import SimpleCookie

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from scoreport.accounts.models import KnownDevice
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from tests.web.account.test_openid import sign_in as sign_in_by_service

pytestmark = pytest.mark.django_db

AMY = "amy@juniper.example"
PASSWORD = "correct horse battery"
SUBJECT = "A new device signed in to your account"


@pytest.fixture
def amy(world):
    user = get_user_model().objects.get(email=AMY)
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client, user_agent="Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15"):
    client.defaults["HTTP_USER_AGENT"] = user_agent
    answer = client.post(reverse("account_login"), {"login": AMY, "password": PASSWORD})
    assert answer.url == reverse("dashboard")
    client.post(reverse("account_logout"))
    return answer


def told(postman, run_tasks, address=AMY):
    run_tasks()
    return [mail for mail in postman.to(address) if mail["Subject"] == SUBJECT]


def test_each_new_device_is_told_once(anonymous, amy, postman, run_tasks):
    sign_in(anonymous)
    sign_in(anonymous)
    assert told(postman, run_tasks) == []
    known = SimpleCookie(anonymous.cookies)
    anonymous.cookies = SimpleCookie()
    sign_in(anonymous, "Mozilla/5.0 (X11; CrOS x86_64 16093.68.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36")
    sign_in(anonymous)
    anonymous.cookies = known
    sign_in(anonymous)
    (mail,) = told(postman, run_tasks)
    text = mail.get_content()
    assert "Device: Chrome on ChromeOS" in text
    assert "Address: 127.0.0.1" in text
    assert "When: Nov 21, 2026, 12:00\N{NO-BREAK SPACE}PM Eastern" in text
    assert "/account/sessions/" in text
    assert [event.facts.detail["device"] for event in events_of(verb=Verb.DEVICE_SEEN)][::-1] == [
        "Safari on Mac",
        "Chrome on ChromeOS",
    ]


def test_the_cookie_is_the_browsers_alone_and_cannot_be_made_up(anonymous, amy, postman, run_tasks):
    cookie = sign_in(anonymous).cookies["device"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 400 * 86_400)
    token = cookie.value.partition(":")[0]
    assert not KnownDevice.objects.filter(digest__contains=token).exists()
    anonymous.cookies["device"] = token
    sign_in(anonymous)
    anonymous.cookies["device"] = f"{token}:1tVqXX:forged"
    sign_in(anonymous)
    assert len(told(postman, run_tasks)) == 2


def test_a_device_of_one_person_is_new_to_another(anonymous, amy, openid, postman, run_tasks):
    sign_in(anonymous)
    sign_in_by_service(anonymous)
    anonymous.post(reverse("account_logout"))
    # The first device of an account is not told of, whoever else uses it.
    assert told(postman, run_tasks, "ann@alder.example") == []
    anonymous.cookies = SimpleCookie()
    sign_in_by_service(anonymous)
    assert len(told(postman, run_tasks, "ann@alder.example")) == 1
    assert told(postman, run_tasks) == []


def test_it_is_told_in_the_language_of_the_person(anonymous, amy, postman, run_tasks):
    get_user_model().objects.filter(pk=amy.pk).update(language="es")
    sign_in(anonymous)
    anonymous.cookies = SimpleCookie()
    sign_in(anonymous, "")
    run_tasks()
    assert [mail["Subject"] for mail in postman.to(AMY)] != [SUBJECT]
    assert len(postman.to(AMY)) == 1
