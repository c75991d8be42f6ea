"""One page of a roster, and the choices of its filters."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from django.db.models import QuerySet, SmallIntegerField
from django.utils.translation import get_language

from scoreport.access import Actor, PlaceKind
from scoreport.lib.clock import local_date
from scoreport.lib.statements import Given
from scoreport.organizations.queries import infos, names_of_schools_under
from scoreport.organizations.rules import OrganizationInfo
from scoreport.people.queries import public_id_of
from scoreport.reports.queries.exams import figures_by_exam
from scoreport.reports.queries.order import ids_of, ordered, segments
from scoreport.reports.queries.rows import asked, total_of
from scoreport.reports.queries.years import with_years, years_offered
from scoreport.reports.rules import (
    PAGE_SIZE,
    Filter,
    FilterOptions,
    Option,
    ReportDefinition,
    Result,
    RosterColumn,
    RosterPage,
    RosterQuery,
    RosterRow,
    Waiting,
    definition_of,
)
from scoreport.reports.rules.codes import code_ranks
from scoreport.scores import queries as scores

if TYPE_CHECKING:
    from scoreport.reports.rules.report import Cell
    from scoreport.scores.queries import VisibleScores

_SMALL: Final = 2_000
"""A roster of up to this many rows is sorted as it is read."""
_MANY_SCHOOLS = 200
"""With more schools than this, a list of them is no help; people open the district or the school."""


def roster_page(
    actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime, *, known: int | None = None
) -> RosterPage:
    """Return the page of a roster that a query asks for; a page beyond the last one is the last one.

    ``known`` is how many rows the roster of the query's years has, filters aside, where that was counted before.
    Raises :class:`scoreport.access.NotAllowed` without a role that opens rosters there.
    """
    query, notices = with_years(actor, organization, query, at)
    is_small = known is not None and known <= _SMALL and _is_plain(organization, query)
    parts = [] if is_small else segments(actor, organization, query, at)
    total = known if is_small and known is not None else sum(part.size for part in parts)
    pages = max(1, -(-total // PAGE_SIZE))
    query = replace(query, page=min(query.page, pages))
    first = (query.page - 1) * PAGE_SIZE
    if is_small:
        found = _window(actor, organization, query, at, first)
    else:
        found = _of_ids(actor, organization, query, at, ids_of(parts, first, PAGE_SIZE))
    rows = _rows(organization, query, at, found)
    return RosterPage(
        columns=query.definition.columns_of(query.columns),
        rows=rows,
        total=total,
        total_unfiltered=_unfiltered(actor, organization, query, at, known) if query.is_filtered else total,
        page=query.page,
        pages=pages,
        first=first + 1 if rows else 0,
        last=first + len(rows),
        query=query,
        notices=notices,
    )


def whole_roster(actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime) -> RosterPage:
    """Return all rows of a roster in their order, as one page; the caller has made sure that they are not too many.

    The years of the query are spelled out. Raises :class:`scoreport.access.NotAllowed` without a role that opens
    rosters there.
    """
    parts = segments(actor, organization, query, at)
    ids = ids_of(parts, 0, sum(part.size for part in parts))
    rows = _rows(organization, query, at, _of_ids(actor, organization, query, at, ids))
    return RosterPage(
        columns=query.definition.columns_of(query.columns),
        rows=rows,
        total=len(rows),
        total_unfiltered=len(rows),
        page=1,
        pages=1,
        first=min(1, len(rows)),
        last=len(rows),
        query=query,
        notices=(),
    )


def _unfiltered(
    actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime, known: int | None
) -> int:
    if known is not None:
        return known
    everything = query.without_filters()
    return total_of(actor, organization, everything, at, asked(actor, organization, everything, at))


def _is_plain(organization: OrganizationInfo, query: RosterQuery) -> bool:
    """Tell whether a page is asked for as most are: one year, no filter."""
    return organization.kind is not PlaceKind.OTHER and len(query.years) == 1 and not query.is_filtered


_NEEDED = (
    "id",
    "first_name",
    "last_name",
    "exam_code",
    "tested_on",
    "school_id",
    "points",
    "is_released",
    "canceled_on",
)


def _fields(query: RosterQuery) -> list[str]:
    return sorted({column.field for column in query.definition.columns_of(query.columns)} | set(_NEEDED))


def _window(
    actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime, first: int
) -> list[dict[str, Any]]:
    """Read one page of a small roster in its order."""
    fields = _fields(query)

    def narrowed(visible: "VisibleScores") -> "QuerySet[Any, Any]":
        of_year = visible.filter(program=query.program, year=Given("year", SmallIntegerField()))
        # Sorting ids takes less than sorting all that is shown.
        shown = ordered(organization, query, of_year).values("pk")[first : first + PAGE_SIZE]
        named = visible.filter(pk__in=shown).annotate(student=public_id_of("student_id"))
        rows: QuerySet[Any, Any] = ordered(organization, query, named).values(*fields, "student")
        return rows

    # Codes stand by their labels in the reader's language.
    shape = ("roster", query.sort, query.descending, tuple(fields), first, get_language())
    values = {"year": query.years[0]}
    return scores.visible_rows(
        actor, organization.place, at, program=query.program, shape=shape, narrowed=narrowed, values=values
    )


def _of_ids(
    actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime, ids: list[int]
) -> list[dict[str, Any]]:
    """Read the tests with these ids, in their order."""
    visible = scores.visible_scores(actor, at, program=query.program, place=organization.place).filter(pk__in=ids)
    named = visible.annotate(student=public_id_of("student_id"))
    found = {row["id"]: row for row in named.values(*_fields(query), "student")}
    return [found[number] for number in ids if number in found]


def _rows(
    organization: OrganizationInfo, query: RosterQuery, at: datetime, found: list[dict[str, Any]]
) -> tuple[RosterRow, ...]:
    """Return the lines of a page; codes are told in words."""
    others = {row["school_id"] for row in found} - {None, organization.id}
    schools = {organization.id: organization.name} | {info.id: info.name for info in infos(others).values()}
    today = local_date(at, organization.time_zone)
    main = query.definition.main
    columns = [(column.field, _labels(column, get_language())) for column in query.definition.columns_of(query.columns)]
    return tuple(
        RosterRow(
            id=row["id"],
            student=row["student"],
            name=full_name(row["first_name"], row["last_name"]),
            cells=tuple(_cell(row[field], labels) for field, labels in columns),
            points=row["points"],
            at_cut=main.is_reached(row["points"], row["tested_on"]),
            waiting=waiting_of(query.program, row["exam_code"], row["tested_on"], today) if is_waiting(row) else None,
            canceled_on=row["canceled_on"],
            school=schools.get(row["school_id"], ""),
        )
        for row in found
    )


def is_waiting(row: Mapping[str, Any]) -> bool:
    """Tell whether the score of a test is still to come."""
    return not row["is_released"] and row["canceled_on"] is None


def full_name(first: str, last: str) -> str:
    """Write a name as lists do: last name first."""
    return f"{last}, {first}" if first else last


@lru_cache(maxsize=100)
def _labels(column: RosterColumn, _language: str | None) -> Mapping[str, str] | None:
    """Return the words for a column's codes in the language that is active; None for a column without codes."""
    table = column.codes
    return None if table is None else {code: str(table.label(code)) for code in table}


