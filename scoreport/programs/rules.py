"""What a testing program is: academic years, exams, credit recommendations, codes, and when a score may be seen."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final, Self

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from scoreport.lib import business_days, clock

type Label = str | Promise
"""Words for people; a promise is translated when it is shown, so what holds one is compared by identity."""

CREDIT_GRANTING_SCORE: Final = 50
"""What ACE recommends for credit in every CLEP exam (reference 1.1); the portals' "above 50" means "50 or higher"."""

MOST_BINS: Final = 16
"""The parts that a distribution may have; totals have a column for each."""

_JULY: Final = 7
_YEAR_TEXT: Final = re.compile(r"([0-9]{4})(?:[-–]([0-9]{4}))?")
_FIRST_START: Final = 1900
_LAST_START: Final = 9998


class ScoreStatus(StrEnum):
    """What a file says of a score beside its number. The stored value never changes."""

    NORMAL = ""
    CANCELED = "canceled"


@dataclass(frozen=True, order=True, slots=True)
class AcademicYear:
    """The year from 1 July to 30 June, named by the calendar year in which it starts."""

    start: int

    def __post_init__(self) -> None:
        if not _FIRST_START <= self.start <= _LAST_START:
            raise ValueError(_("No academic year starts in %(year)d.") % {"year": self.start})

    @classmethod
    def of(cls, day: dt.date) -> Self:
        """Return the academic year that a day belongs to."""
        return cls(clock.academic_year(day))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "2025-2026", with a hyphen or a dash, or "2025". Raises ValueError with a sentence otherwise."""
        found = _YEAR_TEXT.fullmatch(text.strip())
        if not found or (found[2] and int(found[2]) != int(found[1]) + 1):
            raise ValueError(_("“%(text)s” is not an academic year. Write it like 2025-2026.") % {"text": text})
        return cls(int(found[1]))

    @property
    def key(self) -> str:
        """The year in addresses and files: "2025-2026"."""
        return f"{self.start}-{self.start + 1}"

    @property
    def label(self) -> str:
        """The year as people read it: "2025–2026"."""
        return f"{self.start}–{self.start + 1}"

    @property
    def first_day(self) -> dt.date:
        return dt.date(self.start, _JULY, 1)

    @property
    def last_day(self) -> dt.date:
        return dt.date(self.start + 1, _JULY - 1, 30)

    @property
    def previous(self) -> Self:
        return type(self)(self.start - 1)

    def contains(self, day: dt.date) -> bool:
        return self.first_day <= day <= self.last_day

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True, slots=True)
class FeeInfo:
    """What an exam of a program costs from a day of an academic year on, in cents."""

    program: str
    year: AcademicYear
    starts_on: dt.date
    exam_cents: int
    remote_cents: int


EARLIEST_YEAR: Final = AcademicYear(2001)
"""No older file exists: CLEP has been taken on computers since July 2001."""

PAST_YEARS: Final = 3
"""How many past years a report offers beside the running one ("the past 3 academic years")."""


def offered_years(today: dt.date, older: int | None = 0) -> tuple[AcademicYear, ...]:
    """Return the years that a report offers, the running one first.

    `older` is the operator's setting: how many more years to open, or None for all that can exist.
    """
    running = AcademicYear.of(today)
    oldest = EARLIEST_YEAR.start if older is None else running.start - PAST_YEARS - older
    starts = range(running.start, max(oldest, EARLIEST_YEAR.start) - 1, -1)
    return tuple(AcademicYear(start) for start in starts) or (running,)


@dataclass(frozen=True, eq=False, slots=True)
class CodeTable:
    """The codes that a column of a program's files may hold, in the order in which filters list them.

    ``unanswered`` are the codes that say nothing. ``sorted_by_label`` tells whether a list sorts by the words for the
    codes; otherwise it sorts in the order of the table, such as the grades of a school.
    """

    name: Label
    labels: Mapping[str, Label]
    unanswered: frozenset[str] = frozenset()
    sorted_by_label: bool = False

    def __contains__(self, code: object) -> bool:
        return code in self.labels

    def __iter__(self) -> Iterator[str]:
        return iter(self.labels)

    def label(self, code: str) -> Label:
        """Return the words for a code; a code from another time that is not in the table stands for itself."""
        return self.labels.get(code, code)

    def order(self, code: str) -> int:
        """Return the place of a code, to sort by; unknown codes come last."""
        return list(self.labels).index(code) if code in self.labels else len(self.labels)

    def is_answered(self, code: str) -> bool:
        """Tell whether a code says something."""
        return code not in self.unanswered


class MeasureKind(StrEnum):
    """What kind of number a measure is."""

    SCALE = "scale"
    LEVEL = "level"
    BAND = "band"
    PERCENTILE = "percentile"


@dataclass(frozen=True, eq=False, slots=True)
class Level:
    """One value of a measure that has a name, such as California's "Standard Met"."""

    value: int
    label: Label


