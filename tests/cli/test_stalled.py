"""The real server under clients that stall, trickle or send too much: everybody else gets their pages."""

import os
import socket
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.servers import HEAD, answer_of, free_port, page, started

pytestmark = pytest.mark.slow

# The server before there were limits, with a page that reads what is sent.
RAW = """
from granian import Granian
from granian.constants import Interfaces
Granian("raw:application", address="127.0.0.1", port={port}, interface=Interfaces.WSGI, blocking_threads=2).serve()
"""
RAW_PAGE = """
def application(environ, start_response):
    environ["wsgi.input"].read()
    start_response("200 OK", [])
    return [b"read"]
"""


@pytest.mark.parametrize("sent", [HEAD, HEAD + b"x", HEAD[:40], b""])
def test_eight_idle_clients_stop_nobody(server, connect, sent):
    idle = [connect(server) for _each in range(8)]
    for client in idle:
        client.sendall(sent)
    assert page(server)[0] == 200
    wanted = "HTTP/1.1 408 Request Timeout" if sent.startswith(HEAD) else ""
    assert {answer_of(client) for client in idle} == {wanted}


def test_two_hundred_idle_clients_stop_nobody(server, connect):
    idle = [connect(server) for _each in range(200)]
    for client in idle:
        client.sendall(HEAD)
    assert page(server)[0] == 200
    answers = [answer_of(client) for client in idle]
    assert set(answers) == {"HTTP/1.1 429 Too Many Requests", "HTTP/1.1 408 Request Timeout"}
    assert answers.count("HTTP/1.1 429 Too Many Requests") > 20


def test_clients_that_take_nothing_stop_nobody(server, connect):
    """They ask for the largest file that a stranger can get, again and again on one connection, and read nothing."""
    slow = [connect(server, buffer=2048) for _each in range(8)]
    for client in slow:
        client.sendall(b"GET /account/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 50)
    assert page(server)[0] == 200


@pytest.mark.parametrize(
    ("path", "length", "wanted"),
    [
        (b"/account/login/", b"Content-Length: 199000000", "HTTP/1.1 413 Payload Too Large"),
        (b"/desk/upload/", b"Content-Length: 199000000", "HTTP/1.1 302 Found"),
        (b"/account/login/", b"Transfer-Encoding: chunked", "HTTP/1.1 413 Payload Too Large"),
    ],
)
def test_a_huge_body_is_refused_and_nothing_of_it_lies_on_disk(server, connect, installation, path, length, wanted):
    client = connect(server)
    client.sendall(HEAD.replace(b"/account/login/", path).replace(b"Content-Length: 1000", length))
    if b"chunked" in length:
        client.sendall((b"4000\r\n" + b"x" * 0x4000 + b"\r\n") * 10)
    client.shutdown(socket.SHUT_WR)
    assert answer_of(client) == wanted
    assert not list(Path(installation["SCOREPORT_DATA_DIR"], "uploads").iterdir())


def test_without_the_front_they_stop_everybody(tmp_path):
    (tmp_path / "raw.py").write_text(RAW_PAGE)
    port = free_port()
    command = [sys.executable, "-c", RAW.format(port=port)]
    with started(command, port, env={**os.environ, "PYTHONPATH": str(tmp_path)}), ExitStack() as idle:
        for _each in range(8):
            idle.enter_context(socket.create_connection(("127.0.0.1", port))).sendall(HEAD)
        time.sleep(0.2)
        with pytest.raises(TimeoutError):
            page(port, timeout=3)
