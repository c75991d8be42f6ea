"""Reading what a client sends: within its time, up to its limit, and into memory while it is small."""

import asyncio
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Final, Self

from asgiref.typing import ASGIReceiveCallable, HTTPScope

from scoreport.web.body import SMALL_BYTES
from scoreport.web.server.limits import Limits

# For so long a refused body is read and dropped: browsers show an answer only while the connection is open.
_LINGER_SECONDS: Final = 5.0


class TooSlow(Exception):
    """The body did not come in time."""


class ClientGone(Exception):
    """The client closed the connection in the middle of its body."""


class Body:
    """The body of one request, as far as it has been read.

    Up to 64 kB stay in memory; a longer one lies in a file without a name, which is gone with this process.
    """

    def __init__(self, scope: HTTPScope, receive: ASGIReceiveCallable, limits: Limits) -> None:
        headers = {name.lower(): value for name, value in scope["headers"]}
        length = headers.get(b"content-length", b"")
        self.declared = int(length) if length.isdigit() else None
        self.is_complete = not self.declared and b"transfer-encoding" not in headers
        self.received = 0
        self.file = SpooledTemporaryFile(max_size=SMALL_BYTES, dir=limits.temp_dir)  # noqa: SIM115 - closed by close()
        self._receive = receive
        self._limits = limits

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self.file.close()

    @property
    def length(self) -> int:
        """The length as far as it is known."""
        return max(self.declared or 0, self.received)

    async def read(self, most: int, *, rate: int = 0) -> None:
        """Read until the body is complete or longer than ``most`` bytes.

        It may take the seconds of the limits, and with ``rate`` another second for each so many bytes that have
        come; but then, too, no pause is longer. Raises :class:`TooSlow` or :class:`ClientGone`.
        """
        loop = asyncio.get_running_loop()
        seconds = self._limits.seconds
        begun, before = loop.time(), self.received
        while not self.is_complete and self.received <= most:
            more = (self.received - before) / rate if rate else 0.0
            deadline = min(begun + seconds + more, loop.time() + seconds) if seconds else None
            data = await self._next(deadline)
            if rate:
                # A disk may make one wait, and then others wait for nothing.
                await loop.run_in_executor(None, self.file.write, data)
            else:
                self.file.write(data)

    async def _next(self, deadline: float | None) -> bytes:
        try:
            async with asyncio.timeout_at(deadline):
                message = await self._receive()
        except TimeoutError as error:
            raise TooSlow from error
        if message["type"] != "http.request":
            raise ClientGone
        self.received += len(message["body"])
        self.is_complete = not message.get("more_body", False)
        return message["body"]

    async def drop_rest(self) -> None:
        """Read past what is still coming, for a few seconds."""
        deadline = asyncio.get_running_loop().time() + _LINGER_SECONDS
        try:
            while not self.is_complete:
                await self._next(deadline)
        except (TooSlow, ClientGone):
            return
