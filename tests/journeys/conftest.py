"""Signing in as people do: an address, a password, a code from an app."""

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth import get_user_model
from django.urls import reverse

from scoreport.web.adapter import SecondFactorAdapter
from scoreport.web.middleware import AT_KEY
from tests.conftest import InspectingClient
from tests.web.pages import Read, read

PASSWORD = "correct horse battery"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class Person:
    """Somebody who reads a page and goes on from what stands on it."""

    def __init__(self, client) -> None:
        self.client = client
        self.address = "/"
        self.page = Read("")

    def open(self, address: str) -> Read:
        """Go to an address, wherever it leads."""
        answer = self.client.get(address, follow=True)
        assert answer.status_code == 200, (address, answer.status_code)
        self.address = answer.request["PATH_INFO"] + (f"?{q}" if (q := answer.request["QUERY_STRING"]) else "")
        self.page = read(answer)
        return self.page

    def click(self, words: str, within: str = "") -> Read:
        """Follow the link that begins with these words."""
        links = self.page.links(within)
        address = next((url for text, url in links.items() if text.startswith(words)), None)
        assert address is not None, (words, sorted(links))
        return self.open(address if address.startswith("/") else self.address.partition("?")[0] + address)

    def send(self, action_end: str, **fields: object):
        """Send the form whose action ends so, with what it holds and what is filled in; return the last answer."""
        return self.client.post(
            self.address.partition("?")[0] + action_end, {**self.page.fields(action_end), **fields}, follow=True
        )


@pytest.fixture
def arrive(world, at) -> Callable[[str], Person]:
    """Return a function that signs a person of the world in, from the sign-in page to the dashboard."""

    def make(name: str) -> Person:
        user = get_user_model().objects.get(pk=world.people[name].id)
        user.set_password(PASSWORD)
        user.save()
        secret = SecondFactorAdapter().encrypt(SECRET)
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": secret})
        client = InspectingClient(**{AT_KEY: at})
        person = Person(client)
        assert "/account/login/" in client.get("/").headers["Location"]
        answer = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
        assert answer.headers["Location"].startswith(reverse("mfa_authenticate"))
        counters = list(yield_hotp_counters_from_time())
        code = format_hotp_value(hotp_value(SECRET, counters[len(counters) // 2]))
        answer = client.post(answer.headers["Location"], {"code": code})
        assert answer.headers["Location"] == reverse("dashboard")
        person.open(answer.headers["Location"])
        return person

    return make
