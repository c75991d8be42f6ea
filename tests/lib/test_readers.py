"""Readers beside a connection give what the connection gives, of one moment, whatever others store meanwhile."""

import sqlite3
from typing import Any, ClassVar

import pytest
from django.db import connections, models, transaction
from django.db.models.functions import Upper

from scoreport.lib import bulk, readers
from scoreport.lib.database_url import database

ALIAS = "readers"
ODD = ("Anna", "a,b", 'Ann "A"', "x\ny", "", None, "Zo\u00eb", "%s", "\\")


class Read(models.Model):
    name = models.TextField(null=True)
    place = models.IntegerField()
    is_current = models.BooleanField()
    objects: ClassVar[models.Manager["Read"]] = models.Manager()

    class Meta:
        app_label = "lib_readers"
        db_table = "lib_readers_read"


@pytest.fixture
def file(tmp_path, monkeypatch, django_db_blocker):
    """Return a second connection to a database in a file, which the module reads by its own one."""
    with django_db_blocker.unblock():
        yield from in_a_file(tmp_path, monkeypatch)


def in_a_file(tmp_path, monkeypatch):
    path = tmp_path / "read.sqlite3"
    given: Any = {**connections["default"].settings_dict, **database(f"sqlite:///{path}")}
    connections.databases[ALIAS] = connections.configure_settings({"default": given, ALIAS: given})[ALIAS]
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("CREATE TABLE lib_readers_read (id integer PRIMARY KEY, name text, place integer, is_current bool)")
    other.execute("BEGIN")
    other.executemany(
        "INSERT INTO lib_readers_read VALUES (?, ?, ?, ?)",
        [(n, ODD[n % len(ODD)], n * 7919 % 1000, n % 5 > 0) for n in range(1, 1000)],
    )
    other.execute("COMMIT")
    monkeypatch.setattr(readers, "_IDS", 7)
    yield other
    other.close()
    connections[ALIAS].close()
    del connections[ALIAS]
    del connections.databases[ALIAS]


def asked(*order: str):
    everything = Read.objects.using(ALIAS).order_by(*order)
    return everything.filter(is_current=True, place__gte=100), everything


COLUMNS = ("name", "place", Upper("name"))


def stream(rows, candidates=None, columns=COLUMNS):
    return bulk.stream_queryset(rows, columns, header=[str(n) for n in range(len(columns))], candidates=candidates)


@pytest.mark.parametrize("order", [("place", "id"), ("-place", "-id"), ("id",)])
@pytest.mark.parametrize("columns", [COLUMNS, ("name",)])
def test_the_bytes_are_those_of_one_reader(file, monkeypatch, order, columns):
    rows, everything = asked(*order)
    alone = b"".join(stream(rows, columns=columns))
    monkeypatch.setattr(bulk, "_select_out", None)
    assert b"".join(stream(rows, everything, columns)) == alone
    assert alone.count(b"\n") > 700


def test_all_candidates_may_be_wanted(file, monkeypatch):
    _rows, everything = asked("place", "id")
    alone = b"".join(stream(everything))
    monkeypatch.setattr(bulk, "_select_out", None)
    assert b"".join(stream(everything, everything)) == alone


def test_nothing_is_found_among_candidates(file):
    rows, everything = asked("id")
    assert b"".join(stream(rows.filter(place__gt=5000), everything)) == b"0,1,2\n"
    assert b"".join(stream(rows, everything.none())) == b"0,1,2\n"


def test_what_is_stored_while_they_read_is_not_seen(file):
    rows, everything = asked("place", "id")
    before = b"".join(stream(rows))
    chunks = stream(rows, everything)
    found = next(chunks) + next(chunks)
    file.execute("UPDATE lib_readers_read SET name = 'changed', is_current = 1")
    file.execute("DELETE FROM lib_readers_read WHERE id % 2")
    assert found + b"".join(chunks) == before


@pytest.mark.parametrize("times", [1, 3])
def test_all_see_one_moment_although_others_store_while_they_open(file, monkeypatch, times):
    begin, begun = readers._begin, []

    def disturbed(reader):
        begin(reader)
        begun.append(reader)
        if len(begun) % 3 == 2 and len(begun) < 3 * times:
            file.execute("DELETE FROM lib_readers_read WHERE id IN (SELECT min(id) FROM lib_readers_read)")

    monkeypatch.setattr(readers, "_begin", disturbed)
    rows, everything = asked("place", "id")
    found = b"".join(stream(rows, everything))
    assert len(begun) == 3 * (times + 1)
    assert found == b"".join(stream(rows))


def test_where_others_store_without_end_one_reader_reads(file, monkeypatch):
    begin, began = readers._begin, []

    def disturbed(reader):
        begin(reader)
        began.append(reader)
        file.execute("UPDATE lib_readers_read SET place = place + 1")

    monkeypatch.setattr(readers, "_begin", disturbed)
    rows, everything = asked("place", "id")
    found = b"".join(stream(rows, everything))
    assert len(began) == 3 * readers._TRIES
    assert found == b"".join(stream(rows))


def test_what_is_not_stored_yet_is_read_by_whoever_wrote_it(file):
    rows, everything = asked("place", "id")
    with transaction.atomic(using=ALIAS):
        everything.update(name="written")
        assert set(b"".join(stream(rows, everything, ["name"])).split()[1:]) == {b"written"}


def test_one_core_and_a_database_in_memory_have_one_reader(file, monkeypatch):
    with readers.opened(connections[ALIAS]) as pair:
        assert pair is not None
    monkeypatch.setattr("os.process_cpu_count", lambda: 1)
    with readers.opened(connections[ALIAS]) as pair:
        assert pair is None
    monkeypatch.setattr("os.process_cpu_count", lambda: 2)
    monkeypatch.setattr(type(connections[ALIAS]), "is_in_memory_db", lambda _self: True)
    with readers.opened(connections[ALIAS]) as pair:
        assert pair is None


def test_whoever_stops_reading_leaves_nothing_open(file, monkeypatch):
    made: list[Any] = []
    copy = type(connections[ALIAS]).copy

    def copied(self):
        made.append(copy(self))
        return made[-1]

    monkeypatch.setattr(type(connections[ALIAS]), "copy", copied)
    chunks = stream(*asked("place", "id"))
    next(chunks)
    next(chunks)
    assert [reader.connection is not None for reader in made] == [True] * 3
    chunks.close()
    assert [reader.connection for reader in made] == [None] * 3
    # Nobody reads any more, so that what was written can be moved into the file and the log be emptied.
    assert file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0


def test_an_error_of_a_lookup_is_raised(file):
    rows, everything = asked("id")
    file.execute("UPDATE lib_readers_read SET name = 'a' || char(31) || 'b' WHERE id = 899")
    with pytest.raises(ValueError, match="control character"):
        b"".join(stream(rows, everything))
