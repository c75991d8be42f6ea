"""Cells as canonical text: a layout compiled into one cache for each column, so that a value is looked at once.

What has only one harmless reading is taken as it is meant: ``="000905"``, ``055`` for 55, ``2008-3-4``, ``Female``.
What could mean something else is refused with its cause.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from operator import getitem
from typing import Final

from django.utils.translation import gettext as _

from scoreport.imports.dates import read_day
from scoreport.imports.layout import Column, Kind, Layout
from scoreport.imports.mojibake import undamaged
from scoreport.imports.problems import Cause, Problem, RepairKind, reason_of
from scoreport.lib.codes import is_placeholder, normalized
from scoreport.lib.text import clean

WRONG: Final = "\0"
"""Marks a value that is wrong: no cell holds it, since cleaned text has no control characters."""
_MANY: Final = 1 << 15
"""Values of a column that are remembered at a time."""
_QUOTED: Final = 60

_FORMULA_TEXT: Final = re.compile(r'="([^"]*)"')
_HASHES: Final = re.compile(r"#{2,}")
_ERROR: Final = re.compile(r"#(?:REF|VALUE|NAME|DIV/0|NULL|NUM|SPILL|CALC|FIELD|BLOCKED|CONNECT|UNKNOWN)[!?]?")
_LOST_LETTER: Final = re.compile(r"(?:^|[^\W\d_])\?(?:[^\W\d_]|$)")
_DECIMAL: Final = re.compile(r"-?\d+\.\d*", re.ASCII)
_WHOLE_DECIMAL: Final = re.compile(r"(\d+)\.0*", re.ASCII)
_SCIENTIFIC: Final = re.compile(r"[+-]?\d+(?:\.\d*)?E\+\d+|\d+\.\d*E\d+", re.ASCII | re.IGNORECASE)
_WHOLE: Final = re.compile(r"0*(\d{1,9})(?:\.0*)?", re.ASCII)
_DASHES: Final = str.maketrans(dict.fromkeys("\u2010\u2011\u2012–−", "-"))
_SIGNS: Final = frozenset("/#()<>[]{}\\")
_FEW: Final = 3
_SHORTEST: Final = 6
"""Letters and digits from which on an identifier with more than three different ones is no placeholder."""


@dataclass(slots=True)
class RowLog:
    """What was noticed in the cells of one row: problems, cells read as empty, cells that a repair changed."""

    problems: list[Problem] = field(default_factory=list)
    emptied: list[tuple[str, str]] = field(default_factory=list)
    repaired: list[tuple[RepairKind, str, str, str]] = field(default_factory=list)

    def clear(self) -> None:
        self.problems.clear()
        self.emptied.clear()
        self.repaired.clear()


class _Cells(dict[str, str]):
    """The canonical text of each cell of a column, worked out once. What is wrong goes to the log each time."""

    def __init__(self, column: Column, log: RowLog, repairs: Collection[RepairKind]) -> None:
        super().__init__()
        self._column = column
        self._log = log
        self._repairs = repairs
        self._parse = _PARSERS[column.kind]
        self._longest, self._pattern = column.longest, column.pattern

    def __missing__(self, cell: str) -> str:
        noticed = len(self._log.emptied) + len(self._log.repaired)
        value = self._read(cell)
        if value != WRONG and noticed == len(self._log.emptied) + len(self._log.repaired):
            if len(self) >= _MANY:
                self.clear()
            self[cell] = value
        return value

    def _read(self, cell: str) -> str:
        column = self._column
        text = self._tidied(cell)
        if text in {"", WRONG}:
            return text or self._empty()
        if len(text) > column.longest:
            reason = _("This is longer than %(limit)d characters. Shorten it.") % {"limit": column.longest}
            return self._wrong(f"{text[:_QUOTED]}…", reason)
        if cause := _cause_of(text, column.kind):
            return self._wrong(text, reason_of(cause), cause)
        if _says_nothing(text, column.kind):
            return self._emptied(text)
        read = self._parse(text, column)
        if read is Cause.US_DATES and RepairKind.US_DATES in self._repairs:
            read = self._us_day(text)
        if isinstance(read, Cause) or read is None:
            # How many digits a code needs, its column says best.
            reason = column.refusal() if read in {None, Cause.LOST_ZEROS} else reason_of(Cause(read))
            return self._wrong(text, reason, read)
        return str(read)

    def _tidied(self, cell: str) -> str:
        """Return a cell as text without what programs put around it; damaged letters are repaired if so chosen."""
        text = clean(cell)
        if not text.isascii() and (repaired := _undamaged(cell)) != text:
            if RepairKind.ENCODING not in self._repairs:
                return self._wrong(text, reason_of(Cause.MOJIBAKE), Cause.MOJIBAKE)
            self._log.repaired.append((RepairKind.ENCODING, self._column.name, text, repaired))
            text = repaired
        return _unwrapped(text, self._column.kind) if text.startswith(("=", "'")) else text

    def _us_day(self, text: str) -> str | Cause | None:
        day = read_day(text, month_first=True)
        if not isinstance(day, date):
            return day
        self._log.repaired.append((RepairKind.US_DATES, self._column.name, text, day.isoformat()))
        return day.isoformat()

    def _empty(self) -> str:
        return self._wrong("", str(self._column.missing)) if self._column.required else self._column.default

    def _emptied(self, text: str) -> str:
        column = self._column
        if column.required or column.kind is Kind.NUMBER:
            reason = reason_of(Cause.PLACEHOLDER)
            if column.kind is Kind.NAME and text.isalpha():
                reason = _("This only says that there is no name. If it is the student's name, write it as %(name)s.")
                reason %= {"name": text.title()}
            return self._wrong(text, reason, Cause.PLACEHOLDER)
        self._log.emptied.append((column.name, text))
        return column.default

    def _wrong(self, value: str, reason: str, cause: Cause | None = None) -> str:
        self._log.problems.append(Problem(self._column.name, value, reason, cause))
        return WRONG


class _Identifiers(_Cells):
    """The cells of a column in which nearly every value is another one: nothing but "empty" is remembered."""

    def __missing__(self, cell: str) -> str:
        # Letters and digits that cannot be a word for "nothing" are as they are: nearly always.
        if (
            cell.isalnum()
            and cell.isascii()
            and not cell.isalpha()
            and _SHORTEST <= len(cell) <= self._longest
            and len(set(cell)) > _FEW
            and (self._pattern is None or self._pattern.fullmatch(cell))
        ):
            return cell
        value = self._read(cell)
        if not cell and value != WRONG:
            self[cell] = value
        return value


def _undamaged(cell: str) -> str:
    """Return a cell cleaned and without damaged letters; what cleaning brings together may look damaged as well."""
    text, before = clean(undamaged(cell)), ""
    while text != before:
        text, before = clean(undamaged(text)), text
    return text


def _unwrapped(text: str, kind: Kind) -> str:
    """Return what people and programs wrap to keep a spreadsheet from changing it."""
    if found := _FORMULA_TEXT.fullmatch(text):
        return clean(found[1])
    # Names and texts may begin with an apostrophe of their own.
    return text[1:] if text[0] == "'" and kind not in {Kind.TEXT, Kind.NAME} else text


def _cause_of(text: str, kind: Kind) -> Cause | None:
    """Return what spoiled a value, whatever its column is about."""
    if text[0] == "#":
        if _HASHES.fullmatch(text):
            return Cause.TOO_NARROW
        if _ERROR.fullmatch(text):
            return Cause.ERROR_CELL
    if "\ufffd" in text or (kind is Kind.NAME and len(text) > 1 and _LOST_LETTER.search(text)):
        return Cause.LOST_LETTERS
    return None


def _says_nothing(text: str, kind: Kind) -> bool:
    """Tell whether a value only says that there is none: ``N/A``, ``NULL``, ``nan``, a dot."""
    match kind:
        case Kind.IDENTIFIER:
            # Looked at closely only where it could be: these are a million different numbers.
            is_suspicious = text.isalpha() or len(set(text)) <= _FEW or "/" in text or "#" in text
            return is_suspicious and is_placeholder(text) and not (len(text) == 1 and text.isalpha())
        case Kind.NAME:
            return is_no_name(text)
        case Kind.TEXT | Kind.KEY:
            return not text.isdigit() and is_no_name(text)
        case _:
            return not any(map(str.isdigit, text)) and len(text) > 1 and is_placeholder(text)


def is_no_name(text: str) -> bool:
    """Tell whether a text is no name but says that there is none.

    ``NULL`` and ``null`` say so; a child may be called Null. Names of one or two equal letters are names.
    """
    if not is_placeholder(text):
        return False
    code = normalized(text)
    if not code or not _SIGNS.isdisjoint(text) or text.isdigit():
        return True
    return (len(code) >= _FEW or code == "NA") and len(set(code)) > 1 and not (text.istitle() or _is_mixed(text))


def _is_mixed(text: str) -> bool:
    return text not in {text.upper(), text.lower()} and text.casefold() != "nan"


# --- Each kind: the canonical text of a value, the cause why there is none, or None -----------------------------------


type Read = str | Cause | None


def _text(text: str, column: Column) -> Read:
    return text if column.pattern is None or column.pattern.fullmatch(text) else None


def _identifier(text: str, column: Column) -> Read:
    if "." in text or "+" in text:
        if _SCIENTIFIC.fullmatch(text):
            return Cause.SCIENTIFIC
        if _DECIMAL.fullmatch(text):
            return Cause.DECIMAL
    if column.pattern is None:
        return text
    if not text.isascii():
        text = text.translate(_DASHES)
    return text if column.pattern.fullmatch(text) else None


def _digits(text: str, column: Column) -> Read:
    if (len(text) == column.digits and text.isascii() and text.isdigit()) or (
        column.pattern is not None and column.pattern.fullmatch(text)
    ):
        return text
    if _SCIENTIFIC.fullmatch(text):
        return Cause.SCIENTIFIC
    whole = _WHOLE_DECIMAL.fullmatch(text)
    number = whole[1] if whole else text
    if not (number.isascii() and number.isdigit()):
        return None
    if len(number) == column.digits:
        return number
    return Cause.LOST_ZEROS if len(number) < column.digits else None


def _day(text: str, _column: Column) -> Read:
    read = read_day(text if text.isascii() else text.translate(_DASHES))
    return read.isoformat() if isinstance(read, date) else read


def _number(text: str, column: Column) -> Read:
    if column.words and (word := column.words.get(text.casefold())):
        return word
    found = _WHOLE.fullmatch(text)
    return str(int(found[1])) if found and column.lowest <= int(found[1]) <= column.highest else None


def _choice(text: str, column: Column) -> Read:
    if text in column.codes:
        return text
    if word := column.words.get(text.casefold()):
        return word
    found = _WHOLE.fullmatch(text)
    short = str(int(found[1])) if found else text.upper().lstrip("0")
    if short in column.codes:
        return short
    return next((code for code in column.codes if code.casefold() == text.casefold()), None)


_PARSERS: Final[dict[Kind, Callable[[str, Column], Read]]] = {
    Kind.TEXT: _text,
    Kind.NAME: _text,
    Kind.IDENTIFIER: _identifier,
    Kind.KEY: _identifier,
    Kind.DIGITS: _digits,
    Kind.DAY: _day,
    Kind.NUMBER: _number,
    Kind.CHOICE: _choice,
}


class RowReader:
    """A layout compiled: gives the canonical text of each cell of a row, and keeps a log of the row read last."""

    def __init__(self, layout: Layout, repairs: Collection[RepairKind] = ()) -> None:
        self.log = RowLog()
        self.width = len(layout.columns)
        self._columns = [
            (_Identifiers if column.kind is Kind.IDENTIFIER else _Cells)(column, self.log, frozenset(repairs))
            for column in layout.columns
        ]
        self._days = [
            (column.name, cells)
            for column, cells in zip(layout.columns, self._columns, strict=True)
            if column.kind is Kind.DAY
        ]

    def read(self, cells: list[str]) -> list[str]:
        """Return a row in canonical text; :data:`WRONG` stands where :attr:`log` has a problem."""
        log = self.log
        if log.problems or log.emptied or log.repaired:
            log.clear()
        return list(map(getitem, self._columns, cells))

    def columns_of_dates(self) -> frozenset[str]:
        """Return the columns in which dates were read as YYYY-MM-DD."""
        return frozenset(name for name, cells in self._days if any(cells.values()))
