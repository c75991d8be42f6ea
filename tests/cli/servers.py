"""Servers that are started for real, and clients that speak to them as badly as one can."""

import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# With a cookie, as any page gives it: the check of a form's token reads the body only then.
HEAD = (
    b"POST /account/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nCookie: csrftoken=" + b"x" * 32 + b"\r\n\r\n"
)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_open(port, process):
    deadline = time.monotonic() + 90
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)


@contextmanager
def started(command, port, **more):
    """Start a server, and end it."""
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, **more)  # noqa: S603 - our own command
    try:
        wait_until_open(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(30)
        assert process.stdin
        process.stdin.close()


def page(port, path="/account/login/", timeout=20):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=timeout) as answer:
        return answer.status, answer.read()


def answer_of(client):
    """Return the first line of what a client gets until the server closes the connection."""
    got = b""
    with suppress(ConnectionResetError):
        while piece := client.recv(65_536):
            got += piece
    return got.partition(b"\r\n")[0].decode()
