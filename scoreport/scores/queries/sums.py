"""The figures of a district or a state, added up from its totals (:class:`scoreport.scores.models.Total`)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.db import connection

from scoreport.scores.rules import BANDS

COUNTED: Final = ("takers", "tests", "at_cut", "score_sum")
BAND_NAMES: Final = tuple(f"band_{low}" for low in BANDS)


def sums(
    *, program: str, organization_id: int, years: Iterable[int], at: datetime, by_exam: bool = False
) -> list[dict[str, Any]]:
    """Add up the steps until ``at`` by year, or by exam code and then with the bands; tests of later steps wait.

    ``revision`` is never the same again once one of the tests has changed: all totals of a year are written anew then,
    under ids that nothing had before. Spelled out, as to put it together takes the ORM longer than the answer does.
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
            f"SELECT {by}, {figures}MAX(id) FROM scores_total WHERE program = %s AND organization_id = %s"
            f" AND year IN ({of_years}) AND exam_code {'<>' if by_exam else '='} '' GROUP BY {by} ORDER BY {by}",
            [*[moment] * (len(names) + 1), program, organization_id],
        )
        return [dict(zip((by, *names, "waiting", "revision"), row, strict=True)) for row in cursor.fetchall()]
