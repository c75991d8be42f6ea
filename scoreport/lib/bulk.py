"""Many rows at once: into a table, and out of a query as CSV, by each database's fastest way behind one face."""

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import batched, chain
from typing import Any, Final, cast

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, QuerySet, TextField, Value
from django.db.models.expressions import Combinable

type Cell = str | int | float | Decimal | dt.date | dt.datetime | None
type Row = Sequence[Cell]
Progress = Callable[[int], None]
"""Called after each batch with the number of rows stored so far."""

_CHUNK: Final = 64 * 1024
"""Bytes gathered before they are handed on."""
_ROWS: Final = 500
"""Rows fetched at a time: about as many bytes."""
_ARGUMENTS: Final = 100
"""Columns in one call of SQLite's printf, which takes 127 arguments."""
_CELL_END: Final = "\x1f"
_ROW_END: Final = "\x1e"
_CELL_END_BYTE: Final = _CELL_END.encode()
_ROW_END_BYTE: Final = _ROW_END.encode()
_ENDS: Final = bytes.maketrans(_CELL_END_BYTE + _ROW_END_BYTE, b",\n")
_NULL: Final = "\\N"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_SPECIAL: Final = re.compile(r'[",\r\n]')


type Packed = bytes | Sequence[Row]
"""Rows as a database takes them; see :func:`packed`."""


def copy_rows(
    connection: BaseDatabaseWrapper,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Row],
    *,
    batch: int = 10_000,
    progress: Progress | None = None,
) -> int:
    """Store rows in a table and return how many: COPY on PostgreSQL, `executemany` on SQLite.

    Cells are text, numbers, booleans, dates, aware instants, or None for NULL. Memory is one batch. The caller holds
    the transaction; without one, SQLite keeps the batches that were stored before an error and PostgreSQL nothing.
    Asking for the rows must not use the connection.
    """
    is_sqlite = connection.vendor == "sqlite"
    stored = 0

    def batches() -> Iterator[Packed]:
        nonlocal stored
        for some in batched(rows, batch):
            yield packed(connection.vendor, _adapted(connection, some) if is_sqlite else some)
            # Whoever asks for more has stored these.
            stored += len(some)
            if progress:
                progress(stored)

    copy_packed(connection, table, columns, batches())
    return stored


def packed(vendor: str, rows: Sequence[Row]) -> Packed:
    """Return rows as :func:`copy_packed` takes them, which needs no connection, so that another process can do it.

    Instants are adapted already where the vendor is SQLite: as text, by `connection.ops`.
    """
    return _copy_text(rows) if vendor == "postgresql" else rows


def copy_packed(connection: BaseDatabaseWrapper, table: str, columns: Sequence[str], batches: Iterable[Packed]) -> None:
    """Store packed rows in a table, as :func:`copy_rows` does."""
    quote = connection.ops.quote_name
    into = f"{quote(table)} ({', '.join(quote(column) for column in columns)})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Text, not binary: binary is faster by 2 s per million rows, but psycopg cuts a number to the width of
            # its column there without a word, and 70,000 becomes 4,464.
            # Django wraps errors for execute alone.
            with connection.wrap_database_errors, cursor.copy(f"COPY {into} FROM STDIN") as copy:
                for some in batches:
                    copy.write(some)
            return
        statement = f"INSERT INTO {into} VALUES ({', '.join(['%s'] * len(columns))})"  # noqa: S608 - quoted
        for some in batches:
            cursor.executemany(statement, cast("Sequence[Row]", some))


def _copy_text(rows: Sequence[Row]) -> bytes:
    """Write rows as COPY reads them: in a third of the time that the driver takes cell by cell.

    Nearly no text needs a backslash and few rows have a NULL; the former is found out by counting.
    """
    pattern = "\t".join(["%s"] * len(rows[0]))
    nulls = 0
    lines = []
    for row in rows:
        if None in row:
            nulls += row.count(None)
            lines.append("\t".join([_NULL if cell is None else str(cell) for cell in row]))
        else:
            lines.append(pattern % tuple(row))
    text = "\n".join(lines)
    marks = text.count("\\"), text.count("\t"), text.count("\n"), text.count("\r")
    if marks != (nulls, len(rows) * pattern.count("\t"), len(rows) - 1, 0):
        text = "\n".join("\t".join(map(_escaped, row)) for row in rows)
    return f"{text}\n".encode()


def _escaped(cell: Cell) -> str:
    return _NULL if cell is None else str(cell).translate(_ESCAPES)


def _adapted(connection: BaseDatabaseWrapper, rows: Sequence[Row]) -> Sequence[Row]:
    """Write instants as Django keeps them on SQLite, as UTC text of its own form; the driver would do it otherwise."""
    if dt.datetime not in set(map(type, chain.from_iterable(rows))):
        return rows
    adapt = connection.ops.adapt_datetimefield_value
    return [[adapt(cell) if type(cell) is dt.datetime else cell for cell in row] for row in rows]


