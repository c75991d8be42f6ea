"""Locks of the whole database that a transaction holds until it ends: every number that is in use, in one table.

SQLite has one writer anyway, so they are PostgreSQL's advisory locks only.
"""

from enum import Enum

from django.db import connection

from scoreport.lib.postgresql import prepared_cursor


class Lock(Enum):
    """What a lock is for. Two versions can run side by side during an upgrade, so that a number never changes."""

    EVENTS = 0x5C09_E907
    """Adding audit events, each of which holds the digest of the one before it."""
    SCORES = 0x5C0_4E5
    """Changing which scores count: accepting, undoing, deciding about claims and matches."""
    CODE_TRIES = 0x5C09_C0DE
    """Trying an access code."""
    SEARCHES = 0x5C0_F1D
    """Counting the searches of one person."""
    SHOWN_ROWS = 0x5C0_0E5
    """Counting the rows that one person is shown."""


def hold(lock: Lock, person_id: int | None = None) -> None:
    """Wait for a lock, or for one person's own, and hold it until the transaction ends."""
    if connection.vendor != "postgresql":
        return
    with prepared_cursor() as cursor:
        if person_id is None:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock.value])
        else:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [lock.value, person_id % 2**31])
