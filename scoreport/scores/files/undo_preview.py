"""What undoing a file would do, shown before anyone confirms it."""

from dataclasses import dataclass

from django.db import connection

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.imports.versions import current
from scoreport.scores.files.info import FileInfo
from scoreport.scores.files.lists import version_at
from scoreport.scores.results import results_of


@dataclass(frozen=True, slots=True)
class UndoPreview:
    """Of the tickets of a file: how many scores are removed, return to earlier values, or stay as they are."""

    gone: int
    returned: int
    unchanged: int


def undo_preview(actor: Actor, info: FileInfo) -> UndoPreview:
    """Count what would become of the scores of an accepted file."""
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    results = results_of(info.program)
    without = version_at(results, "n", f"e.file_id <> {int(info.id)}")
    with connection.cursor() as cursor:
        # Each ticket of the file with the version that is current and the one that would be without its assertions.
        cursor.execute(
            "SELECT fate, count(*) FROM (SELECT CASE WHEN w IS NULL THEN 'gone' WHEN w = id THEN 'unchanged'"
            f" ELSE 'returned' END AS fate FROM (SELECT n.id, {without} AS w"
            f" FROM (SELECT DISTINCT m.program, m.ticket FROM {results.said} k"
            f" JOIN {results.table} m ON m.id = k.version_id WHERE k.file_id = %s) mine"
            f" JOIN {results.table} n ON n.program = mine.program AND n.ticket = mine.ticket"
            f" AND {current('n')}) versions) fates GROUP BY fate",
            [info.id],
        )
        counts = dict(cursor.fetchall())
    return UndoPreview(counts.get("gone", 0), counts.get("returned", 0), counts.get("unchanged", 0))
