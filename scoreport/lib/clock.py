"""Time: read at the edges, turned into local days and back."""

import datetime as dt
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_JULY: Final = 7


def now() -> dt.datetime:
    """Return the present instant in UTC. Only edges call this (middleware, task entry, command); others get `at`."""
    return dt.datetime.now(dt.UTC)  # noqa: TID251 - this is the one place that reads the clock


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name such as "America/New_York".

    Raises ValueError with a sentence when there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        # ZoneInfo raises OSError for names that are folders of its database.
        message = f'"{name}" is not a time zone. Use an IANA name such as "America/New_York".'
        raise ValueError(message) from error


def local_date(at: dt.datetime, zone_name: str) -> dt.date:
    """Return the day that an instant falls on in a time zone."""
    return require_aware(at).astimezone(zone(zone_name)).date()


def academic_year(day: dt.date) -> int:
    """Return the academic year of a day, July to June, by its first calendar year."""
    return day.year if day.month >= _JULY else day.year - 1


@lru_cache(maxsize=4096)
def start_of_day(day: dt.date, zone_name: str) -> dt.datetime:
    """Return the first instant of a local day, in UTC.

    Where midnight happens twice the first one counts; where the clock jumps over it, the day starts with the jump.
    """
    return dt.datetime.combine(day, dt.time.min, tzinfo=zone(zone_name)).astimezone(dt.UTC)


def local(at: dt.datetime, zone_name: str) -> dt.datetime:
    """Return the same instant in a time zone; pages and emails write it in that zone for every reader."""
    return require_aware(at).astimezone(zone(zone_name))


def year_earlier(day: dt.date) -> dt.date:
    """Return the same date one year earlier; for February 29, February 28, the last day of the same month."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)


def instant_year_earlier(at: dt.datetime, zone_name: str) -> dt.datetime:
    """Return the instant, in UTC, at which a local calendar showed :func:`year_earlier` and the clock the same time."""
    local = require_aware(at).astimezone(zone(zone_name))
    return dt.datetime.combine(year_earlier(local.date()), local.time(), tzinfo=local.tzinfo).astimezone(dt.UTC)


def parse_instant(text: str) -> dt.datetime:
    """Return the UTC instant of ISO 8601 text that carries its offset, such as 2026-11-21T12:00-05:00.

    Raises ValueError with a sentence when it is something else, or when the offset is missing.
    """
    example = "Write it like 2026-11-21T12:00-05:00 or 2026-11-21T17:00Z."
    try:
        instant = dt.datetime.fromisoformat(text.strip())
    except ValueError as error:
        message = f'"{text}" is not a date and time. {example}'
        raise ValueError(message) from error
    if instant.tzinfo is None:
        message = f'"{text}" has no offset from UTC, so it could mean several instants. {example}'
        raise ValueError(message)
    try:
        return instant.astimezone(dt.UTC)
    except OverflowError as error:
        message = f'"{text}" lies outside the calendar. {example}'
        raise ValueError(message) from error


def require_aware(at: dt.datetime) -> dt.datetime:
    """Return the same instant, or raise ValueError when it does not know its offset from UTC."""
    if at.tzinfo is None:
        message = "A date and time without its offset from UTC was passed in."
        raise ValueError(message)
    return at
