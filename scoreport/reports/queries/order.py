"""The order of a roster, and one page of it, however long it is.

An order is a list of segments, so that scores can stand before what waits for them. A segment of a short roster is
sorted for each page, from the nearer end; one of a district's size is sorted once
(:mod:`scoreport.reports.queries.kept`); deep in a longer one, :mod:`scoreport.reports.queries.spread` says among which
tests a page lies.
The id ends every order, so that it is the same every time. In a state, tests that are equal in what is sorted by
stand by district, because the tests of one district lie together in the database.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db.models import F, Func, IntegerField, Q
from django.db.models.functions import Coalesce, Substr

from scoreport.access import Actor, PlaceKind
from scoreport.organizations.rules import OrganizationInfo
from scoreport.reports.queries.kept import order_of
from scoreport.reports.queries.rows import asked, facts_of, figures_of, one_or_many, total_of
from scoreport.reports.queries.spread import Run, spread_of
from scoreport.reports.rules import Result, RosterColumn, RosterQuery
from scoreport.reports.rules.codes import OTHER_RANK, CodeRanks, code_ranks
from scoreport.reports.rules.columns import POINTS
from scoreport.scores import queries as scores

if TYPE_CHECKING:
    from scoreport.scores.queries import VisibleScores

SHORT: Final = 20_000
"""A segment of a roster of up to this many tests is sorted as it is."""
KEPT: Final = 250_000
"""The order of a segment of up to this many is kept, two megabytes at most."""
NEAR: Final = 500
"""So close to an end, an index leads to the page at once."""
_LAST_CHARACTER: Final = "\U0010ffff"
_DISTRICT: Final = "district"
_HAVE_ONE: Final = {POINTS: Result.RELEASED, "canceled_on": Result.CANCELED}
"""The fields in which not every test has a value, and the tests that have one."""

type Order = tuple[str | Func, ...]
type Between = Callable[["VisibleScores", Run], "VisibleScores"]


@dataclass(frozen=True, slots=True)
class Segment:
    """Tests and how many they are. All of it is told in ascending order; ``descending`` turns it round.

    ``scope`` is how many tests the whole roster has: to find a few that wait, a database goes through all of them.
    ``lead`` is the field that leads the order, and ``between`` keeps the tests in which it has one of some values.
    With ``ranks``, its codes stand as people read them.
    ``is_indexed`` says that an index gives the order, ``is_kept`` that it may be kept whole, as the ``facts`` change
    with every test. Equal facts promise the same tests.
    """

    rows: "VisibleScores"
    size: int
    scope: int
    lead: str
    order: Order
    prefix: int
    by_district: bool
    descending: bool
    between: Between
    is_indexed: bool
    is_kept: bool
    facts: Hashable
    ranks: CodeRanks | None = None


def segments(actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime) -> list[Segment]:
    """Return the tests that a query asks for in its order: what :func:`ordered` says, in pieces."""
    rows = asked(actor, organization, query, at)
    by_year = figures_of(actor, organization, query, at)
    total = total_of(actor, organization, query, at, rows, by_year)
    column = query.sort_column
    ranks = code_ranks(column, descending=query.descending)
    lead = _lead(query)
    whole = Segment(
        rows=_with_aliases(query, rows),
        size=total,
        scope=total,
        lead=lead,
        order=_order(organization, query),
        prefix=column.prefix,
        by_district=_stands_by_district(organization, query),
        descending=query.descending,
        between=_among(lead) if ranks else _between(lead, column.prefix),
        is_indexed=_is_indexed(organization, query),
        is_kept=bool(by_year),
        facts=facts_of(organization, query, by_year) if total > SHORT else (),
        ranks=ranks,
    )
    if column.field not in _HAVE_ONE:
        return [whole]
    if query.result is _HAVE_ONE[column.field]:
        number = total
    elif query.result is Result.ANY:
        having = _with_value(query, rows, at)
        number = total_of(actor, organization, replace(query, result=_HAVE_ONE[column.field]), at, having, by_year)
    else:
        number = total if column.is_main and query.result in {Result.AT_CUT, Result.BELOW_CUT} else 0
    return _by_value(query, whole, number, at)


def _with_value(query: RosterQuery, rows: "VisibleScores", at: datetime) -> "VisibleScores":
    """Return the tests that have a value in the column of the order."""
    return scores.released(rows, at) if query.sort_column.is_main else scores.canceled(rows)


def _by_value(query: RosterQuery, whole: Segment, number: int, at: datetime) -> list[Segment]:
    """Return the ``number`` tests of a piece with a value in the column of the order by it, then those without one."""
    lead, *ties = whole.order
    is_score = query.sort_column.is_main
    having = replace(
        whole,
        rows=_with_value(query, whole.rows, at),
        size=number,
        order=(scores.value_order(query.program) if is_score else lead, *ties),
        between=(lambda some, run: scores.scored_between(some, at, run.low, run.high)) if is_score else whole.between,
    )
    # What waits or is canceled has no score to stand by, what is not canceled no date.
    others = replace(
        whole,
        rows=scores.unreleased(whole.rows, at) if is_score else scores.not_canceled(whole.rows),
        size=whole.size - number,
        lead="is_released" if is_score else "is_current",
        order=tuple(ties),
        between=lambda some, _run: some,
    )
    return [having, others]


def ordered(organization: OrganizationInfo, query: RosterQuery, rows: "VisibleScores") -> "VisibleScores":
    """Return tests in a query's order. What has no score, or no date, to show stands behind all others, both ways."""
    rows = _with_aliases(query, rows)
    if query.sort_column.field not in _HAVE_ONE:
        rows = rows.order_by(*_order(organization, query))
        return rows.reverse() if query.descending else rows
    way = "-" if query.descending else ""
    if not query.sort_column.is_main:
        rows = rows.alias(is_canceled=scores.IS_CANCELED)
    first = "-is_released" if query.sort_column.is_main else "-is_canceled"
    return rows.order_by(first, *(f"{way}{name}" for name in _order(organization, query)))


