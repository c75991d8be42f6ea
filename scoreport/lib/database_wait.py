"""How long a request waits for PostgreSQL: without a limit, a server that is silent would hold it for ever."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import psycopg
from psycopg import errors

_POLL: Final = 0.1
_CANCEL_SECONDS: Final = 1.0
_QUICK_SECONDS: Final = 0.1
_of_thread = threading.local()


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Let everything that this thread asks of PostgreSQL in the block take so long, together.

    Only waiting counts: what the program does between two questions may take its time. An answer within a tenth of a
    second does not count either, so that a step with thousands of quick questions (an invitation to a thousand people)
    is not cut off by a server that is well. Without this block there is no limit, because commands and workers have
    questions that take minutes.
    """
    before = getattr(_of_thread, "left", None)
    _of_thread.left = seconds
    try:
        yield
    finally:
        _of_thread.left = before


class LimitedConnection(psycopg.Connection[Any]):
    """A connection that is closed, with an OperationalError, when an answer does not come within the limit."""

    def wait(self, gen: Any, interval: float = _POLL, timeout: float | None = None) -> Any:
        """Wait for the server."""
        left: float | None = getattr(_of_thread, "left", None)
        if left is None:
            return super().wait(gen, interval, timeout)
        began = time.monotonic()
        shorter = timeout is not None and timeout < left
        try:
            return super().wait(gen, interval, timeout if shorter else max(left, 0.0))
        except errors._WaitTimeout as error:  # noqa: SLF001 - psycopg's own name for it
            if shorter:
                raise
            self._give_up()
            message = "The database did not answer in time."
            raise psycopg.OperationalError(message) from error
        finally:
            waited = time.monotonic() - began
            _of_thread.left = left - (waited if waited > _QUICK_SECONDS else 0.0)

    def _give_up(self) -> None:
        """Tell the server to stop, if it listens; otherwise it would work on for nobody."""
        with suppress(psycopg.Error, OSError):
            self.cancel_safe(timeout=_CANCEL_SECONDS)
        self.close()
