"""Which tests a roster query asks for, and how many."""

import hashlib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.cache import caches
from django.db.models import Q

from scoreport.access import Actor
from scoreport.lib.text import sort_key
from scoreport.organizations.rules import OrganizationInfo
from scoreport.reports.queries.exams import WITH_TOTALS, figures_by_exam
from scoreport.reports.rules import Result, RosterQuery
from scoreport.scores import queries as scores
from scoreport.scores.queries import Figures

if TYPE_CHECKING:
    from scoreport.scores.queries import VisibleScores

_KEPT_SECONDS = 3600


def asked(actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime) -> "VisibleScores":
    """Return the tests that a query asks for, in no order; its years are spelled out.

    Raises :class:`scoreport.access.NotAllowed` without a role that opens rosters there.
    """
    rows = scores.visible_scores(actor, at, program=query.program, place=organization.place)
    rows = rows.filter(program=query.program, **one_or_many("year", query.years))
    rows = _with_result(rows, query, at)
    return rows.filter(*_conditions(query)) if query.is_filtered else rows


def one_or_many(name: str, values: Sequence[object]) -> dict[str, object]:
    """Return a filter; a single value is compared, since a list of one keeps an index from giving the order."""
    return {name: values[0]} if len(values) == 1 else {f"{name}__in": values}


def _with_result(rows: "VisibleScores", query: RosterQuery, at: datetime) -> "VisibleScores":
    if query.score_from is not None or query.score_to is not None:
        rows = scores.scored_between(rows, at, query.score_from, query.score_to)
    match query.result:
        case Result.ANY:
            return rows
        case Result.RELEASED:
            return scores.released(rows, at)
        case Result.WAITING:
            return scores.waiting(rows, at)
        case Result.CANCELED:
            return scores.canceled(rows)
        case Result.AT_CUT:
            return scores.at_cut(rows, at)
        case Result.BELOW_CUT:
            return scores.below_cut(rows, at)


def _conditions(query: RosterQuery) -> list[Q]:
    """Return the filters that look at no score."""
    chosen = (
        ("exam_code", query.exams),
        ("grade", query.grades),
        ("gender", query.genders),
        ("ethnicity", query.ethnicities),
        ("school_id", query.schools),
    )
    found = [Q(**one_or_many(name, values)) for name, values in chosen if values]
    if query.tested_from is not None:
        found.append(Q(tested_on__gte=query.tested_from))
    if query.tested_to is not None:
        found.append(Q(tested_on__lte=query.tested_to))
    if query.search:
        found.append(_search(query.search))
    return found


def _search(text: str) -> Q:
    """Find every word in a name, or the whole at the beginning of a ticket, whatever the case and the accents."""
    names = Q()
    for word in sort_key(text).split():
        names &= Q(sort_last__contains=word) | Q(sort_first__contains=word)
    ticket = Q(ticket__istartswith=text)
    return ticket | names if names else ticket


def figures_of(actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime) -> Mapping[int, Figures]:
    """Return the figures of a query's years, filters aside, from the totals; nothing of organizations without them."""
    if organization.kind not in WITH_TOTALS:
        return {}
    return scores.figures(actor, organization.place, at, program=query.program, years=query.years)


def facts_of(organization: OrganizationInfo, query: RosterQuery, by_year: Mapping[int, Figures]) -> Hashable:
    """Return what decides which tests a query asks for: with ``by_year``, equal facts promise the same tests.

    Releases only add, so equal figures in one revision mean the same scores. Without totals the number of released
    tests belongs to it.
    """
    plain = replace(query, sort="", descending=False, columns=(), page=1)
    return organization.id, plain, tuple(by_year.items()) or scores.data_as_of(query.program)


def total_of(
    actor: Actor,
    organization: OrganizationInfo,
    query: RosterQuery,
    at: datetime,
    rows: "VisibleScores",
    by_year: Mapping[int, Figures] | None = None,
) -> int:
    """Return how many tests a query asks for: ``rows``; give ``by_year`` where :func:`figures_of` is known already."""
    by_year = figures_of(actor, organization, query, at) if by_year is None else by_year
    if not by_year:
        return rows.count()
    if query.with_(exams=(), result=Result.ANY).is_filtered:
        # Each page and each order of a filter would count the same again.
        key = "count-" + hashlib.sha256(repr(facts_of(organization, query, by_year)).encode()).hexdigest()
        return int(caches["figures"].get_or_set(key, rows.count, _KEPT_SECONDS) or 0)
    if not query.exams:
        return sum(_number(figures, query.result) for figures in by_year.values())
    by_exam = [
        figures_by_exam(actor, organization, at, program=query.program, year=year, together=by_year[year])
        for year in query.years
    ]
    return sum(_number(exams[code], query.result) for exams in by_exam for code in query.exams if code in exams)


def _number(figures: Figures, result: Result) -> int:
    match result:
        case Result.ANY:
            return figures.tests + figures.waiting + figures.canceled
        case Result.RELEASED:
            return figures.tests
        case Result.WAITING:
            return figures.waiting
        case Result.CANCELED:
            return figures.canceled
        case Result.AT_CUT:
            return figures.at_cut
        case Result.BELOW_CUT:
            return figures.tests - figures.at_cut
