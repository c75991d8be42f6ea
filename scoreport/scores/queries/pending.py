"""How many tests have waited for their scores for long."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce

from scoreport import access
from scoreport.access import Actor, Permission, Place, PlaceKind
from scoreport.scores.models import Total
from scoreport.scores.queries.reading import at_place
from scoreport.scores.results import results_of
from scoreport.scores.rules import NEVER

_COLUMN_OF = {PlaceKind.STATE: "state_id", PlaceKind.DISTRICT: "district_id"}


def count_pending(
    actor: Actor,
    place: Place,
    at: datetime,
    *,
    program: str,
    years: Collection[int],
    codes: Collection[str],
    tested_before: date,
) -> int:
    """Return how many tests of some exams that were taken before a day have no score to see yet.

    A score that is here and not released counts as one that is not here. Raises
    :class:`scoreport.access.NotAllowed` without a role that opens rosters there.
    """
    access.require(actor, Permission.SCORES_ROSTER_READ, place)
    results = results_of(program)
    old = results.model.objects.filter(
        program=program, is_current=True, canceled_on__isnull=True, exam_code__in=codes, tested_on__lt=tested_before
    )
    of_place = old.filter(at_place(place), year__in=years)
    if place.kind not in _COLUMN_OF:
        return int(of_place.filter(Q(released_at__isnull=True) | Q(released_at__gt=at)).count())
    missing = _by_their_index(old.filter(released_at__isnull=True), place, years).count()
    # The totals say whether a score of these exams is here and not released: seldom, on the evening before it is.
    coming = Total.objects.filter(
        program=program, measure=results.value, organization_id=place.id, year__in=years, exam_code__in=codes,
        released_at__gt=at, released_at__lt=NEVER,
    )  # fmt: skip
    return missing + (of_place.filter(released_at__gt=at).count() if coming.exists() else 0)


def _by_their_index(rows: QuerySet[Any], place: Place, years: Collection[int]) -> QuerySet[Any]:
    """Return the rows of a place, in words that leave only the index on tests without a score to the databases.

    The index of a district's or a state's tests would lead through all of them.
    """
    where = Coalesce(_COLUMN_OF[place.kind], Value(0))
    named: QuerySet[Any] = rows.alias(where=where, when=Coalesce("year", Value(0)))
    return named.filter(where=place.id, when__in=years)
