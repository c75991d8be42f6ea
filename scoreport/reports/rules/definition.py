"""What a report of a program is made of: its columns, filters, figures and charts, and the words that are its own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from scoreport.programs.rules import Label, Measure, Program
from scoreport.reports.rules.columns import RosterColumn


class Filter(StrEnum):
    """What a roster can be filtered by, beside a search and its years."""

    EXAM = "exam"
    RESULT = "result"
    GRADE = "grade"
    SCHOOL = "school"
    SCORE = "score"
    TESTED = "tested"
    GENDER = "gender"
    ETHNICITY = "ethnicity"

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters of an address that it is read from."""
        match self:
            case Filter.SCORE:
                return ("score_from", "score_to", "band")
            case Filter.TESTED:
                return ("tested_from", "tested_to")
            case _:
                return (self.value,)


class Card(StrEnum):
    """A figure above a report."""

    TAKERS = "takers"
    TESTS = "tests"
    AT_CUT = "at-cut"
    SHARE = "share"
    PENDING = "pending"
    CANCELED = "canceled"


@dataclass(frozen=True, eq=False, slots=True)
class Words:
    """The words of a program's report that another program says otherwise.

    ``taken_so_far`` and ``taken`` are sentences about ``%(who)s``, ``%(first)s`` and, but for the first, ``%(last)s``.
    ``chart_label`` returns for a number of scores a sentence about ``%(exam)s``, ``%(tests)s`` and ``%(share)s``.
    """

    title: Label
    roster: Label
    empty: Label
    taken_so_far: Label
    taken: Label
    timing: Label
    student: Label
    takers: Label
    ticket: Label
    search: Label
    at_cut: Label
    below_cut: Label
    at_cut_column: Label
    scores_at_cut: Label
    share: Label
    share_of_scores: Label
    cut_in_short: Label
    cut_help: Label
    chart: Label
    chart_label: Callable[[int], str]


@dataclass(frozen=True, eq=False)
class ReportDefinition:
    """The report of one program.

    ``columns`` are the roster's, in order. ``default_columns`` are shown until others are chosen (none: all). ``exam``
    is the key of the column that names the exam. ``charts`` are the measures whose distributions
    are drawn, the main one first. ``student_details`` are a label and a column each, shown of every test on a student's
    page. ``cut_key`` is what the summary as JSON calls reaching the cut.
    """

    program: Program
    words: Words
    columns: tuple[RosterColumn, ...]
    exam: str
    filters: frozenset[Filter]
    cards: tuple[Card, ...]
    charts: tuple[str, ...]
    student_details: tuple[tuple[Label, str], ...] = ()
    default_columns: tuple[str, ...] = ()
    default_sort: str = "last_name"
    cut_key: str = "at_cut"
    shows_credit: bool = False

    @cached_property
    def by_key(self) -> Mapping[str, RosterColumn]:
        """The columns by their keys."""
        return {column.key: column for column in self.columns}

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The keys of all columns in the roster's order."""
        return tuple(self.by_key)

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """The keys of the columns that are shown until others are chosen."""
        return self.default_columns or self.keys

    @cached_property
    def main_key(self) -> str:
        """The key of the column that holds the main measure."""
        return next(column.key for column in self.columns if column.is_main)

    @cached_property
    def charted(self) -> tuple[Measure, ...]:
        """The measures whose distributions are drawn."""
        by_key = {measure.key: measure for measure in self.program.measures}
        return tuple(by_key[key] for key in self.charts)

    @property
    def main(self) -> Measure:
        """The main measure of the program."""
        return self.program.main

    def in_order(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Return columns in the roster's order, each once; those that are shown by default when none is left."""
        wanted = set(keys)
        return tuple(key for key in self.keys if key in wanted) or self.shown

    def columns_of(self, keys: Iterable[str]) -> tuple[RosterColumn, ...]:
        """Return the columns with some keys."""
        return tuple(self.by_key[key] for key in keys)

    def has_filter(self, name: str) -> bool:
        """Tell whether the roster can be filtered by what is called so."""
        return name in self.filters
