"""From a staging table to stored versions and assertions, in one transaction.

Steps: 1. note which records a complete list doesn't name; 2. hold back rows that could make things worse, unless they
were accepted too; 3. let the target store what versions refer to; 4. note which records change; 5. retire their current
versions; 6. store new versions, or make an older one current again; 7. assert every row for the file; 8. store rows of
older reports beside the current ones, and end the records that a complete list no longer names; 9. let the target
follow.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection
from django.utils.translation import gettext as _

from scoreport.access import Actor
from scoreport.imports import staging
from scoreport.imports.diff import beside, missing
from scoreport.imports.models import ImportFile, RejectedRow
from scoreport.imports.rules import Effect
from scoreport.imports.target import CHANGED, ENDED, Accepted, Target
from scoreport.imports.versions import MANY_ROWS, Store, current

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper


def accept(actor: Actor, file: ImportFile, target: Target, *, at: datetime) -> None:
    """Store the staged rows of a file. The caller holds the transaction and the lock of all acceptances.

    Held rows leave the counts of ``file`` that are about stored ones, without saving it.
    """
    table, store = staging.table_of(file.pk), target.store
    with connection.cursor() as cursor:
        plan_for(cursor, file.rows_total)
        if store.ended:
            _note_missing(cursor, store, table)
        _hold_back(cursor, file, target, table)
        prepared = target.prepare(cursor, table)
        cursor.execute(f"SELECT COALESCE(max(id), 0) FROM {store.versions}")
        (below,) = cursor.fetchone()
        _retire_changed(cursor, store, table)
        _store(cursor, target, table)
        _assert(cursor, store, table, file.pk, below)
        if store.rank:
            _store_older(cursor, target, table, file.pk)
        if store.ended:
            _end_missing(cursor, target, file.pk)
        target.accepted(cursor, Accepted(actor, file, below, prepared, at))
        cursor.execute(f"DROP TABLE {CHANGED}")
    staging.drop(file.pk)


def plan_for(cursor: "CursorWrapper", rows: int) -> None:
    """Let PostgreSQL plan the statements of this transaction for many rows."""
    if connection.vendor == "postgresql" and rows >= MANY_ROWS:
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute("SET LOCAL enable_nestloop = off")


def _hold_back(cursor: "CursorWrapper", file: ImportFile, target: Target, table: str) -> None:
    """Refuse the rows that could make things worse and were not accepted too; they stay in the list of refused rows."""
    held = [
        effect
        for effect, is_accepted in (
            (Effect.REVERTING, file.accepts_reverting),
            (Effect.DOUBLED, file.accepts_doubles),
        )
        if not is_accepted
    ]
    if not held:
        return
    key = target.store.key[-1]
    words = ", ".join(f"'{effect}'" for effect in held)
    where = f"t.{target.store.row} IN (SELECT line FROM {staging.held_of(table)} WHERE effect IN ({words}))"
    target.hold_back(cursor, file, table, where)
    for effect in held:
        cursor.execute(
            f'INSERT INTO {RejectedRow._meta.db_table} (file_id, line, "column", value, reason, cause)'
            f" SELECT %s, t.line, %s, t.{key}, %s, %s FROM {table} t JOIN {staging.held_of(table)} h"
            f" ON h.line = t.{target.store.row} WHERE h.effect = %s",
            [file.pk, target.store.header or key, _reason(effect), effect.value, effect.value],
        )
    cursor.execute(f"DELETE FROM {table} AS t WHERE {where}")


def _reason(effect: Effect) -> str:
    if effect is Effect.REVERTING:
        return _(
            "This row was held: it returns to values which a later file replaced."
            " To store it, load the file again and accept such rows."
        )
    return _(
        "This row was held: it is on file under another number. To store it, load the file again and accept such rows."
    )


def _retire_changed(cursor: "CursorWrapper", store: Store, table: str) -> None:
    """Note the records whose version changes, and retire what is current of them."""
    cursor.execute(f"DROP TABLE IF EXISTS {CHANGED}")
    cursor.execute(
        f"CREATE TEMPORARY TABLE {CHANGED} AS SELECT {store.keys('t')}, t.row_hash, c.id AS old_id"
        f" FROM {store.beside_current(table)} WHERE c.id IS NOT NULL AND c.row_hash <> t.row_hash"
        f" AND NOT ({store.is_older('t', 'c')})"
    )
    cursor.execute(f"CREATE UNIQUE INDEX {CHANGED}_key ON {CHANGED} ({', '.join(reversed(store.key))})")
    cursor.execute(f"ANALYZE {CHANGED}")
    cursor.execute(f"UPDATE {store.versions} SET is_current = FALSE WHERE id IN (SELECT old_id FROM {CHANGED})")
    cursor.execute(
        f"UPDATE {store.versions} SET is_current = TRUE FROM {CHANGED} x"
        f" WHERE {store.same_key(store.versions, 'x')} AND {store.versions}.row_hash = x.row_hash"
        f" AND {current(store.versions, is_current=False)}"
    )


def _store(cursor: "CursorWrapper", target: Target, table: str) -> None:
    """Store the versions of all records that have no current one, in the order that reports read them."""
    store, insert = target.store, target.insert
    columns = ", ".join((*store.columns, *insert.columns))
    values = ", ".join((*(f"t.{column}" for column in store.columns), *insert.expressions))
    cursor.execute(
        f"INSERT INTO {store.versions} (is_current, {columns}) SELECT TRUE, {values}"
        f" FROM {store.beside_current(table)} {insert.join} WHERE c.id IS NULL ORDER BY t.{store.order}"
    )


def _assert(cursor: "CursorWrapper", store: Store, table: str, file_id: int, below: int) -> None:
    """Record that the file says what is current now, row by row."""
    cursor.execute(
        f"INSERT INTO {store.assertions} (file_id, line, version_id, kind)"
        f" SELECT %s, t.line, c.id, CASE WHEN h.line IS NOT NULL THEN h.effect WHEN x.{store.key[-1]} IS NOT NULL"
        " THEN 'changed' WHEN c.id > %s THEN 'new' ELSE 'same' END"
        f" FROM {beside(store, table)} LEFT JOIN {CHANGED} x ON {store.same_key('x', 't')}"
        " WHERE c.row_hash = t.row_hash ORDER BY t.line",
        [file_id, below],
    )


def _store_older(cursor: "CursorWrapper", target: Target, table: str, file_id: int) -> None:
    """Store and assert the rows of older reports than the current ones: they are versions, but not current."""
    store, insert = target.store, target.insert
    columns = ", ".join((*store.columns, *insert.columns))
    values = ", ".join((*(f"t.{column}" for column in store.columns), *insert.expressions))
    older = f"c.row_hash <> t.row_hash AND {store.is_older('t', 'c')}"
    old = f"{store.same_key('v', 't')} AND v.row_hash = t.row_hash AND {current('v', is_current=False)}"
    cursor.execute(
        f"INSERT INTO {store.versions} (is_current, {columns}) SELECT FALSE, {values}"
        f" FROM {store.beside_current(table)} {insert.join} WHERE {older}"
        f" AND NOT EXISTS (SELECT 1 FROM {store.versions} v WHERE {old}) ORDER BY t.{store.order}"
    )
    cursor.execute(
        f"INSERT INTO {store.assertions} (file_id, line, version_id, kind)"
        f" SELECT %s, t.line, v.id, '{Effect.OLDER}' FROM {store.beside_current(table)}"
        f" JOIN {store.versions} v ON {old} WHERE {older} ORDER BY t.line",
        [file_id],
    )


def _note_missing(cursor: "CursorWrapper", store: Store, table: str) -> None:
    """Note the records that a complete list doesn't name, before any row of it is held: a held row names its record."""
    cursor.execute(f"DROP TABLE IF EXISTS {ENDED}")
    cursor.execute(
        f"CREATE TEMPORARY TABLE {ENDED} AS SELECT c.id AS old_id, {store.keys('c')}, ~c.row_hash AS row_hash,"
        f" {store.has_ended('c')} AS had_ended FROM {missing(store, table)}"
    )


