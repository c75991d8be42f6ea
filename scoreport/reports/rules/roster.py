"""What somebody asks of the roster, as a value that an address can carry: so a saved view is just its parameters."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, Self

from django.utils.translation import gettext as _

from scoreport.reports.rules.columns import ALL_COLUMNS, COLUMNS

PROGRAM: Final = "clep"
PAGE_SIZE: Final = 50
DEFAULT_SORT: Final = "last_name"
BANDS: Final = tuple((low, low + 4 if low < 75 else 80) for low in range(20, 80, 5))  # noqa: PLR2004 - 80 is in the last


class Result(StrEnum):
    """Which tests by what is known of their scores."""

    ANY = ""
    RELEASED = "released"
    WAITING = "waiting"
    CANCELED = "canceled"
    AT_CUT = "at-cut"
    BELOW_CUT = "below-cut"

    @property
    def label(self) -> str:
        """The words in a list of choices."""
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
                return _("50 or higher")
            case Result.BELOW_CUT:
                return _("Below 50")


@dataclass(frozen=True, slots=True)
class RosterQuery:
    """Years (none: all that are offered), order, filters, search, columns and page of a roster."""

    years: tuple[int, ...] = ()
    sort: str = DEFAULT_SORT
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
    columns: tuple[str, ...] = ALL_COLUMNS
    page: int = 1

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
            years=self.years, sort=self.sort, descending=self.descending, columns=self.columns, page=self.page
        )

    def to_params(self, *, page: bool = True) -> dict[str, list[str]]:
        """Return the query as parameters of an address, without what is the default anyway."""
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
            "columns": [] if self.columns == ALL_COLUMNS else list(self.columns),
            "page": [str(self.page)] if page and self.page != 1 else [],
        }
        found["sort"] = [] if found["sort"] == [DEFAULT_SORT] else found["sort"]
        return {name: kept for name, values in found.items() if (kept := [value for value in values if value])}


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query, and a sentence for each thing in the parameters that was left out because nobody knows it."""

    query: RosterQuery
    notices: tuple[str, ...]


def _texts(value: object) -> list[str]:
    return [] if value is None else [str(value)]


def column_key(text: str) -> str | None:
    """Return the key of a column, or None when there is no such column."""
    return text if text in COLUMNS else None


def in_order(keys: Sequence[str]) -> tuple[str, ...]:
    """Return columns in the roster's order, each once; all of them when none is left."""
    return tuple(key for key in ALL_COLUMNS if key in keys) or ALL_COLUMNS


def sort_of(text: str) -> tuple[str, bool] | None:
    """Read ``last_name`` or ``-score``; None when there is no such column."""
    key = text.removeprefix("-")
    return (key, text.startswith("-")) if key in COLUMNS else None


Params = Mapping[str, Sequence[str]]