def _is_indexed(organization: OrganizationInfo, query: RosterQuery) -> bool:
    return organization.kind is PlaceKind.STATE and query.sort == "last_name"


def _stands_by_district(organization: OrganizationInfo, query: RosterQuery) -> bool:
    return organization.kind is PlaceKind.STATE and query.sort_column.groups


def _order(organization: OrganizationInfo, query: RosterQuery) -> Order:
    """Return the fields of an ascending order."""
    column = query.sort_column
    fields: Order = (_lead(query), *column.order[1:])
    if ranks := code_ranks(column, descending=query.descending):
        fields = (_rank(column, ranks), *(() if column.is_numbered else fields))
    if column.field == "ticket" and organization.kind is not PlaceKind.STATE:
        # The tickets of one place lie together, and the index of all tickets would be searched for long in vain.
        fields = (Substr("ticket", 1),)
    return (*fields, *([_DISTRICT] if _stands_by_district(organization, query) else []), "id")


def _lead(query: RosterQuery) -> str:
    """Return the field that leads an order: of a further measure an alias, which is behind where the measure is not."""
    column = query.sort_column
    return column.order[0] if not _is_further(column) else f"{column.field}_{'first' if query.descending else 'last'}"


def _is_further(column: RosterColumn) -> bool:
    return column.measure is not None and not column.is_main


def _with_aliases(query: RosterQuery, rows: "VisibleScores") -> "VisibleScores":
    """Return tests with what orders are made of beside the fields of tests."""
    rows = rows.alias(**{_DISTRICT: Coalesce("district_id", 0)})
    column = query.sort_column
    if column.measure is None or column.is_main:
        return rows
    missing = column.measure.lowest - 1 if query.descending else column.measure.highest + 1
    return rows.alias(**{_lead(query): Coalesce(column.field, missing)})


