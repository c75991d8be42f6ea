"""The world of the tests, stored by its actions once in a process and afterwards put back row by row.

Its actions ask the database two hundred times; putting back what they stored takes a dozen statements. Where the
tables do not hold what they held before, or nothing is taken back afterwards, the actions store it as ever.
"""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.db.backends.utils import CursorWrapper

from tests import world as worlds

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Kept:
    """What one table held before the world was stored, and then."""

    table: str
    columns: tuple[str, ...]
    before: Rows
    after: Rows


_kept: dict[str, tuple[worlds.World, list[Kept]]] = {}


def build() -> worlds.World:
    """Store the whole world, and return it."""
    if not connection.in_atomic_block:
        return worlds.build()
    if settings.AUDIT_KEY not in _kept:
        return _build_and_keep()
    world, tables = _kept[settings.AUDIT_KEY]
    if any(_rows(kept.table, kept.columns) != kept.before for kept in tables):
        return worlds.build()
    with connection.cursor() as cursor:
        for kept in tables:
            _put_back(cursor, kept)
    return worlds.World(dict(world.people))


def _build_and_keep() -> worlds.World:
    columns = {model._meta.db_table: _columns(model) for model in apps.get_models(include_auto_created=True)}
    before = {table: _rows(table, names) for table, names in columns.items()}
    world = worlds.build()
    after = {table: _rows(table, names) for table, names in columns.items()}
    changed = [Kept(table, columns[table], before[table], after[table]) for table in columns]
    _kept[settings.AUDIT_KEY] = (world, [kept for kept in changed if kept.before != kept.after])
    return world


def _columns(model: type[models.Model]) -> tuple[str, ...]:
    fields = [field for field in model._meta.local_concrete_fields if not field.generated]
    return tuple(field.column for field in fields if field.column)


def _rows(table: str, columns: tuple[str, ...]) -> Rows:
    names = ", ".join(connection.ops.quote_name(name) for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {connection.ops.quote_name(table)} ORDER BY 1")  # noqa: S608
        found: Rows = cursor.fetchall()
    return found


def _put_back(cursor: CursorWrapper, kept: Kept) -> None:
    table = connection.ops.quote_name(kept.table)
    if kept.before:
        cursor.execute(f"DELETE FROM {table}")  # noqa: S608
    names = ", ".join(connection.ops.quote_name(name) for name in kept.columns)
    one = f"({', '.join(['%s'] * len(kept.columns))})"
    many = ", ".join([one] * len(kept.after))
    cursor.execute(
        f"INSERT INTO {table} ({names}) VALUES {many}",  # noqa: S608
        [value for row in kept.after for value in row],
    )
