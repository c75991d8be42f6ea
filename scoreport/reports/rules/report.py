"""What a report says, as values: the same for screens, files and commands."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils import dateformat
from django.utils.translation import gettext as _

from scoreport.access import PlaceKind
from scoreport.organizations.rules import OrganizationInfo
from scoreport.programs.rules import AcademicYear, CreditLevel
from scoreport.reports.rules.columns import RosterColumn
from scoreport.reports.rules.definition import ReportDefinition, Words
from scoreport.reports.rules.registry import definition_of
from scoreport.reports.rules.roster import RosterQuery
from scoreport.scores.rules import ScoreChange


class Hidden(StrEnum):
    """Whether figures are kept from somebody who may not see individuals, and why."""

    NO = ""
    SMALL = "small"
    """They are of fewer test takers than the threshold."""


def hidden_label(hidden: Hidden, threshold: int) -> str:
    """Return the words that stand in the place of a hidden figure."""
    match hidden:
        case Hidden.NO:
            return ""
        case Hidden.SMALL:
            return _("fewer than %(threshold)d") % {"threshold": threshold}


class Tail(StrEnum):
    """Whether a share is so near to 0% or 100% that only a limit is shown: its percentage is the limit then."""

    NO = ""
    LOW = "low"
    """It is less."""
    HIGH = "high"
    """It is more."""


# The steps of a small block are wide, so its limits are too: what is published as all may be three quarters of it.
_FEW_TESTS: Final = 50
_LIMIT, _LIMIT_OF_FEW = 10, 25
_WHOLE_PERCENT_FROM: Final = 100


def tail_label(tail: Tail, percent: float) -> str:
    """Return the words for a share that is not shown."""
    match tail:
        case Tail.NO:
            return ""
        case Tail.LOW:
            return _("less than %(percent)d%%") % {"percent": percent}
        case Tail.HIGH:
            return _("more than %(percent)d%%") % {"percent": percent}


def share_of(at_cut: int, tests: int) -> tuple[float, Tail]:
    """Return the percentage of published counts for people: rounded, and without what is near 0% or 100%."""
    percent = 100 * at_cut / tests
    limit = _LIMIT_OF_FEW if tests < _FEW_TESTS else _LIMIT
    # A step of five tests holds what lies up to half of it away.
    nearby = 250 / tests
    if percent + nearby <= limit:
        return float(limit), Tail.LOW
    if percent - nearby >= 100 - limit:
        return float(100 - limit), Tail.HIGH
    step = 1 if tests >= _WHOLE_PERCENT_FROM else 5
    return float(min(max(step * round(percent / step), limit), 100 - limit)), Tail.NO


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of an organization: of released scores, with what waits and what was canceled apart.

    A figure is None when it is hidden; ``takers`` also where nobody counted them over several years. ``overdue`` are
    those of the tests that wait whose score should have come by now; None where nobody counted them.
    """

    takers: int | None
    tests: int | None
    at_cut: int | None
    percent: float | None
    waiting: int | None
    hidden: Hidden = Hidden.NO
    tail: Tail = Tail.NO
    canceled: int | None = None
    overdue: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether no test is known at all."""
        return self.hidden is Hidden.NO and not (self.tests or self.waiting or self.canceled)


@dataclass(frozen=True, slots=True)
class ExamRow:
    """The figures of one exam; ``bands`` counts the values in each part of the main measure's distribution.

    ``more`` does the same for each further measure that the report draws.
    """

    code: str
    title: str
    takers: int | None
    tests: int | None
    at_cut: int | None
    mean: float | None
    percent: float | None
    bands: tuple[int, ...]
    waiting: int | None
    hidden: Hidden = Hidden.NO
    tail: Tail = Tail.NO
    canceled: int | None = None
    more: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Summary and exams of an organization, of one program.

    With ``is_masked`` the reader may see published figures only; ``data_as_of`` is then when they were brought up to
    date last. ``before`` are the figures of the year before: of all of it, or of what was released until the end of
    ``before_until``, the same date one year earlier, while the year is running. ``running`` is the year that is
    running, where it is one of ``years``. ``rows`` is how many rows the roster of these years has, where there is one.
    """

    program: str
    organization: OrganizationInfo
    years: tuple[AcademicYear, ...]
    summary: Summary
    before: Summary | None
    before_until: dt.date | None
    change_in_points: float | None
    by_year: tuple[tuple[AcademicYear, Summary], ...]
    exams: tuple[ExamRow, ...]
    data_as_of: dt.datetime | None
    is_masked: bool
    threshold: int
    empty: str
    notices: tuple[str, ...]
    running: AcademicYear | None = None
    rows: int | None = None

    @property
    def definition(self) -> ReportDefinition:
        """The report of the program."""
        return definition_of(self.program)


