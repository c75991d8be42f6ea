import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreport.lib.business_days import federal_holidays, is_business_day, next_business_day

any_day = st.dates(dt.date(1990, 1, 1), dt.date(2090, 12, 1))


@pytest.mark.parametrize(
    "holiday",
    [
        "2026-01-01",
        "2026-01-19",
        "2026-02-16",
        "2026-05-25",
        "2026-06-19",
        "2026-07-03",  # 4 July is a Saturday and observed the day before.
        "2026-09-07",
        "2026-10-12",
        "2026-11-11",
        "2026-11-26",
        "2026-12-25",
        "2021-12-31",  # New Year's Day of 2022, observed in the year before.
        "2023-01-02",
    ],
)
def test_federal_holidays_are_no_business_days(holiday):
    assert not is_business_day(dt.date.fromisoformat(holiday))


@pytest.mark.parametrize("day", ["2026-11-27", "2026-10-31", "2026-12-24", "2020-06-19", "2026-02-12"])
def test_other_feasts_are_business_days(day):
    weekday = dt.date.fromisoformat(day)
    assert is_business_day(weekday) == (weekday.weekday() < 5)


@pytest.mark.parametrize(
    ("day", "following"),
    [
        ("2026-11-20", "2026-11-23"),
        ("2026-11-21", "2026-11-23"),
        ("2026-11-25", "2026-11-27"),
        ("2026-07-01", "2026-07-02"),
        ("2026-07-02", "2026-07-06"),
        ("2021-12-30", "2022-01-03"),
        ("2028-02-28", "2028-02-29"),
    ],
)
def test_next_business_day(day, following):
    assert next_business_day(dt.date.fromisoformat(day)) == dt.date.fromisoformat(following)


@given(any_day)
def test_it_is_the_first_business_day_after(day):
    following = next_business_day(day)
    assert following > day
    assert following.weekday() < 5
    assert following not in federal_holidays(following.year)
    between = [day + dt.timedelta(days=number) for number in range(1, (following - day).days)]
    assert not any(map(is_business_day, between))
    assert (following - day).days <= 5


@given(any_day, any_day)
def test_a_later_day_never_has_an_earlier_one(one, other):
    assert (next_business_day(min(one, other))) <= next_business_day(max(one, other))
