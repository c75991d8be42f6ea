"""What is fetched from an address of others: encrypted, small, in time, from no private network, from one host."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from scoreport.lib.safe_fetch import FetchRefused, fetch
from tests.web.account.saml_service import pair


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        kind = self.path.strip("/")
        if kind.startswith("to="):
            self.send_response(302)
            self.send_header("Location", kind.removeprefix("to="))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif kind == "drip":
            self.send_response(200)
            self.end_headers()
            self._drip()
        elif kind == "missing":
            self.send_error(404)
        else:
            body = b"x" * (2_000 if kind == "large" else 5)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def _drip(self) -> None:
        try:
            while True:
                self.wfile.write(b"x")
                time.sleep(0.02)
        except OSError:
            return

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[str]:
    """Serve by TLS on this machine."""
    key, certificate = pair()
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_text(key + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
    httpd.daemon_threads = True
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"https://localhost:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()


@pytest.fixture
def get(server) -> Callable[..., bytes]:
    """Return a function that fetches from the server, whose certificate is of another name."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    def ask(path: str, **more: Any) -> bytes:
        options: dict[str, Any] = {"most_bytes": 1_000, "allow_private": True, "context": context} | more
        return fetch(f"{server}/{path}", **options)

    return ask


def test_a_file_is_fetched_also_over_redirects_of_its_host(get):
    assert get("plain") == b"xxxxx"
    assert get("to=/plain") == b"xxxxx"


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("large", "larger than 1000 bytes"),
        ("missing", "answers with 404"),
        ("to=https://other.example/plain", "redirects to another host"),
        ("to=https://169.254.169.254/latest", "redirects to another host"),
        ("to=http://localhost/plain", "must begin with https"),
        ("to=/to=/to=/to=/plain", "could not be fetched|answers with|redirects"),
    ],
)
def test_what_is_refused(get, path, sentence):
    with pytest.raises(FetchRefused, match=sentence):
        get(path)


def test_bytes_that_come_one_by_one_end_in_time(get, monkeypatch):
    monkeypatch.setattr("scoreport.lib.safe_fetch._SECONDS", 0.5)
    began = time.monotonic()
    with pytest.raises(FetchRefused):
        get("drip", most_bytes=10_000_000)
    assert time.monotonic() - began < 10


def test_a_certificate_that_nobody_vouches_for_is_refused(get):
    with pytest.raises(FetchRefused, match="could not be fetched"):
        get("plain", context=None)


@pytest.mark.parametrize(
    "url", ["http://idp.example/", "file:///etc/passwd", "ftp://x/", "https://user:secret@idp.example/", "https://"]
)
def test_other_addresses_are_not_fetched(url):
    with pytest.raises(FetchRefused, match="must begin with https"):
        fetch(url, most_bytes=1)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "0.0.0.0",  # noqa: S104 - what is refused
    ],
)
def test_private_networks_are_not_asked(monkeypatch, address):
    """One private address among public ones is enough, and nothing is connected to."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    answers = [(socket.AF_INET, 1, 6, "", ("93.184.215.14", 443)), (family, 1, 6, "", (address, 443))]
    monkeypatch.setattr("scoreport.lib.safe_fetch.socket.getaddrinfo", lambda *_args, **_options: answers)
    with pytest.raises(FetchRefused, match="private network"):
        fetch("https://idp.example/", most_bytes=1)


def test_the_connection_goes_to_the_address_that_was_looked_at(monkeypatch):
    asked: list[Any] = []

    def connect(address: Any, *_more: object) -> socket.socket:
        asked.append(address)
        message = "no further"
        raise OSError(message)

    found = [(socket.AF_INET, 1, 6, "", ("93.184.215.14", 443))]
    monkeypatch.setattr("scoreport.lib.safe_fetch.socket.getaddrinfo", lambda *_args, **_options: found)
    monkeypatch.setattr("scoreport.lib.safe_fetch.socket.create_connection", connect)
    with pytest.raises(FetchRefused, match="no further"):
        fetch("https://idp.example/", most_bytes=1)
    assert asked == [("93.184.215.14", 443)]
