"""Works on files of every kind, is killed at the k-th statement, starts again, and tells whether anything shows of it.

Not a test itself: tests/scores/test_killed.py starts it as a process of its own. It forks: a child
does the work and ends itself with SIGKILL before a chosen statement reaches the database; another
child starts again as after a crash; a third state of things, the undisturbed run, is what both
have to come to.

    python -m tests.scores.killed FOLDER POINTS [--broken] [--between]
"""

import importlib
import io
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from tests.processes import ChildFailed, in_a_child, killed_in_a_child, own_database

FOLDER, POINTS = Path(sys.argv[1]), int(sys.argv[2])
BROKEN = "--broken" in sys.argv
FILES = FOLDER / "data"
TREE = "kind,organization_id,name,parent_id,ai_code,city,state,zip\n"
IDENTIFIERS = "kind,issuer,identifier,first_name,last_name,date_of_birth,ai_code\n"
MODULES = ("scoreport.scores.actions", "scoreport.scores.verify", "tests.scores.files", "tests.scores.verified")


def main() -> None:
    """Prepare, run undisturbed, then kill at each point and start again."""
    FILES.mkdir(parents=True)
    with own_database(FOLDER, "killed", modules=MODULES, data=FILES) as work:
        # Holidays are loaded with the first release day, and take longer than everything else that a child does.
        importlib.import_module("scoreport.lib.business_days").next_business_day(date(2026, 2, 3))
        in_a_child(_prepare)
        put_back = work.keep()
        shutil.copytree(FILES, FOLDER / "base_data")
        wanted, total = in_a_child(lambda: _work(kill_at=0))
        found = [(point, _disturbed(point, put_back)) for point in _points(total)]
    wrong = {point: _difference(wanted, result) for point, result in found if result != wanted}
    print(json.dumps({"statements": total, "points": len(found), "sound": wanted["deviations"] == {}, "wrong": wrong}))  # noqa: T201 - its output


