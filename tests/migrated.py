"""A database that is migrated once for all workers: the tests run on copies of it, and so do scripts that race.

On SQLite it is saved in .cache until a migration or a pinned package changes. A fresh clone always migrates.
"""

import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from tests import processes

ROOT = Path(__file__).resolve().parent.parent
SAVED = ROOT / ".cache" / "migrated"


def environment() -> dict[str, str]:
    """Return the environment of a script: this one, with the server of the tests where that is PostgreSQL."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_URL")}
    if connection.vendor == "postgresql":
        given = connection.settings_dict
        password = f":{quote(given['PASSWORD'], safe='')}" if given["PASSWORD"] else ""
        own["DATABASE_URL"] = (
            f"postgres://{given['USER']}{password}@{given['HOST']}:{given['PORT'] or 5432}/{given['NAME']}"
        )
    return own


@pytest.fixture(scope="session")
def migrated(tmp_path_factory) -> Iterator[str]:
    """Return what copies are made of; all workers share one, and the last that goes removes it."""
    folder: Path = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    server = processes.server_of(environment().get("DATABASE_URL", ""))
    base = processes.Database(server, folder, f"migrated_{folder.stat().st_ino}")
    with (folder / "migrated.use").open("w") as use, (folder / "migrated.made").open("a+") as made:
        fcntl.flock(made, fcntl.LOCK_EX)
        fcntl.flock(use, fcntl.LOCK_SH)
        made.seek(0)
        if not made.read():
            _provide(base)
            made.write("made")
            made.flush()
        fcntl.flock(made, fcntl.LOCK_UN)
        yield base.source
        fcntl.flock(made, fcntl.LOCK_EX)
        try:
            fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # Another worker still copies it.
        base.drop()
        made.truncate(0)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, migrated) -> Iterator[None]:
    """Let the database of the tests begin as a copy: Django then finds no migration that is left to apply."""
    creation: Any = connection.creation
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated
        processes.do_not_wait_for_the_disk(connection.settings_dict)
        yield
        return
    # A database in memory lives as long as somebody is connected to it, and Django connects later.
    name = creation._get_test_db_name()
    with closing(sqlite3.connect(name, uri=True)) as copy, closing(sqlite3.connect(migrated)) as source:
        source.backup(copy)
        yield


def _provide(base: processes.Database) -> None:
    saved = SAVED / f"{_version()}.sqlite3"
    if base.server or not saved.is_file():
        _make(base)
    if base.server:
        return
    if saved.is_file():
        shutil.copy(saved, base.source)
        return
    shutil.rmtree(SAVED, ignore_errors=True)
    SAVED.mkdir(parents=True)
    fresh = saved.with_suffix(".fresh")
    shutil.copy(base.source, fresh)
    fresh.rename(saved)


def _version() -> str:
    """Return a digest of what decides on the tables."""
    files = [*sorted((ROOT / "scoreport").glob("*/migrations/*.py")), ROOT / "requirements" / "base.txt"]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:20]


def _make(base: processes.Database) -> None:
    base.create()
    own = environment() | {"DATABASE_URL": base.url, "SCOREPORT_DATA_DIR": str(base.folder / "migrated.data")}
    command = [sys.executable, "-m", "django", "migrate", "--verbosity=0", "--settings=scoreport.settings"]
    subprocess.run(command, cwd=ROOT, env=own, check=True, capture_output=True)  # noqa: S603 - our own command


@pytest.fixture
def script(migrated, tmp_path) -> Callable[..., Any]:
    """Return a function that runs ``python -m MODULE FOLDER ARGUMENTS…`` and returns what it printed.

    It takes the database on which the tests run, has a folder of its own, and never meets a locked database.
    """

    def run(module: str, *arguments: object) -> Any:
        number = len(list(tmp_path.glob("script-*")))
        command = [sys.executable, "-m", module, str(tmp_path / f"script-{number}"), *map(str, arguments)]
        (tmp_path / f"script-{number}").mkdir()
        own = environment() | {processes.MIGRATED: migrated}
        done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603 - our own script
        assert done.returncode == 0, done.stderr[-4000:]
        assert "database is locked" not in done.stderr
        return json.loads(done.stdout)

    return run
