"""Redis: pages are computed without it, and no limit of tries leans on it."""

import socketserver
import threading
from typing import Any

import pytest
from django.core.cache import caches
from django.urls import reverse

from scoreport.lib import optional_redis
from tests.outages.cells import Cell, cell
from tests.outages.parts.common import bad_server, in_time, loaded
from tests.outages.servers import Mode

TRIES = 12


class FakeRedis(socketserver.ThreadingTCPServer):
    """Enough of Redis for a cache: SET, GET, DEL and what a client says first."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.port: int = self.server_address[1]
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


class _Conversation(socketserver.StreamRequestHandler):
    server: FakeRedis

    def handle(self) -> None:
        """Answer commands until the client goes."""
        while head := self.rfile.readline():
            words = [self._word() for _each in range(int(head[1:]))]
            self.wfile.write(self._answer([words[0].upper(), *words[1:]]))

    def _word(self) -> bytes:
        size = int(self.rfile.readline()[1:])
        return self.rfile.read(size + 2)[:-2]

    def _answer(self, words: list[bytes]) -> bytes:
        match words:
            case [b"SET", key, value, *_more]:
                self.server.values[key] = value
                return b"+OK\r\n"
            case [b"GET", key]:
                found = self.server.values.get(key)
                return b"_\r\n" if found is None else b"$%d\r\n%s\r\n" % (len(found), found)
            case [b"HELLO", *_more]:
                return b"%1\r\n$5\r\nproto\r\n:3\r\n"
            case _:
                return b"+OK\r\n"


def settings_of(port: int) -> dict[str, Any]:
    """Return the settings of such a cache."""
    return {
        "BACKEND": "scoreport.lib.optional_redis.OptionalRedisCache",
        "LOCATION": f"redis://127.0.0.1:{port}/0",
        "OPTIONS": {"serializer": "scoreport.lib.cache_values.CacheSerializer", "seconds": 0.2, "pause": 0.2},
    }


def use(request: pytest.FixtureRequest, port: int) -> None:
    """Have both caches of pages in Redis at this port, as REDIS_URL does, with short times."""
    settings = request.getfixturevalue("settings")
    settings.CACHES = {**settings.CACHES, "figures": settings_of(port), "orders": settings_of(port)}
    request.addfinalizer(let_go)


def let_go() -> None:
    """Close the connections of this test."""
    optional_redis._silent_until.clear()
    for name in ("figures", "orders"):
        backend: Any = caches[name]
        for pool in backend._cache._pools.values():
            pool.disconnect()


def pages_are_there(dan: Any) -> None:
    """Expect the pages of a district for which something is kept."""
    for address, word in (("all/?q=lopez", "Lopez"), ("2025-2026/", "Biology")):
        page = dan.get(f"/reports/clep/D-ALDER/{address}")
        assert page.status_code == 200
        assert word in page.content.decode()


def limits_hold(client: Any) -> None:
    """Expect that wrong passwords end as always."""
    form = {"login": "amy@juniper.example", "password": "not right at all"}
    answers = [client.post(reverse("account_login"), form) for _try in range(TRIES)]
    assert any(a.status_code == 429 or "Too many tries" in a.content.decode() for a in answers)


@cell(
    "redis", "refuse", "black-hole", "slow", "reset", "garbage",
    does="a counselor reads a roster; a stranger guesses passwords",
    holds="the roster is there as without a cache, within a second; guesses end as always",
    quick=("refuse", "black-hole", "slow", "garbage"),
)  # fmt: skip
def pages_go_on(cell: Cell, request: pytest.FixtureRequest) -> None:
    settings = request.getfixturevalue("settings")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    dan, anonymous = loaded(request)("dan"), request.getfixturevalue("anonymous")
    redis = FakeRedis()
    request.addfinalizer(redis.server_close)
    request.addfinalizer(redis.shutdown)
    server = bad_server(request, ("127.0.0.1", redis.port) if cell.state != "slow" else None, greeting=b"$")
    use(request, server.port)
    if cell.state != "slow":
        pages_are_there(dan)
        assert redis.values
    server.become(cell.state)
    with in_time(2):
        pages_are_there(dan)
    limits_hold(anonymous)
    assert caches["orders"].get("anything", "nothing") == "nothing"


@cell(
    "redis", "recover",
    does="a counselor reads a roster before, during and after",
    holds="what was kept is used again after the pause, and nothing has to be started anew",
)  # fmt: skip
def it_is_used_again(cell: Cell, request: pytest.FixtureRequest) -> None:
    dan = loaded(request)("dan")
    redis = FakeRedis()
    request.addfinalizer(redis.server_close)
    request.addfinalizer(redis.shutdown)
    server = bad_server(request, ("127.0.0.1", redis.port))
    use(request, server.port)
    server.become(Mode.REFUSE)
    with in_time(2):
        pages_are_there(dan)
    assert not redis.values
    server.become(Mode.PASS)
    # The pause is over; nobody waits for it here.
    optional_redis._silent_until.clear()
    pages_are_there(dan)
    assert redis.values
