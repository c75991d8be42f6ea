"""Accounts, sessions and sign-in services in a real browser: how they look, and that our policy lets people through."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth import get_user_model
from django.core.cache import cache

from scoreport.organizations import idp_metadata
from scoreport.organizations.actions.providers import set_provider
from tests.browser.conftest import overflow, overlaps
from tests.browser.test_pages import EXPECTED, look_at
from tests.web.account.conftest import openid
from tests.web.account.saml_service import SamlService, metadata
from tests.web.account.test_sign_up import code_in
from tests.world import AT, OPERATOR

__all__ = ["openid"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ANN = "ann@alder.example"


@pytest.fixture
def saml_page(world) -> Iterator[SamlService]:
    """Serve the page of a SAML service, on another site than ours: a form that leads back."""
    service = SamlService()
    service.says()
    back: dict[str, str] = {}

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith("/sso"):
                self.send_response(204)
                self.end_headers()
                return
            form = (
                f'<form method="post" action="{back["acs"]}"><input type="hidden" name="SAMLResponse"'
                f' value="{service.answer(self.path)}"><button>Let me in</button></form>'
            ).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(form)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    set_provider(
        OPERATOR,
        slug="alder",
        organization="D-ALDER",
        name="Alder Portal",
        domains=["alder.example"],
        service=idp_metadata.read(metadata(f"http://127.0.0.1:{server.server_port}/sso").encode(), at=AT),
        at=AT,
    )
    service.back = back  # type: ignore[attr-defined]  # where the form leads; only the test knows our address
    yield service
    server.shutdown()
    server.server_close()


def find_service(made):
    page = made.open("/account/login/?next=/files/")
    page.get_by_role("link", name="Use your school or district").click()
    page.get_by_label("E-mail address").fill(ANN)
    page.get_by_role("button", name="Continue").click()
    return page


def test_open_id_connect_goes_through_our_own_policy(world, openid, visitor):
    page = find_service(visitor(None))
    page.get_by_role("link", name="Sign in with Alder Connect").click()
    page.wait_for_url("**/files/")
    assert page.get_by_text("Ann B").first.text_content()


def test_saml_comes_back_from_another_site(world, saml_page, visitor):
    made = visitor(None)
    saml_page.back["acs"] = f"{made.site}/account/saml/alder/acs/"
    page = find_service(made)
    page.get_by_role("link", name="Sign in with Alder Portal").click()
    page.get_by_role("button", name="Let me in").click()
    page.wait_for_url("**/files/")
    assert page.get_by_text("Ann Bo").first.text_content()


def test_an_account_is_made_and_looks_well(world, visitor, postman, run_tasks):
    made = visitor(None)
    look_at(made, ("/account/signup/?next=/files/", "/account/service/", "/account/login/"))
    page = made.open("/account/signup/?next=/files/")
    page.get_by_role("button", name="Create the account").click()
    page.get_by_label("Your name").fill("Ann B")
    page.get_by_label("E-mail address").fill(ANN)
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Create the account").click()
    page.wait_for_url("**/account/verify/")
    look_at(made, ("/account/verify/",))
    run_tasks()
    page.get_by_label("Code", exact=True).fill(code_in(postman.to(ANN)[0]))
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/files/")


def test_pages_about_services(world, openid, visitor):
    made = visitor(None)
    find_service(made)
    look_at(made, ("/account/service/go/",))
    openid.says(email="amy@juniper.example")
    made.page.get_by_role("link", name="Sign in with Alder Connect").click()
    made.page.get_by_text("does not speak for").wait_for()
    look_at(made, ("/account/oidc/alder/login/callback/?state=unknown", "/account/service/cancelled/"))
    made.problems[:] = [problem for problem in made.problems if "status of 401" not in problem]
    made.problems[:] = [problem for problem in made.problems if not EXPECTED.search(problem)]


def test_pages_about_ones_own_account(world, visitor, client_for):
    phone = client_for("amy")
    phone.defaults["HTTP_USER_AGENT"] = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1"
    )
    phone.get("/")
    made = visitor("amy")
    page = made.open("/account/sessions/")
    link = page.get_by_role("link", name="End the session of Safari on iPhone").get_attribute("href")
    paths = ("/account/", "/account/sessions/", link, "/account/sessions/end-others/", "/account/second-factor/")
    look_at(made, paths)


def test_recovery_codes_are_downloaded_without_a_second_request(world, visitor):
    user = get_user_model().objects.get(email="amy@juniper.example")
    made = visitor("amy")
    RecoveryCodes.activate(user)
    # The second factor was given a moment ago, so the page does not ask again.
    page = made.open("/account/second-factor/codes/")
    shown = page.locator(".codes code").all_text_contents()
    with page.expect_download() as begun:
        page.get_by_role("link", name="Download").click()
    assert begun.value.suggested_filename == "recovery-codes.txt"
    assert begun.value.path().read_text().split()[-10:] == shown
    look_at(made, ("/account/second-factor/codes/",))


def test_nothing_overlaps_in_spanish(world, openid, visitor):
    made = visitor(None)
    made.context.add_cookies([{"name": "language", "value": "es", "url": made.site}])
    for path in ("/account/login/", "/account/signup/", "/account/service/"):
        page = made.open(path)
        assert (path, overlaps(page), overflow(page)) == (path, [], 0)
    cache.clear()
