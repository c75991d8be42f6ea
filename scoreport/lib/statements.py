"""Queries that a page asks each time: put together by Django once, and run with other values thereafter.

To put a query together takes Django longer than a database needs for its answer. So the queryset is built once for
each shape, with :class:`Given` in the places of its values, and its SQL is remembered in this process. The SQL, its
scope and its order stay those of the queryset.
"""

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.db import connection
from django.db.models import Expression, Field, Model, QuerySet

from scoreport.lib.postgresql import prepared_cursor

_SHAPES: Final = 1_000
_compiled: dict[Hashable, "_Statement"] = {}


class Given(Expression):
    """The place of a value in a queryset for :func:`rows_of`; the ``field`` says how a database wants it."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, _compiler: Any, _connection: Any) -> Any:
        return "%s", [self]

    def value_in(self, values: Mapping[str, object]) -> object:
        """Return the value that belongs here, as the database wants it."""
        return self.output_field.get_db_prep_value(values[self.name], connection)


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    parameters: tuple[object, ...]
    names: tuple[str, ...]
    converters: Mapping[int, Any]
    compiler: Any


def rows_of(
    shape: Hashable,
    build: Callable[[], "QuerySet[Any, Any]"],
    values: Mapping[str, object],
) -> list[dict[str, Any]]:
    """Return the rows of what ``build`` returns, a queryset with ``values()``.

    Equal ``shape`` promises the same queryset but for the values of its :class:`Given`.
    """
    key = connection.vendor, shape
    statement = _compiled.get(key)
    if statement is None:
        if len(_compiled) >= _SHAPES:
            _compiled.clear()
        statement = _compiled[key] = _compile(build())
    filled = [part.value_in(values) if isinstance(part, Given) else part for part in statement.parameters]
    rows: Iterable[Sequence[Any]] = fetched(statement.sql, filled)
    if statement.converters:
        rows = statement.compiler.apply_converters(rows, statement.converters)
    return [dict(zip(statement.names, row, strict=True)) for row in rows]


def _compile(queryset: "QuerySet[Any, Any]") -> _Statement:
    query = queryset.query
    compiler: Any = query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    fields = [selected[0] for selected in compiler.select[: compiler.col_count]]
    names = query.selected or (*query.extra_select, *query.values_select, *query.annotation_select)
    return _Statement(
        sql,
        tuple(parameters),
        tuple(names),
        compiler.get_converters(fields),
        compiler,
    )


def fetched(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Return all rows of a statement, as the database gives them."""
    with prepared_cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def by_id() -> str:
    """Return what stands behind the name of a table whose newest row is wanted.

    SQLite would take any index and sort by the id, where its statistics are from a time when the table was short.
    """
    return "NOT INDEXED" if connection.vendor == "sqlite" else ""


def insert(model: type[Model], rows: Sequence[Mapping[str, object]], *, end: str = "") -> None:
    """Add rows with all of a model's columns but its id, in one statement; ``end`` says what to do about conflicts."""
    fields = _columns(model)
    line = f"({', '.join(['%s'] * len(fields))})"
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    values = [field.get_db_prep_save(row[field.attname], connection) for row in rows for field in fields]
    with prepared_cursor() if len(rows) == 1 else connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) VALUES {', '.join([line] * len(rows))} {end}",  # noqa: S608 - our own names
            values,
        )


@lru_cache(maxsize=50)
def _columns(model: type[Model]) -> tuple[Any, ...]:
    return tuple(field for field in model._meta.concrete_fields if not field.primary_key)


def as_moment(value: object) -> dt.datetime:
    """Return an instant of :func:`fetched`, which SQLite gives as text without its zone."""
    found = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def as_day(value: object) -> dt.date:
    """Return a day of :func:`fetched`, which SQLite gives as text."""
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))
