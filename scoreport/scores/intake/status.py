"""Which staged rows cancel a score: those that say so, and those that leave empty what is on file.

An exam without an essay has no pending score. So a row without a score and without a date scored cancels the score
where a file on record has one, and is refused where none has.
"""

from typing import TYPE_CHECKING

from django.db import connection, transaction

from scoreport.imports.models import ImportFile, RejectedRow
from scoreport.imports.versions import current
from scoreport.lib.bulk import copy_rows
from scoreport.programs.rules import ScoreStatus
from scoreport.scores.intake.check_rows import REFUSED_COLUMNS
from scoreport.scores.intake.registry import layout_of
from scoreport.scores.intake.store import MISSING
from scoreport.scores.results import Results, results_of

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper


def missing_scores(file: ImportFile, table: str) -> str:
    """Take the rows without a score that cancel one, and list the others as refused; return the condition for those.

    The rows ``t`` with that condition are still staged: the caller notes whose they are and removes them.
    """
    results, layout = results_of(file.program), layout_of(file.program)
    known = _on_file(results, f"(v.{results.value} IS NOT NULL OR v.status <> '')")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} AS t SET status = %s WHERE t.status = %s AND {known}", [ScoreStatus.CANCELED, MISSING]
        )
        cursor.execute(f"SELECT t.line FROM {table} t WHERE t.status = '{MISSING}' ORDER BY t.line")
        lines = [line for (line,) in cursor.fetchall()]
        rows = [(file.pk, line, layout.value_column, "", str(layout.no_value), "") for line in lines]
        copy_rows(connection, RejectedRow._meta.db_table, REFUSED_COLUMNS, rows)
    return f"t.status = '{MISSING}'"


def count_canceled(cursor: "CursorWrapper", results: Results, table: str, which: str = "TRUE") -> int:
    """Return how many staged rows ``t``, of those that ``which`` names, have a test that the file cancels."""
    emptied = f"t.{results.value} IS NULL AND {_on_file(results, f'v.{results.value} IS NOT NULL')}"
    cursor.execute(f"SELECT count(*) FROM {table} t WHERE (t.status <> '' OR ({emptied})) AND {which}")
    return int(cursor.fetchone()[0])


def _on_file(results: Results, condition: str) -> str:
    """Return the condition that the ticket of a row ``t`` has a version ``v`` of a kind on file."""
    # Current and retired versions have an index each, so they are looked up apart.
    halves = (
        f"EXISTS (SELECT 1 FROM {results.table} v WHERE {results.store.same_key('v', 't')} AND {half} AND {condition})"
        for half in (current("v"), current("v", is_current=False))
    )
    return f"({' OR '.join(halves)})"