def _rank(column: RosterColumn, ranks: CodeRanks) -> Func:
    """Return the rank of a column's codes, as :meth:`CodeRanks.key` has it; a text code needs itself beside it.

    Codes and ranks are our own and written out: as parameters they would cost time.
    """
    field = column.field
    quote, other = ("", f"{OTHER_RANK} + %(expressions)s") if column.is_numbered else ("'", f"{OTHER_RANK}")
    cases = " ".join(f"WHEN {quote}{code}{quote} THEN {rank}" for code, rank in ranks.ranks.items())
    return Func(F(field), template=f"CASE %(expressions)s {cases} ELSE {other} END", output_field=IntegerField())


def _between(lead: str, prefix: int) -> Between:
    def kept(rows: "VisibleScores", run: Run) -> "VisibleScores":
        if prefix:
            return rows.filter(**{f"{lead}__gte": run.low, f"{lead}__lt": f"{run.high}{_LAST_CHARACTER}"})
        low, high = run.low, run.high
        return rows.filter(**({lead: low} if low == high else {f"{lead}__gte": low, f"{lead}__lte": high}))

    return kept


def _among(lead: str) -> Between:
    return lambda rows, run: rows.filter(**one_or_many(lead, run.values))


# --- Pages ---------------------------------------------------------------------------------------


def ids_of(parts: Sequence[Segment], offset: int, size: int) -> list[int]:
    """Return the ids of ``size`` tests from ``offset`` on."""
    found: list[int] = []
    for part in parts:
        if offset >= part.size:
            offset -= part.size
            continue
        wanted = min(size - len(found), part.size - offset)
        if part.descending:
            found += _ids(part, part.size - offset - wanted, wanted)[::-1]
        else:
            found += _ids(part, offset, wanted)
        offset = 0
        if len(found) >= size:
            break
    return found


def _ids(part: Segment, offset: int, size: int) -> list[int]:
    is_near = part.is_indexed and min(offset, part.size - offset - size) <= NEAR
    if part.scope > SHORT and not is_near:
        keeps = part.is_kept and part.size <= KEPT
        found = _from_kept(part, offset, size) if keeps else _by_spread(part, offset, size)
        # Too few came: the tests are others than when they were counted.
        if len(found) == size:
            return found
    return _slice(part.rows.order_by(*part.order), part.size, offset, size)


def _from_kept(part: Segment, offset: int, size: int) -> list[int]:
    kept = order_of(part.rows.order_by(*part.order), facts=(part.order, part.lead, part.size, part.facts))
    return list(kept[offset : offset + size]) if len(kept) == part.size else []


def _by_spread(part: Segment, offset: int, size: int) -> list[int]:
    spread = spread_of(
        part.rows,
        part.lead,
        prefix=part.prefix,
        ranks=part.ranks,
        by_district=part.by_district,
        facts=(part.size, part.facts),
    )
    found: list[int] = []
    if not spread.ends or spread.ends[-1] != part.size:
        return found
    for run in spread.runs(offset, size):
        skipped = max(0, offset - run.start)
        number = run.end - run.start
        # In one district, an index on ids gives the order.
        is_one = run.districts is not None and len(run.districts) == 1
        order = tuple(name for name in part.order if not (is_one and name == _DISTRICT))
        if part.ranks and len(run.values) == 1:
            # Of one code the rank says nothing, and a database would compute it.
            order = order[1:]
        rows = part.between(part.rows, run).filter(_in_districts(run)).order_by(*order)
        found += _slice(rows, number, skipped, min(size - len(found), number - skipped))
    return found


def _in_districts(run: Run) -> Q:
    if run.districts is None:
        return Q()
    inside = Q(district_id__in=run.districts)
    return inside | Q(district_id__isnull=True) if 0 in run.districts else inside


def _slice(rows: "VisibleScores", number: int, offset: int, size: int) -> list[int]:
    """Return ids from ``offset`` on out of ``number``, counted from the nearer end."""
    ids = rows.values_list("pk", flat=True)
    behind = number - offset - size
    if behind < offset:
        return list(ids.reverse()[behind : behind + size])[::-1]
    return list(ids[offset : offset + size])