def _end_missing(cursor: "CursorWrapper", target: Target, file_id: int) -> None:
    """End the records that a complete list no longer names: that they are absent is an assertion too, on line 0.

    So it is of those that had ended before: undoing the file that ended them first does not bring them back.
    """
    store = target.store
    columns = (*store.columns, *target.insert.columns)
    values = {column: f"c.{column}" for column in columns} | {"row_hash": "~c.row_hash", store.ended: "TRUE"}
    cursor.execute(
        f"INSERT INTO {store.assertions} (file_id, line, version_id, kind)"
        f" SELECT %s, 0, old_id, '{Effect.SAME}' FROM {ENDED} WHERE had_ended ORDER BY old_id",
        [file_id],
    )
    cursor.execute(f"DELETE FROM {ENDED} WHERE had_ended")
    cursor.execute(f"UPDATE {store.versions} SET is_current = FALSE WHERE id IN (SELECT old_id FROM {ENDED})")
    again = f"{store.same_key('v', 'x')} AND v.row_hash = x.row_hash"
    cursor.execute(
        f"UPDATE {store.versions} SET is_current = TRUE WHERE id IN"
        f" (SELECT v.id FROM {store.versions} v JOIN {ENDED} x ON {again})"
    )
    cursor.execute(
        f"INSERT INTO {store.versions} (is_current, {', '.join(values)}) SELECT TRUE, {', '.join(values.values())}"
        f" FROM {store.versions} c JOIN {ENDED} x ON x.old_id = c.id"
        f" WHERE NOT EXISTS (SELECT 1 FROM {store.versions} v WHERE {again}) ORDER BY c.id"
    )
    cursor.execute(
        f"INSERT INTO {store.assertions} (file_id, line, version_id, kind)"
        f" SELECT %s, 0, v.id, '{Effect.REMOVED}' FROM {ENDED} x JOIN {store.versions} v ON {again} ORDER BY v.id",
        [file_id],
    )
    cursor.execute(f"DROP TABLE {ENDED}")
