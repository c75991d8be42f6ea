"""Fewer and shorter trips to PostgreSQL: prepared statements, pipelines, and a check that asks nothing.

On SQLite, which is in the same process, all of it does nothing.
"""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, connection, connections

USES_BEFORE_PREPARED: Final = 3
"""A statement is prepared when one connection has run it so often."""


def prepared_cursor() -> Any:
    """Return a cursor whose statements PostgreSQL parses once for each connection instead of each time.

    For statements whose text stays the same: psycopg prepares what it has seen often, and keeps a hundred of them.
    """
    ours: Any = connections[DEFAULT_DB_ALIAS]
    if ours.vendor != "postgresql":
        return ours.cursor()
    from psycopg import Cursor

    ours.ensure_connection()
    with ours.wrap_database_errors:
        return ours._prepare_cursor(Cursor(ours.connection))  # noqa: SLF001 - Django has no public way to bring a cursor


@contextmanager
def pipeline() -> Iterator[None]:
    """Send the statements of the block without waiting for each answer; rows that are fetched are waited for.

    An error of a statement may be raised by a later one, or at the end. Begin it outside of the transaction whose
    begin and commit should be sent with the rest.
    """
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def check_unless_silent(opened: Any) -> None:
    """Check a connection of the pool when its server has said something unasked; the end of a connection is that.

    To ask each time would be one more trip for every page.
    """
    poll = select.poll()
    poll.register(opened.fileno(), select.POLLIN)
    if poll.poll(0):
        from psycopg_pool import ConnectionPool

        ConnectionPool.check_connection(opened)
