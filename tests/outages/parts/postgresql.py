"""PostgreSQL behind a proxy that misbehaves: pages say that it cannot be reached, and come back by themselves."""

import os
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.cli.servers import page
from tests.outages.cells import Cell, cell
from tests.outages.parts import served
from tests.outages.parts.common import in_time
from tests.outages.servers import BadServer, Mode

TOLD = "Scoreport can’t reach its database"
_life = ExitStack()


def _url() -> str:
    """Return the server that the environment names, or skip."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        pytest.skip("DATABASE_URL names no PostgreSQL")
    return url


@cache
def _installation() -> tuple[int, BadServer]:
    """Serve an installation in a database of its own, behind the proxy."""
    parts = urlsplit(_url())
    name = f"outages_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(_url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    _life.callback(_drop, name)
    proxy = BadServer((parts.hostname or "127.0.0.1", parts.port or 5432))
    _life.callback(proxy.close)
    account = parts.netloc.rpartition("@")[0]
    folder = Path(_life.enter_context(tempfile.TemporaryDirectory()))
    own = served.environment(folder, DATABASE_URL=f"postgres://{account}@127.0.0.1:{proxy.port}/{name}")
    served.set_up(own)
    return int(_life.enter_context(served.server(own))), proxy


def _drop(name: str) -> None:
    with psycopg.connect(_url(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def ask(port: int, path: str, form: bytes | None = None) -> tuple[int, str]:
    """Ask for a page that reads the database, and return its status and text, whatever the status."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", form)
    request.add_header("Cookie", "sessionid=abcdefghijklmnopqrstuvwxyz012345")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own server
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def comes_back(port: int) -> Any:
    """Expect that pages work soon after the database does, without a restart."""
    ends = time.monotonic() + 10
    while ask(port, "/")[0] != 200:
        assert time.monotonic() < ends
        time.sleep(0.3)


@cell(
    "postgresql", "refuse", "black-hole", "slow", "reset", "garbage",
    means="the mode of the proxy, for connections that are open and for new ones",
    does="someone with a session asks for a page, again and again",
    holds="each answer comes within 10 seconds with a sentence (503); pages come back by themselves",
)  # fmt: skip
def pages_say_so(cell: Cell, request: pytest.FixtureRequest) -> None:
    _url()
    port, proxy = _installation()
    comes_back(port)
    proxy.become(cell.state)
    for _time in range(3):
        with in_time():
            status, text = ask(port, "/")
        assert (status, TOLD in text) == (503, True), (status, text[:300])
    proxy.become(Mode.PASS)
    comes_back(port)


@cell(
    "postgresql", "recover",
    does="the database is away for half a minute, and comes back",
    holds="the first page after a few seconds is there, and all of ten after it",
)  # fmt: skip
def it_comes_back(cell: Cell, request: pytest.FixtureRequest) -> None:
    _url()
    port, proxy = _installation()
    proxy.become(Mode.REFUSE)
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        with in_time():
            assert ask(port, "/")[0] == 503
        time.sleep(2)
    proxy.become(Mode.PASS)
    comes_back(port)
    assert [page(port)[0] for _time in range(10)] == [200] * 10
