"""Where a missing score may be: among scores, in a checked file, or among refused rows."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from django.db import connection

from scoreport.lib.text import fold_given_names, fold_name
from scoreport.people import records
from scoreport.people.records import Spelled
from scoreport.people.rules import Likeness
from scoreport.scores.finder.asked import By, Sought
from scoreport.scores.intake import staging
from scoreport.scores.models import RefusedRow, RefusedTest, Score, ScoreFile
from scoreport.scores.rules import FileState

_WAITING: Final = (FileState.CHECKED, FileState.ACCEPTING)
_LOADED: Final = (FileState.CHECKED, FileState.ACCEPTING, FileState.ACCEPTED, FileState.WITHDRAWING)
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
    record_id: int = 0
    student_id: int = 0
    year: int | None = None
    refused_at: tuple[int, int] | None = None
    is_staged: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether the ticket, the voucher, or name and birth date are those that were typed."""
        return self.like in {None, Likeness.SAME} and self.is_birth_date


def scores(sought: Sought, school_ids: Iterable[int]) -> list[Test]:
    """Return the current tests that may be meant; near names and birth dates only among those of ``school_ids``."""
    match sought.by:
        case By.TICKET:
            return [_score(row) for row in Score.objects.filter(is_current=True, ticket=sought.ticket)]
        case By.VOUCHER:
            return [_score(row) for row in Score.objects.filter(pk__in=_with_voucher(sought.voucher))[:_MOST]]
        case By.NAME:
            return _by_name(sought, set(school_ids))


def _with_voucher(code: str) -> list[int]:
    # SQLite takes the partial index only where its condition is spelled out.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM scores_score WHERE voucher_code = %s AND NOT (voucher_code = '') AND is_current", [code]
        )
        return [number for (number,) in cursor.fetchall()]


def _score(row: Score) -> Test:
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
        record_id=row.record_id,
        student_id=row.student_id,
        year=row.year,
    )


def _by_name(sought: Sought, school_ids: set[int]) -> list[Test]:
    """Look at the spellings on file, then at the tests of the students whom they stand for."""
    if sought.birth_date is None:
        return []
    found: dict[int, tuple[Likeness, bool]] = {}
    near = records.spelled_nearby(sought.splits, sought.birth_date, school_ids)
    for spelled in (*records.born_on(sought.birth_date), *near):
        like = sought.likeness_of(spelled.first_name, spelled.last_name, spelled.birth_date)
        is_born = spelled.birth_date == sought.birth_date
        if like is not None and ((like is Likeness.SAME and is_born) or spelled.school_id in school_ids):
            _note(found, spelled, like, is_born=is_born)
    # Asked even where nobody was found, so that a test nobody may know of takes no other way than none.
    rows = Score.objects.filter(is_current=True, student_id__in=[0, *found]).order_by("-tested_on", "ticket")
    tests = [
        replace(_score(row), like=found[row.student_id][0], is_birth_date=found[row.student_id][1]) for row in rows
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


def staged(sought: Sought) -> Iterator[Test]:
    """Yield the rows of checked files that nobody has accepted yet, and of whose tickets nothing is on file."""
    columns = {By.TICKET: "ticket", By.VOUCHER: "voucher_code", By.NAME: "birth_date"}
    typed = {By.TICKET: sought.ticket, By.VOUCHER: sought.voucher, By.NAME: sought.birth_date}
    for file in ScoreFile.objects.filter(state__in=_WAITING).order_by("-pk"):
        if not staging.exists(file.pk):
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {', '.join(f't.{name}' for name in _STAGED)} FROM {staging.table_of(file.pk)} t"
                f" WHERE t.{columns[sought.by]} = %s AND NOT EXISTS (SELECT 1 FROM scores_score s"
                " WHERE s.program = t.program AND s.ticket = t.ticket AND s.is_current) ORDER BY t.line",
                [typed[sought.by]],
            )
            rows = [dict(zip(_STAGED, cells, strict=True)) for cells in cursor.fetchall()]
        for row in rows:
            test = _staged(row)
            like = None if sought.by is not By.NAME else _like(sought, test)
            if sought.by is not By.NAME or like is not None:
                yield replace(test, like=like)


def _staged(row: dict[str, Any]) -> Test:
    days = {name: _day(row[name]) for name in ("birth_date", "tested_on")}
    return Test(**(row | days), is_staged=True)


def _like(sought: Sought, test: Test) -> Likeness | None:
    return sought.likeness_of(test.first_name, test.last_name, test.birth_date) if test.birth_date else None


def refused(
    sought: Sought, *, hides: Callable[[Test, FileState], bool], is_known: Callable[[Test], bool]
) -> Iterator[Test]:
    """Yield the refused rows of loaded files of whose tickets nothing is known to be on file, the newest file first.

    ``hides`` says which rows are not for the asker yet, ``is_known`` which tests on file they may know of.
    """
    rows = RefusedTest.objects.filter(file__state__in=_LOADED).select_related("file").order_by("-file_id", "line")
    match sought.by:
        case By.TICKET:
            rows = rows.filter(ticket=sought.ticket)
        case By.VOUCHER:
            rows = rows.filter(voucher_code=sought.voucher)
        case By.NAME if sought.is_whole:
            rows = rows.filter(birth_date=sought.birth_date.isoformat() if sought.birth_date else "")
        case By.NAME:
            rows = rows.filter(fold_given=fold_given_names(sought.first_name), fold_last=fold_name(sought.last_name))
    seen: set[str] = set()
    for row in rows[:_MOST]:
        test = _refused(row, sought)
        if hides(test, FileState(row.file.state)):
            continue
        known = row.ticket and (row.ticket in seen or _is_on_file(row.file.program, row.ticket, is_known))
        if not known and (sought.by is not By.NAME or test.like is not None):
            seen.add(row.ticket)
            yield test


def _refused(row: RefusedTest, sought: Sought) -> Test:
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
    if sought.by is not By.NAME or sought.birth_date is None:
        return test
    like = sought.likeness_of(row.first_name, row.last_name, sought.birth_date)
    return replace(test, like=like, is_birth_date=born == sought.birth_date)


def reasons(refused_at: tuple[int, int]) -> tuple[str, ...]:
    """Return why a row was refused, in sentences."""
    file_id, line = refused_at
    told = RefusedRow.objects.filter(file_id=file_id, line=line).order_by("id")
    return tuple(f"{column}: {reason}" if column else reason for column, reason in told.values_list("column", "reason"))


def _is_on_file(program: str, ticket: str, is_known: Callable[[Test], bool]) -> bool:
    rows = Score.objects.filter(program=program, ticket=ticket, is_current=True)
    return any(is_known(_score(row)) for row in rows)


def _day(value: date | str | None) -> date | None:
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
