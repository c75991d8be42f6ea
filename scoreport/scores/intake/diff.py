"""What a staged file would change: each staged row beside the current score of its ticket."""

from typing import TYPE_CHECKING, Final

from django.db import connection, transaction

from scoreport.imports.models import ImportFile
from scoreport.lib.bulk import copy_rows
from scoreport.people import records
from scoreport.scores.intake import staging
from scoreport.scores.models import current_contents

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

# A staged row ``t`` and the current content ``c`` of its ticket, if there is one.
_JOIN: Final = "{table} t LEFT JOIN scores_score c ON c.program = t.program AND c.ticket = t.ticket AND {current}"
KIND: Final = "CASE WHEN c.id IS NULL THEN 'new' WHEN c.row_hash = t.row_hash THEN 'same' ELSE 'changed' END"


def joined(table: str) -> str:
    """Return the FROM part that puts staged rows beside current scores."""
    return _JOIN.format(table=table, current=current_contents("c"))


def generation() -> int:
    """Return how many acceptances and withdrawals there were; a check made before the last one is stale."""
    accepted = ImportFile.objects.filter(accepted_order__isnull=False).count()
    return accepted + ImportFile.objects.filter(undone_at__isnull=False).count()


def count(file: ImportFile, table: str) -> None:
    """Count the staged rows by kind into ``file``, and note what they were counted against."""
    doubted = staging.doubts_of(table)
    with transaction.atomic(), connection.cursor() as cursor:
        file.checked_against = generation()
        _note_doubts(cursor, table, doubted)
        cursor.execute(
            f"SELECT {KIND}, count(*), count(CASE WHEN t.school_id IS NULL THEN 1 END), count(d.line)"
            ", count(CASE WHEN d.line IS NOT NULL AND t.school_id IS NULL THEN 1 END)"
            f" FROM {joined(table)} LEFT JOIN {doubted} d ON d.line = t.line GROUP BY 1"
        )
        counts = {kind: numbers for kind, *numbers in cursor.fetchall()}
    rows = {kind: numbers[0] for kind, numbers in counts.items()}
    file.rows_new, file.rows_changed, file.rows_same = (rows.get(kind, 0) for kind in ("new", "changed", "same"))
    lost, uncertain, both = (sum(numbers[n] for numbers in counts.values()) for n in (1, 2, 3))
    file.rows_asked = uncertain
    file.rows_unmatched = lost + uncertain - both
    file.rows_refused = file.refused.values("line").distinct().count()


def _note_doubts(cursor: "CursorWrapper", table: str, doubted: str) -> None:
    """Fill the side table of lines whose student is uncertain: (line, reason), one line a student."""
    reasons = {staging.line_of(d.ref): d.reason.value for d in records.doubts_of_staged(cursor, table, "store_order")}
    cursor.execute(f"DELETE FROM {doubted}")
    copy_rows(connection, doubted, ("line", "reason"), sorted(reasons.items()))
    cursor.execute(f"ANALYZE {doubted}")
