"""One transaction for what several threads want to write at the same moment.

A commit waits for the disk. While one thread of a process waits for it, others bring what they have to write, and the
next of them writes all of it at once. Nobody goes on before their own part is committed.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import OperationalError, connection, transaction

from scoreport.lib.postgresql import pipeline

MOST: Final = 64
"""So many parts share a transaction at most."""


@dataclass(slots=True, eq=False)
class _Waiting[T]:
    """A part that is not written yet; ``ready`` is set when it is, or when its thread is to write for all."""

    part: T
    ready: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    error: BaseException | None = None


class GroupCommit[T]:
    """Writes parts by ``write``, which gets all that wait, in one transaction. It must write them all, or raise."""

    def __init__(self, write: Callable[[Sequence[T]], None], *, most: int = MOST) -> None:
        self._write = write
        self._most = most
        self._lock = threading.Lock()
        self._line: list[_Waiting[T]] = []
        self._is_led = False

    def add(self, part: T) -> None:
        """Return when ``part`` is committed. What the transaction raises is raised for everybody who is in it.

        In a transaction of the caller's own it is written there, and is kept or rolled back with it.
        """
        if connection.in_atomic_block:
            with transaction.atomic():
                self._write([part])
            return
        own = _Waiting(part)
        with self._lock:
            self._line.append(own)
            own.leads = not self._is_led
            self._is_led = True
        if not own.leads:
            own.ready.wait()
        if own.leads:
            self._lead(own)
        elif own.error is not None:
            raise _told_again(own.error)

    def _lead(self, own: _Waiting[T]) -> None:
        """Write for all that wait, the first of whom is this thread, and let the next one lead."""
        with self._lock:
            group, self._line = self._line[: self._most], self._line[self._most :]
        error: BaseException | None = None
        try:
            with pipeline(), transaction.atomic():
                self._write([waiting.part for waiting in group])
        except BaseException as raised:
            error = raised
            raise
        finally:
            with self._lock:
                following = self._line[0] if self._line else None
                self._is_led = following is not None
            if following is not None:
                following.leads = True
                following.ready.set()
            for waiting in group:
                waiting.error = error
                if waiting is not own:
                    waiting.ready.set()


def _told_again(error: BaseException) -> Exception:
    """Return an error of one's own for what another thread met, so that each has its own trace."""
    again: Exception
    try:
        again = type(error)(*error.args) if isinstance(error, Exception) else OperationalError(str(error))
    except TypeError:
        again = OperationalError(str(error))
    again.__cause__ = error
    return again
