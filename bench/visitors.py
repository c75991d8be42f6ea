"""Browsers that ask for pages, as light as they can be: ``python -m bench.visitors``, a plan as JSON on its input.

Each browser keeps one connection, takes compressed pages as real ones do, and asks for the next page when the last one
is here. A page that asks to wait (``Retry-After``) is asked for again, as the page itself does in a browser.
"""

import asyncio
import json
import resource
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, Final

_OPEN_FILES: Final = 16_384
_LONGEST_WAIT: Final = 120.0
Result = dict[str, Any]


@dataclass(slots=True)
class Tally:
    """What came back: seconds of each page, answers by their status, how often a browser was asked to wait."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    waited: int = 0
    bytes: int = 0


class _Browser(asyncio.Protocol):
    """One connection with one request at a time."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._wanted = -1
        self._answer: asyncio.Future[tuple[int, bytes, int]] | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        self._data += data
        if self._wanted < 0:
            end = self._data.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._data[:end]).lower()
            before, _name, after = head.partition(b"\r\ncontent-length:")
            self._wanted = end + 4 + int(after.split(b"\r\n", 1)[0]) if before != head else end + 4
        if len(self._data) >= self._wanted and self._answer is not None:
            head = bytes(self._data).partition(b"\r\n\r\n")[0]
            size = len(self._data)
            self._data.clear()
            self._wanted = -1
            self._answer.set_result((int(head[9:12]), head, size))

    async def ask(self, request: bytes) -> tuple[int, bytes, int]:
        """Return status, head and size of the answer."""
        assert self.transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer


def request_of(path: str, session: str, number: int) -> bytes:
    """Return what a browser sends; ``number`` makes the address that a proxy would say it comes from."""
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid={session}\r\nAccept-Encoding: gzip\r\n"
        f"X-Forwarded-For: {address}\r\nAccept: text/html\r\nAccept-Language: en\r\nUser-Agent: Bench\r\n\r\n"
    ).encode()


async def _visit(port: int, requests: list[bytes], tally: Tally, *, until: float | None) -> None:
    """Ask for pages one after the other: each once, or over and over until a time."""
    loop = asyncio.get_running_loop()
    browser: _Browser | None = None
    for request in cycle(requests) if until is not None else requests:
        begun = time.perf_counter()
        if until is not None and begun >= until:
            break
        while time.perf_counter() - begun < _LONGEST_WAIT:
            try:
                if browser is None or browser.transport is None:
                    _transport, browser = await loop.create_connection(_Browser, "127.0.0.1", port)
                status, head, size = await browser.ask(request)
            except OSError:
                status, head, size, browser = 0, b"", 0, None
            tally.statuses[status] += 1
            tally.bytes += size
            pause = _pause(status, head)
            if pause is None:
                break
            tally.waited += 1
            await asyncio.sleep(pause)
        tally.seconds.append(time.perf_counter() - begun)
    if browser is not None and browser.transport is not None:
        browser.transport.close()


def _pause(status: int, head: bytes) -> float | None:
    """Return after how many seconds a page is to be asked for again; None when this answer is the page."""
    if status == 200:
        return None
    _before, name, after = head.partition(b"\r\nretry-after:")
    return float(after.split(b"\r\n", 1)[0]) if name else None


async def _all(plan: Result) -> Result:
    tally = Tally()
    browsers, people, paths = plan["browsers"], plan["sessions"], plan["paths"]
    requests = [
        request_of(paths[number % len(paths)], session, plan.get("first", 0) + number)
        for number, session in enumerate(people)
    ]
    begun = time.perf_counter()
    until = begun + plan["seconds"] if plan["seconds"] else None
    worked = time.process_time()
    await asyncio.gather(
        *(_visit(plan["port"], requests[n::browsers], tally, until=until) for n in range(browsers)),
    )
    seconds = time.perf_counter() - begun
    times = sorted(tally.seconds)
    return {
        "browsers": browsers,
        "people": len(people),
        "pages": len(times),
        "seconds": round(seconds, 2),
        "pages_per_second": round(len(times) / seconds, 1),
        "p50_ms": round(1000 * times[len(times) // 2], 1),
        "p99_ms": round(1000 * times[min(len(times) - 1, len(times) * 99 // 100)], 1),
        "worst_ms": round(1000 * times[-1], 1),
        "errors": sum(number for status, number in tally.statuses.items() if status != 200),
        "statuses": {str(status): number for status, number in sorted(tally.statuses.items())},
        "waited": tally.waited,
        "kilobytes_a_page": round(tally.bytes / len(times) / 1000, 1),
        "client_seconds": round(time.process_time() - worked, 2),
    }


def main() -> None:
    """Follow the plan."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    sys.stdout.write(json.dumps(asyncio.run(_all(json.load(sys.stdin)))) + "\n")


if __name__ == "__main__":
    main()
