"""How much of a request is read: 64 kB, or what the view declares, and then from those who may use it only."""

import io
import re
from pathlib import Path

import pytest
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import get_resolver, resolve

from scoreport.web.body import ALLOWED_KEY, PREFLIGHT_KEY, SMALL_BYTES, BodyMiddleware, body_limit
from tests.web.desk.pages import plain
from tests.web.test_rules import routes

SAMPLES = {
    "int": "1",
    "uuid": "00000000-0000-0000-0000-000000000001",
    "number": "1",
    "student": "1",
    "slug": "x",
    "str": "470001",
    "program": "clep",
    "organization": "470001",
    "years": "2025-2026",
}
HUGE = 199_000_000
ALL = [(path, name, view) for path, name, view in routes(get_resolver("scoreport.urls"))]
FILES = {"desk_upload", "desk_request_answer", "help_ask", "help_reply", "managing_invite_several"}
LISTS = {"managing_invite_send", "managing_invite_problems"}


class Endless(io.RawIOBase):
    """A client that sends for as long as somebody reads, and counts how much was read."""

    taken = 0

    def readable(self):
        return True

    def read(self, size=-1):
        assert size >= 0, "nobody reads without a limit"
        self.taken += size
        return b"x" * size

    def readline(self, size=-1):
        return self.read(size)


def send(client, path, length, *, kind="application/x-www-form-urlencoded", **extra):
    """Send a body of a length that is only declared; return the answer and how much of it was read."""
    stream = Endless()
    extra |= {"wsgi.input": stream, "CONTENT_LENGTH": str(length), "CONTENT_TYPE": kind}
    response = client.generic("POST", path, **extra)
    return response, stream.taken


def example_of(path):
    if path.startswith("account/^"):
        return "/account/password/reset/key/1-none/"
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES[found[1] or "str"], path)


@pytest.fixture(params=["anonymous", "nora"])
def stranger(request):
    """Return a browser in which nobody has signed in, or one of a person without any role."""
    return (
        request.getfixturevalue("anonymous")
        if request.param == "anonymous"
        else request.getfixturevalue("client_for")("nora")
    )


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain"])
def test_no_route_reads_a_huge_body_of_a_stranger(stranger, kind, settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "uploads")
    Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir()
    for path, name, _view in ALL:
        example = example_of(path)
        assert resolve(example).url_name == name
        response, taken = send(stranger, example, HUGE, kind=kind)
        assert (response.status_code in {302, 403, 413}, taken) == (True, 0), name
    assert not list(tmp_path.rglob("*.upload*"))
    assert not list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir())


def test_with_the_door_open_the_attack_would_fill_the_disk(anonymous, settings):
    """The same body without the middleware: it is read as far as Django's own limits let it."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.endswith("BodyMiddleware")]
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None
    _response, taken = send(anonymous, "/account/login/", 5_000_000)
    assert taken == 5_000_000


def test_every_route_takes_64_kilobytes_unless_it_says_more():
    assert {name for _path, name, view in ALL if body_limit(view) > SMALL_BYTES} == FILES | LISTS | {"saml_acs"}


def test_who_may_send_files_is_told_the_limit(client_for, settings):
    settings.MAX_UPLOAD_BYTES = 100_000
    pat = client_for("pat")
    response, taken = send(pat, "/desk/upload/", 500_000)
    assert (response.status_code, taken) == (413, 0)
    assert "takes up to 100.0 kB at once, and you sent 500.0 kB" in plain(response)
    response, taken = send(pat, "/desk/upload/", 500_000, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="upload")
    assert (response.status_code, response.headers["Content-Type"]) == (413, "text/plain; charset=utf-8")
    assert taken == 0


def test_only_who_may_send_files_gets_their_body_read(client_for, anonymous, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None
    for client, path, wanted in (
        (client_for("pat"), "/desk/upload/", 200_000),
        (client_for("amy"), "/desk/upload/", 0),
        (client_for("amy"), "/help/requests/new/", 200_000),
        (client_for("amy"), "/managing/470001/invite/several/", 0),
        (client_for("max"), "/managing/470001/invite/several/", 200_000),
        (client_for("max", second_factor=False), "/managing/470001/invite/several/", 0),
        (anonymous, "/help/requests/new/", 0),
    ):
        _response, taken = send(client, path, 200_000)
        assert taken == wanted, path


def test_an_identity_provider_sends_no_more_than_an_assertion(anonymous):
    response, taken = send(anonymous, "/account/saml/none/acs/", 300_000)
    assert (response.status_code, taken) == (413, 0)


def test_the_server_asks_before_it_reads_and_no_view_runs(client_for):
    for name, length, allowed in (("pat", 200_000, True), ("amy", 200_000, False), ("pat", 2_000_000_000, False)):
        response, taken = send(client_for(name), "/desk/upload/", length, **{PREFLIGHT_KEY: True})
        assert taken == 0
        assert (ALLOWED_KEY in response.wsgi_request.META, response.status_code == 204) == (allowed, allowed)


def test_no_header_makes_a_request_a_question_of_the_server(client_for):
    response = client_for("pat").get("/desk/upload/", headers={PREFLIGHT_KEY: "yes"})
    assert response.status_code == 200


def test_a_body_that_is_longer_than_it_said_is_cut():
    request = RequestFactory().post("/", b"x" * 100_000, content_type="text/plain")

    def answer(asked):
        asked.META["scoreport.body.guard"].allowed = 1000
        with pytest.raises(RequestDataTooBig):
            asked.read()
        return HttpResponse()

    assert BodyMiddleware(answer)(request).status_code == 200


def test_nothing_reads_a_body_before_its_view_is_known():
    request = RequestFactory().post("/", {"name": "value"})

    def answer(asked):
        with pytest.raises(RequestDataTooBig):
            asked.read()
        return HttpResponse()

    assert BodyMiddleware(answer)(request).status_code == 200
