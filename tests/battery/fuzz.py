"""Many files that nobody should send, in as many processes as there are cores: ``python -m tests.battery fuzz``.

Each file is checked as in tests/scores/test_fuzz.py, each twenty-fifth is accepted and verified, and each fiftieth
comes in through the page. Every file is undone, so that each one finds the world as it was.
"""

import argparse
import json
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

ACCEPTED, SENT = 25, 50
# A file may take five seconds and a process 300 MB (design of the battery); here the world of the tests is in it too.
SECONDS, MEGABYTES = 5.0, 300


def main(arguments: list[str]) -> int:
    """Examine the files, print a line of figures, and return 1 when anything deviated."""
    parser = argparse.ArgumentParser(prog="python -m tests.battery fuzz")
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first file")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args(arguments)
    numbers = range(given.first, given.first + given.files)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        works = [(Path(folder) / str(n), numbers[n :: given.processes]) for n in range(given.processes)]
        with multiprocessing.get_context("spawn").Pool(given.processes) as pool:
            parts = pool.map(_examine_all, works, chunksize=1)
    found: dict[str, Any] = {"files": sum(sum(part["states"].values()) for part in parts)}
    found["states"] = dict(sum((part["states"] for part in parts), Counter()))
    found |= {name: max(part[name] for part in parts) for name in ("slowest_seconds", "largest_megabytes")}
    found |= {name: sum(part[name] for part in parts) for name in ("accepted", "sent")}
    wrong = [each for part in parts for each in part["wrong"]]
    found |= {"database": parts[0]["database"], "seconds": round(time.monotonic() - began), "deviations": len(wrong)}
    print(json.dumps(found))  # noqa: T201 - its output
    for number, what in wrong[:20]:
        print(f"--- file {number}\n{what}", file=sys.stderr)  # noqa: T201 - its output
    return 1 if wrong or found["largest_megabytes"] > MEGABYTES else 0


def _examine_all(work: tuple[Path, range]) -> dict[str, Any]:
    """Examine some of the files in a database of this process's own."""
    folder, numbers = work
    _prepare(folder)
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    databases = setup_databases(verbosity=0, interactive=False, parallel=0)
    try:
        return Examination(folder).of(numbers) | {"database": connection.vendor}
    finally:
        teardown_databases(databases, verbosity=0)


def _prepare(folder: Path) -> None:
    folder.mkdir()
    os.environ["SCOREPORT_DATA_DIR"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "scoreport.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test.utils import setup_test_environment

    setup_test_environment()
    static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": static}
    settings.FILE_UPLOAD_TEMP_DIR = settings.STATIC_ROOT = str(folder)
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["NAME"] = f"test_fuzz_{os.getpid()}"


class Examination:
    """What one process found out."""

    def __init__(self, folder: Path) -> None:
        from django.contrib.auth import get_user_model
        from django.test import Client

        from scoreport.web.middleware import AT_KEY
        from tests import world
        from tests.conftest import give_second_factor

        pat = world.build().people["pat"].id
        self.folder = folder
        at: dict[str, Any] = {AT_KEY: world.AT}
        self.client = Client(**at)
        self.client.force_login(get_user_model().objects.get(pk=pat))
        give_second_factor(self.client, pat)

    def of(self, numbers: range) -> dict[str, Any]:
        """Examine each file, and return what to count."""
        states: Counter[str] = Counter()
        wrong = []
        slowest = 0.0
        for number in numbers:
            began = time.monotonic()
            try:
                states[self._one(number)] += 1
            except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
                wrong.append((number, traceback.format_exc(limit=-4)))
            slowest = max(slowest, time.monotonic() - began)
            self._forget_files()
        return {
            "states": states,
            "wrong": wrong,
            "slowest_seconds": round(slowest, 2),
            "largest_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "accepted": sum(number % ACCEPTED == 0 for number in numbers),
            "sent": sum(number % SENT == 0 for number in numbers),
        }

    def _one(self, number: int) -> str:
        from django.db import transaction

        from tests.scores.mutations import mutated
        from tests.scores.test_fuzz import examine, examine_acceptance

        content = mutated(number)
        with transaction.atomic():
            state = examine(content)
            transaction.set_rollback(True)
        if number % ACCEPTED == 0:
            examine_acceptance(content)
        if number % SENT == 0:
            self._send(content)
        return state

    def _send(self, content: bytes) -> None:
        """Upload a file on the page: it is taken, or refused in words, and never with an error of ours."""
        from django.db import transaction

        from tests.web.desk.pages import upload

        with transaction.atomic():
            answer = upload(self.client, content)
            assert answer.status_code in {200, 302}, answer.status_code
            transaction.set_rollback(True)

    def _forget_files(self) -> None:
        """Remove what was received: each file was undone."""
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
