"""Has two processes begin an export of one person at the same time, again and again, and tells what is stored then.

Not a test itself: tests/reports/test_racing_exports.py starts it as a process of its own, so that each process has a
connection of its own to a database that is really shared, on SQLite and PostgreSQL.

    python -m tests.reports.racing_exports FOLDER rows|jobs ROUNDS [--broken]
"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tests.processes import Wait, at_once, in_a_child, own_database

FOLDER, RACE, ROUNDS = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
BROKEN = "--broken" in sys.argv
ROWS = 4


def main() -> None:
    """Prepare, race, and print what came of it."""
    modules = ("scoreport.reports.actions", "tests.reports.rosters", "tests.organizations.managing")
    # One export of the two is within the limit, and each is large enough for a job in the other race.
    limits = {"EXPORT_ROWS_A_DAY": str(2 * ROWS - 1), "EXPORT_AT_ONCE_ROWS": "1" if RACE == "jobs" else "100"}
    with own_database(FOLDER, "racing_exports", modules=modules, settings=limits):
        in_a_child(_prepare)
        said = Counter(answer for number in range(ROUNDS) for answer in _race(number))
        print(json.dumps({"said": said} | in_a_child(_found)))  # noqa: T201 - its output


def _prepare() -> None:
    """Store a roster, and a person for each round."""
    from scoreport.access import Role
    from tests import world
    from tests.organizations.managing import add
    from tests.scores.files import load, row

    world.build()
    load(*(row(f"T{number}", first_name=f"Ana {number}") for number in range(ROWS)))
    for number in range(ROUNDS):
        add(f"p{number}", Role.DETAILED_REPORTS)


def _race(number: int) -> list[str]:
    """Export the same roster twice: as two kinds of files, or as one that is prepared."""

    def act(kind: str, wait: Wait) -> str:
        from dataclasses import replace

        from scoreport.approvals.actions import ApprovalNeeded
        from scoreport.downloads import row_limits
        from scoreport.organizations.queries import find
        from scoreport.reports.actions import export_roster
        from scoreport.reports.rules import Format
        from tests.organizations.managing import acting
        from tests.reports.rosters import all_years
        from tests.world import AT

        if BROKEN:
            setattr(row_limits, "lock_person", lambda _person_id: None)  # noqa: B010 - the attack
        actor = replace(acting(f"p{number}"), signed_in_at=AT)
        wait()
        try:
            made = export_roster(
                actor, organization=find("ALDER-HIGH"), query=all_years(), file_format=Format(kind), at=AT
            )
        except ApprovalNeeded:
            return "refused"
        return "job" if made.download else "exported"

    other = "csv" if RACE == "jobs" else "xlsx"
    return at_once([lambda wait: act("csv", wait), lambda wait: act(other, wait)], connected=True)


def _found() -> dict[str, Any]:
    from django_tasks_db.models import DBTaskResult

    from scoreport.audit.queries import broken_links
    from scoreport.downloads.models import Download, ExportedRows
    from scoreport.reports.tasks import export_roster

    counted = Counter(ExportedRows.objects.values_list("person_id", flat=True))
    return {
        "files": sorted(counted.values()),
        "jobs": Download.objects.count(),
        "tasks": DBTaskResult.objects.filter(task_path=export_roster.module_path).count(),
        "chain": list(broken_links()) == [],
    }


if __name__ == "__main__":
    main()
