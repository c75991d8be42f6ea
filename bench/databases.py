"""The databases of a run: made afresh under names of their own, and removed afterwards."""

import os
import shutil
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = ROOT / "var" / "bench"
NAME: Final = "bench_scoreport"
_LOCAL: Final = "postgres://postgres@127.0.0.1:5432/postgres"


@dataclass(frozen=True, slots=True)
class Database:
    """A database to measure on: its kind, its address, and what its server calls itself."""

    kind: str
    url: str
    version: str

    @property
    def data_dir(self) -> Path:
        """The data folder of Scoreport in this run."""
        return FOLDER / self.kind

    @property
    def path(self) -> Path:
        """The file of a SQLite database."""
        return self.data_dir / "scoreport.sqlite3"

    def environment(self) -> dict[str, str]:
        """Return the environment of a process that works on this database."""
        own = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL_FILE", "DEBUG"}}
        return own | {
            "DATABASE_URL": self.url,
            "SCOREPORT_DATA_DIR": str(self.data_dir),
            "DJANGO_SETTINGS_MODULE": "scoreport.settings",
            # One-click sign-in counts as a second factor there, so that pages can be asked for as a person.
            "DEMO": "yes",
        }

    def create(self) -> None:
        """Make it empty."""
        self.drop()
        self.data_dir.mkdir(parents=True)
        if self.kind == "postgresql":
            _on_server(self.url, f"CREATE DATABASE {NAME}")

    def drop(self) -> None:
        """Remove it with its data folder."""
        if self.kind == "postgresql":
            _on_server(self.url, f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        shutil.rmtree(self.data_dir, ignore_errors=True)

    def size(self) -> int:
        """Return how many bytes it fills."""
        if self.kind == "sqlite":
            return sum(path.stat().st_size for path in self.data_dir.glob("scoreport.sqlite3*"))
        with psycopg.connect(self.url) as connection:
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        return int(row[0]) if row else 0


def database(kind: str) -> Database | str:
    """Return a database of the kind, or a sentence that says why there is none."""
    if kind == "sqlite":
        if shutil.which("sqlite3") is None:
            return "SQLite is left out: the floor needs the sqlite3 command (on Debian: apt-get install -y sqlite3)."
        return Database(kind, f"sqlite:///{FOLDER / kind / 'scoreport.sqlite3'}", f"SQLite {sqlite3.sqlite_version}")
    given = os.environ.get("DATABASE_URL", "")
    server = given if given.startswith("postgres") else _LOCAL
    if shutil.which("psql") is None:
        return "PostgreSQL is left out: the floor needs the psql command."
    try:
        version = _on_server(server, "SHOW server_version")
    except psycopg.OperationalError:
        return f"PostgreSQL is left out: none answers at {urlsplit(server).hostname}."
    return Database("postgresql", urlunsplit(urlsplit(server)._replace(path=f"/{NAME}")), f"PostgreSQL {version}")


def _on_server(url: str, statement: str) -> str:
    """Run one statement beside our database, and return the first cell of its answer."""
    beside = urlunsplit(urlsplit(url)._replace(path="/postgres"))
    with psycopg.connect(beside, autocommit=True, connect_timeout=3) as connection:
        cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
    return str(row[0]) if row else ""


def psql(database: Database, *commands: str) -> None:
    """Run commands in psql, as a person would."""
    arguments = [part for command in commands for part in ("-c", command)]
    subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", database.url, *arguments], check=True)


def sqlite_shell(path: Path, *commands: str) -> None:
    """Run commands in the sqlite3 shell, as a person would."""
    subprocess.run(["sqlite3", "-bail", str(path), *commands], check=True, stdout=subprocess.DEVNULL)
