"""What a staged file would change: each staged row beside the current version of its record."""

from django.db import connection, transaction

from scoreport.imports import staging
from scoreport.imports.models import ImportFile
from scoreport.imports.rules import HELD, STAGED, Effect
from scoreport.imports.target import Target
from scoreport.imports.versions import Store, current


def effect_of(store: Store) -> str:
    """Return the effect of a staged row ``t`` beside the current version ``c`` and the side table of effects ``h``."""
    return (
        "CASE WHEN h.line IS NOT NULL THEN h.effect WHEN c.id IS NULL THEN 'new'"
        f" WHEN c.row_hash = t.row_hash THEN 'same' WHEN {store.is_older('t', 'c')} THEN 'older' ELSE 'changed' END"
    )


def missing(store: Store, table: str) -> str:
    """Return the FROM part of the current versions ``c`` whose records a complete list does not name."""
    in_scope = f"c.{store.scope} IN (SELECT DISTINCT {store.scope} FROM {table})" if store.scope else "1 = 1"
    return (
        f"{store.versions} c WHERE {current('c')} AND {in_scope}"
        f" AND NOT EXISTS (SELECT 1 FROM {table} t WHERE {store.same_key('t', 'c')})"
    )


def beside(store: Store, table: str) -> str:
    """Return the FROM part that :func:`effect_of` needs."""
    return f"{store.beside_current(table)} LEFT JOIN {staging.held_of(table)} h ON h.line = t.{store.row}"


def generation(kind: str) -> int:
    """Return how many files of a kind were accepted or undone; a check made before the last one is stale."""
    files = ImportFile.objects.filter(kind=kind)
    return files.filter(accepted_order__isnull=False).count() + files.filter(undone_at__isnull=False).count()


def count(file: ImportFile, target: Target) -> None:
    """Count the staged rows by effect into ``file``, and note what they were counted against."""
    table, store = staging.table_of(file.pk), target.store
    with transaction.atomic(), connection.cursor() as cursor:
        file.checked_against = generation(file.kind)
        cursor.execute(f"DELETE FROM {staging.held_of(table)}")
        cursor.execute(
            f"INSERT INTO {staging.held_of(table)} (line, effect) SELECT t.{store.row}, '{Effect.REVERTING}'"
            f" FROM {store.beside_current(table)} WHERE c.row_hash <> t.row_hash AND NOT ({store.is_older('t', 'c')})"
            f" AND NOT ({store.has_ended('c')}) AND EXISTS"
            f" (SELECT 1 FROM {store.versions} v WHERE {store.same_key('v', 't')}"
            f" AND {current('v', is_current=False)} AND v.row_hash = t.row_hash)"
        )
        target.note_effects(cursor, file, table)
        cursor.execute(f"ANALYZE {staging.held_of(table)}")
        cursor.execute(f"SELECT {effect_of(store)}, count(*) FROM {beside(store, table)} GROUP BY 1")
        rows = dict(cursor.fetchall())
        if store.ended:
            cursor.execute(f"SELECT count(*) FROM {missing(store, table)} AND NOT {store.has_ended('c')}")
            (rows[Effect.REMOVED.value],) = cursor.fetchone()
    for effect in Effect:
        setattr(file, f"rows_{effect}", rows.get(effect.value, 0))
    file.rows_refused = file.refused.exclude(cause__in=HELD).values("line").distinct().count()


def staged_rows(file: ImportFile) -> int:
    """Return how many rows a checked file has staged, by its counts."""
    return sum(getattr(file, f"rows_{effect}") for effect in STAGED)
