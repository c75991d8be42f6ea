"""What the results of every program say of students: how many tests, at which schools, from which rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, QuerySet

from scoreport.access import Place
from scoreport.imports.models import ImportFile
from scoreport.imports.rules import HELD, Effect
from scoreport.scores.queries.reading import at_place
from scoreport.scores.results import Results, all_results

_CHUNK: Final = 2_000


@dataclass(frozen=True, slots=True)
class SchoolPlaces:
    """A school, and the district and the state by whose rosters its tests are found."""

    school_id: int
    district_id: int | None
    state_id: int | None


def schools_of_student(student_id: int) -> list[SchoolPlaces]:
    """Return the schools that a student's current tests belong to, each with what stands above it; unscoped."""
    found: set[SchoolPlaces] = set()
    for rows in _tests_of_student(student_id):
        places = rows.filter(school_id__isnull=False).values_list("school_id", "district_id", "state_id")
        found.update(SchoolPlaces(*place) for place in places.order_by().distinct())
    return sorted(found, key=lambda place: place.school_id)


def years_of_student(student_id: int) -> set[int]:
    """Return the academic years of a student's current tests, each by its first calendar year; unscoped."""
    return {year for rows in _tests_of_student(student_id) for year in rows.values_list("year", flat=True)}


def _tests_of_student(student_id: int) -> Iterator[QuerySet[Any]]:
    for results in all_results():
        yield results.model.objects.filter(student_id=student_id, is_current=True)


@dataclass(frozen=True, slots=True)
class StudentRow:
    """A row of an accepted file about a student: where it is, and whether its school is known."""

    file_id: int
    line: int
    has_school: bool


def rows_of_student(student_id: int) -> list[StudentRow]:
    """Return the rows of accepted files that tell of a student; unscoped."""
    found: list[StudentRow] = []
    for results in all_results():
        schools = dict(results.model.objects.filter(student_id=student_id).values_list("id", "school_id"))
        assertions = results.assertions.objects.filter(version_id__in=schools).order_by("id")
        found += [
            StudentRow(file_id, line, schools[version] is not None)
            for file_id, line, version in assertions.values_list("file_id", "line", "version_id")
        ]
    return found


def has_changed_rows(student_id: int, since: datetime) -> bool:
    """Tell whether program staff can see a row of a student in a file accepted after ``since``; unscoped.

    They see changed rows, those that were held and then accepted, and those without a school.
    """
    files = ImportFile.objects.filter(accepted_at__gt=since).values("id")
    return any(_has_changed_rows(results, student_id, files) for results in all_results())


def _has_changed_rows(results: Results, student_id: int, files: QuerySet[ImportFile, Any]) -> bool:
    versions = results.model.objects.filter(student_id=student_id)
    no_school = versions.filter(school_id__isnull=True).values("id")
    shown = Q(kind__in=[Effect.CHANGED, *HELD]) | Q(version_id__in=no_school)
    rows = results.assertions.objects.filter(shown, file_id__in=files, version_id__in=versions.values("id"))
    return bool(rows.exists())


def students_of_file(file_id: int) -> Iterator[tuple[int, int | None]]:
    """Yield the students, with their schools, of whom the accepted rows of a file tell; unscoped."""
    for results in all_results():
        asserted = results.assertions.objects.filter(file_id=file_id).values("version_id")
        rows = results.model.objects.filter(pk__in=asserted).values_list("student_id", "school_id")
        yield from rows.order_by().distinct().iterator(chunk_size=_CHUNK)


def count_students(place: Place) -> int:
    """Return how many students have a current test at an organization, over all years and programs; unscoped."""
    every = [
        results.model.objects.filter(at_place(place), is_current=True).order_by().values_list("student_id")
        for results in all_results()
    ]
    first, *others = every
    return int(first.union(*others).count() if others else first.distinct().count())
