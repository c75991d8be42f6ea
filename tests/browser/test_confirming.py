"""An old sign-in is confirmed before a download, in a real browser: the person is back on their page, with the file."""

import datetime as dt
from importlib import import_module

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.contrib.auth import get_user_model
from playwright.sync_api import expect

from scoreport.web.adapter import SecondFactorAdapter
from tests.browser.conftest import Visitor
from tests.organizations.managing import accept_terms
from tests.scores.files import load, row
from tests.web.pages import sought
from tests.world import AT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOG = "/managing/470001/log/"


def signed_in_at(made: Visitor, at: dt.datetime) -> None:
    """Let the session of a visitor have proved at another time who the person is."""
    cookie = next(c for c in made.context.cookies() if c.get("name") == settings.SESSION_COOKIE_NAME)
    session = import_module(settings.SESSION_ENGINE).SessionStore(cookie.get("value"))
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {**proof, "at": at.timestamp()} for proof in session[AUTHENTICATION_METHODS_SESSION_KEY]
    ]
    session.save()


def test_the_download_starts_on_the_page_that_it_was_asked_from(world, visitor):
    load(row("A"))
    accept_terms(world.people["max"].id)
    made = visitor("max")
    user = get_user_model().objects.get(pk=world.people["max"].id)
    # The app of the other tests has no seed, and the page that asks for a code looks at the app first.
    Authenticator.objects.filter(user=user).update(data={"secret": SecondFactorAdapter().encrypt("JBSWY3DPEHPK3PXP")})
    codes = RecoveryCodes.activate(user).get_unused_codes()
    page = made.open(LOG)
    signed_in_at(made, AT - dt.timedelta(minutes=16))
    page.get_by_role("link", name="Download CSV").click()
    page.wait_for_url("**/account/**")
    page.get_by_label("Code").fill(codes[0])
    with page.expect_download() as begun:
        page.get_by_role("button", name="Confirm").click()
    assert begun.value.suggested_filename.endswith(".csv")
    expect(page.get_by_role("heading", name="Access log")).to_be_visible()
    assert sought(r"^http://[^/]+(.*)$", page.url)[1] == LOG
