"""Reads of scores. :func:`visible_scores` is the only door to a score.

Whatever is not released at ``at`` shows that a test was taken and nothing of its result: the
column ``points`` is the main measure of its program if it may be seen, else None, and so are the
columns that :func:`shown_as` names for the others. Nobody outside this package reads a measure itself.
"""

from collections.abc import Callable, Hashable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypedDict

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    DateTimeField,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    Q,
    QuerySet,
    Value,
    When,
)

from scoreport import access
from scoreport.access import Actor, Permission, Place, PlaceKind
from scoreport.imports.models import ImportFile
from scoreport.lib.statements import Given, rows_of
from scoreport.organizations.queries import schools_under
from scoreport.scores.models import ScoreWithdrawal
from scoreport.scores.queries.totals import misses_cut, reaches_cut
from scoreport.scores.results import AbstractResult, all_results, results_of, results_of_model


class Masked(TypedDict):
    """What :func:`visible_scores` adds to a row: the score if it may be seen, and whether it may."""

    points: int | None
    is_released: bool


if TYPE_CHECKING:
    from collections.abc import Iterator

    from django_stubs_ext import WithAnnotations

    type VisibleScores = QuerySet[WithAnnotations[AbstractResult, Masked]]

IS_CANCELED: Final = ExpressionWrapper(Q(canceled_on__isnull=False), output_field=BooleanField())
"""Whether the score of a test was canceled, to order by."""

_COLUMN_OF = {PlaceKind.STATE: "state_id", PlaceKind.DISTRICT: "district_id", PlaceKind.SCHOOL: "school_id"}


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
        if grant.students:
            scope |= Q(student_id__in=grant.students)
    return scope


def shown_as(program: str, measure: str) -> str:
    """Return the column in which :func:`visible_scores` has a measure: ``points`` is the main one of its program."""
    return "points" if measure == results_of(program).value else f"points_{measure}"


def value_order(program: str) -> str:
    """Return what orders released results by their main measure, as ``points`` does, without computing anything.

    It is for what :func:`released` returns and nothing else: an order by it would tell of results that are not.
    """
    return results_of(program).value


def visible_scores(actor: Actor, at: datetime, *, program: str, place: Place | None = None) -> "VisibleScores":
    """Return a program's tests that ``actor`` may see by name now, with ``points`` and ``is_released`` as of ``at``.

    Raises :class:`scoreport.access.NotAllowed` when the actor may open no roster (there).
    """
    access.require(actor, Permission.SCORES_ROSTER_READ, place)
    rows = results_of(program).model.objects.filter(is_current=True)
    # A grant that reaches the place reaches all of it, so the place alone is the scope then.
    rows = rows.filter(at_place(place) if place is not None else _scope(actor, Permission.SCORES_ROSTER_READ))
    return masked(rows, at)


def visible_rows(
    actor: Actor,
    place: Place,
    at: datetime,
    *,
    program: str,
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
        rows = results_of(program).model.objects.filter(is_current=True, **here)
        return narrowed(masked(rows, Given("at", DateTimeField())))

    return rows_of((program, place.kind, shape), build, {"place": place.id, "at": at, **values})


def visible_of_every_program(actor: Actor, at: datetime) -> "Iterator[VisibleScores]":
    """Yield what :func:`visible_scores` returns, program by program."""
    for results in all_results():
        yield visible_scores(actor, at, program=results.program.slug)


def masked(rows: QuerySet[Any], at: datetime | Given) -> "VisibleScores":
    """Return rows with ``points`` and ``is_released`` and without the measures themselves; unscoped."""
    released = Q(released_at__lte=at)
    program = results_of_model(rows.model).program
    keys = [measure.key for measure in program.measures]
    points = {
        shown_as(program.slug, key): Case(When(released, then=F(key)), default=None, output_field=IntegerField())
        for key in keys
    }
    shown: VisibleScores = rows.defer(*keys).annotate(
        **points,
        is_released=Case(When(released, then=Value(True)), default=Value(False), output_field=BooleanField()),
    )
    return shown


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
    """Return the tests whose main measure is released and from ``low`` to ``high``; None leaves an end open.

    It says the same as a filter on ``points``, in words for which the databases have an index.
    """
    rows, value = released(rows, at), results_of_model(rows.model).value
    if low is not None and low == high:
        # In tests of one score, an index on ids gives their order.
        return rows.filter(**{value: low})
    rows = rows if low is None else rows.filter(**{f"{value}__gte": low})
    return rows if high is None else rows.filter(**{f"{value}__lte": high})


def at_cut(rows: "VisibleScores", at: datetime) -> "VisibleScores":
    """Return the tests whose main measure is released and reaches the cut that was in force when they were taken."""
    main = results_of_model(rows.model).program.main
    if len(main.cuts) == 1:
        return scored_between(rows, at, main.cuts[0].value, None)
    return released(rows, at).filter(reaches_cut(main))


def below_cut(rows: "VisibleScores", at: datetime) -> "VisibleScores":
    """Return the tests whose main measure is released and does not reach that cut; none where it has no cut."""
    main = results_of_model(rows.model).program.main
    if len(main.cuts) == 1:
        return scored_between(rows, at, None, main.cuts[0].value - 1)
    return released(rows, at).filter(misses_cut(main))


def columns_shown(program: str) -> frozenset[str]:
    """Return what :func:`visible_scores` has of a test of a program: the columns of its table, measures as shown."""
    results = results_of(program)
    measures = {measure.key for measure in results.program.measures}
    stored = {field.attname for field in results.model._meta.concrete_fields} - measures
    return frozenset(stored | {shown_as(program, key) for key in measures})


def data_as_of(program: str) -> datetime | None:
    """Return when the data of a program changed last, by a file or by hand."""
    files = ImportFile.objects.filter(program=program).aggregate(a=Max("accepted_at"), w=Max("undone_at"))
    by_hand = ScoreWithdrawal.objects.filter(program=program).aggregate(w=Max("withdrawn_at"), r=Max("restored_at"))
    moments = (*files.values(), *by_hand.values())
    return max((moment for moment in moments if moment is not None), default=None)
