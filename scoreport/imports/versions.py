"""Where versions of records and the assertions of files are stored, and the SQL that every kind of file shares.

A *version* is what a row says of one record, never changed. An *assertion* says that an accepted row of a file gives a
record that version. Of each record one version is current: that of the newest assertion whose file was not undone.
"""

from dataclasses import dataclass
from typing import Final

from django.db import connection

# From this many rows on, plans that visit rows one by one lose against plans that read whole tables.
MANY_ROWS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Store:
    """The tables of one kind of record.

    ``key`` are the columns that name a record, ``staged`` the (column, type) of a checked row: a line, what is stored
    with a version, and columns that only matching needs (``staged_only``). ``order`` is the staged column in whose
    order versions are stored, and ``row`` the one that tells staged rows apart: a line may hold several results.
    ``header`` is what files call the last column of the key. Types are those of
    :data:`scoreport.imports.staging.SPELLING`. A table of versions has the columns ``id``,
    ``row_hash`` and ``is_current`` besides, a table of assertions ``file_id``, ``line``, ``kind`` and ``version_id``.

    ``rank`` is the column by which a version is newer than another, such as the date of a report; without one the
    later file is. With ``ended``, a boolean column of versions, each file lists all records of its scope, which is the
    column ``scope`` of staged rows and versions: a record that it doesn't name has ended.
    """

    versions: str
    assertions: str
    key: tuple[str, ...]
    staged: tuple[tuple[str, str], ...]
    staged_only: frozenset[str] = frozenset({"line"})
    order: str = "line"
    row: str = "line"
    header: str = ""
    rank: str = ""
    ended: str = ""
    scope: str = ""

    @property
    def staged_columns(self) -> tuple[str, ...]:
        """The columns of a checked row, in their order."""
        return tuple(name for name, _kind in self.staged)

    @property
    def columns(self) -> tuple[str, ...]:
        """What a checked row and a stored version have in common."""
        return tuple(name for name in self.staged_columns if name not in self.staged_only)

    def same_key(self, one: str, other: str) -> str:
        """Return the condition that two aliases are of one record."""
        return " AND ".join(f"{one}.{column} = {other}.{column}" for column in self.key)

    def keys(self, alias: str) -> str:
        """Return the columns that name a record, of an alias."""
        return ", ".join(f"{alias}.{column}" for column in self.key)

    def newest_first(self, version: str, assertion: str, file: str) -> str:
        """Return the order of asserted versions in which the first one is current."""
        rank = f"{version}.{self.rank} DESC, " if self.rank else ""
        return f"{rank}{file}.accepted_order DESC, {assertion}.line DESC"

    def is_older(self, row: str, version: str) -> str:
        """Return the condition that a row is of an older report than a version."""
        return f"{row}.{self.rank} < {version}.{self.rank}" if self.rank else "1 = 0"

    def has_ended(self, version: str) -> str:
        """Return the condition that a version says that its record has ended."""
        return f"{version}.{self.ended}" if self.ended else "1 = 0"

    def beside_current(self, table: str) -> str:
        """Return the FROM part that puts checked rows ``t`` beside the current versions ``c`` of their records."""
        return f"{table} t LEFT JOIN {self.versions} c ON {self.same_key('c', 't')} AND {current('c')}"


def current(alias: str, *, is_current: bool = True) -> str:
    """Return the condition for (no) current versions as each database must read it to use its partial index."""
    if connection.vendor == "postgresql":
        return f"{alias}.is_current" if is_current else f"NOT {alias}.is_current"
    return f"{alias}.is_current = {int(is_current)}"
