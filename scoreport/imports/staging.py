"""The staging table of a file: checked rows wait there until a person accepts them.

One table a file, made and dropped whole, so that a million rows leave nothing behind to clean
and a check never holds up another writer. On PostgreSQL it is unlogged: a crash empties it,
and the file is simply checked again.
"""

from datetime import datetime
from typing import Final

from django.db import connection, transaction

from scoreport.imports.versions import Store
from scoreport.lib.bulk import Cell

PREFIX: Final = "imports_staged_"
SPELLING: Final = {
    "postgresql": {"code": 'text COLLATE "C"', "text": "text", "instant": "timestamptz"},
    # Declared as Django declares them, so that what is read back is converted alike.
    "sqlite": {"code": "text", "text": "text", "instant": "datetime", "boolean": "bool"},
}


def table_of(file_id: int) -> str:
    """Return the name of a file's staging table; the id is a number, so the name is safe in SQL."""
    return f"{PREFIX}{int(file_id)}"


def doubts_of(table: str) -> str:
    """Return the name of the side table (line, reason) of staged rows whose student is a question."""
    return f"{table}_doubt"


def held_of(table: str) -> str:
    """Return the name of the side table (line: the row by ``Store.row``, effect) of rows whose effect is decided."""
    return f"{table}_held"


def create(file_id: int, store: Store) -> str:
    """Make the empty staging table of a file, in place of an older one, and return its name."""
    name = table_of(file_id)
    spelling = SPELLING[connection.vendor]
    columns = ", ".join(f"{column} {spelling.get(kind, kind)}" for column, kind in store.staged)
    unlogged = "UNLOGGED " if connection.vendor == "postgresql" else ""
    drop(file_id)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE {unlogged}TABLE {name} ({columns})")
        cursor.execute(f"CREATE {unlogged}TABLE {doubts_of(name)} (line bigint PRIMARY KEY, reason text)")
        cursor.execute(f"CREATE {unlogged}TABLE {held_of(name)} (line bigint PRIMARY KEY, effect text)")
    return name


def spelled(instant: datetime | None) -> Cell:
    """Return an instant as the text that its column takes, so that it is worked out once a day and not once a row."""
    if instant is None:
        return None
    is_sqlite = connection.vendor == "sqlite"
    return str(connection.ops.adapt_datetimefield_value(instant)) if is_sqlite else instant.isoformat()


def index(name: str, store: Store) -> None:
    """Index and analyze a filled staging table, so that the joins that follow are planned well."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX {name}_key ON {name} ({', '.join(reversed(store.key))})")
        cursor.execute(f"CREATE INDEX {name}_line ON {name} (line)")
        if connection.vendor == "sqlite" and store.order != "line":
            # Versions are stored in this order; SQLite would sort a million wide rows in memory.
            cursor.execute(f"CREATE INDEX {name}_store ON {name} ({store.order})")
        cursor.execute(f"ANALYZE {name}")


def drop(file_id: int) -> None:
    """Remove a file's staging table and its side tables."""
    name = table_of(file_id)
    with transaction.atomic(), connection.cursor() as cursor:
        for table in (name, doubts_of(name), held_of(name)):
            cursor.execute(f"DROP TABLE IF EXISTS {table}")


def exists(file_id: int) -> bool:
    """Tell whether a file's staging table is there."""
    return table_of(file_id) in connection.introspection.table_names()


def count(file_id: int) -> int:
    """Return how many rows a file has staged: none without its table, or when a crash of PostgreSQL emptied it."""
    if not exists(file_id):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table_of(file_id)}")
        return int(cursor.fetchone()[0])


def present() -> list[int]:
    """Return the file ids that have a staging table (for housekeeping and ``scoreport verify``)."""
    names = connection.introspection.table_names()
    numbers = (name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX))
    return sorted(int(number) for number in numbers if number.isdigit())