@dataclass(frozen=True, slots=True)
class Waiting:
    """When the score of a test can be expected; it says the same whatever is stored of the score already."""

    expected_from: dt.date
    expected_to: dt.date
    is_overdue: bool


def waiting_sentence(waiting: Waiting) -> str:
    """Say in a few words when a score comes, with ISO dates."""
    words = {"first": waiting.expected_from.isoformat(), "last": waiting.expected_to.isoformat()}
    if waiting.is_overdue:
        return _("overdue, expected by %(last)s") % words
    if waiting.expected_from == waiting.expected_to:
        return _("expected on %(first)s") % words
    return _("expected %(first)s to %(last)s") % words


Cell = str | int | dt.date | None


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One test on the roster; ``student`` is a public id, ``cells`` are in the order of the page's columns."""

    id: int
    student: str
    name: str
    cells: tuple[Cell, ...]
    points: int | None
    at_cut: bool
    waiting: Waiting | None
    canceled_on: dt.date | None
    school: str


@dataclass(frozen=True, slots=True)
class RosterPage:
    """One page of a roster: ``total`` rows match, out of ``total_unfiltered``; rows first to last are shown."""

    columns: tuple[RosterColumn, ...]
    rows: tuple[RosterRow, ...]
    total: int
    total_unfiltered: int
    page: int
    pages: int
    first: int
    last: int
    query: RosterQuery
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a filter."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class FilterOptions:
    """The choices of every filter of a roster."""

    years: tuple[Option, ...]
    exams: tuple[Option, ...]
    results: tuple[Option, ...]
    bands: tuple[Option, ...]
    grades: tuple[Option, ...]
    genders: tuple[Option, ...]
    ethnicities: tuple[Option, ...]
    schools: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """What happened to a test at some time; None: it had no score then, or none that may be seen."""

    said_at: dt.datetime
    points: int | None
    is_current: bool
    change: ScoreChange


@dataclass(frozen=True, slots=True)
class StudentResult:
    """One test of a student. ``credit`` is what ACE recommends, ``earned`` what this score reaches of it.

    ``shown`` is the score or level as people read it, ``details`` are those of the definition.
    """

    ticket: str
    exam_code: str
    exam: str
    year: AcademicYear
    tested_on: dt.date
    school: str
    details: tuple[str, ...]
    points: int | None
    shown: str
    at_cut: bool
    credit: tuple[CreditLevel, ...]
    earned: CreditLevel | None
    waiting: Waiting | None
    canceled_on: dt.date | None
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True)
class StudentReport:
    """Everything that a reader may see of one student in a program, over the years; ``tests`` leaves canceled ones out.

    ``public_id`` is what addresses and events carry; the number of the student stays inside.
    """

    program: str
    public_id: str
    name: str
    first_name: str
    last_name: str
    birth_date: dt.date
    other_names: tuple[str, ...]
    gender: str
    ethnicity: str
    grade: str
    schools: tuple[OrganizationInfo, ...]
    results: tuple[StudentResult, ...]
    tests: int
    scores_at_cut: int
    credit_hours: int
    data_as_of: dt.datetime | None

    @property
    def definition(self) -> ReportDefinition:
        """The report of the program."""
        return definition_of(self.program)


class Format(StrEnum):
    """The kinds of files that a roster is exported as."""

    CSV = "csv"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        """What a browser is told that the file is."""
        match self:
            case Format.CSV:
                return "text/csv; charset=utf-8"
            case Format.XLSX:
                return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class SavedViewInfo:
    """A view that somebody saved under a name; its link opens for colleagues, each with their own rights."""

    id: int
    slug: str
    name: str
    program: str
    organization: OrganizationInfo
    params: dict[str, list[str]]
    is_mine: bool


def empty_sentence(words: Words, kind: PlaceKind, years: tuple[AcademicYear, ...], today: dt.date) -> str:
    """Say why a report is empty and when data will come."""
    newest, oldest = max(years), min(years)
    first, last = dateformat.format(oldest.first_day, "F Y"), dateformat.format(newest.last_day, "F Y")
    named = {"who": _WHO[kind](), "first": first, "last": last}
    if newest.first_day > today:
        return _("The academic year %(year)s has not begun.") % {"year": newest.label}
    said = words.taken_so_far if newest.contains(today) else words.taken
    return f"{str(said) % named} {words.timing}"


_WHO = {
    PlaceKind.SCHOOL: lambda: _("No student of this school"),
    PlaceKind.DISTRICT: lambda: _("No student of this district"),
    PlaceKind.STATE: lambda: _("No student of this state"),
    PlaceKind.OTHER: lambda: _("No student of this organization"),
}
