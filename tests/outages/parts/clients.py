"""Clients of the web server: whatever they do, others get their pages, and they get them too when they behave."""

import socket
import struct
import tempfile
import threading
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.cli.servers import HEAD, answer_of, page
from tests.outages.cells import Cell, cell
from tests.outages.parts import served
from tests.outages.parts.common import in_time

_MANY = 40
_life = ExitStack()


@cache
def _port() -> int:
    """Serve one installation for all cells of this part."""
    folder = Path(_life.enter_context(tempfile.TemporaryDirectory()))
    own = served.environment(folder, REQUESTS_PER_ADDRESS="20")
    served.set_up(own)
    return int(_life.enter_context(served.server(own)))


def connect(port: int, stack: ExitStack) -> socket.socket:
    """Connect as a client that gives up after ten seconds."""
    return stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))


def stalls(client: socket.socket) -> None:
    """Send nothing."""


def trickles(client: socket.socket) -> None:
    """Send the head of a form, and then a byte now and then."""
    client.sendall(HEAD)
    ended = threading.Event()

    def drip() -> None:
        with suppress(OSError):
            while not ended.wait(0.2):
                client.sendall(b"x")

    threading.Thread(target=drip, daemon=True).start()


def resets(client: socket.socket) -> None:
    """Go away in the middle of a form."""
    client.sendall(HEAD + b"login=")
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def babbles(client: socket.socket) -> None:
    """Send what is no HTTP."""
    with suppress(OSError):
        client.sendall(b"\x16\x03\x01\xff\xff\x00 GET \r\n\r\n" + bytes(range(256)) * 40)


def asks_for_too_much(client: socket.socket) -> None:
    """Begin one form of many."""
    client.sendall(HEAD)


DOES: dict[str, Any] = {
    "refuse": asks_for_too_much,
    "black-hole": stalls,
    "slow": trickles,
    "reset": resets,
    "garbage": babbles,
    "recover": trickles,
}


@cell(
    "clients", *DOES,
    means="40 clients that want too much at once (refuse), send nothing, trickle, go away, or send no HTTP",
    does="someone else opens the sign-in page meanwhile, and the same address does afterwards",
    holds="both get it in time; the clients are refused or let go",
)  # fmt: skip
def others_are_served(cell: Cell, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("socket_enabled")
    port = _port()
    with ExitStack() as stack:
        clients = [connect(port, stack) for _each in range(_MANY)]
        for client in clients:
            DOES[cell.state](client)
        with in_time():
            assert page(port)[0] == 200
        if cell.state == "refuse":
            answers = [answer_of(client) for client in clients]
            assert "HTTP/1.1 429 Too Many Requests" in answers
            assert "HTTP/1.1 408 Request Timeout" in answers
        elif cell.state != "reset":
            with in_time():
                for client in clients:
                    answer_of(client)
    with in_time():
        for _time in range(5):
            assert page(port)[0] == 200
