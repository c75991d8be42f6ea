"""Reads of scores. :func:`visible_scores` is the only door to a score.

Whatever is not released at ``at`` shows that a test was taken and nothing of its score: the
column ``points`` is the score if it may be seen, else None. Nobody outside this package reads
the column ``score``.
"""

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, TypedDict

from django.db.models import (
    Aggregate,
    BigIntegerField,
    BooleanField,
    Case,
    Count,
    DateTimeField,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)

from scoreport import access
from scoreport.access import Actor, Permission, Place, PlaceKind
from scoreport.imports.models import ImportFile
from scoreport.imports.rules import HELD, Effect
from scoreport.lib.statements import Given, rows_of
from scoreport.organizations.queries import schools_under
from scoreport.programs.rules import CREDIT_GRANTING_SCORE
from scoreport.scores.models import Score, ScoreAssertion, ScoreWithdrawal
from scoreport.scores.queries.totals import BAND_NAMES, COUNTED, sums
from scoreport.scores.rules import BANDS


class Masked(TypedDict):
    """What :func:`visible_scores` adds to a row: the score if it may be seen, and whether it may."""

    points: int | None
    is_released: bool


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    type VisibleScores = QuerySet[WithAnnotations[Score, Masked]]

_CHUNK: Final = 2_000
SCORE_ORDER: Final = "score"
"""Orders released tests by their scores, as ``points`` does, in a word for which the databases need no computing.

It is for what :func:`released` returns and nothing else: an order by it would tell of scores that are not released.
"""

IS_CANCELED: Final = ExpressionWrapper(Q(canceled_on__isnull=False), output_field=BooleanField())
"""Whether the score of a test was canceled, to order by."""

_COLUMN_OF = {PlaceKind.STATE: "state_id", PlaceKind.DISTRICT: "district_id", PlaceKind.SCHOOL: "school_id"}


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of released scores, with what waits and what was canceled apart.

    The ``revision`` of a district or a state is never the same again once one of the tests has changed; a school, which
    is counted anew each time, has none.
    """

    takers: int = 0
    tests: int = 0
    at_cut: int = 0
    score_sum: int = 0
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
        return round(self.score_sum / self.tests, 1) if self.tests else None


@dataclass(frozen=True, slots=True)
class ExamFigures(Figures):
    """The figures of one exam; ``bands`` counts its scores of 20–24, 25–29, … 75–80."""

    bands: tuple[int, ...] = (0,) * len(BANDS)


@dataclass(frozen=True, slots=True)
class RecordTests:
    """How many tests a student record has, and when; for whoever decides whether two records are one student."""

    tests: int = 0
    first_on: date | None = None
    last_on: date | None = None


@dataclass(frozen=True, slots=True)
class SchoolPlaces:
    """A school, and the district and the state by whose rosters its tests are found."""

    school_id: int
    district_id: int | None
    state_id: int | None


def at_place(place: Place) -> Q:
    """Return the filter for the scores of an organization and of those under it."""
    if place.kind in _COLUMN_OF:
        return Q(**{_COLUMN_OF[place.kind]: place.id})
    return Q(school_id__in=[place.id, *(school.id for school in schools_under(place))])


def _scope(actor: Actor, permission: Permission) -> Q:
    """Return the filter for everything that the actor's grants reach."""
    if actor.is_trusted:
        return Q()
    scope = Q(pk__in=[])
    for grant in access.grants_for(actor, permission):
        if grant.place is not None:
            scope |= at_place(grant.place)
    return scope


def visible_scores(actor: Actor, at: datetime, *, place: Place | None = None) -> "VisibleScores":
    """Return the current tests that ``actor`` may see by name, with ``points`` and ``is_released`` as of ``at``.

    Raises :class:`scoreport.access.NotAllowed` when the actor may open no roster (there).
    """
    access.require(actor, Permission.SCORES_ROSTER_READ, place)
    rows = Score.objects.filter(is_current=True)
    # A grant that reaches the place reaches all of it, so the place alone is the scope then.
    rows = rows.filter(at_place(place) if place is not None else _scope(actor, Permission.SCORES_ROSTER_READ))
    return masked(rows, at)


def visible_rows(
    actor: Actor,
    place: Place,
    at: datetime,
    *,
    shape: Hashable,
    narrowed: Callable[["VisibleScores"], QuerySet[Any, Any]],
    values: Mapping[str, object],
) -> list[dict[str, Any]]:
    """Return rows of :func:`visible_scores` by SQL that is put together once for each shape (``lib.statements``).

    ``narrowed`` gets the tests of the place, a school, district or state, and returns a queryset with ``values()``.
    Raises what :func:`visible_scores` raises, each time.
    """
    access.require(actor, Permission.SCORES_ROSTER_READ, place)

    def build() -> QuerySet[Any, Any]:
        here = {_COLUMN_OF[place.kind]: Given("place", BigIntegerField())}
        rows = Score.objects.filter(is_current=True, **here)
        return narrowed(masked(rows, Given("at", DateTimeField())))

    return rows_of((place.kind, shape), build, {"place": place.id, "at": at, **values})


