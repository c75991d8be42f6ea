"""Taking a file back: what stays is what never having loaded it would have left.

Steps: 1. note the contents that the file claims, with every content of the same tickets;
2. forget the claims; 3. drop contents that nobody claims, make the newest claim current;
4. drop or rename student records, link corrected names anew; 5. recompute the totals.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection

from scoreport.imports.models import ImportFile
from scoreport.people import records
from scoreport.scores import identity, totals
from scoreport.scores.models import current_contents

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

_MANY = 20_000


def withdraw(file: ImportFile, *, at: datetime) -> None:
    """Take an accepted file back. The caller holds the transaction and the lock of all acceptances."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and file.rows_total >= _MANY:
            cursor.execute("SET LOCAL work_mem = '256MB'")
            cursor.execute("SET LOCAL enable_nestloop = off")
        _note(cursor, file.pk)
        cursor.execute("SELECT DISTINCT program, district_id, state_id, year FROM scores_taken_back")
        touched = totals.keys_of(cursor.fetchall())
        people = _people(cursor)
        cursor.execute("DELETE FROM scores_claim WHERE file_id = %s", [file.pk])
        _settle(cursor)
        touched |= _mend_records(cursor, people, at)
        totals.recompute(cursor, touched)
        cursor.execute("DROP TABLE scores_taken_back")


def _note(cursor: "CursorWrapper", file_id: int) -> None:
    """Note every content of every ticket that the file speaks of."""
    cursor.execute("DROP TABLE IF EXISTS scores_taken_back")
    wanted = "s.id, s.program, s.ticket, s.record_id, s.student_id, s.is_current, s.district_id, s.state_id, s.year"
    # Current and retired contents have an index each, so they are looked up apart.
    halves = (
        f"SELECT {wanted} FROM scores_claim c JOIN scores_score m ON m.id = c.score_id"
        f" JOIN scores_score s ON s.program = m.program AND s.ticket = m.ticket AND {half}"
        f" WHERE c.file_id = {int(file_id)}"
        for half in (current_contents("s"), current_contents("s", is_current=False))
    )
    cursor.execute(f"CREATE TEMPORARY TABLE scores_taken_back AS {' UNION ALL '.join(halves)}")
    cursor.execute("CREATE UNIQUE INDEX scores_taken_back_id ON scores_taken_back (id)")
    cursor.execute("ANALYZE scores_taken_back")


def _people(cursor: "CursorWrapper") -> list[int]:
    """Return the records that the noted contents speak of, and those that share a student with them."""
    cursor.execute("SELECT DISTINCT record_id FROM scores_taken_back")
    return identity.group(cursor, [record for (record,) in cursor.fetchall()])


def _settle(cursor: "CursorWrapper") -> None:
    """Let the newest remaining claim of each ticket say what is current, and drop what nobody claims."""
    cursor.execute("DROP TABLE IF EXISTS scores_winner")
    cursor.execute(
        "CREATE TEMPORARY TABLE scores_winner AS SELECT id FROM (SELECT b.id, row_number() OVER"
        " (PARTITION BY b.program, b.ticket ORDER BY f.accepted_order DESC, c.line DESC) AS place"
        " FROM scores_taken_back b JOIN scores_claim c ON c.score_id = b.id"
        " JOIN imports_importfile f ON f.id = c.file_id) ranked WHERE place = 1"
    )
    cursor.execute("CREATE UNIQUE INDEX scores_winner_id ON scores_winner (id)")
    cursor.execute("ANALYZE scores_winner")
    cursor.execute(
        "UPDATE scores_score SET is_current = FALSE WHERE is_current"
        " AND id IN (SELECT id FROM scores_taken_back WHERE is_current)"
        " AND id NOT IN (SELECT id FROM scores_winner)"
    )
    cursor.execute(
        "DELETE FROM scores_score WHERE id IN (SELECT b.id FROM scores_taken_back b"
        " WHERE NOT EXISTS (SELECT 1 FROM scores_claim c WHERE c.score_id = b.id))"
    )
    cursor.execute(
        "UPDATE scores_score SET is_current = TRUE WHERE NOT is_current AND id IN (SELECT id FROM scores_winner)"
    )
    cursor.execute("DROP TABLE scores_winner")


def _mend_records(cursor: "CursorWrapper", people: list[int], at: datetime) -> set[totals.Key]:
    """Let student records be what the remaining claims make of them; return whose totals change with that."""
    firsts = identity.first_spoken_of(cursor, people)
    records.drop(record for record in people if record not in firsts)
    records.rename((record, first, last) for record, (_order, first, last) in firsts.items())
    return identity.relink(cursor, firsts, at=at)
