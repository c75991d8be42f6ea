"""Reading a roster query from the parameters of an address, whatever stands there."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _

from scoreport.lib.text import clean
from scoreport.programs.rules import AcademicYear, CodeTable, Measure
from scoreport.reports.rules.definition import Filter, ReportDefinition
from scoreport.reports.rules.registry import definition_of
from scoreport.reports.rules.roster import Params, Parsed, Result, RosterQuery

_ALL_YEARS: Final = "all"
_MANY: Final = 500
"""Values of one parameter that are looked at."""
_LONGEST_SEARCH: Final = 100
_SHOWN: Final = 40
_NOTICES: Final = 5
_NUMBER: Final = re.compile(r"[0-9]{1,15}", re.ASCII)
_BAND: Final = re.compile(r"([0-9]{1,3})?[-–]([0-9]{1,3})?", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def parse(params: Params, *, program: str, default_year: int) -> Parsed:
    """Return the query that parameters ask for; what nobody knows is left out, with a sentence about it.

    Raises :class:`scoreport.programs.catalog.UnknownProgram`.
    """
    definition = definition_of(program)
    known = definition.program
    reader = _Reader(params, known.main, _not_offered(definition))
    low, high = reader.scores()
    first, last = _upwards(reader.one("tested_from", _day), reader.one("tested_to", _day))
    sort, descending = reader.one("sort", lambda text: _sort(text, definition)) or (definition.default_sort, False)
    query = RosterQuery(
        program,
        years=reader.years(default_year),
        sort=sort,
        descending=descending,
        exams=tuple(sorted(reader.many("exam", lambda text: text if known.exam_by_code(text) else None))),
        result=reader.one("result", lambda text: Result(text) if text in list(Result) else None) or Result.ANY,
        score_from=low,
        score_to=high,
        grades=tuple(int(code) for code in reader.codes("grade", known.grades)),
        genders=reader.codes("gender", known.genders),
        ethnicities=tuple(int(code) for code in reader.codes("ethnicity", known.ethnicities)),
        tested_from=first,
        tested_to=last,
        schools=tuple(sorted(reader.many("school", _number))),
        search=clean(" ".join(reader.texts("q")))[:_LONGEST_SEARCH].strip(),
        columns=definition.in_order(reader.many("columns", lambda text: text if text in definition.by_key else None)),
        page=max(1, reader.one("page", _number) or 1),
    )
    return Parsed(query, tuple(reader.notices[:_NOTICES]))


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None


def _sort(text: str, definition: ReportDefinition) -> tuple[str, bool] | None:
    """Read ``last_name`` or ``-score``; None when there is no such column."""
    key = text.removeprefix("-")
    return (key, text.startswith("-")) if key in definition.by_key else None


def _not_offered(definition: ReportDefinition) -> frozenset[str]:
    """Return the parameters of the filters that a roster does not have."""
    return frozenset(name for kind in Filter if kind not in definition.filters for name in kind.parameters)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _year(text: str) -> int | None:
    try:
        return AcademicYear.parse(text).start
    except ValueError:
        return None


def _upwards[T: (int, dt.date)](first: T | None, last: T | None) -> tuple[T | None, T | None]:
    """Return two ends in their order, whichever way round they were given."""
    return (last, first) if first is not None and last is not None and first > last else (first, last)


@dataclass(slots=True)
class _Reader:
    """Takes values out of parameters and notes what it had to leave out."""

    params: Params
    measure: Measure
    not_offered: frozenset[str]
    notices: list[str] = field(default_factory=list)

    def texts(self, name: str) -> list[str]:
        """Return the values of a parameter that say anything."""
        return [text.strip() for text in self.params.get(name, ())[:_MANY] if text.strip()]

    def many[T](self, name: str, read: Callable[[str], T | None]) -> tuple[T, ...]:
        """Return the values of a repeatable parameter that can be read, each once."""
        found: dict[T, None] = {}
        for text in self.texts(name):
            value = None if name in self.not_offered else read(text)
            if value is None:
                self._leave_out(name, text)
            else:
                found[value] = None
        return tuple(found)

    def one[T](self, name: str, read: Callable[[str], T | None]) -> T | None:
        """Return the last value of a parameter that can be read, as a form's later field replaces the earlier one."""
        found = self.many(name, read)
        return found[-1] if found else None

    def codes(self, name: str, table: CodeTable) -> tuple[str, ...]:
        """Return the codes of a table in the table's order."""
        return tuple(sorted(self.many(name, lambda text: text if text in table else None), key=table.order))

    def years(self, default_year: int) -> tuple[int, ...]:
        """Return the years, the newest first; none means all."""
        wanted = self.texts("year")
        if _ALL_YEARS in wanted:
            return ()
        return tuple(sorted(set(self.many("year", _year)), reverse=True)) or (default_year,)

    def scores(self) -> tuple[int | None, int | None]:
        """Return the ends of the scores that are asked for, from two fields or from a band such as 50-54."""
        low, high = self.one("score_from", self._value), self.one("score_to", self._value)
        if low is None and high is None:
            low, high = self.one("band", self._band) or (None, None)
        return _upwards(low, high)

    def _value(self, text: str) -> int | None:
        value = _number(text)
        return value if value is not None and value in self.measure else None

    def _band(self, text: str) -> tuple[int | None, int | None] | None:
        found = _BAND.fullmatch(text)
        if not found or not any(found.groups()):
            return None
        low, high = (None if end is None else self._value(end) for end in found.groups())
        return None if (found[1] and low is None) or (found[2] and high is None) else (low, high)

    def _leave_out(self, name: str, text: str) -> None:
        shown = clean(text)[:_SHOWN]
        self.notices.append(
            _("“%(value)s” in the address means nothing for “%(name)s”, so it was left out.")
            % {"value": shown, "name": name}
        )
