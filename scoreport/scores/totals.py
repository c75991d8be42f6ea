"""Totals of districts and states: recomputed for what a file touched, in its transaction.

A total is a step of a staircase over time (see :class:`scoreport.scores.models.Total`), so that
a summary at any instant is a sum over few rows whatever the number of scores.
"""

from collections.abc import Iterable
from dataclasses import dataclass
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
    """Count the given organizations and years anew."""
    for key in sorted(keys):
        cursor.execute(
            "DELETE FROM scores_total WHERE program = %s AND organization_id = %s AND year = %s",
            [key.program, key.organization_id, key.year],
        )
        cursor.execute(
            f"INSERT INTO scores_total (program, organization_id, year, exam_code, released_at, {', '.join(FIGURES)})"
            f" {_steps(key)}",
            _parameters(key),
        )


def _steps(key: Key) -> str:
    """Return the SELECT of one key's steps: by exam, and for all exams together (exam code empty).

    Takers are counted at the first release of each student: per exam in the first part, over all exams in
    the second. What waits for its score stands at NEVER, with tests only.
    """
    waiting = "COALESCE(released_at, %s)"
    where = f"FROM scores_score WHERE program = %s AND {key.column} = %s AND year = %s AND is_current"
    bands = "".join(f", sum(CASE WHEN {_band(low)} THEN 1 ELSE 0 END)" for low in BANDS)
    figures = f"count(*), sum(CASE WHEN score >= %s THEN 1 ELSE 0 END), COALESCE(sum(score), 0){bands}"
    tests = (
        f"SELECT exam_code, {waiting} AS step, 0 AS takers, {figures} {where} GROUP BY 1, 2"
        f" UNION ALL SELECT '', {waiting}, 0, {figures} {where} GROUP BY 1, 2"
    )
    nothing = ", 0" * (len(FIGURES) - 1)
    takers = (
        f"SELECT exam_code, step, count(*){nothing} FROM (SELECT exam_code, student_id, min(released_at) AS step"
        f" {where} AND released_at IS NOT NULL GROUP BY 1, 2) a GROUP BY 1, 2"
        f" UNION ALL SELECT '', step, count(*){nothing} FROM (SELECT student_id, min(released_at) AS step"
        f" {where} AND released_at IS NOT NULL GROUP BY 1) b GROUP BY 1, 2"
    )
    names = ", ".join(f"f{n}" for n in range(len(FIGURES)))
    sums = ", ".join(f"sum(f{n})" for n in range(len(FIGURES)))
    return (
        f"SELECT '{key.program}', {int(key.organization_id)}, {int(key.year)}, code, step, {sums}"
        f" FROM (WITH u (code, step, {names}) AS ({tests} UNION ALL {takers}) SELECT * FROM u) v GROUP BY code, step"
    )


def _band(low: int) -> str:
    # The highest score, 80, belongs to the last band.
    high = low + 5 if low < BANDS[-1] else low + 6
    return f"score >= {low} AND score < {high} AND released_at IS NOT NULL"


def _parameters(key: Key) -> list[str | int]:
    cut = CREDIT_GRANTING_SCORE
    scope: list[str | int] = [key.program, key.organization_id, key.year]
    never = str(connection.ops.adapt_datetimefield_value(NEVER))
    return [never, cut, *scope, never, cut, *scope, *scope, *scope]
