"""The parts that Scoreport needs, each looked at once in a few seconds however often it is asked."""

import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.cache import caches
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from scoreport.jobs.queries import queues_with_worker
from scoreport.jobs.rules import DEFAULT_QUEUE, MAIL_QUEUE
from scoreport.lib import database_wait

_logger = logging.getLogger(__name__)
KEPT_SECONDS: Final = 2.0
_DATABASE_SECONDS: Final = 2.0
_LEAST_FREE_BYTES: Final = 100_000_000

OK: Final = "ok"
DOWN: Final = "down"
UNKNOWN: Final = "unknown"
"""It is in the database, which is down."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was found of each part."""

    checks: Mapping[str, str]

    @property
    def is_ready(self) -> bool:
        """Whether everything works that people need; pages work without the cache."""
        return all(found == OK for name, found in self.checks.items() if name != "cache")

    @property
    def status(self) -> str:
        """One word for all of it."""
        if not self.is_ready:
            return DOWN
        return OK if self.checks["cache"] == OK else "degraded"


class _Kept:
    """The last report and when it was made; only one thread makes a new one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._report: Report | None = None
        self._made_at = 0.0

    def get(self) -> Report:
        """Return a report that is a few seconds old at most."""
        with self._lock:
            if self._report is None or time.monotonic() - self._made_at > KEPT_SECONDS:
                self._report, self._made_at = _look(), time.monotonic()
            return self._report

    def forget(self) -> None:
        """Look again the next time."""
        self._report = None


_kept = _Kept()
report = _kept.get
forget = _kept.forget


def _look() -> Report:
    with database_wait.at_most(_DATABASE_SECONDS):
        database = _try("database", _database)
        migrations, worker = UNKNOWN, UNKNOWN
        if database == OK:
            migrations = _try("migrations", _migrations)
            worker = _try("worker", _workers)
    found = {"database": database, "migrations": migrations, "cache": _try("cache", _cache)}
    return Report({**found, "disk": _try("disk", _disk), "worker": worker})


def _try(name: str, works: Callable[[], bool]) -> str:
    try:
        return OK if works() else DOWN
    except (Error, OSError) as error:
        _logger.warning("Health: %s does not work (%s)", name, type(error).__name__)
        return DOWN


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def _migrations() -> bool:
    return _wanted() <= set(MigrationRecorder(connection).applied_migrations())


@cache
def _wanted() -> frozenset[tuple[str, str]]:
    """Return the migrations that this version has; they are on the disk and don't change while it runs."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations or {})


def _workers() -> bool:
    return queues_with_worker() >= {DEFAULT_QUEUE, MAIL_QUEUE}


def _cache() -> bool:
    word = secrets.token_hex(8)
    caches["figures"].set("health", word, 10)
    return bool(caches["figures"].get("health") == word)


def _disk() -> bool:
    """Write a file where received and prepared files go; some room must be left beside it."""
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f".health-{secrets.token_hex(8)}"
    try:
        path.write_bytes(b"ok")
        left = os.statvfs(folder)
        return left.f_bavail * left.f_frsize >= _LEAST_FREE_BYTES
    finally:
        with suppress(OSError):
            path.unlink()