def _points(total: int) -> list[int]:
    """Spread the points over all statements; each of them where there are few.

    With ``--between`` they lie between those of a run with twice as many points.
    """
    count = min(POINTS, total)
    if "--between" in sys.argv:
        return sorted({1 + (4 * n + 1) * (total - 1) // (4 * count) for n in range(count)})
    return sorted({1 + n * (total - 1) // max(1, count - 1) for n in range(count)})


def _disturbed(point: int, put_back: Callable[[], None]) -> dict[str, Any]:
    """Begin as prepared, kill the work at a statement, start again, and return what came of it."""
    put_back()
    shutil.rmtree(FILES)
    shutil.copytree(FOLDER / "base_data", FILES)
    killed_in_a_child(lambda: _work(kill_at=point))
    try:
        result, _total = in_a_child(lambda: _work(kill_at=0))
    except ChildFailed as error:
        return {"started again": str(error)}
    return dict(result)


def _difference(wanted: dict[str, Any], result: dict[str, Any]) -> list[str]:
    parts = [part for part in {**wanted, **result} if wanted.get(part) != result.get(part)]
    return [f"{part}: {wanted.get(part)} became {result.get(part)}"[:600] for part in parts]


# --- The work ------------------------------------------------------------------------------------


def _prepare() -> None:
    """Store two files of each kind, one of which will be undone."""
    from scoreport.scores.actions import load_crosswalk
    from tests import world
    from tests.scores.files import load, row

    world.load(world.ORGANIZATIONS)
    world.load(TREE + "school,GONE,Gone High,D-ALDER,470303,Alder,WV,25310\n")
    crosswalk = f"{IDENTIFIERS}state-student-id,ST,S-1,Ana,Lopez,2008-04-05,470001\n"
    load_crosswalk(world.OPERATOR, file=io.BytesIO(crosswalk.encode()), at=world.AT)
    load(row("T1", score="40"), row("T2"), row("T3", first_name="Bo"), row("T5", ai_code="470101"))
    load(
        row("T1", score="50"),
        row("T4", ai_code=""),
        row("T6", first_name="Cy", exam_code="91", score="", date_scored=""),
    )


def _work(kill_at: int) -> tuple[dict[str, Any], int]:
    """Receive, check and accept a file of each kind, then undo an older one, from wherever they are; return all."""
    from django.db import connection

    from scoreport.imports.models import ImportFile
    from scoreport.imports.rules import FileState

    counter = _Counter(kill_at)
    if BROKEN:
        _break()
    with connection.execute_wrapper(counter):
        for kind in ("scores", "organizations", "identifiers"):
            number = _received(kind)
            _go(number, FileState.ACCEPTED)
            older = ImportFile.objects.filter(kind=kind).exclude(pk=number).order_by("pk")
            # The first file of organizations holds the others up.
            _go(older[int(kind == "organizations")].pk, FileState.UNDONE)
    return _stored(), counter.count


class _Counter:
    """Counts statements, and ends the process before the one that is asked for."""

    def __init__(self, kill_at: int) -> None:
        self.count = 0
        self._kill_at = kill_at

    def __call__(self, execute, sql, params, many, context):
        self.count += 1
        if self.count == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)


def _received(kind: str) -> int:
    """Return the number of the file of a kind that is worked on, received now if it was not before."""
    from scoreport.imports import actions
    from scoreport.imports.models import ImportFile
    from tests.world import AT, OPERATOR

    found = ImportFile.objects.filter(kind=kind, name="worked on").first()
    if found:
        return found.pk
    tree = f"{TREE}school,NEW,New High,D-BIRCH,470404,B,WV,\nschool,ALDER-EARLY,A,D-BIRCH,000905,,WV,\n"
    identifiers = f"{IDENTIFIERS}local-student-id,,L-7,Bo,Lopez,2008-04-05,470001\n"
    content = {"scores": _scores(), "organizations": tree.encode(), "identifiers": identifiers.encode()}[kind]
    return actions.receive_file(
        OPERATOR, kind=kind, program="clep" if kind == "scores" else "", name="worked on",
        chunks=[content], at=AT, check_later=False,
    )  # fmt: skip


def _scores() -> bytes:
    """Return the score file that is worked on."""
    from tests.scores.files import row, text

    return text(
        row("T1", score="60", last_name="López"),
        row("T2"),
        row("T3", first_name="Zoe", last_name="Other", date_of_birth="2001-01-01"),
        row("T6", first_name="Cy", exam_code="91", score="66"),
        row("T7", ai_code="000905"),
        row("T8", score="99"),
        row("T9", gender="Q"),
        row("T9"),
        *(row(f"N{n}", first_name=f"Ana {n}", ai_code=("470001", "470101", "")[n % 3]) for n in range(20)),
    )


def _go(number: int, to: str) -> None:
    """Bring a file to a state by the acts that a worker does, as often as it takes."""
    from scoreport.imports.models import ImportFile
    from scoreport.scores import actions
    from tests.world import AT, OPERATOR

    acts: dict[str, Any] = {
        "received": actions.check_now,
        "checking": actions.check_now,
        "checked": actions.accept_now,
        "accepting": actions.accept_now,
        "accepted": actions.undo_now,
        "undoing": actions.undo_now,
    }
    for _n in range(4):
        state = ImportFile.objects.values_list("state", flat=True).get(pk=number)
        if state == to:
            return
        acts[state](OPERATOR, file_id=number, at=AT)
    assert ImportFile.objects.get(pk=number).state == to


def _stored() -> dict[str, Any]:
    """Return all that is to be the same whether or not something was killed."""
    from scoreport.audit.models import Event
    from scoreport.imports.models import ImportFile, RejectedRow
    from scoreport.organizations.models import Organization
    from scoreport.people.models import Identifier
    from tests.scores.files import store
    from tests.scores.verified import verified

    counts = [name.attname for name in ImportFile._meta.fields if name.attname.startswith("rows_")]
    # A number that a killed transaction drew is not drawn again, so files are named by their place.
    place = {pk: n for n, pk in enumerate(ImportFile.objects.order_by("pk").values_list("pk", flat=True), start=1)}
    refused = RejectedRow.objects.values_list("file_id", "line", "column", "value")
    kinds = ("score-file", "organization-file", "identifier-file")
    events = Event.objects.filter(subject_kind__in=kinds).order_by("pk").values_list("verb", "subject")
    return {
        **store(),
        "files": list(ImportFile.objects.order_by("pk").values_list("name", "state", "accepted_order", *counts)),
        "refused": sorted((place[file], *told) for file, *told in refused),
        "events": [(verb, place[int(subject)]) for verb, subject in events],
        "tree": sorted(map(str, Organization.objects.values_list("code", "name", "parent__code", "time_zone"))),
        "identifiers": sorted(map(str, Identifier.objects.values_list("record__last_name", "kind", "value"))),
        "deviations": {f.name: f.examples for f in verified() if f.deviations},
    }


def _break() -> None:
    """Let an acceptance be two transactions instead of one: what the suite has to notice."""
    from django.db import connection

    from scoreport.imports import accept

    store = accept._store

    def broken(cursor, target, table) -> None:
        with connection.cursor() as other:
            other.execute("COMMIT")
            other.execute("BEGIN")
        store(cursor, target, table)

    accept._store = broken


if __name__ == "__main__":
    main()