def ids_said(actor: Actor, *, place: Place, year: int) -> QuerySet[Score, tuple[int]]:
    """Return the ids of all that was ever said of a place's tests of a year, current or not: an index has them.

    Which of them are tests, and what may be seen of those, tells :func:`visible_scores`; this raises as that does.
    """
    access.require(actor, Permission.SCORES_ROSTER_READ, place)
    return Score.objects.filter(at_place(place), year=year).values_list("pk")


def masked(rows: QuerySet[Score], at: datetime | Given) -> "VisibleScores":
    """Return rows with ``points`` and ``is_released`` and without the score itself; unscoped."""
    released = Q(released_at__lte=at)
    return rows.defer("score").annotate(
        points=Case(When(released, then=F("score")), default=None, output_field=IntegerField()),
        is_released=Case(When(released, then=Value(True)), default=Value(False), output_field=BooleanField()),
    )


def released(rows: "VisibleScores", at: datetime) -> "VisibleScores":
    """Return those tests whose scores may be seen, for filters and orders that look at scores."""
    return rows.filter(released_at__lte=at)


def waiting(rows: "VisibleScores", at: datetime) -> "VisibleScores":
    """Return those tests that wait for their scores, or whose scores wait for their release."""
    return unreleased(rows, at).filter(canceled_on__isnull=True)


def canceled(rows: "VisibleScores") -> "VisibleScores":
    """Return those tests whose scores were canceled."""
    return rows.filter(canceled_on__isnull=False)


def not_canceled(rows: "VisibleScores") -> "VisibleScores":
    """Return those tests whose scores count, or will."""
    return rows.filter(canceled_on__isnull=True)


def unreleased(rows: "VisibleScores", at: datetime) -> "VisibleScores":
    """Return those tests whose scores may not be seen: they wait, or were canceled."""
    return rows.filter(Q(released_at__isnull=True) | Q(released_at__gt=at))


def scored_between(rows: "VisibleScores", at: datetime, low: int | None, high: int | None) -> "VisibleScores":
    """Return the tests with a released score from ``low`` to ``high``; None leaves an end open.

    It says the same as a filter on ``points``, in words for which the databases have an index.
    """
    rows = released(rows, at)
    if low is not None and low == high:
        # In tests of one score, an index on ids gives their order.
        return rows.filter(score=low)
    rows = rows if low is None else rows.filter(score__gte=low)
    return rows if high is None else rows.filter(score__lte=high)


def figures(actor: Actor, place: Place, at: datetime, *, program: str, years: Collection[int]) -> dict[int, Figures]:
    """Return the summary of an organization by academic year (its first calendar year).

    Raises :class:`scoreport.access.NotAllowed` without a role that opens reports there.
    """
    access.require(actor, Permission.SCORES_SUMMARY_READ, place)
    found = dict.fromkeys(years, Figures())
    if place.kind in {PlaceKind.STATE, PlaceKind.DISTRICT}:
        rows = sums(program=program, organization_id=place.id, years=years, at=at)
    else:
        rows = list(counted_by(_current(place, program, years), at, "year"))
    return found | {row.pop("year"): Figures(**row) for row in rows}


