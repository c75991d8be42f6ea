"""What waits for its release, and which essays should have been scored by now; counts and tickets, no names."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.lib.clock import local_date
from scoreport.organizations.queries import info, resolver
from scoreport.programs.catalog import program as program_of
from scoreport.scores.models import Total
from scoreport.scores.results import results_of
from scoreport.scores.rules import NEVER


@dataclass(frozen=True, slots=True, order=True)
class Coming:
    """Scores of one exam that are here and will be released on one day, where their schools are."""

    released_on: date
    exam: str
    tests: int


@dataclass(frozen=True, slots=True, order=True)
class Unread:
    """Tests of one exam whose essays wait for their readers."""

    exam: str
    tests: int
    oldest: date


@dataclass(frozen=True, slots=True)
class OverdueEssay:
    """A test whose essay should have been read: its score was expected until ``expected_until``."""

    ticket: str
    exam: str
    tested_on: date
    expected_until: date
    days_overdue: int
    school_id: int | None


def coming(actor: Actor, at: datetime, *, program: str) -> list[Coming]:
    """Return the scores that are here and not released yet, by the day of their release and by exam."""
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    exams = program_of(program).exams_by_code
    found: Counter[tuple[date, str]] = Counter()
    for day, code, tests in (*_coming_in_states(program, at), *_coming_elsewhere(program, at)):
        found[day, exams[code].title] += tests
    return sorted(Coming(day, exam, tests) for (day, exam), tests in found.items())


def _coming_in_states(program: str, at: datetime) -> Iterator[tuple[date, str, int]]:
    """Yield (day, exam code, tests) of the schools in states: from their totals, at any size in no time."""
    main = results_of(program).value
    for state in {school.state_id for school in resolver().values() if school.state_id}:
        later = Total.objects.filter(
            program=program, measure=main, organization_id=state, released_at__gt=at, released_at__lt=NEVER
        )
        zone = info(state).time_zone
        for released_at, code, tests in later.exclude(exam_code="").values_list("released_at", "exam_code", "tests"):
            # Midnight at a school may be another day at its state's capital, some hours away; noon is the same day.
            yield local_date(released_at + timedelta(hours=12), zone), code, tests


def _coming_elsewhere(program: str, at: datetime) -> Iterator[tuple[date, str, int]]:
    """Yield (day, exam code, tests) of rows without a school, and of schools outside states."""
    zones = {school.school_id: school.time_zone for school in resolver().values() if not school.state_id}
    stateless = results_of(program).model.objects.filter(
        Q(school_id__isnull=True) | Q(school_id__in=zones), is_current=True
    )
    later = stateless.filter(program=program, released_at__gt=at)
    grouped = later.values_list("released_at", "exam_code", "school_id").annotate(n=Count("id")).order_by()
    for released_at, code, school, tests in grouped:
        if released_at is not None:
            yield local_date(released_at, zones.get(school or 0, settings.TIME_ZONE)), code, tests


def unread(actor: Actor, *, program: str) -> list[Unread]:
    """Return how many essays wait for their readers, by exam."""
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    exams = program_of(program).exams_by_code
    grouped = _unread(program).values_list("exam_code").annotate(n=Count("id"), oldest=Min("tested_on")).order_by()
    return sorted(Unread(exams[code].title, tests, oldest) for code, tests, oldest in grouped)


def overdue_essays(
    actor: Actor, at: datetime, *, program: str, first: int = 0, limit: int = 50
) -> tuple[list[OverdueEssay], int]:
    """Return some of the tests whose essays are overdue, the oldest first, and how many there are.

    The SQL twin of :meth:`scoreport.programs.rules.ReleasePolicy.is_overdue`; a test proves that the two agree.
    """
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    today = local_date(at, settings.TIME_ZONE)
    policy, exams = program_of(program).release, program_of(program).exams_by_code
    overdue = _unread(program).filter(tested_on__lt=policy.overdue_before(today))
    some = overdue.order_by("tested_on", "ticket").values_list("ticket", "exam_code", "tested_on", "school_id")[
        first : first + limit
    ]
    found = []
    for ticket, code, tested_on, school in some:
        until = policy.expected_between(exams[code], tested_on)[1]
        found.append(OverdueEssay(ticket, exams[code].title, tested_on, until, (today - until).days, school))
    return found, overdue.count()


def _unread(program: str) -> QuerySet[Any]:
    results = results_of(program)
    rows: QuerySet[Any] = results.model.objects.filter(
        program=program,
        is_current=True,
        released_at__isnull=True,
        canceled_on__isnull=True,
        exam_code__in=results.program.codes_with_readers,
        **{f"{results.value}__isnull": True},
    )
    return rows
