"""What somebody asks of the roster, as a value that an address can carry: so a saved view is just its parameters."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, Self

from django.utils.translation import gettext as _

from scoreport.reports.rules.columns import RosterColumn
from scoreport.reports.rules.definition import ReportDefinition, Words
from scoreport.reports.rules.registry import definition_of

PAGE_SIZE: Final = 50


class Result(StrEnum):
    """Which tests by what is known of their scores."""

    ANY = ""
    RELEASED = "released"
    WAITING = "waiting"
    CANCELED = "canceled"
    AT_CUT = "at-cut"
    BELOW_CUT = "below-cut"

    def label(self, words: Words) -> str:
        """Return the words in a list of choices of a program's report."""
        match self:
            case Result.ANY:
                return _("Any")
            case Result.RELEASED:
                return _("Released")
            case Result.WAITING:
                return _("Waiting for a score")
            case Result.CANCELED:
                return _("Canceled")
            case Result.AT_CUT:
                return str(words.at_cut)
            case Result.BELOW_CUT:
                return str(words.below_cut)


@dataclass(frozen=True, slots=True)
class RosterQuery:
    """Years (none: all that are offered), order, filters, search, columns and page of a program's roster.

    Without an order or columns it has those of the program's definition.
    """

    program: str
    years: tuple[int, ...] = ()
    sort: str = ""
    descending: bool = False
    exams: tuple[str, ...] = ()
    result: Result = Result.ANY
    score_from: int | None = None
    score_to: int | None = None
    grades: tuple[int, ...] = ()
    genders: tuple[str, ...] = ()
    ethnicities: tuple[int, ...] = ()
    tested_from: dt.date | None = None
    tested_to: dt.date | None = None
    schools: tuple[int, ...] = ()
    search: str = ""
    columns: tuple[str, ...] = ()
    page: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "sort", self.sort or self.definition.default_sort)
        object.__setattr__(self, "columns", self.columns or self.definition.shown)

    @property
    def definition(self) -> ReportDefinition:
        """The report of the program."""
        return definition_of(self.program)

    @property
    def sort_column(self) -> RosterColumn:
        """The column of the order."""
        return self.definition.by_key[self.sort]

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the years decides which rows are shown."""
        return self != self.without_filters()

    def with_(self, **changes: Any) -> Self:
        """Return the query with some things changed; it goes back to its first page unless a page is given."""
        return replace(self, **{"page": 1, **changes})

    def sorted_by(self, key: str) -> Self:
        """Return what a click on a column's header asks for: sorted by it, or the other way round."""
        return self.with_(sort=key, descending=self.sort == key and not self.descending)

    def without_filters(self) -> Self:
        """Return the same years, order, columns and page with all rows."""
        return type(self)(
            self.program,
            years=self.years,
            sort=self.sort,
            descending=self.descending,
            columns=self.columns,
            page=self.page,
        )

    def to_params(self, *, page: bool = True) -> dict[str, list[str]]:
        """Return the query as parameters of an address, without its program and what is the default anyway."""
        found = {
            "year": [f"{year}-{year + 1}" for year in self.years] or ["all"],
            "sort": [f"-{self.sort}" if self.descending else self.sort],
            "exam": list(self.exams),
            "result": [self.result.value],
            "score_from": _texts(self.score_from),
            "score_to": _texts(self.score_to),
            "grade": [str(code) for code in self.grades],
            "gender": list(self.genders),
            "ethnicity": [str(code) for code in self.ethnicities],
            "tested_from": _texts(self.tested_from),
            "tested_to": _texts(self.tested_to),
            "school": [str(number) for number in self.schools],
            "q": [self.search],
            "columns": [] if self.columns == self.definition.shown else list(self.columns),
            "page": [str(self.page)] if page and self.page != 1 else [],
        }
        found["sort"] = [] if found["sort"] == [self.definition.default_sort] else found["sort"]
        return {name: kept for name, values in found.items() if (kept := [value for value in values if value])}


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query, and a sentence for each thing in the parameters that was left out because nobody knows it."""

    query: RosterQuery
    notices: tuple[str, ...]


def _texts(value: object) -> list[str]:
    return [] if value is None else [str(value)]


Params = Mapping[str, Sequence[str]]
