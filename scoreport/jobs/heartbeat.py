"""A worker's heartbeat: a thread writes it, also while a long job keeps the worker busy."""

import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

from django.db import Error, connections
from django.db.models.functions import Now

from scoreport.jobs.models import WorkerBeat
from scoreport.jobs.rules import BEAT_EVERY, SILENT_AFTER

_logger = logging.getLogger(__name__)
_FORGOTTEN_AFTER: Final = timedelta(days=1)
_LOST = 1


def _end_process() -> None:
    os._exit(_LOST)


class Heartbeat:
    """Says in the database that a worker runs.

    It also knows since when it could say so without a gap. Until that is a minute, this worker does not judge others:
    after a database was away or locked, all of them are silent, and they get their minute.
    """

    def __init__(
        self,
        name: str,
        *,
        queue: str,
        lost: Callable[[], None] = _end_process,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._queue = queue
        self._lost = lost
        self._clock = clock
        self._steady_since = self._last = clock()
        self._ending = threading.Event()

    def begin(self) -> None:
        """Write the first beat, under this name from now on, and forget workers that have been silent for a day."""
        WorkerBeat.objects.filter(beat_at__lt=Now() - _FORGOTTEN_AFTER).delete()
        WorkerBeat.objects.filter(name=self.name).delete()
        WorkerBeat.objects.create(name=self.name, queue=self._queue)
        self._steady_since = self._last = self._clock()

    def beat(self) -> bool:
        """Write a beat; return whether it was written. When another worker has taken this one's place, end."""
        try:
            is_known = WorkerBeat.objects.filter(name=self.name).update(beat_at=Now())
        except Error:
            # The database is away, or locked by a long write.
            self._steady_since = float("inf")
            return False
        now = self._clock()
        if self._steady_since > now or now - self._last > SILENT_AFTER.total_seconds() / 2:
            self._steady_since = now
        self._last = now
        if not is_known:
            _logger.error("Worker %s was silent for too long, and another one has its job. It ends.", self.name)
            self._lost()
        return bool(is_known)

    @property
    def may_judge(self) -> bool:
        """Whether beats were possible for a minute, so that another worker's silence means something."""
        return self._clock() - self._steady_since >= SILENT_AFTER.total_seconds()

    def end(self) -> None:
        """Stop, and take the worker off the list."""
        self._ending.set()
        with suppress(Error):
            WorkerBeat.objects.filter(name=self.name).delete()

    def run(self, after_beat: Callable[[], object]) -> threading.Thread:
        """Beat in a thread until :meth:`end`, and call ``after_beat`` whenever others can be judged."""
        thread = threading.Thread(target=self._run, args=[after_beat], name="heartbeat", daemon=True)
        thread.start()
        return thread

    def _run(self, after_beat: Callable[[], object]) -> None:
        while not self._ending.wait(BEAT_EVERY.total_seconds()):
            try:
                if self.beat() and self.may_judge:
                    after_beat()
            except Error as error:
                _logger.warning("The worker's heartbeat will try again (%s)", type(error).__name__)
            except Exception:
                # Whatever it was, the beats go on: without them this worker would count as dead. The log has it.
                _logger.exception("The worker could not look for jobs of dead workers")
            finally:
                _let_go()


def _let_go() -> None:
    """Give the thread's connection back, or close it when it is broken."""
    for connection in connections.all(initialized_only=True):
        with suppress(Error):
            connection.close()
