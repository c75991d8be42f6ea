"""What was noticed in the rows of a file, counted by cause, so that a person reads one sentence and not one per row."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.utils.translation import ngettext

from scoreport.imports.cells import RowLog
from scoreport.imports.dates import has_whole_year, read_day, shows_month_first
from scoreport.imports.mojibake import undamaged
from scoreport.imports.problems import (
    OFFERS,
    REPAIRED_BY,
    Cause,
    FileCause,
    Problem,
    Repair,
    RepairKind,
    reason_of,
)

_LINES: Final = 5
_EXAMPLES: Final = 3
_SHOWN: Final = 60
_TOTALS: Final = re.compile(
    r"(?:grand |sub-?)?totals?\b|sums?\b|(?:row|record|student|test|score)s? ?count\b|counts?\b|average\b|mean\b"
    r"|number of (?:row|record|student|test|score)s\b|totales\b|suma\b|\d+ (?:row|record)s?\b",
    re.IGNORECASE,
)
_FEW_CELLS: Final = 4


@dataclass(slots=True)
class _Seen:
    """What was seen of one cause."""

    rows: int = 0
    columns: Counter[str] = field(default_factory=Counter)
    lines: list[int] = field(default_factory=list)
    examples: dict[str, None] = field(default_factory=dict)

    def add(self, other: "_Seen") -> None:
        self.rows += other.rows
        self.columns += other.columns
        self.lines = sorted([*self.lines, *other.lines])[:_LINES]
        self.examples = dict.fromkeys([*self.examples, *other.examples][:_EXAMPLES])


@dataclass(slots=True)
class Findings:
    """What was noticed in some rows; those of all pieces of a file are added up."""

    skipped: int = 0
    seen: dict[Cause, _Seen] = field(default_factory=dict)
    emptied: dict[str, _Seen] = field(default_factory=dict)
    repaired: dict[tuple[RepairKind, str], _Seen] = field(default_factory=dict)
    previews: dict[tuple[RepairKind, str], dict[str, str]] = field(default_factory=dict)
    # What it takes to know that dates in US form can be read in one way only.
    iso_columns: set[str] = field(default_factory=set)
    shows_month_first: bool = False
    has_short_years: bool = False

    def add(self, other: "Findings") -> None:
        """Add what was noticed in other rows."""
        self.skipped += other.skipped
        for mine, theirs in ((self.seen, other.seen), (self.emptied, other.emptied), (self.repaired, other.repaired)):
            _add_all(mine, theirs)  # type: ignore[arg-type] # three dicts with keys of their own
        for key, preview in other.previews.items():
            self.previews[key] = dict([*self.previews.get(key, {}).items(), *preview.items()][:_EXAMPLES])
        self.iso_columns |= other.iso_columns
        self.shows_month_first |= other.shows_month_first
        self.has_short_years |= other.has_short_years

    def listed(self, line: int, problems: Iterable[Problem]) -> list[Problem]:
        """Count the causes of a refused row, and return its problems with only the first one of each cause."""
        listed: list[Problem] = []
        causes: set[Cause] = set()
        for problem in problems:
            cause = problem.cause
            if cause is None:
                listed.append(problem)
                continue
            seen = self.seen.setdefault(cause, _Seen())
            _note(seen, line, problem.column, problem.value, is_new_row=cause not in causes)
            if cause is Cause.US_DATES:
                self.shows_month_first |= shows_month_first(problem.value)
                self.has_short_years |= not has_whole_year(problem.value)
            if cause not in causes:
                listed.append(problem)
            causes.add(cause)
        return listed

    def note(self, line: int, log: RowLog) -> None:
        """Count what was read as empty and what was repaired in a row that is taken or not."""
        for column, value in log.emptied:
            _note(self.emptied.setdefault(column, _Seen()), line, column, value)
        for kind, column, before, after in log.repaired:
            _note(self.repaired.setdefault((kind, column), _Seen()), line, column, before)
            preview = self.previews.setdefault((kind, column), {})
            if len(preview) < _EXAMPLES:
                preview[before] = after

    def causes(self) -> list[FileCause]:
        """Return what is wrong over the file, what can be repaired first, then the most rows."""
        found = [self._cause(cause, seen) for cause, seen in self.seen.items()]
        return [*sorted(found, key=lambda one: (not one.offer, -one.rows, one.cause)), *self._repaired()]

    def _cause(self, cause: Cause, seen: _Seen) -> FileCause:
        is_offered = cause in OFFERS and (cause is not Cause.US_DATES or self._is_us_form_certain(seen))
        return FileCause(
            cause=cause,
            columns=tuple(column for column in seen.columns if column),
            rows=seen.rows,
            lines=tuple(seen.lines),
            examples=tuple(seen.examples),
            sentence=str(OFFERS[cause]) if is_offered else reason_of(cause),
            repairs=tuple(_repairs(cause, seen)) if is_offered else (),
        )

    def _is_us_form_certain(self, seen: _Seen) -> bool:
        """Tell whether all dates of these columns are month/day/year: one shows it, and none speaks against it."""
        is_pure = self.iso_columns.isdisjoint(seen.columns) and not self.has_short_years
        return is_pure and self.shows_month_first and Cause.DAY_FIRST_DATES not in self.seen

    def _repaired(self) -> Iterator[FileCause]:
        """Yield what was repaired, one for each kind."""
        for kind, cause in ((RepairKind.US_DATES, Cause.US_DATES), (RepairKind.ENCODING, Cause.MOJIBAKE)):
            of_kind = {column: seen for (one, column), seen in sorted(self.repaired.items()) if one is kind}
            if of_kind:
                repairs = (
                    Repair(kind, column, seen.rows, tuple(self.previews[kind, column].items()))
                    for column, seen in of_kind.items()
                )
                most = max(of_kind.values(), key=lambda seen: seen.rows)
                yield FileCause(
                    cause=cause,
                    columns=tuple(of_kind),
                    rows=most.rows,
                    lines=tuple(most.lines),
                    examples=tuple(most.examples),
                    sentence="",
                    repairs=tuple(repairs),
                ).repaired()

    def notices(self) -> list[str]:
        """Say what was left out or read as empty although nothing is wrong."""
        said = []
        if self.skipped:
            message = ngettext(
                "%(count)d row without any value was skipped.",
                "%(count)d rows without any value were skipped.",
                self.skipped,
            )
            said.append(message % {"count": self.skipped})
        for column, seen in sorted(self.emptied.items()):
            message = ngettext(
                "%(column)s: %(count)d cell says that there is no value (%(examples)s). It was read as empty.",
                "%(column)s: %(count)d cells say that there is no value (%(examples)s). They were read as empty.",
                seen.rows,
            )
            said.append(message % {"count": seen.rows, "column": column, "examples": ", ".join(seen.examples)})
        return said


def _add_all(mine: dict[object, _Seen], theirs: dict[object, _Seen]) -> None:
    for key, seen in theirs.items():
        mine.setdefault(key, _Seen()).add(seen)


def _note(seen: _Seen, line: int, column: str, value: str, *, is_new_row: bool = True) -> None:
    seen.columns[column] += 1
    if is_new_row:
        seen.rows += 1
        if len(seen.lines) < _LINES:
            seen.lines.append(line)
    if len(seen.examples) < _EXAMPLES and value:
        seen.examples[value[:_SHOWN]] = None


def _repairs(cause: Cause, seen: _Seen) -> Iterable[Repair]:
    preview = tuple((value, _repaired(cause, value)) for value in seen.examples)
    for column, rows in seen.columns.items():
        yield Repair(REPAIRED_BY[cause], column, rows, preview)


def _repaired(cause: Cause, value: str) -> str:
    if cause is Cause.MOJIBAKE:
        return undamaged(value)
    day = read_day(value, month_first=True)
    return day.isoformat() if isinstance(day, date) else value


def looks_like_totals(cells: Sequence[str]) -> bool:
    """Tell whether a row is a line of totals: it begins with such a word, and most of its cells are empty."""
    filled = [cell for cell in cells if cell.strip()]
    return 0 < len(filled) <= max(_FEW_CELLS, len(cells) // 3) and _TOTALS.match(filled[0].strip()) is not None