def _cell(value: "Cell", labels: Mapping[str, str] | None) -> "Cell":
    """Return what a column shows of a row: words for codes, None for a score that may not be seen."""
    return value if labels is None or value is None else labels.get(str(value), str(value))


def shown_in(column: RosterColumn, row: Mapping[str, Any]) -> str:
    """Return what a column shows of a test in words; nothing where it holds nothing."""
    shown = _cell(row[column.field], _labels(column, get_language()))
    return "" if shown is None else str(shown)


@lru_cache(maxsize=1_000)
def waiting_of(program: str, exam_code: str, tested_on: date, today: date) -> Waiting:
    """Say when a score can be expected, from the exam and the day of the test alone.

    Whether it is there already and waits for its release is not for the reader to see.
    """
    known = definition_of(program).program
    # A code from another time stands for an exam without an essay.
    exam = known.exam_by_code(exam_code) or next(exam for exam in known.exams if not exam.waits_for_readers)
    first, last = known.release.expected_between(exam, tested_on)
    return Waiting(first, last, is_overdue=known.release.is_overdue(exam, tested_on, None, today))


def filter_options(
    actor: Actor,
    organization: OrganizationInfo,
    query: RosterQuery,
    at: datetime,
    *,
    taken: Collection[str] | None = None,
) -> FilterOptions:
    """Return the choices of all filters: of exams and schools those that can occur, and what is chosen anyway.

    ``taken`` are the exams of the query's years where they are known already; they are looked up otherwise.
    Raises :class:`scoreport.access.NotAllowed` without a role that opens reports there.
    """
    offered = years_offered(organization, at)
    chosen = with_years(actor, organization, query, at)[0]
    definition = query.definition
    bands = [f"{low}-{high}" for low, high in definition.main.ranges]
    return FilterOptions(
        years=_options([(year.key, year.label) for year in offered], [f"{y}-{y + 1}" for y in chosen.years]),
        exams=_options(_exams(actor, organization, chosen, at, taken), chosen.exams),
        results=_options(_results(definition), [chosen.result.value]),
        bands=_options([(band, band.replace("-", "–")) for band in bands], [f"{chosen.score_from}-{chosen.score_to}"]),
        grades=_codes(definition, Filter.GRADE, chosen.grades),
        genders=_codes(definition, Filter.GENDER, chosen.genders),
        ethnicities=_codes(definition, Filter.ETHNICITY, chosen.ethnicities),
        schools=_options(_schools(organization, chosen), map(str, chosen.schools)),
    )


