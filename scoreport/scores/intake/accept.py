"""From a staging table to stored scores, in one transaction.

Steps: 1. add the student records that are missing; 2. note which tickets change; 3. retire
their current contents; 4. store new contents, or make an older one current again; 5. claim
every row for the file; 6. follow corrected names, ask about uncertain students; 7. recompute
the totals that the file touches.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection

from scoreport.imports.models import ImportFile
from scoreport.people import records
from scoreport.scores import identity, totals
from scoreport.scores.intake import staging
from scoreport.scores.intake.diff import joined
from scoreport.scores.models import current_contents

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

# From this many rows on, plans that visit rows one by one lose against plans that read whole tables.
_MANY = 20_000
_COLUMNS = ", ".join(staging.SCORE_COLUMNS)


def accept(file: ImportFile, *, at: datetime) -> None:
    """Store the staged rows of a file. The caller holds the transaction and the lock of all acceptances."""
    table = staging.table_of(file.pk)
    with connection.cursor() as cursor:
        _plan_for(cursor, file.rows_total)
        known = records.add(cursor, table, order="store_order")
        cursor.execute("SELECT COALESCE(max(id), 0) FROM scores_score")
        (stored,) = cursor.fetchone()
        _retire_changed(cursor, table)
        _store(cursor, table)
        _claim(cursor, table, file.pk, stored)
        followed = _follow_corrections(cursor, known, at)
        records.open_cases(records.doubts_of_added(cursor, known), at=at)
        totals.recompute(cursor, followed | _touched(cursor, stored))
        cursor.execute("DROP TABLE scores_changed")
    staging.drop(file.pk)


def _plan_for(cursor: "CursorWrapper", rows: int) -> None:
    if connection.vendor == "postgresql" and rows >= _MANY:
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute("SET LOCAL enable_nestloop = off")


def _retire_changed(cursor: "CursorWrapper", table: str) -> None:
    """Note the tickets whose content changes, and retire what is current of them."""
    cursor.execute("DROP TABLE IF EXISTS scores_changed")
    cursor.execute(
        "CREATE TEMPORARY TABLE scores_changed AS"
        " SELECT t.program, t.ticket, t.row_hash, c.id AS old_id, c.record_id AS old_record"
        f" FROM {joined(table)} WHERE c.id IS NOT NULL AND c.row_hash <> t.row_hash"
    )
    cursor.execute("CREATE UNIQUE INDEX scores_changed_ticket ON scores_changed (ticket)")
    cursor.execute("ANALYZE scores_changed")
    cursor.execute("UPDATE scores_score SET is_current = FALSE WHERE id IN (SELECT old_id FROM scores_changed)")
    cursor.execute(
        "UPDATE scores_score SET is_current = TRUE FROM scores_changed x"
        " WHERE scores_score.program = x.program AND scores_score.ticket = x.ticket"
        f" AND scores_score.row_hash = x.row_hash AND {current_contents('scores_score', is_current=False)}"
    )


def _store(cursor: "CursorWrapper", table: str) -> None:
    """Store the contents of all tickets that have no current one, in the order that reports read them."""
    columns = ", ".join(f"t.{column}" for column in staging.SCORE_COLUMNS)
    cursor.execute(
        f"INSERT INTO scores_score ({_COLUMNS}, is_current, student_id, record_id)"
        f" SELECT {columns}, TRUE, COALESCE(s.same_as_id, s.id), s.id"
        f" FROM {joined(table)} JOIN people_student s ON {records.MATCH}"
        " WHERE c.id IS NULL ORDER BY t.store_order"
    )


def _claim(cursor: "CursorWrapper", table: str, file_id: int, stored: int) -> None:
    """Record that the file says what is current now, row by row."""
    cursor.execute(
        "INSERT INTO scores_claim (file_id, line, score_id, kind)"
        " SELECT %s, t.line, c.id, CASE WHEN x.ticket IS NOT NULL THEN 'changed'"
        " WHEN c.id > %s THEN 'new' ELSE 'same' END"
        f" FROM {joined(table)} LEFT JOIN scores_changed x ON x.program = t.program AND x.ticket = t.ticket"
        " ORDER BY t.line",
        [file_id, stored],
    )


def _follow_corrections(cursor: "CursorWrapper", known: int, at: datetime) -> set[totals.Key]:
    """Keep a student's identity where given names are joined, or a ticket's row corrects the name or the birth date.

    When name and birth date both changed, a person decides. Return whose totals change, of whatever year.
    """
    cursor.execute(
        "SELECT DISTINCT n.record_id FROM scores_changed x"
        f" JOIN scores_score n ON n.program = x.program AND n.ticket = x.ticket AND {current_contents('n')}"
        " WHERE n.record_id <> x.old_record AND n.record_id > %s",
        [known],
    )
    fresh = [record for (record,) in cursor.fetchall()]
    fresh += [record for record, _other in records.variants(cursor, f"a.id > {int(known)}")]
    if not fresh:
        return set()
    before = [step.before for step in identity.steps(cursor, fresh)]
    return identity.relink(cursor, identity.group(cursor, fresh + before), at=at)


def _touched(cursor: "CursorWrapper", stored: int) -> set[totals.Key]:
    """Return the organizations and years whose figures the file may have changed."""
    cursor.execute(
        "SELECT DISTINCT program, district_id, state_id, year FROM scores_score WHERE id > %s"
        " UNION SELECT DISTINCT s.program, s.district_id, s.state_id, s.year FROM scores_changed x"
        f" JOIN scores_score s ON s.program = x.program AND s.ticket = x.ticket AND {current_contents('s')}"
        " UNION SELECT DISTINCT o.program, o.district_id, o.state_id, o.year"
        " FROM scores_changed x JOIN scores_score o ON o.id = x.old_id",
        [stored],
    )
    return totals.keys_of(cursor.fetchall())
