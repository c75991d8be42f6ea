"""A migrated database of one's own, and Django set up on it without a connection that would have to pass a fork."""

import gc
import importlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tests.processes import contents

# A migrated database to copy, where there is one: the path of a SQLite file, or a name on the PostgreSQL server.
MIGRATED = "SCOREPORT_MIGRATED"


@dataclass(frozen=True)
class Database:
    """A database of one's own: a file in a folder, or a name on the server of a PostgreSQL."""

    server: str
    folder: Path
    name: str

    @property
    def source(self) -> str:
        """What a copy is made of."""
        return self.name if self.server else str(self.folder / f"{self.name}.sqlite3")

    @property
    def url(self) -> str:
        """What DATABASE_URL is for a process that works on it."""
        return _beside(self.server, self.name) if self.server else f"sqlite:///{self.source}"

    def create(self, copy_of: str = "") -> None:
        """Make it, empty or as a copy of another one that nobody is connected to."""
        self.drop()
        if self.server:
            _on_server(self.server, f"CREATE DATABASE {self.name}" + (f" TEMPLATE {copy_of}" if copy_of else ""))
        elif copy_of:
            shutil.copy(copy_of, self.source)

    def keep(self) -> Callable[[], None]:
        """Return what lets it hold again what it holds now, as often as it is called; nobody may be connected now."""
        if self.server:
            sequences = contents.keep(self.url)
            return lambda: contents.put_back(self.url, sequences)
        copy = shutil.copy(self.source, self.folder / f"{self.name}_kept.sqlite3")

        def put_back() -> None:
            self.drop()
            shutil.copy(copy, self.source)

        return put_back

    def drop(self) -> None:
        """Remove it, whoever is connected."""
        if self.server:
            _on_server(self.server, f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
        for file in () if self.server else self.folder.glob(f"{self.name}.sqlite3*"):
            file.unlink()


def server_of(url: str) -> str:
    """Return the address of a PostgreSQL server, or nothing: then databases are SQLite files."""
    return url if url.startswith("postgres") else ""


def _beside(server: str, name: str) -> str:
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def _on_server(server: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(_beside(server, "postgres"), autocommit=True) as connection:
        connection.execute(statement.encode())


@contextmanager
def own_database(
    folder: Path,
    name: str,
    *,
    modules: Sequence[str] = (),
    data: Path | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Database]:
    """Work on a migrated database that is removed afterwards, on the kind that DATABASE_URL names.

    The modules are loaded before the first fork, so that no child has to; ``data`` is another data folder than the
    given one, and the settings are those of the environment.
    """
    folder.mkdir(parents=True, exist_ok=True)
    database = Database(server_of(os.environ.get("DATABASE_URL", "")), folder.resolve(), f"{name}_{os.getpid()}")
    os.environ.pop("DATABASE_URL_FILE", None)
    os.environ |= {
        **(settings or {}),
        "DATABASE_URL": database.url,
        "SCOREPORT_DATA_DIR": str(data or folder),
        "DJANGO_SETTINGS_MODULE": "scoreport.settings",
    }
    migrated = os.environ.get(MIGRATED, "")
    database.create(migrated)
    try:
        _load(modules)
        if not migrated:
            migrate()
        yield database
        disconnect()
    finally:
        database.drop()


def _load(modules: Sequence[str]) -> None:
    """Set Django up as for a test, without a pool: it would not survive a fork, and 64 of them are too many."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connections
    from django.test import override_settings

    connections.databases["default"]["OPTIONS"].pop("pool", None)
    do_not_wait_for_the_disk(connections.databases["default"])
    # Static files are named as they lie in the source; nobody has collected them here.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}, ALLOWED_HOSTS=["*"]).enable()
    for name in ("scoreport.urls", "tests.world", *modules):
        importlib.import_module(name)
    # Children share what is loaded; looking for garbage in it would copy all of it into each of them.
    gc.collect()
    gc.freeze()


def do_not_wait_for_the_disk(database: dict[str, Any]) -> None:
    """Let a commit return before the disk has it: a machine without power loses it, a killed process does not."""
    options = database["OPTIONS"]
    if database["ENGINE"].endswith("postgresql"):
        options["options"] = f"{options['options']} -c synchronous_commit=off"
    else:
        options["init_command"] += " PRAGMA synchronous=OFF;"


def migrate() -> None:
    """Make the tables."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    disconnect()


def connect() -> None:
    """Take a connection; where a server that others use too has none left, wait until one is given back."""
    from django.db import OperationalError, connection

    until = time.monotonic() + 300
    while True:
        try:
            return connection.ensure_connection()
        except OperationalError as error:
            full = "too many clients" in str(error) or "connection slots" in str(error)
            if not full or time.monotonic() > until:
                raise
        time.sleep(0.1)


def disconnect() -> None:
    """Close the connections of this process."""
    from django.db import connections

    connections.close_all()
