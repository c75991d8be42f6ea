"""The states of a prepared file; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class DownloadState(StrEnum):
    """Preparing → ready → expired, or failed with a reason."""

    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"


TRANSITIONS: dict[DownloadState, frozenset[DownloadState]] = {
    DownloadState.PREPARING: frozenset({DownloadState.READY, DownloadState.FAILED}),
    DownloadState.READY: frozenset({DownloadState.EXPIRED}),
    DownloadState.FAILED: frozenset({DownloadState.PREPARING, DownloadState.EXPIRED}),
    DownloadState.EXPIRED: frozenset(),
}


OPEN_JOBS: Final = 3
"""Files that are prepared for one person at the same time."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many rows of students a person may export on a day without a second person, and how many they have."""

    limit: int
    used: int

    @property
    def left(self) -> int:
        """Rows that the person may still export on the day."""
        return max(0, self.limit - self.used)


@dataclass(frozen=True, slots=True)
class DownloadInfo:
    """A prepared file as pages and jobs see it."""

    id: int
    secret: str
    owner_id: int
    organization: str
    kind: str
    name: str
    media_type: str
    parameters: Mapping[str, object]
    key: str
    state: DownloadState
    rows_done: int
    rows_total: int
    size: int
    reason: str
    created_at: datetime
    ready_at: datetime | None
    expires_at: datetime
    openings: int


def state_at(state: DownloadState, expires_at: datetime, at: datetime) -> DownloadState:
    """Return the state that people are told: a file whose time is over is expired before it is cleaned away."""
    return DownloadState.EXPIRED if state is DownloadState.READY and expires_at <= at else state


def states_before(state: DownloadState) -> tuple[DownloadState, ...]:
    """Return the states from which a file may come to ``state``."""
    return tuple(before for before, after in TRANSITIONS.items() if state in after)
