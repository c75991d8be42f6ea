"""The figures of a district or a state, added up from its totals (:class:`scoreport.scores.models.Total`)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.db import connection

from scoreport.scores.rules import BANDS

COUNTED: Final = ("takers", "tests", "at_cut", "score_sum")
_TIMES: Final = ", ".join(
    f"(SELECT CAST(MAX({name}) AS text) FROM {table})"
    for table, name in (
        ("imports_importfile", "accepted_at"),
        ("imports_importfile", "undone_at"),
        ("scores_scorewithdrawal", "withdrawn_at"),
        ("scores_scorewithdrawal", "restored_at"),
    )
)
BAND_NAMES: Final = tuple(f"band_{low}" for low in BANDS)


def sums(
    *, program: str, organization_id: int, years: Iterable[int], at: datetime, by_exam: bool = False
) -> list[dict[str, Any]]:
    """Add up the steps until ``at`` by year, or by exam code and then with the bands; tests of later steps wait.

    Canceled tests are counted whatever the step. ``revision`` is never the same again once one of the tests has
    changed: all totals of a year are written anew then, under ids that nothing had before. A restored backup gives the
    same ids again, but not at the same time, so the times of the last files and withdrawals belong to it. Spelled out,
    as the ORM takes longer to put it together than the answer does.
    """
    by, names = ("exam_code", (*COUNTED, *BAND_NAMES)) if by_exam else ("year", COUNTED)
    moment = connection.ops.adapt_datetimefield_value(at)
    # PostgreSQL adds whole numbers up to decimal ones.
    figures = "".join(
        f"CAST(COALESCE(SUM({name}) FILTER (WHERE released_at {until} %s), 0) AS bigint), "
        for name, until in [*((name, "<=") for name in names), ("tests", ">")]
    )
    of_years = ", ".join(str(int(year)) for year in years) or "NULL"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {by}, {figures}CAST(SUM(canceled) AS bigint), MAX(id), {_TIMES} FROM scores_total"
            f" WHERE program = %s AND organization_id = %s AND year IN ({of_years})"
            f" AND exam_code {'<>' if by_exam else '='} '' GROUP BY {by} ORDER BY {by}",
            [*[moment] * (len(names) + 1), program, organization_id],
        )
        found = cursor.fetchall()
    counted = (by, *names, "waiting", "canceled")
    return [dict(zip(counted, row, strict=False)) | {"revision": row[len(counted) :]} for row in found]
