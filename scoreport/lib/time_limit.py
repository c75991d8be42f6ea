"""One time limit for a whole conversation with another server, however slowly its bytes arrive.

The time-out of a socket begins anew with each byte. A server that sends one byte now and then would hold a page or a
worker for hours.
"""

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self


class TimeLimit:
    """Shuts the connections that it watches when the time is over; a context manager."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._watched: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def left(self) -> float:
        """Return the seconds that are left; raises TimeoutError when there are none."""
        left = self._ends - time.monotonic()
        if left <= 0:
            message = "The other server took too long."
            raise TimeoutError(message)
        return left

    def watch(self, plain: socket.socket) -> None:
        """Shut this connection in time; it may be wrapped in TLS afterwards."""
        # A copy, because TLS takes the original over; shutting one shuts the connection of both.
        copy = plain.dup()
        with self._lock:
            self._watched.append(copy)
            if self._timer is None:
                self._timer = threading.Timer(max(0.0, self._ends - time.monotonic()), self._shut)
                self._timer.daemon = True
                self._timer.start()

    def _shut(self) -> None:
        with self._lock:
            for one in self._watched:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Watch nothing any more."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            for one in self._watched:
                one.close()
            self._watched.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()