def figures_by_exam(
    actor: Actor, place: Place, at: datetime, *, program: str, years: Collection[int]
) -> dict[str, ExamFigures]:
    """Return the summary of an organization by exam code; takers of several years are counted once an exam.

    Raises :class:`scoreport.access.NotAllowed` without a role that opens reports there.
    """
    access.require(actor, Permission.SCORES_SUMMARY_READ, place)
    if place.kind in {PlaceKind.STATE, PlaceKind.DISTRICT} and len(years) == 1:
        rows = sums(program=program, organization_id=place.id, years=years, at=at, by_exam=True)
    else:
        rows = list(counted_by(_current(place, program, years), at, "exam_code", **in_bands(at)))
    return {
        row["exam_code"]: ExamFigures(
            **{name: row[name] for name in (*COUNTED, "waiting", "canceled")},
            bands=tuple(row[name] for name in BAND_NAMES),
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


def _current(place: Place, program: str, years: Collection[int]) -> QuerySet[Score]:
    return Score.objects.filter(at_place(place), is_current=True, program=program, year__in=years)


def counted_by(
    rows: QuerySet[Score], at: datetime | Given, by: str, **more: Aggregate
) -> QuerySet[Score, dict[str, Any]]:
    """Count the scores themselves: the same figures without totals; unscoped, for this package."""
    released = Q(released_at__lte=at)
    counted: QuerySet[Score, dict[str, Any]] = rows.values(by).annotate(
        takers=Count("student_id", distinct=True, filter=released),
        tests=Count("id", filter=released),
        at_cut=Count("id", filter=released & Q(score__gte=CREDIT_GRANTING_SCORE)),
        score_sum=Sum("score", filter=released, default=0),
        waiting=Count("id", filter=Q(canceled_on__isnull=True) & (Q(released_at__isnull=True) | Q(released_at__gt=at))),
        canceled=Count("canceled_on"),
        **more,
    )
    return counted.order_by(by)


def in_bands(at: datetime | Given) -> dict[str, Count]:
    """Return the counts of :func:`counted_by` by the bands of scores."""
    return {
        name: Count("id", filter=Q(released_at__lte=at, score__gte=low, score__lt=low + 5 + (low == BANDS[-1])))
        for name, low in zip(BAND_NAMES, BANDS, strict=True)
    }


def count_tests_of_records(actor: Actor, record_ids: Collection[int]) -> dict[int, RecordTests]:
    """Return how many tests each of these student records has, without their scores."""
    access.require(actor, Permission.PEOPLE_MATCH)
    rows = Score.objects.filter(record_id__in=record_ids, is_current=True).values_list("record_id").order_by()
    counted = rows.annotate(n=Count("id"), first=Min("tested_on"), last=Max("tested_on"))
    return dict.fromkeys(record_ids, RecordTests()) | {
        record: RecordTests(tests, first, last) for record, tests, first, last in counted
    }


def schools_of_student(student_id: int) -> list[SchoolPlaces]:
    """Return the schools that a student's current tests belong to, each with what stands above it; unscoped."""
    rows = Score.objects.filter(student_id=student_id, is_current=True, school_id__isnull=False)
    found = rows.values_list("school_id", "district_id", "state_id").order_by().distinct()
    return [SchoolPlaces(school, district, state) for school, district, state in found if school is not None]


def years_of_student(student_id: int) -> set[int]:
    """Return the academic years of a student's current tests, each by its first calendar year; unscoped."""
    return set(Score.objects.filter(student_id=student_id, is_current=True).values_list("year", flat=True))


@dataclass(frozen=True, slots=True)
class StudentRow:
    """A row of an accepted file about a student: where it is, and whether its school is known."""

    file_id: int
    line: int
    has_school: bool


def rows_of_student(student_id: int) -> list[StudentRow]:
    """Return the rows of accepted files that tell of a student; unscoped."""
    schools = dict(Score.objects.filter(student_id=student_id).values_list("id", "school_id"))
    assertions = ScoreAssertion.objects.filter(version_id__in=schools).values_list("file_id", "line", "version_id")
    return [StudentRow(file_id, line, schools[score] is not None) for file_id, line, score in assertions.order_by("id")]


def has_changed_rows(student_id: int, since: datetime) -> bool:
    """Tell whether program staff can see a row of a student in a file accepted after ``since``; unscoped.

    They see changed rows, those that were held and then accepted, and those without a school.
    """
    files = ImportFile.objects.filter(accepted_at__gt=since).values("id")
    versions = Score.objects.filter(student_id=student_id)
    no_school = versions.filter(school_id__isnull=True).values("id")
    shown = Q(kind__in=[Effect.CHANGED, *HELD]) | Q(version_id__in=no_school)
    return ScoreAssertion.objects.filter(shown, file_id__in=files, version_id__in=versions.values("id")).exists()


def students_of_file(file_id: int) -> Iterator[tuple[int, int | None]]:
    """Yield the students, with their schools, of whom the accepted rows of a file tell; unscoped."""
    asserted = ScoreAssertion.objects.filter(file_id=file_id).values("version_id")
    rows = Score.objects.filter(pk__in=asserted).values_list("student_id", "school_id")
    return rows.order_by().distinct().iterator(chunk_size=_CHUNK)


def count_students(place: Place) -> int:
    """Return how many students have a current test at an organization, over all years; unscoped."""
    rows = Score.objects.filter(at_place(place), is_current=True)
    return int(rows.aggregate(n=Count("student_id", distinct=True))["n"])


def data_as_of(program: str) -> datetime | None:
    """Return when the data of a program changed last, by a file or by hand."""
    files = ImportFile.objects.filter(program=program).aggregate(a=Max("accepted_at"), w=Max("undone_at"))
    by_hand = ScoreWithdrawal.objects.filter(program=program).aggregate(w=Max("withdrawn_at"), r=Max("restored_at"))
    moments = (*files.values(), *by_hand.values())
    return max((moment for moment in moments if moment is not None), default=None)
