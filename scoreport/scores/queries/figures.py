"""Counts of released results by year and by exam: from totals for districts and states, live for schools."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Aggregate, Count, Q, QuerySet, Sum

from scoreport import access
from scoreport.access import Actor, Permission, Place, PlaceKind
from scoreport.lib.statements import Given
from scoreport.programs.rules import Measure
from scoreport.scores.queries.reading import at_place
from scoreport.scores.queries.totals import COUNTED, reaches_cut, sums
from scoreport.scores.results import results_of
from scoreport.scores.rules import BINS


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of released scores, with what waits and what was canceled apart.

    The ``revision`` of a district or a state is never the same again once one of the tests has changed; a school, which
    is counted anew each time, has none.
    """

    takers: int = 0
    tests: int = 0
    at_cut: int = 0
    value_sum: int = 0
    waiting: int = 0
    canceled: int = 0
    revision: tuple[int | str | None, ...] = ()

    @property
    def percent_at_cut(self) -> float | None:
        """Share of scores at or above the cut in percent, with one decimal; None without scores."""
        return round(100 * self.at_cut / self.tests, 1) if self.tests else None

    @property
    def mean(self) -> float | None:
        """Mean score with one decimal; None without scores."""
        return round(self.value_sum / self.tests, 1) if self.tests else None


@dataclass(frozen=True, slots=True)
class ExamFigures(Figures):
    """The figures of one exam; ``bands`` counts the values in each part of the measure's distribution."""

    bands: tuple[int, ...] = ()


def figures(
    actor: Actor, place: Place, at: datetime, *, program: str, years: Collection[int], measure: str = ""
) -> dict[int, Figures]:
    """Return the summary of an organization by academic year (its first calendar year), by default of the main measure.

    Raises :class:`scoreport.access.NotAllowed` without a role that opens reports there.
    """
    access.require(actor, Permission.SCORES_SUMMARY_READ, place)
    found = dict.fromkeys(years, Figures())
    chosen = measure_of(program, measure)
    if place.kind in {PlaceKind.STATE, PlaceKind.DISTRICT}:
        rows = sums(program=program, measure=chosen, organization_id=place.id, years=years, at=at)
    else:
        rows = list(counted_by(_current(place, program, years), chosen, at, "year"))
    return found | {row.pop("year"): Figures(**row) for row in rows}


def figures_by_exam(
    actor: Actor, place: Place, at: datetime, *, program: str, years: Collection[int], measure: str = ""
) -> dict[str, ExamFigures]:
    """Return the summary of an organization by exam code; takers of several years are counted once an exam.

    Raises :class:`scoreport.access.NotAllowed` without a role that opens reports there.
    """
    access.require(actor, Permission.SCORES_SUMMARY_READ, place)
    chosen = measure_of(program, measure)
    if place.kind in {PlaceKind.STATE, PlaceKind.DISTRICT} and len(years) == 1:
        rows = sums(program=program, measure=chosen, organization_id=place.id, years=years, at=at, by_exam=True)
    else:
        rows = list(counted_by(_current(place, program, years), chosen, at, "exam_code", **in_bins(chosen, at)))
    bins = BINS[: len(chosen.bins)]
    return {
        row["exam_code"]: ExamFigures(
            **{name: row[name] for name in (*COUNTED, "waiting", "canceled")},
            bands=tuple(row[name] for name in bins),
        )
        for row in rows
    }


def takers(actor: Actor, place: Place, at: datetime, *, program: str, years: Collection[int]) -> int:
    """Return how many students have a released score in any of the years, each counted once."""
    access.require(actor, Permission.SCORES_SUMMARY_READ, place)
    if len(years) == 1:
        return figures(actor, place, at, program=program, years=years)[next(iter(years))].takers
    released = _current(place, program, years).filter(released_at__lte=at)
    return int(released.aggregate(n=Count("student_id", distinct=True))["n"])


def measure_of(program: str, key: str) -> Measure:
    """Return a measure of a program by its key, by default the main one."""
    measures = results_of(program).program.measures
    return next((measure for measure in measures if measure.key == key), measures[0])


def _current(place: Place, program: str, years: Collection[int]) -> QuerySet[Any]:
    rows: QuerySet[Any] = results_of(program).model.objects.filter(
        at_place(place), is_current=True, program=program, year__in=years
    )
    return rows


def counted_by(
    rows: QuerySet[Any], measure: Measure, at: datetime | Given, by: str, **more: Aggregate
) -> QuerySet[Any, dict[str, Any]]:
    """Count the results themselves: the same figures without totals; unscoped, for this package."""
    released = Q(released_at__lte=at)
    said = released & Q(**{f"{measure.key}__isnull": False})
    counted: QuerySet[Any, dict[str, Any]] = rows.values(by).annotate(
        takers=Count("student_id", distinct=True, filter=said),
        tests=Count("id", filter=said),
        at_cut=Count("id", filter=released & reaches_cut(measure)),
        value_sum=Sum(measure.key, filter=released, default=0),
        waiting=Count("id", filter=Q(canceled_on__isnull=True) & (Q(released_at__isnull=True) | Q(released_at__gt=at))),
        canceled=Count("canceled_on"),
        **more,
    )
    return counted.order_by(by)


def in_bins(measure: Measure, at: datetime | Given) -> dict[str, Count]:
    """Return the counts of :func:`counted_by` by the parts of the measure's distribution."""
    return {
        name: Count("id", filter=Q(released_at__lte=at, **{f"{measure.key}__range": ends}))
        for name, ends in zip(BINS, measure.ranges, strict=False)
    }
