"""Where a missing score may be: among scores, in a checked file, or among refused rows."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Q, QuerySet

from scoreport.imports import staging
from scoreport.imports.models import ImportFile, RejectedRow
from scoreport.imports.rules import FileState
from scoreport.imports.versions import current
from scoreport.lib.folded import TICKET_MARKS, Folded, folded_sql
from scoreport.lib.text import fold_given_names, fold_name
from scoreport.people import records
from scoreport.people.records import Spelled
from scoreport.people.rules import Likeness
from scoreport.scores.models import RefusedTest
from scoreport.scores.results import AbstractResult, Results, all_results, results_of
from scoreport.scores.search.criteria import By, SearchCriteria

_WAITING: Final = (FileState.CHECKED, FileState.ACCEPTING)
_LOADED: Final = (FileState.CHECKED, FileState.ACCEPTING, FileState.ACCEPTED, FileState.UNDOING)
_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Test:
    """A test as one of the sources tells it. ``like`` is None where a ticket or voucher found it."""

    program: str
    ticket: str
    first_name: str
    last_name: str
    birth_date: date | None
    ai_code: str
    school_id: int | None
    exam_code: str
    tested_on: date | None
    like: Likeness | None = None
    is_birth_date: bool = True
    released_at: datetime | None = None
    canceled_on: date | None = None
    record_id: int = 0
    student_id: int = 0
    year: int | None = None
    refused_at: tuple[int, int] | None = None
    is_staged: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether the ticket, the voucher, or name and birth date are those that were typed."""
        return self.like in {None, Likeness.SAME} and self.is_birth_date


def scores(criteria: SearchCriteria, school_ids: Iterable[int], known: Q) -> list[Test]:
    """Return the current tests that may be meant; near names and birth dates only among those of ``school_ids``.

    ``known`` says which tests the asker may know of, so that no other test takes the place of one of those.
    """
    if criteria.by is By.NAME:
        return _by_name(criteria, set(school_ids))
    find = _with_ticket if criteria.by is By.TICKET else _with_voucher
    found: list[Test] = []
    for results in all_results():
        rows = {row.pk: row for some in find(results, criteria) for row in some.filter(known)[:_MOST]}
        found += [_score(row) for _number, row in sorted(rows.items())]
    return found[:_MOST]


# Indexes on expressions and partial ones are taken only where a query says the very words of the index.
def _with_ticket(results: Results, criteria: SearchCriteria) -> tuple[QuerySet[Any], ...]:
    table = results.table
    folded = folded_sql(f"{table}.ticket", TICKET_MARKS)
    plain = [f"{table}.program = %s", f"{table}.ticket IN ({_marks(criteria)})"]
    return (
        _current(results, plain, [results.program.slug, *criteria.spellings]),
        _current(
            results, [f"{folded} IN ({_marks(criteria)})", f"NOT ({table}.ticket = {folded})"], criteria.spellings
        ),
    )


def _with_voucher(results: Results, criteria: SearchCriteria) -> tuple[QuerySet[Any], ...]:
    if not results.has_vouchers:
        return ()
    column = f"{results.table}.voucher_code"
    folded = folded_sql(column)
    where = [f"{folded} IN ({_marks(criteria)})", f"NOT ({column} = '')"]
    return (_current(results, where, criteria.spellings),)


def _current(results: Results, where: list[str], values: list[str]) -> QuerySet[Any]:
    where = [*where, current(results.table)]
    rows: QuerySet[Any] = results.model.objects.extra(where=where, params=values)  # noqa: S610 - the words are ours, the values parameters
    return rows


def _marks(criteria: SearchCriteria) -> str:
    return ", ".join(["%s"] * len(criteria.spellings))


def _score(row: AbstractResult) -> Test:
    return Test(
        program=row.program,
        ticket=row.ticket,
        first_name=row.first_name,
        last_name=row.last_name,
        birth_date=row.birth_date,
        ai_code=row.ai_code,
        school_id=row.school_id,
        exam_code=row.exam_code,
        tested_on=row.tested_on,
        released_at=row.released_at,
        canceled_on=row.canceled_on,
        record_id=row.record_id,
        student_id=row.student_id,
        year=row.year,
    )


def _by_name(criteria: SearchCriteria, school_ids: set[int]) -> list[Test]:
    """Look at the spellings on file, then at the tests of the students whom they stand for."""
    if criteria.birth_date is None:
        return []
    found: dict[int, tuple[Likeness, bool]] = {}
    near = records.spelled_nearby(criteria.splits, criteria.birth_date, school_ids)
    for spelled in (*records.born_on(criteria.birth_date), *near):
        like = criteria.likeness_of(spelled.first_name, spelled.last_name, spelled.birth_date)
        is_born = spelled.birth_date == criteria.birth_date
        if like is not None and ((like is Likeness.SAME and is_born) or spelled.school_id in school_ids):
            _note(found, spelled, like, is_born=is_born)
    # Asked even where nobody was found, so that a test nobody may know of takes no other way than none.
    tests = [
        replace(_score(row), like=found[row.student_id][0], is_birth_date=found[row.student_id][1])
        for results in all_results()
        for row in results.model.objects.filter(is_current=True, student_id__in=[0, *found]).order_by(
            "-tested_on", "ticket"
        )
    ]
    return [test for test in tests if test.is_exact or test.school_id in school_ids][:_MOST]