def stream_queryset(
    rows: QuerySet[Any], columns: Sequence[str | Combinable], *, header: Sequence[str]
) -> Generator[bytes]:
    """Yield the rows of a queryset, in its order, as CSV in UTF-8: the same bytes on both databases, header first.

    Columns are field names or expressions. The header leaves before the query runs. Memory is some chunks, and the
    connection is busy until the last one is taken or the iterator is closed. What the caller must see to: text is
    stored cleaned (`lib.text.clean`) and comes guarded against formulas, empty text comes as NULL (COPY writes it
    as ""), instants and booleans come as text. Raises ValueError where text holds a control character that separates
    cells here.
    """
    yield _line(header)
    connection = connections[rows.db]
    try:
        if connection.vendor == "postgresql":
            sql, params = rows.values_list(*columns).query.get_compiler(connection=connection).as_sql()
            yield from _copy_out(connection, sql, params)
            return
        # printf in the query's own select list spares SQLite a pass: half again as fast as `stream_csv`.
        joined = [_printf(some) for some in batched(columns, _ARGUMENTS)]
        # As bytes: Python would decode a million rows only to encode them again.
        as_bytes = [Func(some, template="CAST(%(expressions)s AS BLOB)", output_field=TextField()) for some in joined]
        sql, params = rows.values_list(*as_bytes).query.get_compiler(connection=connection).as_sql()
        yield from _select_out(connection, sql, params, len(columns))
    except EmptyResultSet:
        return  # Django knows without asking that no row can match.


def _printf(columns: Sequence[str | Combinable]) -> Func:
    pattern = _CELL_END.join(["%s"] * len(columns))
    return Func(Value(pattern), *columns, function="printf", output_field=TextField())


def stream_csv(
    connection: BaseDatabaseWrapper, sql: str, params: Sequence[Any] = (), *, header: Sequence[str]
) -> Generator[bytes]:
    """Yield the rows of an SQL query as `stream_queryset` does, under the same conditions.

    `sql` has `%s` for parameters and `%%` for a percent sign, as Django makes it.
    """
    yield _line(header)
    if connection.vendor == "postgresql":
        yield from _copy_out(connection, sql, params)
        return
    names = [f"c{number}" for number in range(len(header))]
    joined = [
        f"CAST(printf('{_CELL_END.join(['%%s'] * len(some))}', {', '.join(some)}) AS BLOB)"
        for some in batched(names, _ARGUMENTS)
    ]
    query = f"WITH exported ({', '.join(names)}) AS ({sql}) SELECT {', '.join(joined)} FROM exported"  # noqa: S608 - our own names
    yield from _select_out(connection, query, params, len(header))


def _line(cells: Sequence[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue().encode()


def _copy_out(connection: BaseDatabaseWrapper, sql: str, params: Sequence[Any]) -> Generator[bytes]:
    from psycopg import ClientCursor  # The driver is there only where PostgreSQL is.

    with connection.cursor() as cursor:
        # COPY takes no parameters from the protocol, so the driver writes them into the statement, quoted.
        query = ClientCursor(cursor.connection).mogrify(sql, tuple(params))
        parts: list[Any] = []
        size = 0
        copied = f"COPY ({query}) TO STDOUT (FORMAT csv, ENCODING 'UTF8')"
        with connection.wrap_database_errors, cursor.copy(copied) as copy:
            for part in copy:
                parts.append(part)
                size += len(part)
                if size >= _CHUNK:
                    yield b"".join(parts)
                    parts.clear()
                    size = 0
        if parts:
            yield b"".join(parts)


def _select_out(connection: BaseDatabaseWrapper, sql: str, params: Sequence[Any], width: int) -> Generator[bytes]:
    """Let SQLite join the cells of a row, so that Python handles one text per row instead of one per cell.

    The csv module alone takes longer than the query; this way it is not needed.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, tuple(params))
        while rows := cursor.fetchmany(_ROWS):
            lines = [row[0] if len(row) == 1 else _CELL_END_BYTE.join(row) for row in rows]
            yield _finished(_ROW_END_BYTE.join(lines), len(lines), width)


def _finished(data: bytes, lines: int, width: int) -> bytes:
    if data.count(_CELL_END_BYTE) != lines * (width - 1) or data.count(_ROW_END_BYTE) != lines - 1:
        message = (
            "A text of the export holds a control character (U+001E or U+001F): store text through lib.text.clean."
        )
        raise ValueError(message)
    if any(special in data for special in (b'"', b",", b"\r", b"\n")):  # Ten times faster than asking the pattern.
        data = _quoted(data.decode()).encode()
    return data.translate(_ENDS) + b"\n"


def _quoted(text: str) -> str:
    """Put quotes around the cells that need them: those that hold a quote, a comma or a line end."""
    parts: list[str] = []
    done = 0
    for found in _SPECIAL.finditer(text):
        place = found.start()
        if place < done:
            continue
        start = max(text.rfind(_CELL_END, done, place), done - 1) + 1
        start = max(text.rfind(_ROW_END, start, place), start - 1) + 1
        end = text.find(_CELL_END, place)
        end = len(text) if end < 0 else end
        row_end = text.find(_ROW_END, place, end)
        end = end if row_end < 0 else row_end
        parts += (text[done:start], '"', text[start:end].replace('"', '""'), '"')
        done = end
    return "".join([*parts, text[done:]])
