"""The tests of student records, without their scores: for whoever decides whether two records are one student."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.imports.models import ImportFile
from scoreport.scores.results import all_results


@dataclass(frozen=True, slots=True)
class RecordTests:
    """How many tests a student record has, and when.

    ``grades`` are those of the tests, newest first. ``files`` are the names of the score files that say so, oldest
    first.
    """

    tests: int = 0
    first_on: date | None = None
    last_on: date | None = None
    grades: tuple[int, ...] = ()
    files: tuple[str, ...] = ()


def record_tests(actor: Actor, record_ids: Collection[int]) -> dict[int, RecordTests]:
    """Return the tests of each of these student records, without their scores."""
    access.require(actor, Permission.PEOPLE_MATCH)
    taken: defaultdict[int, list[tuple[date, int]]] = defaultdict(list)
    files: set[tuple[int, int]] = set()
    for results in all_results():
        rows = results.model.objects.filter(record_id__in=record_ids, is_current=True).order_by("id")
        record_of: dict[int, int] = {}
        for number, record, day, grade in rows.values_list("id", "record_id", "tested_on", "grade"):
            taken[record].append((day, grade))
            record_of[number] = record
        asserted = results.assertions.objects.filter(version_id__in=record_of)
        files |= {(file, record_of[version]) for file, version in asserted.values_list("file_id", "version_id")}
    named = _names(files)
    found = dict.fromkeys(record_ids, RecordTests())
    for record, tests in taken.items():
        tests.sort(key=lambda test: test[0])
        grades = tuple(dict.fromkeys(grade for _day, grade in reversed(tests)))
        found[record] = RecordTests(len(tests), tests[0][0], tests[-1][0], grades, tuple(named[record]))
    return found


def _names(files: set[tuple[int, int]]) -> defaultdict[int, dict[str, None]]:
    """Return the names of files by the record that they tell of, oldest first, from (file, record) pairs."""
    of_these = ImportFile.objects.filter(pk__in={file for file, _record in files}, undone_at__isnull=True)
    names = dict(of_these.values_list("pk", "name"))
    found: defaultdict[int, dict[str, None]] = defaultdict(dict)
    for file, record in sorted(files):
        if file in names:
            found[record][names[file]] = None
    return found


def count_tests_of_students(actor: Actor, student_ids: Collection[int]) -> dict[int, int]:
    """Return how many tests each of these students has, over all of their records."""
    access.require(actor, Permission.PEOPLE_MATCH)
    found = Counter(dict.fromkeys(student_ids, 0))
    for results in all_results():
        rows = results.model.objects.filter(student_id__in=student_ids, is_current=True)
        found.update(dict(rows.values_list("student_id").order_by().annotate(n=Count("id"))))
    return dict(found)