def _options(choices: Iterable[tuple[str, str]], chosen: Iterable[str]) -> tuple[Option, ...]:
    marked = set(chosen)
    return tuple(Option(value, label, value in marked) for value, label in choices)


def _codes(definition: ReportDefinition, by: Filter, chosen: Iterable[object]) -> tuple[Option, ...]:
    """Return the codes of a column in the order in which the roster sorts by them; none without such a filter."""
    if by not in definition.filters:
        return ()
    return _options(_choices(definition.by_key[by.value], get_language()), map(str, chosen))


def _results(definition: ReportDefinition) -> list[tuple[str, str]]:
    """Return what can be known of a score; of a measure without a cut nothing reaches it."""
    offered = [result for result in Result if definition.main.cuts or result not in {Result.AT_CUT, Result.BELOW_CUT}]
    return [(result.value, result.label(definition.words)) for result in offered]


@lru_cache(maxsize=100)
def _choices(column: RosterColumn, language: str | None) -> tuple[tuple[str, str], ...]:
    """Return codes and words of a column in the language that is active, in their order."""
    labels, ranks = _labels(column, language), code_ranks(column, descending=False)
    return (
        () if labels is None or ranks is None else tuple((code, labels[code]) for code in sorted(labels, key=ranks.key))
    )


def _exams(
    actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime, known: Collection[str] | None
) -> list[tuple[str, str]]:
    """Return the exams that were taken in the years, and those that are chosen, by title."""
    if Filter.EXAM not in query.definition.filters:
        return []
    taken = set(_taken(actor, organization, query, at) if known is None else known) | set(query.exams)
    exams = {code: query.definition.program.exam_by_code(code) for code in taken}
    return sorted(((code, exam.title if exam else code) for code, exam in exams.items()), key=lambda choice: choice[1])


def _taken(actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime) -> Iterator[str]:
    """Yield the codes of the exams of the query's years."""
    by_year = scores.figures(actor, organization.place, at, program=query.program, years=query.years)
    for year in query.years:
        yield from figures_by_exam(actor, organization, at, program=query.program, year=year, together=by_year[year])


def _schools(organization: OrganizationInfo, query: RosterQuery) -> list[tuple[str, str]]:
    """Return the schools under an organization, unless they are too many for a list."""
    if organization.kind is PlaceKind.SCHOOL or Filter.SCHOOL not in query.definition.filters:
        return []
    schools = names_of_schools_under(organization.place, most=_MANY_SCHOOLS + 1)
    if len(schools) > _MANY_SCHOOLS:
        within = (found for found in infos(query.schools).values() if organization.id in found.lineage)
        schools = sorted(((school.id, school.name) for school in within), key=lambda school: (school[1], school[0]))
    return [(str(number), name) for number, name in schools]