@dataclass(frozen=True, slots=True)
class Cut:
    """The value that results of tests taken on this day or later have to reach."""

    effective_from: dt.date
    value: int


@dataclass(frozen=True, eq=False, slots=True)
class Measure:
    """One thing that a result says as a whole number: a score on a scale, a level, a percentile.

    ``key`` is the column of the program's table of results. ``bins`` are the lower ends of the parts of a distribution,
    rising from ``lowest``; the last part ends with ``highest``. Levels stand from low to high, cuts oldest first.
    """

    key: str
    label: Label
    kind: MeasureKind
    lowest: int
    highest: int
    bins: tuple[int, ...]
    levels: tuple[Level, ...] = ()
    cuts: tuple[Cut, ...] = ()

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int) and self.lowest <= value <= self.highest

    @property
    def ranges(self) -> tuple[tuple[int, int], ...]:
        """The first and the last value of each part of a distribution."""
        return tuple(zip(self.bins, (*(low - 1 for low in self.bins[1:]), self.highest), strict=True))

    def cut(self, on: dt.date) -> int | None:
        """Return what a result of a test taken on this day has to reach; None where the measure has no cut."""
        in_force = [cut.value for cut in self.cuts if cut.effective_from <= on]
        return in_force[-1] if in_force else None

    def is_reached(self, value: int | None, on: dt.date) -> bool:
        """Tell whether a result of a test taken on this day reaches the cut; no result reaches none."""
        cut = self.cut(on)
        return value is not None and cut is not None and value >= cut

    def label_of(self, value: int) -> Label:
        """Return the name of a value; the number itself where it has none."""
        return next((level.label for level in self.levels if level.value == value), str(value))


class EssayKind(StrEnum):
    """Whether an exam has an essay, and who reads it (reference 1.2)."""

    NONE = "none"
    OPTIONAL = "optional"
    """Read by the college that asks for it, and no part of the score."""
    CENTRAL = "central"
    """Read by the program before there is a score."""


@dataclass(frozen=True, eq=False, slots=True)
class ExamGroup:
    slug: str
    label: Label


@dataclass(frozen=True, slots=True)
class CreditLevel:
    """The score that earns credit, and how much: semester hours, at level 1 or, in languages, also at level 2."""

    level: int
    score: int
    hours: int


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What ACE recommends for an exam that is taken on this day or later; a college's own policy may differ."""

    effective_from: dt.date
    levels: tuple[CreditLevel, ...]

    @property
    def cut(self) -> int:
        """The lowest score that earns credit."""
        return self.levels[0].score


