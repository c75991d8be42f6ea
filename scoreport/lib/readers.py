"""Two readers of one SQLite database: while one looks rows up in its thread, so does the other, of the same moment.

Most of the time that SQLite needs for many rows in the order of an index goes into finding each of them in its table.
"""

import json
import os
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import batched
from typing import Any, Final

from django.core.exceptions import FullResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

_READERS: Final = 2
_IDS: Final = 2_000
"""Rows that are looked up at a time: a third of a megabyte of text."""
_AHEAD: Final = 2 * _READERS
"""Lookups that are begun and not yet taken."""
_TRIES: Final = 5


class Pair:
    """Connections of their own that see what was stored at one moment: one for the ids and two for rows."""

    def __init__(self, ids: BaseDatabaseWrapper, rows: list[BaseDatabaseWrapper]) -> None:
        self._ids = ids
        self._free = deque(rows)

    def lines(self, candidates: QuerySet[Any], rows: QuerySet[Any], end: str) -> Iterator[tuple[bytes, int]]:
        """Yield the one text column of ``rows``, many at a time with ``end`` between them, and how many they are.

        They come in the order of ``candidates``, of which those are left out that are not in ``rows``.
        """
        compiler = candidates.values_list("pk").query.get_compiler(connection=self._ids)
        sql, params = compiler.as_sql()
        fetch, before, behind = _fetch(rows, self._ids)

        def look_up(ids: tuple[int, ...]) -> tuple[bytes | None, int]:
            reader = self._free.popleft()  # There are as many as threads.
            try:
                with reader.cursor() as cursor:
                    cursor.execute(fetch, [end, *before, json.dumps(ids), *behind])
                    found: tuple[bytes | None, int] = cursor.fetchone()
                    return found
            finally:
                self._free.append(reader)

        pool = ThreadPoolExecutor(_READERS)
        begun: deque[Future[tuple[bytes | None, int]]] = deque()
        try:
            with self._ids.cursor() as cursor:
                cursor.execute(sql, params)
                for ids in batched((number for (number,) in cursor), _IDS):
                    begun.append(pool.submit(look_up, ids))
                    if len(begun) > _AHEAD:
                        yield from _found(begun.popleft())
            while begun:
                yield from _found(begun.popleft())
        finally:
            pool.shutdown(cancel_futures=True)


def _fetch(rows: QuerySet[Any], connection: BaseDatabaseWrapper) -> tuple[str, list[Any], list[Any]]:
    """Return a statement that looks rows up by a list of ids, with its parameters before and behind the list.

    CROSS JOIN makes SQLite go through the list in its order, and group_concat takes what comes.
    """
    compiler = rows.order_by().query.get_compiler(connection=connection)
    compiler.pre_sql_setup()
    ((_expression, (text, before), _alias),) = compiler.select
    try:
        where, behind = compiler.compile(compiler.where)
    except FullResultSet:
        where, behind = "1", ()  # Django's word for no condition at all.
    table = connection.ops.quote_name(rows.model._meta.db_table)
    key = connection.ops.quote_name(rows.model._meta.pk.column)
    statement = (
        f"SELECT CAST(group_concat(line, %s) AS BLOB), count(*) FROM (SELECT {text} AS line"  # noqa: S608 - made by Django
        f" FROM json_each(%s) AS wanted CROSS JOIN {table} ON {table}.{key} = wanted.value WHERE {where})"
    )
    return statement, list(before), list(behind)


def _found(future: Future[tuple[bytes | None, int]]) -> Iterator[tuple[bytes, int]]:
    lines, number = future.result()
    if lines is not None:
        yield lines, number


@contextmanager
def opened(connection: BaseDatabaseWrapper) -> Generator[Pair | None]:
    """Open readers beside a connection to SQLite, and close them at the end.

    None where they would not help or see the same: with one core, inside of a transaction, in a database that lies in
    memory, or where others write without end.
    """
    if not _can_see_it(connection):
        yield None
        return
    readers = [connection.copy() for _ in range(1 + _READERS)]
    try:
        for reader in readers:
            reader.inc_thread_sharing()
            with reader.cursor() as cursor:
                # Rows are looked up once each: what a large cache would hold is not asked for again.
                cursor.execute("PRAGMA cache_size=-8192")
        yield Pair(readers[0], readers[1:]) if _see_the_same(readers) else None
    finally:
        for reader in readers:
            reader.close()


def _can_see_it(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether others see what a connection sees, and have a core to work on."""
    is_in_memory = bool(getattr(connection, "is_in_memory_db", bool)())
    return (os.process_cpu_count() or 1) >= _READERS and not connection.in_atomic_block and not is_in_memory


def _see_the_same(readers: list[BaseDatabaseWrapper]) -> bool:
    """Let all readers see what was stored at one moment; tell whether that came about."""
    first, *others = readers
    for _ in range(_TRIES):
        before = _version(first)
        for reader in others:
            _begin(reader)
        _begin(first)
        # The number changes with whatever any connection stores.
        if _version(first) == before:
            return True
        for reader in readers:
            with reader.cursor() as cursor:
                cursor.execute("ROLLBACK")
    return False


def _begin(reader: BaseDatabaseWrapper) -> None:
    with reader.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        cursor.execute("SELECT count(*) FROM sqlite_master")  # The first read says which moment it is.


def _version(reader: BaseDatabaseWrapper) -> int:
    with reader.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        return int(cursor.fetchone()[0])
