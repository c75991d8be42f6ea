"""A cache in Redis that pages can do without: while Redis is away, nothing is stored and nothing is found.

Only figures that can be computed again lie there. Limits of tries never do (``scoreport.accounts.limits``).
"""

import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

SECONDS: Final = 1.0
"""How long one question to Redis may take; the database answers faster than that."""
PAUSE_SECONDS: Final = 10.0
"""After a failure Redis is left alone for so long, so that one page does not wait for it again and again."""

_logger = logging.getLogger(__name__)
_silent_until: dict[str, float] = {}


class OptionalRedisCache(RedisCache):
    """Django's cache in Redis, which answers as an empty one whenever Redis does not answer in time."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        self._server = server
        options = dict(params.get("OPTIONS", {}))
        self._seconds: float = options.pop("seconds", SECONDS)
        self._pause: float = options.pop("pause", PAUSE_SECONDS)
        options |= {
            "socket_connect_timeout": self._seconds,
            "socket_timeout": self._seconds,
            "retry": Retry(NoBackoff(), 0),
        }
        super().__init__(server, {**params, "OPTIONS": options})

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Store a value where there is none; False while Redis is away."""
        return bool(self._try(lambda: super(OptionalRedisCache, self).add(key, value, timeout, version), False))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return a value; the default while Redis is away."""
        return self._try(lambda: super(OptionalRedisCache, self).get(key, default, version), default)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Store a value, unless Redis is away."""
        self._try(lambda: super(OptionalRedisCache, self).set(key, value, timeout, version), None)

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Remove a value; False while Redis is away."""
        return bool(self._try(lambda: super(OptionalRedisCache, self).delete(key, version), False))

    def clear(self) -> None:
        """Remove everything, unless Redis is away."""
        self._try(super().clear, None)

    def _try(self, ask: Callable[[], Any], otherwise: Any) -> Any:
        """Return what Redis answers, or ``otherwise`` when it does not, or did not a moment ago."""
        if time.monotonic() < _silent_until.get(self._server, 0.0):
            return otherwise
        watch = threading.Timer(self._seconds, self._let_go)
        watch.daemon = True
        watch.start()
        try:
            return ask()
        except (RedisError, OSError, ValueError) as error:
            # ValueError: what answers is not Redis, and a number in its answer is none.
            _silent_until[self._server] = time.monotonic() + self._pause
            _logger.warning("Redis does not answer (%s); pages are computed without it", type(error).__name__)
            return otherwise
        finally:
            watch.cancel()

    def _let_go(self) -> None:
        """Shut the connections in use, whatever they wait for: a server may send a byte now and then for ever."""
        # Neither Django nor redis has another door to them.
        for pool in list(self._cache._pools.values()):  # type: ignore[attr-defined]  # noqa: SLF001 - Django has no other door
            for one in list(pool._in_use_connections):  # noqa: SLF001 - redis lists them nowhere else
                with suppress(OSError, ValueError, AttributeError):
                    one._sock.shutdown(socket.SHUT_RDWR)  # noqa: SLF001 - redis has no way to end a read
