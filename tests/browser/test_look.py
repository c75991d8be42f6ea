"""What only a browser can tell: every component, the keyboard, no JavaScript, passkeys, the idle warning."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.accessibility import violations
from tests.browser.conftest import DESKTOP, PHONE, overflow, overlaps, small_targets

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def check(page) -> None:
    """Look at a page in light and dark, wide and narrow."""
    for viewport in (DESKTOP, PHONE):
        page.set_viewport_size(viewport)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert violations(page) == []
        assert overflow(page) == 0
        assert overlaps(page) == []
        assert small_targets(page) == []


@pytest.mark.urls("tests.web.look_urls")
def test_every_component_is_accessible(visitor):
    page = visitor("amy").open("/style/")
    page.evaluate("document.querySelectorAll('details:not([data-popover])').forEach((e) => (e.open = true))")
    check(page)


@pytest.mark.urls("tests.web.look_urls")
def test_open_menus_are_accessible(visitor):
    page = visitor("amy").open("/style/")
    opened = 0
    for viewport in (DESKTOP, PHONE):
        page.set_viewport_size(viewport)
        for summary in page.locator("details[data-popover] > summary:visible").all():
            summary.click()
            opened += 1
            assert overflow(page) == 0
            assert viewport is DESKTOP or violations(page) == []
    assert opened == 7


@pytest.mark.urls("tests.web.look_urls")
def test_the_score_stays_in_sight_on_a_phone(visitor):
    page = visitor("amy", viewport=PHONE).open("/style/")
    region = page.locator(".region.tall")
    region.evaluate("(e) => (e.scrollLeft = 0)")
    box = page.locator("td.score").first.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= PHONE["width"]


def test_the_keyboard_reaches_content_and_menus_close(visitor):
    page = visitor("amy").open("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    menu = page.locator(".account")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    assert menu.get_attribute("open") is not None
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Enter")
    page.locator("h1").click()
    assert menu.get_attribute("open") is None


def test_a_phone_without_javascript_has_its_menu(visitor):
    page = visitor("amy", viewport=PHONE, java_script_enabled=False).open("/")
    page.locator(".menu.narrow summary").click()
    page.locator(".sheet").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_dashboard_speaks_spanish_without_overlaps(visitor):
    page = visitor("amy", viewport=PHONE).open("/")
    page.get_by_role("button", name="Español").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.get_by_role("heading", level=1)).to_contain_text("herramientas y servicios")
    assert overflow(page) == 0
    assert overlaps(page) == []


def test_an_unattended_page_warns_and_can_be_kept(visitor, settings):
    settings.SESSION_IDLE_MINUTES = 5
    page = visitor("amy")
    page.page.clock.install()
    shown = page.open("/")
    dialog = shown.locator("#session")
    shown.clock.run_for(2 * 60_000)
    expect(dialog).to_be_hidden()
    shown.clock.run_for(65_000)
    expect(dialog).to_be_visible()
    assert violations(shown) == []
    with shown.expect_response(lambda answer: answer.url.endswith(reverse("session_stay"))) as stayed:
        shown.get_by_role("button", name="Stay signed in").click()
    assert stayed.value.status == 204
    shown.clock.run_for(2 * 60_000)
    expect(dialog).to_be_hidden()


def test_an_unattended_page_is_left_when_the_time_is_over(visitor, settings):
    settings.SESSION_IDLE_MINUTES = 5
    page = visitor("amy")
    page.page.clock.install()
    shown = page.open("/")
    with shown.expect_navigation():
        shown.clock.run_for(5 * 60_000 + 2_000)
    expect(shown.locator("#session")).to_be_hidden()


def with_authenticator(page):
    """Give the browser a device that knows its owner, as a laptop with a fingerprint reader is one."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_added_and_signs_in(visitor, world, site):
    """The whole ceremony under the page's policy: no inline script takes part."""
    from django.contrib.auth import get_user_model

    amy = get_user_model().objects.get(pk=world.people["amy"].id)
    amy.set_password("four words in a row")
    amy.save()
    somebody = visitor(None)
    somebody.site = site.replace("127.0.0.1", "localhost")
    page = somebody.open("/account/login/")
    page.get_by_label("E-mail address").fill(amy.email)
    page.get_by_label("Password").fill("four words in a row")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="My tools and services").wait_for()
    with_authenticator(page)
    somebody.open(reverse("mfa_add_webauthn"))
    if "reauthenticate" in page.url:
        page.get_by_label("Password").fill("four words in a row")
        page.get_by_role("button", name="Confirm").click()
    page.get_by_label("What you call it").fill("School laptop")
    page.get_by_label("Let me sign in with this key alone").check()
    page.get_by_role("button", name="Add the passkey").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    somebody.open(reverse("mfa_list_webauthn"))
    expect(page.get_by_role("rowheader", name="School laptop")).to_be_visible()
    assert violations(page) == []
    page.locator(".account summary").click()
    page.locator(".account").get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("heading", name="My tools and services").wait_for()


def test_pages_before_sign_in_are_accessible(visitor):
    somebody = visitor(None)
    for name in ("account_login", "account_reset_password", "account_reset_password_done", "account_signup"):
        check(somebody.open(reverse(name)))


def test_pages_about_signing_in_are_accessible(visitor):
    amy = visitor("amy", second_factor=False)
    for name in ("mfa_index", "mfa_activate_totp", "mfa_list_webauthn", "account_change_password", "account_logout"):
        check(amy.open(reverse(name)))
