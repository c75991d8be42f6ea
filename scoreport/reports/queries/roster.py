"""One page of a roster, and the choices of its filters."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from scoreport.access import Actor, PlaceKind
from scoreport.lib.clock import local_date
from scoreport.organizations.queries import infos, names_of_schools_under
from scoreport.organizations.rules import OrganizationInfo
from scoreport.people.queries import public_id_of
from scoreport.programs.catalog import program
from scoreport.programs.rules import CREDIT_GRANTING_SCORE, CodeTable
from scoreport.reports.queries.exams import figures_by_exam
from scoreport.reports.queries.order import ids_of, segments
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

_MANY_SCHOOLS = 200
"""With more schools than this, a list of them is no help; people open the district or the school."""


def roster_page(actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime) -> RosterPage:
    """Return the page of a roster that a query asks for; a page beyond the last one is the last one.

    Raises :class:`scoreport.access.NotAllowed` without a role that opens rosters there.
    """
    query, notices = with_years(actor, organization, query, at)
    parts = segments(actor, organization, query, at)
    total = sum(part.size for part in parts)
    pages = max(1, -(-total // PAGE_SIZE))
    query = replace(query, page=min(query.page, pages))
    first = (query.page - 1) * PAGE_SIZE
    ids = ids_of(parts, first, PAGE_SIZE)
    everything = query.without_filters()
    rows = _rows(actor, organization, query, at, ids)
    return RosterPage(
        columns=tuple(COLUMNS[key] for key in query.columns),
        rows=rows,
        total=total,
        total_unfiltered=total
        if not query.is_filtered
        else total_of(actor, organization, everything, at, asked(actor, organization, everything, at)),
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
    rows = _rows(actor, organization, query, at, ids)
    return RosterPage(
        columns=tuple(COLUMNS[key] for key in query.columns),
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


def _rows(
    actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime, ids: list[int]
) -> tuple[RosterRow, ...]:
    """Read the tests with these ids, in their order."""
    fields = {COLUMNS[key].field for key in query.columns} | set(_NEEDED)
    visible = scores.visible_scores(actor, at, program=PROGRAM, place=organization.place).filter(pk__in=ids)
    named = visible.annotate(student=public_id_of("student_id"))
    found = {row["id"]: row for row in named.values(*sorted(fields), "student")}
    schools = infos({row["school_id"] for row in found.values() if row["school_id"] is not None})
    today = local_date(at, organization.time_zone)
    columns = [(COLUMNS[key].field, code_table(key)) for key in query.columns]
    return tuple(
        RosterRow(
            id=row["id"],
            student=row["student"],
            name=full_name(row["first_name"], row["last_name"]),
            cells=tuple(_cell(row[field], table) for field, table in columns),
            points=row["points"],
            at_cut=row["points"] is not None and row["points"] >= CREDIT_GRANTING_SCORE,
            waiting=waiting_of(row["exam_code"], row["tested_on"], today) if is_waiting(row) else None,
            canceled_on=row["canceled_on"],
            school=schools[row["school_id"]].name if row["school_id"] in schools else "",
        )
        for row in (found[number] for number in ids if number in found)
    )


def is_waiting(row: Mapping[str, Any]) -> bool:
    """Tell whether the score of a test is still to come."""
    return not row["is_released"] and row["canceled_on"] is None


def full_name(first: str, last: str) -> str:
    """Write a name as lists do: last name first."""
    return f"{last}, {first}" if first else last


def _cell(value: "Cell", table: CodeTable | None) -> "Cell":
    """Return what a column shows of a row: words for codes, None for a score that may not be seen."""
    return value if table is None else str(table.label(str(value)))


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
    table, ranks = code_table(key), code_ranks(key, descending=False)
    if table is None or ranks is None:
        return ()
    return _options([(code, str(table.label(code))) for code in sorted(table, key=ranks.key)], map(str, chosen))


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
