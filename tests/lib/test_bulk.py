"""These tests run on whichever database the settings name; the bytes they expect are the same on both."""

import datetime as dt
import tracemalloc
from decimal import Decimal
from itertools import islice
from typing import ClassVar

import pytest
from django.db import DataError, IntegrityError, connection, models, transaction
from django.db.models.functions import Upper
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scoreport.lib.bulk import copy_rows, stream_csv, stream_queryset
from scoreport.lib.tabular import csv_lines
from scoreport.lib.text import clean

pytestmark = pytest.mark.django_db

COLUMNS = ["id", "name", "score", "share", "tested_on", "stored_at", "waiting"]
AT = dt.datetime(2026, 11, 21, 17, 0, 0, 123456, tzinfo=dt.UTC)


class Row(models.Model):
    name = models.TextField(null=True)
    score = models.SmallIntegerField(null=True)
    share = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    tested_on = models.DateField(null=True)
    stored_at = models.DateTimeField(null=True)
    waiting = models.BooleanField(null=True)
    objects: ClassVar[models.Manager["Row"]] = models.Manager()

    class Meta:
        app_label = "lib_bulk"
        db_table = "lib_bulk_row"


@pytest.fixture(autouse=True)
def table(db):
    types = (f"{field.column} {field.db_type(connection)}" for field in Row._meta.local_fields if field.column != "id")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE lib_bulk_row (id bigint PRIMARY KEY, {', '.join(types)})")
    # It goes with the transaction of the test.


def row(number, name="Anna", score=61):
    return (number, name, score, Decimal("62.5"), dt.date(2026, 6, 30), AT, False)


def store(*rows, **options):
    return copy_rows(connection, "lib_bulk_row", COLUMNS, rows, **options)


# --- In ------------------------------------------------------------------------------------------


def test_rows_come_back_as_they_were():
    odd = ["", "NULL", "\\N", "\\.", "a\tb\nc\rd\\", "=1", "%s %%", "Zoë 李 \U0001f600", "'\"", None]
    rows = [row(number, name) for number, name in enumerate(odd)]
    nothing = (99, None, None, None, None, None, None)
    assert store(*rows, nothing) == 11
    assert list(Row.objects.order_by("id").values_list(*COLUMNS)) == [*rows, nothing]


def test_instants_of_other_zones_are_the_same_instants():
    other = AT.astimezone(dt.timezone(dt.timedelta(hours=-5)))
    store((*row(1)[:5], other, True), row(2))
    assert Row.objects.filter(stored_at=AT).count() == 2
    Row.objects.filter(id=1).update(stored_at=AT)  # What Django itself writes is equal, too.
    assert Row.objects.values("stored_at").distinct().count() == 1


@pytest.mark.parametrize("others", [0, 1, 3])
@pytest.mark.parametrize("name", ["\\", "\\N", "\\.", "\t", "\n", "\r", "a\\tb", "\\\\N", "None", "True"])
def test_a_mark_of_the_copied_text_is_text_wherever_it_stands(name, others):
    """With as many NULLs beside it as could be taken for it."""
    rows = [(number, None, None, *row(number)[3:5], None, None) for number in range(others)]
    rows += [(9, name, 1, None, None, None, None), row(10)]
    store(*rows)
    assert list(Row.objects.order_by("id").values_list(*COLUMNS)) == rows


def test_rows_are_taken_in_batches_and_progress_is_told():
    told: list[int] = []
    assert store(*[row(number) for number in range(25)], batch=10, progress=told.append) == 25
    assert told == [10, 20, 25]


def test_no_rows_are_no_work():
    assert store() == 0
    assert not Row.objects.exists()


def test_only_the_named_columns_are_written():
    assert copy_rows(connection, "lib_bulk_row", ["score", "id"], iter([(70, 5)])) == 1
    assert Row.objects.values_list("id", "score", "name").get() == (5, 70, None)


def test_a_refused_row_leaves_nothing_when_the_caller_holds_a_transaction():
    with pytest.raises(IntegrityError), transaction.atomic():
        store(row(1), row(2), row(1), batch=2)
    assert not Row.objects.exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's columns have no width")
def test_a_number_that_does_not_fit_is_refused_and_never_cut():
    with pytest.raises(DataError), transaction.atomic():
        store(row(1, score=70_000))


# --- Out -----------------------------------------------------------------------------------------

HEADER = ["Name", "Score", "Share", "Date tested"]
OUT = ["name", "score", "share", "tested_on"]
NAMES = [
    "Anna",
    'Ann "A"',
    "a,b",
    "a\nb",
    "a\rb",
    ",",
    '"',
    '""',
    " x ",
    "'=1",
    "Zoë 李",
    "\\.",
    "%s",
    "a\\b",
    "é,è",
]
EXPECTED = """\
Name,Score,Share,Date tested
Anna,61,62.5,2026-06-30
"Ann ""A""\",61,62.5,2026-06-30
"a,b",61,62.5,2026-06-30
"a
b",61,62.5,2026-06-30
"a\rb",61,62.5,2026-06-30
",",61,62.5,2026-06-30
\"""\",61,62.5,2026-06-30
\"""\""",61,62.5,2026-06-30
 x ,61,62.5,2026-06-30
'=1,61,62.5,2026-06-30
Zoë 李,61,62.5,2026-06-30
\\.,61,62.5,2026-06-30
%s,61,62.5,2026-06-30
a\\b,61,62.5,2026-06-30
"é,è",61,62.5,2026-06-30
,61,62.5,2026-06-30
,,,
""".encode()


