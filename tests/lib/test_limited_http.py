"""Requests to servers of others end in time, also when bytes come one by one, and answers have a size."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from scoreport.lib.limited_http import LimitedSession
from scoreport.lib.time_limit import TimeLimit


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        try:
            getattr(self, self.path.strip("/"))()
        except OSError:
            return

    def plain(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"a": 1}')

    def large(self) -> None:
        self.send_response(200)
        self.end_headers()
        while True:
            self.wfile.write(b"x" * 65_536)

    def drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        self._slowly()

    def drip_head(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        self._slowly()

    def _slowly(self) -> None:
        while True:
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.02)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Serve on this machine."""
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()


def test_an_answer_is_what_requests_makes_of_it(server):
    with LimitedSession(TimeLimit(5)) as session:
        assert session.get(f"{server}/plain").json() == {"a": 1}


@pytest.mark.parametrize("path", ["drip", "drip_head"])
def test_bytes_that_come_one_by_one_end_in_time(server, path):
    began = time.monotonic()
    with LimitedSession(TimeLimit(0.3)) as session, pytest.raises(requests.RequestException):
        session.get(f"{server}/{path}")
    assert time.monotonic() - began < 3


def test_an_endless_answer_is_not_kept(server):
    with LimitedSession(TimeLimit(20)) as session, pytest.raises(requests.RequestException, match="larger than"):
        session.get(f"{server}/large")


def test_all_questions_together_have_the_limit(server):
    with LimitedSession(TimeLimit(0.3)) as session:
        session.get(f"{server}/plain")
        with pytest.raises(requests.RequestException):
            session.get(f"{server}/drip")
        with pytest.raises(requests.Timeout):
            session.get(f"{server}/plain")
