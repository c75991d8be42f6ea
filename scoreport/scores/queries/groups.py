"""Counts of released scores by school and exam, for figures that are published to readers of summaries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, QuerySet

from scoreport import access
from scoreport.access import Actor, Permission, Place, PlaceKind
from scoreport.scores.queries.reading import at_place
from scoreport.scores.queries.totals import reaches_cut
from scoreport.scores.results import results_of

PLACE_COLUMNS: Final = {PlaceKind.SCHOOL: "school_id", PlaceKind.DISTRICT: "district_id", PlaceKind.STATE: "state_id"}


@dataclass(frozen=True, slots=True)
class ExamAtSchool:
    """The released tests of one exam at one school; a place is None where a test belongs to none of its kind."""

    places: tuple[int | None, int | None, int | None]
    exam: str
    tests: int
    at_cut: int
    takers: int


def counts_by_school_and_exam(
    actor: Actor, place: Place, at: datetime, *, program: str, year: int
) -> list[ExamAtSchool]:
    """Return the counts of released scores at and under a place.

    Raises :class:`scoreport.access.NotAllowed` without a role that opens reports there.
    """
    access.require(actor, Permission.SCORES_SUMMARY_READ, place)
    by = ("school_id", "district_id", "state_id", "exam_code")
    rows = _released(place, at, program, year).values_list(*by)
    counted = rows.annotate(
        n=Count("id"),
        high=Count("id", filter=reaches_cut(results_of(program).program.main)),
        people=Count("student_id", distinct=True),
    )
    return [
        ExamAtSchool((school, district, state), exam, tests, at_cut, takers)
        for school, district, state, exam, tests, at_cut, takers in counted.order_by()
    ]


def tests_by_organization(
    actor: Actor, place: Place, at: datetime, *, program: str, year: int, kind: PlaceKind
) -> dict[int, tuple[int, int, int]]:
    """Return tests, students and the most tests of one student for each organization of a kind at and under a place.

    Raises :class:`scoreport.access.NotAllowed` without a role that opens reports there.
    """
    access.require(actor, Permission.SCORES_SUMMARY_READ, place)
    column = PLACE_COLUMNS[kind]
    rows = _released(place, at, program, year).filter(**{f"{column}__isnull": False})
    each = rows.values(column, "student_id").annotate(n=Count("id")).order_by()
    found: dict[int, tuple[int, int, int]] = {}
    for organization, tests in each.values_list(column, "n").iterator(chunk_size=10_000):
        before = found.get(organization, (0, 0, 0))
        found[organization] = before[0] + tests, before[1] + 1, max(before[2], tests)
    return found


def _released(place: Place, at: datetime, program: str, year: int) -> QuerySet[Any]:
    rows: QuerySet[Any] = results_of(program).model.objects.filter(
        at_place(place), is_current=True, program=program, year=year, released_at__lte=at
    )
    return rows
