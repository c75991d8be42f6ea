"""How much one client may hold at the same time: bodies on their way, requests in progress, threads."""

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from asgiref.typing import HTTPScope


class TooManyRequests(Exception):
    """One address has as many requests in progress as it may."""


class LineFull(Exception):
    """As many requests wait for their turn as may."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may take: seconds, bytes a second of an upload, and requests at once. Zero is no limit.

    ``requests_waiting`` is how many requests of all clients together may stand in the line.
    """

    seconds: float
    upload_rate: int
    requests_per_address: int
    trust_proxy: bool
    temp_dir: str | None = None
    requests_waiting: int = 0


class Slots:
    """Counts what each address holds, up to a limit for each."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: Counter[str] = Counter()

    @contextmanager
    def hold(self, address: str) -> Iterator[None]:
        """Hold one slot; raises :class:`TooManyRequests` when the address has none left."""
        if self._most and self._held[address] >= self._most:
            raise TooManyRequests
        self._held[address] += 1
        try:
            yield
        finally:
            self._held[address] -= 1
            if not self._held[address]:
                del self._held[address]


@dataclass(slots=True)
class _Line:
    """The requests of one address that wait for a thread or have one."""

    threads: asyncio.Semaphore
    length: int = field(default=0)


class Threads:
    """Runs work in a few threads, and lets the rest stand in a line that has an end.

    Few pages are made at once, so each is made quickly, whoever else comes; the line is in the order in which they
    came. One address never has all of the threads, so that others find one free.
    """

    def __init__(self, threads: int, *, waiting: int = 0) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="page")
        # Whether the server is alive is asked while it is busy, above all.
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="health")
        self._threads = threads
        self._most_of_one = max(1, threads - 1)
        self._most = waiting + threads if waiting else 0
        self._lines: dict[str, _Line] = {}
        self._held = 0

    @property
    def waiting(self) -> int:
        """How many stand in the line."""
        return max(0, self._held - self._threads)

    async def run[T](self, address: str, work: Callable[[], T]) -> T:
        """Return the result of ``work``, which runs as soon as it is its turn and the address may have a thread.

        Raises :class:`LineFull` when so many wait already that another one would wait too long.
        """
        if self._most and self._held >= self._most:
            raise LineFull
        line = self._lines.setdefault(address, _Line(asyncio.Semaphore(self._most_of_one)))
        line.length += 1
        self._held += 1
        try:
            async with line.threads:
                return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._held -= 1
            line.length -= 1
            if not line.length:
                del self._lines[address]

    async def run_aside[T](self, work: Callable[[], T]) -> T:
        """Return the result of ``work``, past the line."""
        return await asyncio.get_running_loop().run_in_executor(self._aside, work)


def address_of(scope: HTTPScope, *, trust_proxy: bool) -> str:
    """Return the address that a request counts for: of IPv6 the first half, which one subscriber has for themself.

    Behind a proxy it is the last one in ``X-Forwarded-For``, the only one that the proxy wrote itself.
    """
    client = scope.get("client")
    text = client[0] if client else ""
    if trust_proxy:
        sent = [value for name, value in scope["headers"] if name.lower() == b"x-forwarded-for"]
        text = sent[-1].decode("latin-1").rpartition(",")[2].strip() if sent else text
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text[:64]
    if isinstance(address, ipaddress.IPv4Address):
        return text
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))
