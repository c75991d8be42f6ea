"""Locks of the whole database: their numbers never change, and one person waits for nobody else."""

import pytest
from django.db import connection, transaction

from scoreport.lib.locks import Lock, hold


def test_a_number_that_is_in_use_never_changes():
    """An older version that still runs during an upgrade locks by the same numbers."""
    assert {lock.name: lock.value for lock in Lock} == {
        "EVENTS": 0x5C09_E907,
        "SCORES": 0x5C0_4E5,
        "CODE_TRIES": 0x5C09_C0DE,
        "SEARCHES": 0x5C0_F1D,
        "SHOWN_ROWS": 0x5C0_0E5,
    }


@pytest.mark.django_db
def test_a_lock_is_held_by_its_number_and_person():
    if connection.vendor != "postgresql":
        with transaction.atomic():
            hold(Lock.EVENTS)
        return
    with transaction.atomic(), connection.cursor() as cursor:
        hold(Lock.EVENTS)
        hold(Lock.SEARCHES, 2**31 + 7)
        cursor.execute(
            "SELECT classid::bigint, objid::bigint, objsubid FROM pg_locks"
            " WHERE locktype = 'advisory' AND pid = pg_backend_pid() ORDER BY objsubid"
        )
        assert cursor.fetchall() == [(0, Lock.EVENTS.value, 1), (Lock.SEARCHES.value, 7, 2)]
