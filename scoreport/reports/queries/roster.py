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
from scoreport.programs.catalog import program
from scoreport.programs.rules import CREDIT_GRANTING_SCORE
from scoreport.reports.queries.exams import figures_by_exam
from scoreport.reports.queries.order import ids_of, ordered, segments
from scoreport.reports.queries.rows import asked, total_of
from scoreport.reports.queries.years import with_years, years_offered
from scoreport.reports.rules import (
    BANDS,
    COLUMNS,
    PAGE_SIZE,
    PROGRAM,
    FilterOptions,
    Option,
    Result,
    RosterPage,
    RosterQuery,
    RosterRow,
    Waiting,
)
from scoreport.reports.rules.codes import code_ranks, code_table
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
        columns=tuple(COLUMNS[key] for key in query.columns),
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
    "student_id",
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
    return sorted({COLUMNS[key].field for key in query.columns} | set(_NEEDED))


def _window(
    actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime, first: int
) -> list[dict[str, Any]]:
    """Read one page of a small roster in its order."""
    fields = _fields(query)

    def narrowed(visible: "VisibleScores") -> "QuerySet[Any, Any]":
        of_year = visible.filter(program=PROGRAM, year=Given("year", SmallIntegerField()))
        # Sorting ids takes less than sorting all that is shown.
        shown = ordered(organization, query, of_year).values("pk")[first : first + PAGE_SIZE]
        rows: QuerySet[Any, Any] = ordered(organization, query, visible.filter(pk__in=shown)).values(*fields)
        return rows

    # Codes stand by their labels in the reader's language.
    shape = ("roster", query.sort, query.descending, tuple(fields), first, get_language())
    values = {"year": query.years[0]}
    return scores.visible_rows(
        actor, organization.place, at, program=PROGRAM, shape=shape, narrowed=narrowed, values=values
    )


def _of_ids(
    actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime, ids: list[int]
) -> list[dict[str, Any]]:
    """Read the tests with these ids, in their order."""
    visible = scores.visible_scores(actor, at, program=PROGRAM, place=organization.place).filter(pk__in=ids)
    found = {row["id"]: row for row in visible.values(*_fields(query))}
    return [found[number] for number in ids if number in found]


def _rows(
    organization: OrganizationInfo, query: RosterQuery, at: datetime, found: list[dict[str, Any]]
) -> tuple[RosterRow, ...]:
    """Return the lines of a page; codes are told in words."""
    others = {row["school_id"] for row in found} - {None, organization.id}
    schools = {organization.id: organization.name} | {info.id: info.name for info in infos(others).values()}
    today = local_date(at, organization.time_zone)
    columns = [(COLUMNS[key].field, _labels(key, get_language())) for key in query.columns]
    return tuple(
        RosterRow(
            id=row["id"],
            student_id=row["student_id"],
            name=full_name(row["first_name"], row["last_name"]),
            cells=tuple(_cell(row[field], labels) for field, labels in columns),
            points=row["points"],
            at_cut=row["points"] is not None and row["points"] >= CREDIT_GRANTING_SCORE,
            waiting=waiting_of(row["exam_code"], row["tested_on"], today) if is_waiting(row) else None,
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
def _labels(key: str, _language: str | None) -> Mapping[str, str] | None:
    """Return the words for a column's codes in the language that is active; None for a column without codes."""
    table = code_table(key)
    return None if table is None else {code: str(table.label(code)) for code in table}


def _cell(value: "Cell", labels: Mapping[str, str] | None) -> "Cell":
    """Return what a column shows of a row: words for codes, None for a score that may not be seen."""
    return value if labels is None else labels.get(str(value), str(value))


@lru_cache(maxsize=1_000)
def waiting_of(exam_code: str, tested_on: date, today: date) -> Waiting:
    """Say when a score can be expected, from the exam and the day of the test alone.

    Whether it is there already and waits for its release is not for the reader to see.
    """
    clep = program(PROGRAM)
    # A code from another time stands for an exam without an essay.
    exam = clep.exam_by_code(exam_code) or next(exam for exam in clep.exams if not exam.waits_for_readers)
    first, last = clep.release.expected_between(exam, tested_on)
    return Waiting(first, last, is_overdue=clep.release.is_overdue(exam, tested_on, None, today))


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
    bands = [f"{low}-{high}" for low, high in BANDS]
    return FilterOptions(
        years=_options([(year.key, year.label) for year in offered], [f"{y}-{y + 1}" for y in chosen.years]),
        exams=_options(_exams(actor, organization, chosen, at, taken), chosen.exams),
        results=_options([(result.value, result.label) for result in Result], [chosen.result.value]),
        bands=_options([(band, band.replace("-", "–")) for band in bands], [f"{chosen.score_from}-{chosen.score_to}"]),
        grades=_codes("grade", chosen.grades),
        genders=_codes("gender", chosen.genders),
        ethnicities=_codes("ethnicity", chosen.ethnicities),
        schools=_options(_schools(organization, chosen), map(str, chosen.schools)),
    )


def _options(choices: Iterable[tuple[str, str]], chosen: Iterable[str]) -> tuple[Option, ...]:
    marked = set(chosen)
    return tuple(Option(value, label, value in marked) for value, label in choices)


def _codes(key: str, chosen: Iterable[object]) -> tuple[Option, ...]:
    """Return the codes of a column in the order in which the roster sorts by them."""
    return _options(_choices(key, get_language()), map(str, chosen))


@lru_cache(maxsize=100)
def _choices(key: str, language: str | None) -> tuple[tuple[str, str], ...]:
    """Return codes and words of a column in the language that is active, in their order."""
    labels, ranks = _labels(key, language), code_ranks(key, descending=False)
    return (
        () if labels is None or ranks is None else tuple((code, labels[code]) for code in sorted(labels, key=ranks.key))
    )


def _exams(
    actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime, known: Collection[str] | None
) -> list[tuple[str, str]]:
    """Return the exams that were taken in the years, and those that are chosen, by title."""
    taken = set(_taken(actor, organization, query, at) if known is None else known) | set(query.exams)
    exams = {code: program(PROGRAM).exam_by_code(code) for code in taken}
    return sorted(((code, exam.title if exam else code) for code, exam in exams.items()), key=lambda choice: choice[1])


def _taken(actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime) -> Iterator[str]:
    """Yield the codes of the exams of the query's years."""
    by_year = scores.figures(actor, organization.place, at, program=PROGRAM, years=query.years)
    for year in query.years:
        yield from figures_by_exam(actor, organization, at, year=year, together=by_year[year])


def _schools(organization: OrganizationInfo, query: RosterQuery) -> list[tuple[str, str]]:
    """Return the schools under an organization, unless they are too many for a list."""
    if organization.kind is PlaceKind.SCHOOL:
        return []
    schools = names_of_schools_under(organization.place, most=_MANY_SCHOOLS + 1)
    if len(schools) > _MANY_SCHOOLS:
        within = (found for found in infos(query.schools).values() if organization.id in found.lineage)
        schools = sorted(((school.id, school.name) for school in within), key=lambda school: (school[1], school[0]))
    return [(str(number), name) for number, name in schools]
