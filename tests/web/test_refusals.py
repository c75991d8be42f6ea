"""What people get to see when something is not theirs, not there, or not possible now."""

import pytest
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import reverse

from scoreport.web import errors
from scoreport.web.middleware import PrivateResponseMiddleware, address_of

pytestmark = pytest.mark.urls("tests.web.base_urls")


@pytest.mark.parametrize(
    ("kind", "status", "sentence"),
    [
        ("not-allowed", 403, "Only program staff may do this."),
        ("not-now", 409, "The file was accepted already."),
        ("too-many", 503, "Wait a minute."),
    ],
)
def test_a_refusal_is_a_page_with_its_sentence(client_for, kind, status, sentence):
    answer = client_for("amy").get(f"/refuse/{kind}/")
    assert answer.status_code == status
    assert sentence in answer.content.decode()
    assert answer.headers.get("Retry-After") == ("30" if status == 503 else None)


def test_a_missing_second_factor_leads_to_where_one_is_set_up(client_for):
    client = client_for("amy", second_factor=False)
    answer = client.get("/refuse/second-factor/")
    assert (answer.status_code, answer.url) == (302, reverse("mfa_index"))
    assert "A second factor is needed." in client.get(answer.url).content.decode()
    part = client.get("/refuse/second-factor/", headers={"HX-Request": "true"})
    assert part.headers["HX-Redirect"] == reverse("mfa_index")


@pytest.mark.parametrize("name", ["amy", "dan", "max", "nora", "bea"])
def test_not_yours_and_does_not_exist_are_equal_byte_for_byte(client_for, name):
    client = client_for(name)
    theirs = "ALDER-HIGH" if name in {"bea", "nora"} else "BIRCH-HIGH"
    answers = [client.get(path) for path in (f"/place/{theirs}/", "/place/no-such/", "/no/such/address/")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    # The headers too, except for the length that follows from the content.
    assert answers[0].headers == answers[1].headers


def test_an_error_of_ours_is_an_error(client_for):
    client = client_for("amy")
    with pytest.raises(RuntimeError):
        client.get("/fail/")
    client.raise_request_exception = False
    answer = client.get("/fail/")
    assert answer.status_code == 500
    assert "our side" in answer.content.decode()


def test_a_form_that_is_too_old_says_so(client_for):
    client = client_for("amy")
    client.handler.enforce_csrf_checks = True
    answer = client.post(reverse("set_language"), {"language": "es"})
    assert answer.status_code == 403
    assert "too old" in answer.content.decode()


def test_errors_need_no_database_and_speak_the_language(client_for, django_assert_num_queries):
    with django_assert_num_queries(0):
        request = HttpRequest()
        for answer in (
            errors.bad_request(request, DisallowedHost()),
            errors.forbidden(request, PermissionError()),
            errors.server_error(request),
        ):
            assert b"<h1>" in answer.content


def test_every_page_says_that_nobody_may_keep_it(anonymous, client_for):
    for answer in (anonymous.get("/public/"), anonymous.get("/"), client_for("amy").get("/no/such/")):
        for name, value in PrivateResponseMiddleware.HEADERS.items():
            assert answer.headers[name] == value


# --- Where somebody comes from ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.7", "192.0.2.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "6.6.6.6, 198.51.100.7", "198.51.100.7"),
    ],
)
def test_an_address_is_believed_only_from_our_own_proxy(settings, proxies, forwarded, address):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": forwarded})
    assert address_of(request) == address


def test_a_request_without_an_address_has_none():
    assert address_of(RequestFactory().get("/", REMOTE_ADDR="")) == ""
