"""What a PostgreSQL database holds, kept in it beside and put back often; a new copy of it would wait for the disk."""

from psycopg import Connection, connect, sql

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = %s"
_SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
_COLUMNS = """
    SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) FROM information_schema.columns
    WHERE table_schema = 'kept' AND is_generated = 'NEVER' GROUP BY table_name
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
        for filling in _fillings(connection, "kept", source="public"):
            connection.execute(filling)
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
        # Foreign keys are looked at in the end. All in one go: a hundred tables would be hundreds of questions.
        names = [sql.Identifier("public", table) for table in sorted(kept & there)]
        script = [sql.SQL("DELETE FROM {}").format(name) for name in names]
        script += _fillings(connection, "public", source="kept")
        script += [
            sql.SQL("SELECT setval({}, {}, {})").format(sequence, 1 if value is None else value, value is not None)
            for sequence, value in sequences.items()
        ]
        connection.execute(sql.SQL("; ").join(script))


def _tables(connection: Connection, schema: str) -> set[str]:
    return {name for (name,) in connection.execute(_TABLES, (schema,)).fetchall()}


def _make(connection: Connection, schema: str, table: str, *, like: str) -> None:
    made = sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)")
    connection.execute(made.format(sql.Identifier(schema, table), sql.Identifier(like, table)))


def _fillings(connection: Connection, schema: str, *, source: str) -> list[sql.Composed]:
    """Return a statement for each kept table that fills it in one schema with what it holds in the other."""
    filled = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}")
    made = []
    for table, names in connection.execute(_COLUMNS).fetchall():
        columns = sql.SQL(", ").join(map(sql.Identifier, names))
        made.append(filled.format(sql.Identifier(schema, table), columns, columns, sql.Identifier(source, table)))
    return made
