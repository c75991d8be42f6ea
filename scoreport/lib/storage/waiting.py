"""How long a page waits for the object storage: without a limit, a server that is slow would hold it for minutes."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Final

from scoreport.lib.storage.interface import StorageUnavailable

_BYTES_PER_SECOND: Final = 1_000_000
"""A storage that is slower than this is too slow for a page."""
_of_thread = threading.local()


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Let everything that this thread asks of the object storage in the block take so long, together.

    The way of large files is not counted, as long as the storage is not slow. Without this block there is no limit
    for all calls together: background work has time.
    """
    before = getattr(_of_thread, "left", None)
    _of_thread.left = seconds
    try:
        yield
    finally:
        _of_thread.left = before


def is_limited() -> bool:
    """Tell whether someone waits for a page."""
    return getattr(_of_thread, "left", None) is not None


def within[T](call: Callable[[], T], *, size: int = 0, too_late: Callable[[T], None] | None = None) -> T:
    """Return what a call returns; raises StorageUnavailable when the time of the page is over.

    The call itself cannot be stopped. It ends by itself, unheard, and ``too_late`` gets its result.
    """
    left: float | None = getattr(_of_thread, "left", None)
    if left is None:
        return call()
    if left <= 0:
        message = "The object storage used up the time of this page."
        raise StorageUnavailable(message)
    future: Future[T] = Future()
    began, extra = time.monotonic(), size / _BYTES_PER_SECOND
    threading.Thread(target=_run, args=[call, future], daemon=True).start()
    try:
        return future.result(left + extra)
    except TimeoutError as error:
        if future.done():
            raise
        if too_late is not None:
            future.add_done_callback(lambda done: done.exception() or too_late(done.result()))
        message = "The object storage did not answer in time."
        raise StorageUnavailable(message) from error
    finally:
        _of_thread.left = left - max(0.0, time.monotonic() - began - extra)


def _run[T](call: Callable[[], T], future: Future[T]) -> None:
    try:
        future.set_result(call())
    except BaseException as error:  # noqa: BLE001 - raised by the thread that waits for it
        future.set_exception(error)
