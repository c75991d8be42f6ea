"""What the cells of several parts do and look at."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.outages.cells import MOST_SECONDS
from tests.outages.servers import BadServer
from tests.scores.files import load, row

ROSTER = "/reports/clep/ALDER-HIGH/all/"


@contextmanager
def in_time(seconds: float = MOST_SECONDS) -> Iterator[None]:
    """Expect that the block takes less than so long."""
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    assert took < seconds, f"{took:.1f} s"


def bad_server(request: pytest.FixtureRequest, upstream: tuple[str, int] | None = None, **more: Any) -> BadServer:
    """Return a misbehaving server that ends with the test."""
    made = BadServer(upstream, **more)
    request.addfinalizer(made.close)
    return made


def loaded(request: pytest.FixtureRequest) -> Any:
    """Store a score of Alder High, and return the function that makes a browser for a person."""
    client_for = request.getfixturevalue("client_for")
    load(row("T1"), row("T2", first_name="Bo"))
    return client_for


def reads_go_on(client: Any) -> None:
    """Expect that a person reads the roster as always."""
    page = client.get(ROSTER)
    assert page.status_code == 200, page.status_code
    assert "Lopez" in page.content.decode()
