"""Totals of districts and states: recomputed for what a file touched, in its transaction.

A total is a step of a staircase over time (see :class:`scoreport.scores.models.Total`), so that
a summary at any instant is a sum over few rows whatever the number of scores.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from django.db import connection

from scoreport.programs.rules import CREDIT_GRANTING_SCORE
from scoreport.scores.rules import BANDS, NEVER

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

FIGURES: Final = ("takers", "tests", "at_cut", "score_sum", *(f"band_{low}" for low in BANDS))


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
    """Count the given organizations and years anew: one statement for all districts, one for all states.

    Each reads the scores twice, however many organizations a file touched. Every organization is counted for every
    year that one of them was asked for; a pair more than needed comes out as it was.
    """
    for (program, column), some in groupby(sorted(keys), key=lambda key: (key.program, key.column)):
        touched = list(some)
        organizations = ", ".join(str(number) for number in sorted({int(key.organization_id) for key in touched}))
        years = ", ".join(str(year) for year in sorted({int(key.year) for key in touched}))
        cursor.execute(
            "DELETE FROM scores_total"
            f" WHERE program = %s AND organization_id IN ({organizations}) AND year IN ({years})",
            [program],
        )
        scope = f"program = %s AND {column} IN ({organizations}) AND year IN ({years}) AND is_current"
        never = connection.ops.adapt_datetimefield_value(NEVER)
        cursor.execute(
            f"INSERT INTO scores_total (program, organization_id, year, exam_code, released_at, {', '.join(FIGURES)})"
            f" {_steps(column, scope)}",
            [never, CREDIT_GRANTING_SCORE, program, program, program],
        )


def _steps(column: str, scope: str) -> str:
    """Return the SELECT of the steps: by exam, and for all exams together (exam code empty).

    Tests are counted at their release; what waits for its score stands at NEVER, with tests only. Takers are counted
    at the first release of each student, in an exam and over all exams.
    """
    counted = ", ".join(FIGURES[1:])
    nothing = ", 0" * len(FIGURES[1:])
    summed = ", ".join(f"sum({name})" for name in FIGURES)
    place = "organization_id, year, exam_code, step"
    return (
        f"WITH tests ({place}, {counted}) AS MATERIALIZED ("
        f"SELECT {column}, year, exam_code, COALESCE(released_at, %s), {_test_figures()}"
        f" FROM scores_score WHERE {scope} GROUP BY 1, 2, 3, 4),"
        f" firsts (organization_id, year, exam_code, student_id, step) AS MATERIALIZED ("
        f"SELECT {column}, year, exam_code, student_id, min(released_at)"
        f" FROM scores_score WHERE {scope} AND released_at IS NOT NULL GROUP BY 1, 2, 3, 4),"
        f" steps ({place}, {', '.join(FIGURES)}) AS ("
        f"SELECT {place}, 0, {counted} FROM tests"
        f" UNION ALL SELECT organization_id, year, '', step, 0, {counted} FROM tests"
        f" UNION ALL SELECT {place}, 1{nothing} FROM firsts"
        f" UNION ALL SELECT organization_id, year, '', min(step), 1{nothing} FROM firsts"
        " GROUP BY organization_id, year, student_id)"
        f" SELECT %s, {place}, {summed} FROM steps GROUP BY {place}"
    )


def _test_figures() -> str:
    """Return the expressions of all figures but the takers, over a group of scores."""
    bands = "".join(f", sum(CASE WHEN {_band(low)} THEN 1 ELSE 0 END)" for low in BANDS)
    return f"count(*), sum(CASE WHEN score >= %s THEN 1 ELSE 0 END), COALESCE(sum(score), 0){bands}"


def _band(low: int) -> str:
    # The highest score, 80, belongs to the last band.
    high = low + 5 if low < BANDS[-1] else low + 6
    return f"score >= {low} AND score < {high} AND released_at IS NOT NULL"
