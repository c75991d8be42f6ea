"""Days as files write them: ISO and what can only mean it; and the forms of spreadsheets by their names; pure."""

import re
from datetime import date
from typing import Final

from scoreport.imports.problems import Cause

_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MIDNIGHT: Final = r"(?:[T ](?:0?0:00(?::00(?:\.0+)?)?|12:00(?::00)? ?AM))?"
_YEAR_FIRST: Final = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_MIDNIGHT}", re.ASCII | re.IGNORECASE)
_YEAR_LAST: Final = re.compile(
    rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_MIDNIGHT}", re.ASCII | re.IGNORECASE
)
_SERIAL: Final = re.compile(r"(\d{5})(?:\.\d*)?", re.ASCII)
_SERIALS: Final = range(1_000, 80_000)
_MONTHS: Final = 12
_FULL_YEAR: Final = 4


def read_day(text: str, *, month_first: bool = False) -> date | Cause | None:
    """Return the day that a text means, the cause why it is not certain, or None when it is no day."""
    if _ISO.fullmatch(text):
        return _day(text[:4], text[5:7], text[8:])
    if found := _YEAR_FIRST.fullmatch(text):
        return _day(found[1], found[3], found[4])
    if found := _YEAR_LAST.fullmatch(text):
        return _year_last(found, month_first=month_first)
    if (found := _SERIAL.fullmatch(text)) and int(found[1]) in _SERIALS:
        return Cause.SERIAL_DATES
    return None


def _year_last(found: re.Match[str], *, month_first: bool) -> date | Cause | None:
    first, second, year = found[1], found[3], found[4]
    if found[2] == "." or int(first) > _MONTHS:
        return Cause.DAY_FIRST_DATES if _day(f"20{year[-2:]}", second, first) else None
    if len(year) < _FULL_YEAR:
        return Cause.US_DATES if _day(f"20{year}", first, second) else None
    day = _day(year, first, second)
    return day if day is None or month_first else Cause.US_DATES


def shows_month_first(text: str) -> bool:
    """Tell whether a date in US form could be nothing else: its second number is above 12, and its year is whole."""
    found = _YEAR_LAST.fullmatch(text)
    return found is not None and int(found[3]) > _MONTHS and len(found[4]) == _FULL_YEAR


def has_whole_year(text: str) -> bool:
    """Tell whether a date in US form has all four digits of its year."""
    found = _YEAR_LAST.fullmatch(text)
    return found is not None and len(found[4]) == _FULL_YEAR


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
