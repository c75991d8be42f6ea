"""What taking a file back would do, told before anybody confirms it."""

from dataclasses import dataclass

from django.db import connection

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.imports.versions import current
from scoreport.scores.files.info import FileInfo
from scoreport.scores.files.lists import wording_at


@dataclass(frozen=True, slots=True)
class TakingBack:
    """Of the tickets that a file speaks of: how many scores go, return to an earlier wording, or stay as they are."""

    gone: int
    returned: int
    unchanged: int


def taking_back(actor: Actor, info: FileInfo) -> TakingBack:
    """Count what would become of the scores that an accepted file speaks of."""
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    without = wording_at("n", f"e.file_id <> {int(info.id)}")
    with connection.cursor() as cursor:
        # Each ticket of the file with the content that is current and the one that would be without its claims.
        cursor.execute(
            "SELECT fate, count(*) FROM (SELECT CASE WHEN w IS NULL THEN 'gone' WHEN w = id THEN 'unchanged'"
            f" ELSE 'returned' END AS fate FROM (SELECT n.id, {without} AS w"
            " FROM (SELECT DISTINCT m.program, m.ticket FROM scores_claim k JOIN scores_score m ON m.id = k.score_id"
            " WHERE k.file_id = %s) mine JOIN scores_score n ON n.program = mine.program AND n.ticket = mine.ticket"
            f" AND {current('n')}) told) fates GROUP BY fate",
            [info.id],
        )
        counts = dict(cursor.fetchall())
    return TakingBack(counts.get("gone", 0), counts.get("returned", 0), counts.get("unchanged", 0))
