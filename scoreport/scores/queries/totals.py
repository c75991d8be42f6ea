"""The figures of a district or a state, added up from its totals (:class:`scoreport.scores.models.Total`)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Case, F, Q, Value, When
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from scoreport.programs.rules import Measure
from scoreport.scores.rules import BINS

COUNTED: Final = ("takers", "tests", "at_cut", "value_sum")
_TIMES: Final = ", ".join(
    f"(SELECT CAST(MAX({name}) AS text) FROM {table})"
    for table, name in (
        ("imports_importfile", "accepted_at"),
        ("imports_importfile", "undone_at"),
        ("scores_scorewithdrawal", "withdrawn_at"),
        ("scores_scorewithdrawal", "restored_at"),
    )
)


def reaches_cut(measure: Measure) -> Q:
    """Return the filter for results that reach the cut in force; the twin of ``totals.reaches_cut`` in SQL."""
    if not measure.cuts:
        return Q(pk__in=[])
    if len(measure.cuts) == 1:
        return Q(**{f"{measure.key}__gte": measure.cuts[0].value})
    return Q(GreaterThanOrEqual(F(measure.key), _cut_in_force(measure)))


def misses_cut(measure: Measure) -> Q:
    """Return the filter for results that do not reach the cut in force; none where the measure has no cut."""
    return Q(LessThan(F(measure.key), _cut_in_force(measure))) if measure.cuts else Q(pk__in=[])


def _cut_in_force(measure: Measure) -> Case:
    first, *later = measure.cuts
    newest_first = [When(tested_on__gte=cut.effective_from, then=Value(cut.value)) for cut in reversed(later)]
    return Case(*newest_first, default=Value(first.value))


def sums(
    *, program: str, measure: Measure, organization_id: int, years: Iterable[int], at: datetime, by_exam: bool = False
) -> list[dict[str, Any]]:
    """Add up the steps until ``at`` by year, or by exam code and then with its distribution; tests of later steps wait.

    Canceled tests are counted whatever the step. ``revision`` is never the same again once one of the tests has
    changed: all totals of a year are written anew then, under ids that nothing had before. A restored backup gives the
    same ids again, but not at the same time, so the times of the last files and withdrawals belong to it. Spelled out,
    as the ORM takes longer to put it together than the answer does.
    """
    by, names = ("exam_code", (*COUNTED, *BINS[: len(measure.bins)])) if by_exam else ("year", COUNTED)
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
            f" WHERE program = %s AND measure = %s AND organization_id = %s AND year IN ({of_years})"
            f" AND exam_code {'<>' if by_exam else '='} '' GROUP BY {by} ORDER BY {by}",
            [*[moment] * (len(names) + 1), program, measure.key, organization_id],
        )
        found = cursor.fetchall()
    counted = (by, *names, "waiting", "canceled")
    return [dict(zip(counted, row, strict=False)) | {"revision": row[len(counted) :]} for row in found]
