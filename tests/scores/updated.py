"""Updates a database of an earlier version as the guide says, and prints what is there then.

Not a test itself: tests/scores/test_update.py starts it as a process of its own.

    python -m tests.scores.updated
"""

import json
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

LATER = "2026-11-23 17:00:00"
SAMPLES = Path(__file__).resolve().parent.parent / "samples"


def main(version: str) -> None:
    """Load the dump, set up, check the file that waits, and verify."""
    django.setup()
    _load(SAMPLES / version)
    _empty_a_score()
    call_command("setup", "--no-color", verbosity=0)
    print(json.dumps(_found()))  # noqa: T201 - its output


def _load(folder: Path) -> None:
    from django.db import connection

    from scoreport.imports import received

    dump = (folder / f"{connection.vendor}.sql").read_text(encoding="utf-8")
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        connection.connection.executescript(dump)
    else:
        connection.connection.execute(dump)
    connection.close()
    for file in sorted((folder / "received").iterdir()):
        received.keep([file.read_bytes()], limit=10_000)


def _empty_a_score() -> None:
    """Add an essay of ticket T6 to the first two files: the first has its score, the second, two days later, none."""
    from django.db import connection

    from scoreport.programs.catalog.clep import CLEP
    from scoreport.scores.rules import NEVER

    essay = {"ticket": "'T6'", "exam_code": "'91'", "exam_subject": f"'{CLEP.exams_by_code['91'].title}'"}
    never = str(connection.ops.adapt_datetimefield_value(NEVER))
    with connection.cursor() as cursor:

        def copy(table: str, of: int, **values: str) -> None:
            description = connection.introspection.get_table_description(cursor, table)
            cells = ", ".join(values.get(column.name, column.name) for column in description)
            cursor.execute(f"INSERT INTO {table} SELECT {cells} FROM {table} WHERE id = {of}")  # noqa: S608 - our own names

        copy("scores_score", 3, id="101", row_hash="1", is_current="FALSE", scored_on="'2026-02-20'", **essay)
        copy("scores_score", 3, id="102", row_hash="2", score="NULL", scored_on="NULL", released_at="NULL", **essay)
        copy("scores_claim", 1, id="101", line="4", score_id="101")
        copy("scores_claim", 3, id="102", line="4", score_id="102")
        cursor.execute("UPDATE scores_scorefile SET rows_total = rows_total + 1 WHERE id IN (1, 2)")
        cursor.execute("UPDATE scores_scorefile SET rows_new = rows_new + 1 WHERE id = 1")
        cursor.execute(
            "UPDATE scores_scorefile SET rows_changed = rows_changed + 1, accepted_at = %s WHERE id = 2", [LATER]
        )
        nothing = dict.fromkeys(("takers", "at_cut", "score_sum", *(f"band_{low}" for low in range(20, 80, 5))), "0")
        for number, code in ((28, "'91'"), (29, "''"), (30, "''"), (31, "'91'")):
            step = {"id": str(100 + number), "exam_code": code, "tests": "1", "released_at": f"'{never}'"}
            copy("scores_total", number, **nothing, **step)


def _found() -> dict[str, Any]:
    from scoreport.imports import actions
    from scoreport.imports.models import ImportFile
    from scoreport.imports.run import NotPossibleNow
    from scoreport.lib import clock
    from scoreport.scores.models import ClepResult
    from scoreport.scores.verify import verify
    from tests.world import AT, OPERATOR

    def verified() -> dict[str, Any]:
        found = verify(at=clock.now(), progress=lambda _count: None)
        return {finding.name: finding.examples for finding in found if finding.deviations}

    before = verified()
    waiting = ImportFile.objects.get(kind="scores", state="checked")
    actions.check_now(OPERATOR, file_id=waiting.pk, at=AT)
    refusals = []
    for kind in ("organizations", "identifiers"):
        try:
            actions.undo_now(OPERATOR, file_id=ImportFile.objects.get(kind=kind).pk, at=AT)
        except NotPossibleNow as refusal:
            refusals.append(str(refusal))
    files = ImportFile.objects.order_by("pk").values_list("kind", "state", "accepted_order", "rows_new")
    scores = ClepResult.objects.filter(is_current=True).order_by("ticket").values_list("ticket", "score")
    canceled = ClepResult.objects.exclude(canceled_on=None).order_by("pk").values_list("ticket", "canceled_on")
    students = ClepResult.objects.values("student_id").distinct().count()
    return {
        "before": before, "files": list(files), "scores": list(scores),
        "canceled": [(ticket, day.isoformat()) for ticket, day in canceled if day], "students": students,
        "refusals": refusals, "after": verified(),
    }  # fmt: skip


if __name__ == "__main__":
    main("version_0_3")
