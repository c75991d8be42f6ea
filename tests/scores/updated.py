"""Updates a database of an earlier version as the guide says, and prints what is there then.

Not a test itself: tests/scores/test_update.py starts it as a process of its own.

    python -m tests.scores.updated
"""

import json
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

SAMPLES = Path(__file__).resolve().parent.parent / "samples"


def main(version: str) -> None:
    """Load the dump, set up, check the file that waits, and verify."""
    django.setup()
    _load(SAMPLES / version)
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


def _found() -> dict[str, Any]:
    from scoreport.imports import actions
    from scoreport.imports.models import ImportFile
    from scoreport.imports.run import NotPossibleNow
    from scoreport.lib import clock
    from scoreport.scores.models import Score
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
    scores = Score.objects.filter(is_current=True).order_by("ticket").values_list("ticket", "score")
    students = Score.objects.values("student_id").distinct().count()
    return {
        "before": before, "files": list(files), "scores": list(scores), "students": students,
        "refusals": refusals, "after": verified(),
    }  # fmt: skip


if __name__ == "__main__":
    main("version_0_3")
