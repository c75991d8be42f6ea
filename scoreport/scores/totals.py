"""Totals of districts and states: recomputed for what a file touched, in its transaction.

A total is a step of a staircase over time (see :class:`scoreport.scores.models.Total`), so that
a summary at any instant is a sum over few rows whatever the number of scores.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from django.db import connection

from scoreport.programs.rules import Measure
from scoreport.scores.results import Results, results_of
from scoreport.scores.rules import BINS, NEVER

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

FIGURES: Final = ("takers", "tests", "at_cut", "value_sum", *BINS, "canceled")

_GATHERED: Final = ("scores_tests_at", "scores_firsts", "scores_again")


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """One organization and year of a program; ``column`` says which column of a score names it."""

    program: str
    column: str
    organization_id: int
    year: int


def keys_of(rows: Iterable[tuple[str, int | None, int | None, int]]) -> set[Key]:
    """Return the keys of (program, district, state, year) rows."""
    keys: set[Key] = set()
    for program, district, state, year in rows:
        if district is not None:
            keys.add(Key(program, "district_id", district, year))
        if state is not None:
            keys.add(Key(program, "state_id", state, year))
    return keys


def recompute(cursor: "CursorWrapper", keys: Iterable[Key]) -> None:
    """Count the given organizations and years anew, however many they are, from two passes a measure over their scores.

    Every organization is counted for every year that one of them was asked for; a pair more than needed comes out as
    it was.
    """
    for program, some in groupby(sorted(keys), key=lambda key: key.program):
        touched = list(some)
        years = _numbers(key.year for key in touched)
        places = {
            column: _numbers(key.organization_id for key in touched if key.column == column)
            for column in sorted({key.column for key in touched})
        }
        for numbers in places.values():
            cursor.execute(
                f"DELETE FROM scores_total WHERE program = %s AND organization_id IN ({numbers}) AND year IN ({years})",
                [program],
            )
        results = results_of(program)
        for measure in results.program.measures:
            _recompute(cursor, results, measure, years, places)


def _recompute(
    cursor: "CursorWrapper", results: Results, measure: Measure, years: str, places: Mapping[str, str]
) -> None:
    """Count what one measure says; a result that does not say it is no test of it."""
    within = " OR ".join(f"{column} IN ({numbers})" for column, numbers in places.items())
    said = "" if measure is results.program.main else f" AND (released_at IS NULL OR {measure.key} IS NOT NULL)"
    scope = f"program = %s AND is_current AND year IN ({years}) AND ({within}){said}"
    _gather(cursor, results, measure, scope)
    for column, numbers in places.items():
        never = connection.ops.adapt_datetimefield_value(NEVER)
        cursor.execute(_steps(measure, column, numbers), [results.program.slug, measure.key, never])
    for name in _GATHERED:
        cursor.execute(f"DROP TABLE {name}")


def figures_of(measure: Measure) -> tuple[str, ...]:
    """Return the columns of totals that a measure fills, takers first."""
    return "takers", "tests", "at_cut", "value_sum", *BINS[: len(measure.bins)], "canceled"


def reaches_cut(measure: Measure) -> str:
    """Return the SQL condition that a result reaches the cut that was in force when the test was taken."""
    if not measure.cuts:
        return "1 = 0"
    first, *later = measure.cuts
    # Whatever is older than the oldest cut on record is compared with that one.
    value = str(first.value)
    for cut in later:
        value = f"CASE WHEN tested_on >= '{cut.effective_from.isoformat()}' THEN {cut.value} ELSE {value} END"
    return f"{measure.key} >= {value}"


def _numbers(values: Iterable[int]) -> str:
    """Write whole numbers as SQL."""
    return ", ".join(str(int(value)) for value in sorted(set(values)))


def _gather(cursor: "CursorWrapper", results: Results, measure: Measure, scope: str) -> None:
    """Note by district the figures of each release, and what takers are counted from.

    What waits for its score stands at NEVER, with tests only, and so do canceled tests, which are counted apart.
    Sorting is what costs, so that groups are named in the order in which the rows nearly lie: scores by district,
    students by number.
    """
    for name in _GATHERED:
        cursor.execute(f"DROP TABLE IF EXISTS {name}")
    # SQLite would read a whole state row by row, in the order of an index.
    source = f"{results.table} {'NOT INDEXED' if connection.vendor == 'sqlite' else ''} WHERE {scope}"
    seen = "released_at IS NOT NULL"
    bins = "".join(
        f", sum(CASE WHEN {measure.key} BETWEEN {low} AND {high} AND {seen} THEN 1 ELSE 0 END) AS {name}"
        for name, (low, high) in zip(BINS, measure.ranges, strict=False)
    )
    cursor.execute(
        "CREATE TEMPORARY TABLE scores_tests_at AS"
        " SELECT district_id, state_id, year, exam_code, COALESCE(released_at, %s) AS step,"
        " count(*) - count(canceled_on) AS tests,"
        f" sum(CASE WHEN {reaches_cut(measure)} AND {seen} THEN 1 ELSE 0 END) AS at_cut,"
        f" COALESCE(sum(CASE WHEN {seen} THEN {measure.key} END), 0) AS value_sum"
        f"{bins}, count(canceled_on) AS canceled FROM {source}"
        " GROUP BY district_id, year, exam_code, released_at, state_id",
        [connection.ops.adapt_datetimefield_value(NEVER), results.program.slug],
    )
    sums = ", ".join(f"sum({name})" for name in figures_of(measure)[1:])
    cursor.execute(
        f"INSERT INTO scores_tests_at SELECT district_id, state_id, year, '', step, {sums}"
        " FROM scores_tests_at GROUP BY district_id, year, step, state_id"
    )
    _gather_takers(cursor, results, scope)
    for name in _GATHERED:
        cursor.execute(f"ANALYZE {name}")


def _gather_takers(cursor: "CursorWrapper", results: Results, scope: str) -> None:
    """Note when each student's first score of a year was released, and the tests of who may have taken an exam again.

    Few do so, or change districts within a year, so that only their tests are looked at one by one.
    """
    is_sqlite = connection.vendor == "sqlite"
    cursor.execute(
        "CREATE TEMPORARY TABLE scores_firsts AS SELECT student_id, district_id, state_id, year,"
        " min(released_at) AS step, count(*) > count(DISTINCT exam_code) AS again"
        f" FROM {results.table} {'NOT INDEXED' if is_sqlite else ''} WHERE {scope} AND released_at IS NOT NULL"
        " GROUP BY student_id, district_id, state_id, year",
        [results.program.slug],
    )
    cursor.execute(
        "CREATE TEMPORARY TABLE scores_again AS"
        " SELECT student_id, district_id, state_id, year, exam_code, released_at AS step"
        f" FROM {results.table} {f'INDEXED BY {results.by_student}' if is_sqlite else ''}"
        f" WHERE {scope} AND released_at IS NOT NULL AND student_id IN ("
        "SELECT student_id FROM scores_firsts WHERE again"
        " UNION SELECT student_id FROM scores_firsts GROUP BY student_id, year HAVING count(*) > 1)",
        [results.program.slug],
    )


def _steps(measure: Measure, column: str, numbers: str) -> str:
    """Return the INSERT of the steps of districts or states; what is gathered of a district needs no more grouping.

    Of all exams together, takers are counted at the first release of each student. Of one exam they are its released
    tests, but for those of who took it again. So every step of takers is one of tests too.
    """
    names = "organization_id, year, exam_code, step"
    mine = f"{column}, year, exam_code, step"
    figures = ", ".join(figures_of(measure)[1:])
    within = f"WHERE {column} IN ({numbers})"
    tests = f"SELECT {mine}, {figures} FROM scores_tests_at {within}"
    firsts = f"SELECT {column}, year, step FROM scores_firsts {within}"
    if column != "district_id":
        sums = ", ".join(f"sum({name})" for name in figures_of(measure)[1:])
        tests = f"SELECT {mine}, {sums} FROM scores_tests_at {within} GROUP BY {mine}"
        firsts = f"SELECT {column}, year, min(step) FROM scores_firsts {within} GROUP BY student_id, {column}, year"
    again = (
        f"SELECT {mine}, row_number() OVER (PARTITION BY student_id, exam_code, {column}, year ORDER BY step) AS place"
        f" FROM scores_again {within}"
    )
    return (
        f"WITH tests ({names}, {figures}) AS ({tests}), firsts (organization_id, year, step) AS ({firsts}),"
        f" again ({names}, place) AS ({again}), counted ({names}, number) AS ("
        "SELECT organization_id, year, '', step, count(*) FROM firsts GROUP BY organization_id, year, step"
        f" UNION ALL SELECT {names}, count(*) FROM again WHERE place > 1 GROUP BY {names})"
        f" INSERT INTO scores_total (program, measure, {names.replace('step', 'released_at')}, takers, {figures})"
        f" SELECT %s, %s, {names}, CASE WHEN step = %s THEN 0 WHEN exam_code = '' THEN COALESCE(number, 0)"
        f" ELSE tests - COALESCE(number, 0) END, {figures} FROM tests LEFT JOIN counted USING ({names})"
    )
