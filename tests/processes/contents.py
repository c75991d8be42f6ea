"""What a PostgreSQL database holds, kept in it beside and put back often; a new copy of it would wait for the disk."""

from psycopg import Connection, connect, sql

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = %s"
_SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
_STORED = """
    SELECT column_name FROM information_schema.columns
    WHERE table_schema = 'kept' AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position
"""
_OTHERS = """
    SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""

Sequences = dict[str, int | None]


def keep(url: str) -> Sequences:
    """Keep what the database at an address holds; return how far each of its sequences is."""
    with connect(url) as connection:
        connection.execute("CREATE SCHEMA kept")
        for table in _tables(connection, "public"):
            _make(connection, "kept", table, like="public")
            _fill(connection, "kept", table, source="public")
        return dict(connection.execute(_SEQUENCES).fetchall())


def put_back(url: str, sequences: Sequences) -> None:
    """Let the database hold that and nothing else, also where a process was killed in the middle of a write."""
    with connect(url) as connection:
        connection.execute(_OTHERS)
        kept, there = _tables(connection, "kept"), _tables(connection, "public")
        for table in there - kept:
            connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier("public", table)))
        for table in kept - there:
            _make(connection, "public", table, like="kept")
        # Foreign keys are looked at in the end.
        for table in kept & there:
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier("public", table)))
        for table in kept:
            _fill(connection, "public", table, source="kept")
        for sequence, value in sequences.items():
            connection.execute("SELECT setval(%s, coalesce(%s, 1), %s)", (sequence, value, value is not None))


def _tables(connection: Connection, schema: str) -> set[str]:
    return {name for (name,) in connection.execute(_TABLES, (schema,)).fetchall()}


def _make(connection: Connection, schema: str, table: str, *, like: str) -> None:
    made = sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)")
    connection.execute(made.format(sql.Identifier(schema, table), sql.Identifier(like, table)))


def _fill(connection: Connection, schema: str, table: str, *, source: str) -> None:
    stored = connection.execute(_STORED, (table,)).fetchall()
    columns = sql.SQL(", ").join(sql.Identifier(name) for (name,) in stored)
    filled = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}")
    connection.execute(filled.format(sql.Identifier(schema, table), columns, columns, sql.Identifier(source, table)))