def _note(found: dict[int, tuple[Likeness, bool]], spelled: Spelled, like: Likeness, *, is_born: bool) -> None:
    """Keep the best that is known of a student."""
    before = found.get(spelled.student_id)
    if before is None or (like is Likeness.SAME and is_born):
        found[spelled.student_id] = (like, is_born)


_STAGED: Final = (
    *("program", "ticket", "first_name", "last_name", "birth_date", "ai_code", "school_id", "exam_code", "tested_on"),
)


def staged(criteria: SearchCriteria) -> Iterator[Test]:
    """Yield the rows of checked files that nobody has accepted yet, and of whose tickets nothing is on file."""
    for file in ImportFile.objects.filter(kind="scores", state__in=_WAITING).order_by("-pk"):
        if not staging.exists(file.pk):
            continue
        table = staging.table_of(file.pk)
        results = results_of(file.program)
        if criteria.by is By.VOUCHER and not results.has_vouchers:
            continue
        condition, typed = _staged_where(criteria, table)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {', '.join(f't.{name}' for name in _STAGED)} FROM {table} t"
                f" WHERE {condition} AND NOT EXISTS (SELECT 1 FROM {results.table} s"
                f" WHERE s.program = t.program AND s.ticket = t.ticket AND {current('s')})"
                " ORDER BY t.line",
                typed,
            )
            rows = [dict(zip(_STAGED, cells, strict=True)) for cells in cursor.fetchall()]
        for row in rows:
            test = _staged(row)
            like = None if criteria.by is not By.NAME else _like(criteria, test)
            if criteria.by is not By.NAME or like is not None:
                yield replace(test, like=like)


def _staged_where(criteria: SearchCriteria, table: str) -> tuple[str, list[Any]]:
    """Return the condition for rows of a staging table; those of a ticket are found by its indexes."""
    marks = _marks(criteria)
    match criteria.by:
        case By.NAME:
            return "t.birth_date = %s", [criteria.birth_date]
        case By.TICKET:
            folded = folded_sql("ticket", TICKET_MARKS)
            lines = (
                f"SELECT line FROM {table} WHERE ticket IN ({marks})"
                f" UNION SELECT line FROM {table} WHERE {folded} IN ({marks}) AND NOT (ticket = {folded})"
            )
            return f"t.line IN ({lines})", [*criteria.spellings, *criteria.spellings]
        case By.VOUCHER:
            return f"{folded_sql('t.voucher_code')} IN ({marks})", criteria.spellings


def _staged(row: dict[str, Any]) -> Test:
    days = {name: _day(row[name]) for name in ("birth_date", "tested_on")}
    return Test(**(row | days), is_staged=True)


def _like(criteria: SearchCriteria, test: Test) -> Likeness | None:
    return criteria.likeness_of(test.first_name, test.last_name, test.birth_date) if test.birth_date else None


def refused(
    criteria: SearchCriteria, *, hides: Callable[[Test, FileState], bool], is_known: Callable[[Test], bool]
) -> Iterator[Test]:
    """Yield the refused rows of loaded files of whose tickets nothing is known to be on file, the newest file first.

    ``hides`` says which rows are not for the asker yet, ``is_known`` which tests on file they may know of.
    """
    rows = RefusedTest.objects.filter(file__state__in=_LOADED).select_related("file").order_by("-file_id", "line")
    match criteria.by:
        case By.TICKET:
            rows = rows.annotate(folded=Folded("ticket")).filter(folded__in=criteria.spellings)
        case By.VOUCHER:
            rows = rows.annotate(folded=Folded("voucher_code")).filter(folded__in=criteria.spellings)
        case By.NAME if criteria.is_whole:
            rows = rows.filter(birth_date=criteria.birth_date.isoformat() if criteria.birth_date else "")
        case By.NAME:
            rows = rows.filter(
                fold_given=fold_given_names(criteria.first_name), fold_last=fold_name(criteria.last_name)
            )
    seen: set[str] = set()
    for row in rows[:_MOST]:
        test = _refused(row, criteria)
        if hides(test, FileState(row.file.state)):
            continue
        known = row.ticket and (row.ticket in seen or _is_on_file(row.file.program, row.ticket, is_known))
        if not known and (criteria.by is not By.NAME or test.like is not None):
            seen.add(row.ticket)
            yield test


def _refused(row: RefusedTest, criteria: SearchCriteria) -> Test:
    born = _day(row.birth_date)
    test = Test(
        program=row.file.program,
        ticket=row.ticket,
        first_name=row.first_name,
        last_name=row.last_name,
        birth_date=born,
        ai_code=row.ai_code,
        school_id=None,
        exam_code=row.exam_code,
        tested_on=_day(row.tested_on),
        refused_at=(row.file_id, row.line),
    )
    if criteria.by is not By.NAME or criteria.birth_date is None:
        return test
    like = criteria.likeness_of(row.first_name, row.last_name, criteria.birth_date)
    return replace(test, like=like, is_birth_date=born == criteria.birth_date)


def reasons(refused_at: tuple[int, int]) -> tuple[str, ...]:
    """Return why a row was refused, in sentences."""
    file_id, line = refused_at
    rejected = RejectedRow.objects.filter(file_id=file_id, line=line).order_by("id").values_list("column", "reason")
    return tuple(f"{column}: {reason}" if column else reason for column, reason in rejected)


def _is_on_file(program: str, ticket: str, is_known: Callable[[Test], bool]) -> bool:
    row = results_of(program).current(ticket)
    return row is not None and is_known(_score(row))


def _day(value: date | str | None) -> date | None:
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
