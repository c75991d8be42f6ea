"""The staging table of a file: checked rows wait there until a person accepts them.

One table a file, made and dropped whole, so that a million rows leave nothing behind to clean
and a check never holds up another writer. On PostgreSQL it is unlogged: a crash empties it,
and the file is simply checked again.
"""

from datetime import datetime
from typing import Final

from django.db import connection, transaction

from scoreport.lib.bulk import Cell
from scoreport.lib.folded import TICKET_MARKS, folded_sql
from scoreport.scores.placing import Schools

# (column, type) of a staged row: the wide row of the score, then what matching needs.
_TYPES: tuple[tuple[str, str], ...] = (
    ("line", "bigint"),
    # Where the row is to lie among the stored ones; see :func:`order`.
    ("store_order", "bigint"),
    ("program", "code"),
    ("ticket", "code"),
    ("row_hash", "bigint"),
    ("first_name", "text"),
    ("middle_initial", "text"),
    ("last_name", "text"),
    ("sort_first", "code"),
    ("sort_last", "code"),
    ("gender", "code"),
    ("ethnicity", "smallint"),
    ("birth_date", "date"),
    ("grade", "smallint"),
    ("ai_code", "code"),
    ("voucher_code", "code"),
    ("registered_on", "date"),
    ("tested_on", "date"),
    ("test_center_code", "code"),
    ("test_center_name", "code"),
    ("test_center_city", "code"),
    ("exam_code", "code"),
    ("exam_subject", "code"),
    ("score", "smallint"),
    ("scored_on", "date"),
    ("year", "smallint"),
    ("school_id", "bigint"),
    ("district_id", "bigint"),
    ("state_id", "bigint"),
    ("released_at", "instant"),
    ("is_hostile", "boolean"),
    ("fold_given", "code"),
    ("fold_last", "code"),
    ("record_key", "bigint"),
    ("name_birth_key", "bigint"),
    ("name_school_key", "bigint"),
    ("letters_key", "bigint"),
)
_LINES: Final = 32
"""Bits that a line number has in ``store_order``."""
COLUMNS: tuple[str, ...] = tuple(name for name, _type in _TYPES)
_STAGED_ONLY: Final = frozenset(
    {
        *("line", "store_order", "fold_given", "fold_last"),
        *("record_key", "name_birth_key", "name_school_key", "letters_key"),
    }
)
# What a staged row and a stored score have in common.
SCORE_COLUMNS: tuple[str, ...] = tuple(name for name in COLUMNS if name not in _STAGED_ONLY)

_SPELLING = {
    "postgresql": {"code": 'text COLLATE "C"', "text": "text", "instant": "timestamptz"},
    # Declared as Django declares them, so that what is read back is converted alike.
    "sqlite": {"code": "text", "text": "text", "instant": "datetime", "boolean": "bool"},
}


def table_of(file_id: int) -> str:
    """Return the name of a file's staging table; the id is a number, so the name is safe in SQL."""
    return f"imports_staged_{int(file_id)}"


def doubts_of(table: str) -> str:
    """Return the name of the side table that says which staged rows have an uncertain student, and why."""
    return f"{table}_doubt"


def create(file_id: int) -> str:
    """Make the empty staging table of a file, in place of an older one, and return its name."""
    name = table_of(file_id)
    spelling = _SPELLING[connection.vendor]
    columns = ", ".join(f"{column} {spelling.get(kind, kind)}" for column, kind in _TYPES)
    unlogged = "UNLOGGED " if connection.vendor == "postgresql" else ""
    drop(file_id)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE {unlogged}TABLE {name} ({columns})")
        cursor.execute(f"CREATE {unlogged}TABLE {doubts_of(name)} (line bigint PRIMARY KEY, reason text)")
    return name


def spelled(instant: datetime | None) -> Cell:
    """Return an instant as the text that its column takes, so that it is worked out once a day and not once a row."""
    if instant is None:
        return None
    is_sqlite = connection.vendor == "sqlite"
    return str(connection.ops.adapt_datetimefield_value(instant)) if is_sqlite else instant.isoformat()


def order(schools: Schools) -> dict[int | None, int]:
    """Return what a row's ``store_order`` begins with, by its school: the line of the file fills the lower half.

    Reports read by district and school, so scores and students are stored in this order: those of a state's districts
    one after the other, those of unknown schools last, as they stand in PostgreSQL's indexes, which then grow at their
    ends. One number sorts many times faster than the ids it stands for.
    """
    refs = {ref.school_id: ref for ref in (*schools.by_code.values(), *schools.placed.values())}
    placed = sorted(refs.values(), key=lambda ref: (ref.state_id or 0, ref.district_id or 0, ref.school_id))
    ranks = [*(ref.school_id for ref in placed), None]
    return {school_id: rank << _LINES for rank, school_id in enumerate(ranks)}


def line_of(store_order: int) -> int:
    """Return the line of the row that is to be stored there."""
    return store_order & ((1 << _LINES) - 1)


def index(name: str) -> None:
    """Index and analyze a filled staging table, so that the joins that follow are planned well."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX {name}_ticket ON {name} (ticket)")
        cursor.execute(f"CREATE INDEX {name}_line ON {name} (line)")
        # The missing score finder takes a ticket however it is typed (``scores.finder.sources``).
        folded = folded_sql("ticket", TICKET_MARKS)
        cursor.execute(f"CREATE INDEX {name}_folded ON {name} (({folded})) WHERE NOT (ticket = {folded})")
        if connection.vendor == "sqlite":
            # Scores are stored in this order; SQLite would sort a million wide rows in memory.
            cursor.execute(f"CREATE INDEX {name}_store ON {name} (store_order)")
        cursor.execute(f"ANALYZE {name}")


def drop(file_id: int) -> None:
    """Remove a file's staging table and its side table."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table_of(file_id)}")
        cursor.execute(f"DROP TABLE IF EXISTS {doubts_of(table_of(file_id))}")


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
    prefix = "imports_staged_"
    names = connection.introspection.table_names()
    numbers = (n.removeprefix(prefix) for n in names if n.startswith(prefix))
    return sorted(int(number) for number in numbers if number.isdigit())
