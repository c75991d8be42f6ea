"""Business days: Monday to Friday, without the federal holidays of the United States and the days they are moved to."""

import datetime as dt
from functools import lru_cache

import holidays

_ONE_DAY = dt.timedelta(days=1)
_SATURDAY = 5


def is_business_day(day: dt.date) -> bool:
    return day.weekday() < _SATURDAY and day not in federal_holidays(day.year)


@lru_cache(maxsize=4096)
def next_business_day(day: dt.date) -> dt.date:
    """Return the first business day after this day, which itself never counts."""
    following = day + _ONE_DAY
    while not is_business_day(following):
        following += _ONE_DAY
    return following


@lru_cache(maxsize=64)
def federal_holidays(year: int) -> frozenset[dt.date]:
    """Return the federal holidays of a year, with the days on which they are observed (5 U.S.C. 6103)."""
    return frozenset(holidays.country_holidays("US", years=year, observed=True))
