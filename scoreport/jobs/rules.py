"""When a worker counts as dead, how often a job is tried, and jobs as pages see them; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

BEAT_EVERY: Final = timedelta(seconds=5)
"""How often a worker says that it runs."""
SILENT_AFTER: Final = timedelta(seconds=60)
"""A worker without a heartbeat for this long counts as dead, and its job is done by another one."""
ATTEMPTS: Final = 3
"""A job whose worker ended this many times is failed instead of tried again."""

MAIL_QUEUE: Final = "mail"
DEFAULT_QUEUE: Final = "default"


class GivenUp(Exception):
    """A job's workers ended too often in the middle of it."""


class JobState(StrEnum):
    """What a job is doing."""

    WAITING = "waiting"
    SCHEDULED = "scheduled"
    """It waits for its time."""
    RUNNING = "running"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class JobInfo:
    """A job as pages and commands see it; ``kind`` is the name of its task and ``number`` what it works on."""

    id: UUID
    kind: str
    number: int | None
    state: JobState
    queue: str
    enqueued_at: datetime
    due_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    worker: str
    attempts: int
    error: str
    """The class of the error that ended it."""
    reason: str
    """A sentence for people; empty where the error has none."""


@dataclass(frozen=True, slots=True)
class WorkerInfo:
    """A worker, and whether its heartbeat is recent."""

    name: str
    queue: str
    started_at: datetime
    beat_at: datetime
    is_alive: bool


def number_of(arguments: Mapping[str, object]) -> int | None:
    """Return the id of what a job works on, which is its first argument."""
    given = arguments.get("args")
    first = given[0] if isinstance(given, list) and given else None
    return first if isinstance(first, int) else None
