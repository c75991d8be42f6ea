"""Kills a worker at the k-th statement of a job and lets a worker with another name finish it.

Not a test itself: tests/jobs/test_killed.py starts it as a process of its own. It forks: a child works as one worker
and ends itself with SIGKILL before a chosen statement; its heartbeat is then made a minute old; another child works as
a worker of another machine. What is stored then has to be what an undisturbed worker stores.

    python -m tests.jobs.killed FOLDER POINTS check|accept|undo|export [--broken]
"""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.processes import ChildFailed, in_a_child, killed_in_a_child, own_database
from tests.scores.killed import _Counter, _difference, _points, _stored

FOLDER, JOB = Path(sys.argv[1]), sys.argv[3]
BROKEN = "--broken" in sys.argv
FILES = FOLDER / "data"
MODULES = ("scoreport.cli.failed_jobs", "scoreport.jobs.worker", "scoreport.scores.verify", "tests.scores.files")
LIMITS = {"EXPORT_AT_ONCE_ROWS": "1"}
NAMES = ("serve-one-1a2b", "worker-on-another-machine")


def main() -> None:
    """Prepare, run undisturbed, then kill at each point and let another worker finish."""
    FILES.mkdir(parents=True)
    with own_database(FOLDER, "killed_jobs", modules=MODULES, data=FILES, settings=LIMITS) as work:
        in_a_child(_prepare)
        put_back = work.keep()
        shutil.copytree(FILES, FOLDER / "base_data")
        wanted, total = in_a_child(lambda: _work(NAMES[0]))
        found = [(point, _disturbed(point, put_back)) for point in _points(total)]
    wrong = {point: _difference(wanted, result) for point, result in found if result != wanted}
    print(json.dumps({"statements": total, "points": len(found), "done": wanted["jobs"], "wrong": wrong}))  # noqa: T201 - its output


def _disturbed(point: int, put_back: Callable[[], None]) -> dict[str, Any]:
    put_back()
    shutil.rmtree(FILES)
    shutil.copytree(FOLDER / "base_data", FILES)
    first, second = NAMES if point % 2 else reversed(NAMES)
    killed_in_a_child(lambda: _work(first, kill_at=point))
    try:
        result, _total = in_a_child(lambda: _take_over(second))
    except ChildFailed as error:
        return {"taken up": str(error)}
    return dict(result)


def _prepare() -> None:
    """Store scores and ask for the job."""
    from scoreport.scores import actions
    from tests import world
    from tests.scores.files import check, load, row, text
    from tests.world import AT, OPERATOR

    world.build()
    done = load(row("T1", score="40"), row("T2"), row("T3", first_name="Bo"), row("T5", ai_code="470101"))
    more = text(row("T1", score="60"), row("T8", score="99"), *(row(f"N{n}", first_name=f"Ana {n}") for n in range(20)))
    if JOB == "check":
        actions.receive_file(OPERATOR, program="clep", name="scores.csv", chunks=[more], at=AT)
    elif JOB == "accept":
        actions.accept_file(OPERATOR, file_id=check(more).pk)
    elif JOB == "undo":
        actions.undo_file(OPERATOR, file_id=done.pk)
    else:
        _ask_for_export()


def _ask_for_export() -> None:
    from scoreport.access import Role
    from scoreport.accounts.actions import create_person
    from scoreport.lib.clock import now
    from scoreport.organizations.actions import grant_role
    from scoreport.organizations.queries import actor_of, find
    from scoreport.reports.actions import export_roster
    from scoreport.reports.rules import Format
    from tests.reports.rosters import all_years
    from tests.world import OPERATOR

    # The job asks by the clock whether the person may have the file.
    at = now()
    person = create_person(OPERATOR, email="ivy@juniper.example", name="Ivy", at=at)
    grant_role(
        OPERATOR, email="ivy@juniper.example", organization="ALDER-HIGH", role=Role.DETAILED_REPORTS, at=at
    )  # fmt: skip
    actor = actor_of(person.id, second_factor=True, signed_in_at=at, at=at)
    export_roster(actor, organization=find("ALDER-HIGH"), query=all_years(), file_format=Format.CSV, at=at)


def _work(name: str, *, kill_at: int = 0) -> tuple[dict[str, Any], int]:
    """Do what is ready as a worker of this name; return what is stored and how many statements it took."""
    from django.db import connection

    from scoreport.cli.failed_jobs import failed
    from scoreport.jobs.heartbeat import Heartbeat
    from scoreport.jobs.worker import PatientWorker

    Heartbeat(name, queue="default").begin()
    counter = _Counter(kill_at)
    with connection.execute_wrapper(counter):
        PatientWorker(name, failed=failed, batch=True).run()
    return _result(), counter.count


def _take_over(name: str) -> tuple[dict[str, Any], int]:
    """Do the same as another worker, a minute after the first one ended."""
    from django.db.models.functions import Now

    from scoreport.cli.failed_jobs import failed
    from scoreport.jobs import recovery
    from scoreport.jobs.models import WorkerBeat
    from scoreport.jobs.rules import SILENT_AFTER

    assert recovery.recover(failed) == 0, "its minute is not over"
    if not BROKEN:
        WorkerBeat.objects.update(beat_at=Now() - 2 * SILENT_AFTER)
    recovery.recover(failed)
    return _work(name)


def _result() -> dict[str, Any]:
    """Return all that is to be the same whether or not a worker was killed."""
    from django_tasks_db.models import DBTaskResult

    from scoreport.downloads.models import Download

    jobs = DBTaskResult.objects.exclude(status="READY").order_by("enqueued_at").values_list("task_path", "status")
    ready = Download.objects.order_by("pk").values_list("state", "size", "path")
    exports = [(state, size, path != "" and len(_content(path))) for state, size, path in ready]
    return _stored() | {"jobs": [[path.rpartition(".")[2], status] for path, status in jobs], "exports": exports}


def _content(path: str) -> bytes:
    from scoreport.downloads.files import prepared

    with prepared().read(path) as file:
        return bytes(file.read())


if __name__ == "__main__":
    main()