@pytest.fixture
def names(table):
    store(*[row(number, name) for number, name in enumerate([*NAMES, None])], (99, None, None, None, None, None, None))


@pytest.mark.usefixtures("names")
def test_a_queryset_gives_these_bytes():
    assert b"".join(stream_queryset(Row.objects.order_by("id"), OUT, header=HEADER)) == EXPECTED


@pytest.mark.usefixtures("names")
def test_a_query_gives_these_bytes():
    sql = "SELECT name, score, share, tested_on FROM lib_bulk_row WHERE id <> %s AND '%%' <> %s ORDER BY id"
    assert b"".join(stream_csv(connection, sql, [-1, "it's"], header=HEADER)) == EXPECTED


@pytest.mark.usefixtures("names")
def test_the_writer_of_tables_gives_these_bytes():
    rows = Row.objects.order_by("id").values_list(*OUT)
    assert b"".join(csv_lines(HEADER, rows, guarded=True)) == EXPECTED


cells = st.none() | st.text(min_size=1).map(clean).filter(bool) | st.text('",a\r\n \\.', min_size=1)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(cells, st.integers(-32768, 32767)), max_size=12))
@example([(",", 1), ('"', 2), ("\r\n", 3), (",", 4)])
def test_any_rows_give_the_bytes_of_the_writer(rows):
    Row.objects.all().delete()
    copy_rows(connection, "lib_bulk_row", ["id", "name", "score"], [(place, *one) for place, one in enumerate(rows)])
    expected = b"".join(csv_lines(["a", "b"], rows, guarded=True))
    assert b"".join(stream_queryset(Row.objects.order_by("id"), ["name", "score"], header=["a", "b"])) == expected
    sql = "SELECT name, score FROM lib_bulk_row ORDER BY id"
    assert b"".join(stream_csv(connection, sql, header=["a", "b"])) == expected


def test_filters_order_and_expressions_are_the_querysets():
    store(row(1, "b", 50), row(2, "a", 50), row(3, "c", 20), row(4, "%", 80))
    found = Row.objects.filter(score__gte=50, name__in=["a", "b", "%"]).order_by("score", "-name")
    out = b"".join(stream_queryset(found, [Upper("name"), models.F("id")], header=["N", "I"]))
    assert out == b"N,I\nB,1\nA,2\n%,4\n"


@pytest.mark.parametrize("found", [Row.objects.none(), Row.objects.filter(id__in=[]), Row.objects.filter(id=-1)])
def test_no_rows_are_a_header(found):
    assert b"".join(stream_queryset(found, OUT, header=HEADER)) == b"Name,Score,Share,Date tested\n"


@pytest.mark.usefixtures("names")
def test_many_columns_are_no_problem():
    out = b"".join(stream_queryset(Row.objects.filter(id=1), ["score", *["id"] * 250], header=["x"] * 251))
    assert out.splitlines()[1] == b"61" + b",1" * 250
    sql = "SELECT score" + ", id" * 250 + " FROM lib_bulk_row WHERE id = 1"
    assert b"".join(stream_csv(connection, sql, header=["x"] * 251)) == out


def test_the_header_comes_before_the_query_runs():
    out = stream_csv(connection, "SELECT nothing FROM nowhere", header=["a,b", "c"])
    assert next(out) == b'"a,b",c\n'


def test_a_query_keeps_its_order_over_many_chunks():
    store(*[row(number, f"{number * 7919 % 10007:05}" + "x" * 90) for number in range(10_007)])
    sql = "SELECT name, score FROM lib_bulk_row ORDER BY name DESC"
    chunks = list(stream_csv(connection, sql, header=["a", "b"]))
    lines = b"".join(chunks).splitlines()[1:]
    assert lines == sorted(lines, reverse=True)
    assert len(lines) == 10_007
    assert len(chunks) > 10
    assert max(map(len, chunks)) < 256_000


def test_a_long_export_needs_little_memory():
    store(*[row(number, "x" * 1000) for number in range(20_000)])
    tracemalloc.start()
    try:
        size = sum(len(chunk) for chunk in stream_queryset(Row.objects.order_by("id"), OUT, header=HEADER))
        assert size > 20_000_000
        assert tracemalloc.get_traced_memory()[1] < 6_000_000
    finally:
        tracemalloc.stop()


def test_an_export_that_is_given_up_leaves_the_connection_in_order():
    store(*[row(number, "x" * 1000) for number in range(5000)])
    out = stream_queryset(Row.objects.order_by("id"), OUT, header=HEADER)
    assert len(list(islice(out, 2))) == 2
    out.close()
    if connection.vendor == "postgresql":
        # A cancelled COPY ends the transaction around it; an export of its own has none.
        transaction.set_rollback(True)
        return
    assert Row.objects.count() == 5000


@pytest.mark.skipif(connection.vendor == "postgresql", reason="only SQLite joins the cells itself")
@pytest.mark.parametrize("separator", ["\x1e", "\x1f"])
def test_text_that_would_shift_columns_is_refused(separator):
    store(row(1, f"a{separator}b"))
    with pytest.raises(ValueError, match="control character"):
        list(stream_queryset(Row.objects.all(), OUT, header=HEADER))
