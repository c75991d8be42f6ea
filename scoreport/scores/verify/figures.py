"""Totals of districts and states beside live counts, at several instants."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Sum
from django.utils.translation import gettext as _

from scoreport.lib.invariants import Check, CheckReport, Finding, stream
from scoreport.programs.rules import MOST_BINS, Measure
from scoreport.scores.models import Total
from scoreport.scores.results import Results, all_results
from scoreport.scores.totals import FIGURES

type Key = tuple[str, str, int, int, str]
type Figures = tuple[int, ...]

_COLUMNS: Final = ("district_id", "state_id")
_INSTANTS: Final = 3
_CANCELED: Final = FIGURES.index("canceled")


def totals(at: datetime) -> Iterator[Finding]:
    """Check all totals: of every district and state, year and exam, at instants from the first release to the last."""
    report = CheckReport(_("Totals of districts and states are what counting their scores gives, at several instants"))
    for instant in _instants(at):
        stored, live = _stored(instant), _live(instant)
        for key in sorted({*stored, *live}):
            nothing = (0,) * (len(FIGURES) + 1)
            mine, counted = stored.get(key, nothing), live.get(key, nothing)
            what = "%s at %s: stored %s, counted %s"
            report.expect(what, key, instant.isoformat(), mine, counted, holds=mine == counted)
    yield report.finding()


def _instants(at: datetime) -> list[datetime]:
    """Choose now, the moment after the last release, and some in between."""
    released = (results.model.objects.values_list("released_at", flat=True) for results in all_results())
    releases = sorted({moment for rows in released for moment in rows.distinct().order_by() if moment})
    chosen = {releases[(len(releases) - 1) * n // _INSTANTS] for n in range(_INSTANTS)} if releases else set()
    return sorted({at, *chosen, *(moment + timedelta(microseconds=1) for moment in releases[-1:])})


def _stored(at: datetime) -> dict[Key, Figures]:
    """Add up the steps until an instant; the tests of later steps wait. Canceled ones are counted whatever the step."""
    found: dict[Key, list[int]] = {}
    for is_past in (True, False):
        steps = Total.objects.filter(released_at__lte=at) if is_past else Total.objects.filter(released_at__gt=at)
        grouped = steps.values_list("program", "measure", "organization_id", "year", "exam_code").order_by()
        for program, measure, organization, year, code, *sums in grouped.annotate(*(Sum(name) for name in FIGURES)):
            figures = found.setdefault((program, measure, organization, year, code), [0] * (len(FIGURES) + 1))
            figures[_CANCELED] += sums[_CANCELED]
            if is_past:
                figures[:_CANCELED] = sums[:_CANCELED]
            else:
                figures[-1] = sums[FIGURES.index("tests")]
    return {key: tuple(figures) for key, figures in found.items()}


def _live(at: datetime) -> dict[Key, Figures]:
    """Count the current results themselves."""
    found: dict[Key, Figures] = {}
    for results in all_results():
        for measure in results.program.measures:
            found |= _counted(results, measure, at)
    return found


def _counted(results: Results, measure: Measure, at: datetime) -> dict[Key, Figures]:
    moment = connection.ops.adapt_datetimefield_value(at)
    value = measure.key
    seen = "released_at IS NOT NULL AND released_at <= %s"
    above = " OR ".join(
        f"({value} >= {cut.value} AND tested_on >= '{cut.effective_from}'{_before(measure, number)})"
        for number, cut in enumerate(measure.cuts)
    )
    whole = [  # As FIGURES names them, then what waits.
        f"count(DISTINCT CASE WHEN {seen} THEN student_id END)",
        f"count(CASE WHEN {seen} THEN 1 END)",
        f"count(CASE WHEN {seen} AND ({above or '1 = 0'}) THEN 1 END)",
        f"COALESCE(sum(CASE WHEN {seen} THEN {value} END), 0)",
        *(
            f"count(CASE WHEN {seen} AND {value} >= {low} AND {value} < {high + 1} THEN 1 END)"
            for low, high in measure.ranges
        ),
        *("0" for _unused in range(MOST_BINS - len(measure.bins))),
        "count(canceled_on)",
        f"count(CASE WHEN NOT ({seen}) AND canceled_on IS NULL THEN 1 END)",
    ]
    found: dict[Key, Figures] = {}
    for column in _COLUMNS:
        for exam in ("exam_code", "''"):
            grouped = ("program", column, "year", *(["exam_code"] if exam == "exam_code" else []))
            query = (
                f"SELECT program, {column}, year, {exam}, {', '.join(whole)} FROM {results.table}"
                f" WHERE is_current AND {column} IS NOT NULL AND (released_at IS NULL OR {value} IS NOT NULL)"
                f" GROUP BY {', '.join(grouped)}"
            )
            for program, organization, year, code, *figures in stream(query, [moment] * query.count("%s")):
                found[program, value, organization, year, code] = _numbers(figures)
    return found


def _before(measure: Measure, number: int) -> str:
    """Return the condition that a test is older than the cut after this one; the newest cut has no end."""
    if number + 1 == len(measure.cuts):
        return ""
    return f" AND tested_on < '{measure.cuts[number + 1].effective_from}'"


def _numbers(figures: list[Any]) -> Figures:
    return tuple(int(figure) for figure in figures)


CHECKS: Final[tuple[Check, ...]] = (totals,)
