"""A state of five million tests in one academic year, made by SQL inside the database.

Fifty districts of 100,000 tests, two hundred schools of 500 in each, stored in the order in which loading stores them.
Only what reports read is made: organizations, scores and totals.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from bench.child import Result, Watch
from bench.intake import set_up

YEAR: Final = 2025
SCHOOL_ROWS: Final = 500
DISTRICT_ROWS: Final = 100_000
_NAMES: Final = 30_011
_DAYS: Final = 365
_BIRTHS: Final = 1_500

# A number of a row, turned into 32 bits that look like chance; a student has two rows.
_ROW: Final = "((g.x * 2654435761 + 40503) % 4294967296)"
_STUDENT: Final = "((g.x / 2 * 2246822519 + 9973) % 4294967296)"
_COLUMNS: Final = {
    "program": "'clep'",
    "ticket": "CAST(25000000000 + g.x AS text)",
    "row_hash": "g.x",
    "is_current": "TRUE",
    "student_id": "g.x / 2 + 1",
    "record_id": "g.x / 2 + 1",
    "first_name": "n.first_name",
    "middle_initial": "''",
    "last_name": "n.last_name",
    "sort_first": "n.sort_first",
    "sort_last": "n.sort_last",
    "gender": f"substr('FMFMFMFMAU', CAST({_STUDENT} / 7 % 10 AS integer) + 1, 1)",
    "ethnicity": f"CASE {_STUDENT} / 11 % 6 WHEN 0 THEN 2 WHEN 1 THEN 3 WHEN 2 THEN 4 WHEN 3 THEN 12 ELSE 9 END",
    "birth_date": "b.day",
    "grade": f"CASE {_STUDENT} / 13 % 4 WHEN 0 THEN 5 WHEN 1 THEN 6 ELSE 7 END",
    "ai_code": "s.ai_code",
    "voucher_code": "''",
    "registered_on": "r.day",
    "tested_on": "t.day",
    "test_center_code": "c.code",
    "test_center_name": "c.name",
    "test_center_city": "c.city",
    "exam_code": "e.code",
    "exam_subject": "e.title",
    "score": f"CASE WHEN {_ROW} % 100 = 0 THEN NULL ELSE 25 + {_ROW} / 100 % 28 + {_ROW} / 2800 % 28 END",
    "scored_on": f"CASE WHEN {_ROW} % 100 = 0 THEN NULL ELSE t.day END",
    "year": str(YEAR),
    "school_id": "s.school_id",
    "district_id": "s.district_id",
    "state_id": "s.state_id",
    "released_at": f"CASE WHEN {_ROW} % 100 = 0 THEN NULL ELSE t.instant END",
    "is_hostile": "FALSE",
}
_FROM: Final = (
    f"FROM bench_numbers g JOIN bench_schools s ON s.n = g.x / {SCHOOL_ROWS}"
    f" JOIN bench_names n ON n.n = {_STUDENT} % {_NAMES} JOIN bench_days b ON b.n = {_STUDENT} / 17 % {_BIRTHS}"
    f" JOIN bench_days t ON t.n = 7000 + {_ROW} / 5 % {_DAYS}"
    f" JOIN bench_days r ON r.n = 6880 + {_ROW} / 5 % {_DAYS} + {_ROW} / 3000 % 110"
    f" JOIN bench_exams e ON e.n = {_ROW} / 23 % {{exams}} JOIN bench_centers c ON c.n = {_STUDENT} / 29 % 120"
)


def build(organizations: str, districts: int) -> Result:
    """Make organizations, scores and totals. Runs in the child."""
    from django.db import connection, transaction

    from scoreport.scores import totals

    watch = Watch()
    with watch.step("organizations"):
        set_up(organizations)
    with watch.step("scores"), connection.cursor() as cursor:
        exams = _lists()
        columns, values = ", ".join(_COLUMNS), ", ".join(_COLUMNS.values())
        insert = f"INSERT INTO scores_clepresult ({columns}) SELECT {values} {_FROM.format(exams=exams)}"
        for district in range(districts):
            first = district * DISTRICT_ROWS
            with transaction.atomic():
                cursor.execute(f"{insert} WHERE g.x >= {first} AND g.x < {first + DISTRICT_ROWS} ORDER BY g.x")
    with watch.step("totals"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT program, district_id, state_id, year FROM scores_clepresult")
        totals.recompute(cursor, totals.keys_of(cursor.fetchall()))
    with watch.step("statistics"), connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)" if connection.vendor == "postgresql" else "ANALYZE")
    return {"rows": districts * DISTRICT_ROWS, "steps": watch.steps}


def _lists() -> int:
    """Make the small tables that the rows are put together from; return how many exams there are."""
    from scoreport.organizations.queries import resolver
    from scoreport.programs.catalog import program

    exams = program("clep").active_exams
    schools = sorted(resolver().items())
    _table("bench_numbers", "x bigint", ([n] for n in range(len(schools) * SCHOOL_ROWS)))
    _table(
        "bench_schools",
        "n integer, ai_code text, school_id bigint, district_id bigint, state_id bigint",
        ([n, code, ref.school_id, ref.district_id, ref.state_id] for n, (code, ref) in enumerate(schools)),
    )
    _table("bench_exams", "n integer, code text, title text", ([n, e.code, e.title] for n, e in enumerate(exams)))
    centers = ([n, str(4000 + n), f"Community College {n}", f"Town {n}"] for n in range(120))
    _table("bench_centers", "n integer, code text, name text, city text", centers)
    first = dt.datetime(YEAR, 7, 1, 4, tzinfo=dt.UTC) - dt.timedelta(days=7000)
    days = ((n, first + dt.timedelta(days=n)) for n in range(7000 + _DAYS + 1))
    _table("bench_days", "n integer, day date, instant {instant}", ([n, at.date(), at] for n, at in days))
    names = "n integer, first_name text, last_name text, sort_first text, sort_last text"
    _table("bench_names", names, _names())
    return len(exams)


def _names() -> Iterable[list[Any]]:
    from bench.files import family_name, given_name, mixed
    from scoreport.lib.text import sort_key

    for n in range(_NAMES):
        first, last = given_name(mixed(n)), family_name(mixed(n) >> 20)
        yield [n, first, last, sort_key(first), sort_key(last)]


def _table(name: str, columns: str, rows: Iterable[Iterable[Any]]) -> None:
    """Make a table whose first column finds its rows."""
    from django.db import connection, transaction

    from scoreport.lib.bulk import copy_rows

    instant = "timestamptz" if connection.vendor == "postgresql" else "datetime"
    names = [column.split()[0] for column in columns.split(", ")]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {name} ({columns.format(instant=instant)})")
        copy_rows(connection, name, names, (tuple(row) for row in rows))
        cursor.execute(f"CREATE UNIQUE INDEX {name}_n ON {name} ({names[0]})")
        cursor.execute(f"ANALYZE {name}")