@dataclass(frozen=True, eq=False, slots=True)
class Exam:
    """One title of a program. Recommendations stand oldest first, their levels lowest first."""

    code: str
    short_name: str
    title: str
    group: ExamGroup
    essay: EssayKind = EssayKind.NONE
    recommendations: tuple[Recommendation, ...] = ()
    b_levels: tuple[int, ...] = ()
    """The score for a grade of B at each level; a faculty panel's, which ACE does not endorse."""
    former_titles: tuple[str, ...] = ()
    retired: bool = False

    @property
    def waits_for_readers(self) -> bool:
        """Whether a test without a score waits for its essay to be read, and is not an error."""
        return self.essay is EssayKind.CENTRAL

    def recommendation(self, on: dt.date) -> Recommendation | None:
        """Return the recommendation in force for a test taken on this day."""
        in_force = [item for item in self.recommendations if item.effective_from <= on]
        return in_force[-1] if in_force else None

    def credit(self, score: int, on: dt.date) -> CreditLevel | None:
        """Return the highest level that a score reaches, or None when it earns no credit."""
        in_force = self.recommendation(on)
        reached = [level for level in in_force.levels if score >= level.score] if in_force else []
        return reached[-1] if reached else None

    def cut(self, on: dt.date) -> int:
        """Return the score that counts as credit-granting; 50 also where no recommendation is on record."""
        in_force = self.recommendation(on)
        return in_force.cut if in_force else CREDIT_GRANTING_SCORE


@dataclass(frozen=True, slots=True)
class ReleasePolicy:
    """When a score may be seen (institutional reporting page, "Score Availability").

    Without a central essay: the first business day after the test. With one: the first business day after it was
    scored, which is expected from `expected_after` to `overdue_after` days after the test, and overdue from then on.
    """

    expected_after: int = 14
    overdue_after: int = 21

    def release_on(self, exam: Exam, tested_on: dt.date, scored_on: dt.date | None) -> dt.date | None:
        """Return the day on which a score is released, or None while a central essay waits for its score."""
        if not exam.waits_for_readers:
            return business_days.next_business_day(tested_on)
        return business_days.next_business_day(max(tested_on, scored_on)) if scored_on else None

    def release_at(
        self, exam: Exam, tested_on: dt.date, scored_on: dt.date | None, zone_name: str
    ) -> dt.datetime | None:
        """Return the instant in UTC: the start of that day where the organization is."""
        day = self.release_on(exam, tested_on, scored_on)
        return clock.start_of_day(day, zone_name) if day else None

    def expected_between(self, exam: Exam, tested_on: dt.date) -> tuple[dt.date, dt.date]:
        """Return the first and the last day on which a score can be expected."""
        if not exam.waits_for_readers:
            day = business_days.next_business_day(tested_on)
            return day, day
        return tested_on + dt.timedelta(days=self.expected_after), tested_on + dt.timedelta(days=self.overdue_after)

    def is_overdue(self, exam: Exam, tested_on: dt.date, scored_on: dt.date | None, today: dt.date) -> bool:
        """Tell whether an essay should have been scored by today."""
        return exam.waits_for_readers and scored_on is None and today > self.expected_between(exam, tested_on)[1]

    def overdue_before(self, today: dt.date) -> dt.date:
        """Return the day before which a test with a central essay was taken if its score is overdue today."""
        return today - dt.timedelta(days=self.overdue_after)


@dataclass(frozen=True, eq=False)
class Program:
    """A testing program: everything that varies between programs, and nothing else, hangs on this."""

    slug: str
    name: str
    groups: tuple[ExamGroup, ...]
    exams: tuple[Exam, ...]
    release: ReleasePolicy
    measures: tuple[Measure, ...]
    """The first one decides whether a result is there."""
    genders: CodeTable
    ethnicities: CodeTable
    grades: CodeTable

    @property
    def main(self) -> Measure:
        """The measure that decides whether a result is there, and that summaries show first."""
        return self.measures[0]

    @cached_property
    def exams_by_code(self) -> Mapping[str, Exam]:
        return {exam.code: exam for exam in self.exams}

    @cached_property
    def codes_with_readers(self) -> tuple[str, ...]:
        """The codes of the exams whose essays are read by the program before there is a score."""
        return tuple(exam.code for exam in self.exams if exam.waits_for_readers)

    @cached_property
    def active_exams(self) -> tuple[Exam, ...]:
        return tuple(exam for exam in self.exams if not exam.retired)

    def exam_by_code(self, code: str) -> Exam | None:
        """Return the exam of a code, retired ones too, or None when there is none."""
        return self.exams_by_code.get(code)
