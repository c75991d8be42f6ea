"""Requests to a server of others with a limit of time for all of them together, and of bytes for each answer."""

from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from scoreport.lib.time_limit import TimeLimit

MOST_BYTES: Final = 1_000_000
_PIECE: Final = 65_536
_REDIRECTS: Final = 3


class LimitedSession(requests.Session):
    """A session of ``requests`` that ends when ``limit`` does. Every failure is a ``RequestException``."""

    def __init__(self, limit: TimeLimit, *, most_bytes: int = MOST_BYTES) -> None:
        super().__init__()
        self._limit, self._most_bytes = limit, most_bytes
        self.max_redirects = _REDIRECTS
        for scheme in ("http://", "https://"):
            self.mount(scheme, _WatchedAdapter(limit))

    def request(self, *args: Any, **options: Any) -> requests.Response:
        """Ask, and read the whole answer within the limits."""
        response = super().request(*args, **{**options, "timeout": self._left(), "stream": True})
        try:
            content = bytearray()
            for piece in response.iter_content(_PIECE):
                content += piece
                if len(content) > self._most_bytes:
                    message = f"The answer is larger than {self._most_bytes} bytes."
                    raise requests.RequestException(message)
        finally:
            response.close()
        # A connection that the limit has shut looks like the end of an answer.
        self._left()
        # What `stream=False` would have stored; there is no other door to it.
        response._content = bytes(content)  # noqa: SLF001 - its own place for a body read elsewhere
        return response

    def _left(self) -> float:
        try:
            return self._limit.left()
        except TimeoutError as error:
            raise requests.Timeout(str(error)) from error

    def close(self) -> None:
        """Close the connections and watch them no more."""
        super().close()
        self._limit.close()


class _WatchedAdapter(HTTPAdapter):
    """Makes connections that the limit watches from their first byte on."""

    def __init__(self, limit: TimeLimit) -> None:
        self._limit = limit
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pools of this adapter."""
        super().init_poolmanager(*args, **options)
        limit = self._limit

        class Plain(HTTPConnection):
            def _new_conn(self) -> Any:
                made = super()._new_conn()
                limit.watch(made)
                return made

        class Tls(HTTPSConnection):
            def _new_conn(self) -> Any:
                made = super()._new_conn()
                limit.watch(made)
                return made

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class TlsPool(HTTPSConnectionPool):
            ConnectionCls = Tls

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": TlsPool}
