import datetime as dt
from zoneinfo import available_timezones

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scoreport.lib import clock

some_zones = st.sampled_from(
    ["America/New_York", "America/Los_Angeles", "America/Phoenix", "Pacific/Honolulu", "Pacific/Guam", "America/Havana"]
)
every_zone = st.sampled_from(sorted(available_timezones()))
days = st.dates(dt.date(1970, 1, 2), dt.date(2100, 1, 1))


def test_now_knows_its_offset():
    assert clock.now().tzinfo is dt.UTC


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "/etc/passwd", "America", "a\0b"])
def test_an_unknown_zone_is_refused_with_a_sentence(name):
    with pytest.raises(ValueError, match="is not a time zone"):
        clock.zone(name)


@pytest.mark.parametrize(
    ("at", "zone", "day"),
    [
        ("2026-07-01T03:59Z", "America/New_York", "2026-06-30"),
        ("2026-07-01T04:00Z", "America/New_York", "2026-07-01"),
        ("2026-07-01T04:00Z", "America/Los_Angeles", "2026-06-30"),
        ("2026-06-30T14:00Z", "Pacific/Guam", "2026-07-01"),
        ("2028-02-29T23:00-05:00", "America/New_York", "2028-02-29"),
    ],
)
def test_local_date(at, zone, day):
    assert clock.local_date(clock.parse_instant(at), zone) == dt.date.fromisoformat(day)


def test_local_date_refuses_an_instant_without_offset():
    with pytest.raises(ValueError, match="without its offset"):
        clock.local_date(dt.datetime(2026, 1, 1), "America/New_York")  # noqa: DTZ001 - what is refused


@pytest.mark.parametrize(
    ("day", "zone", "start"),
    [
        ("2026-03-08", "America/New_York", "2026-03-08T05:00Z"),  # The day on which summer time starts at 2:00.
        ("2026-03-09", "America/New_York", "2026-03-09T04:00Z"),
        ("2026-11-01", "America/New_York", "2026-11-01T04:00Z"),
        ("2026-11-02", "America/New_York", "2026-11-02T05:00Z"),
        ("2026-03-08", "America/Havana", "2026-03-08T05:00Z"),  # There is no midnight: the day starts at 1:00.
        ("2026-11-01", "America/Havana", "2026-11-01T04:00Z"),  # There are two: the first one counts.
    ],
)
def test_start_of_day(day, zone, start):
    assert clock.start_of_day(dt.date.fromisoformat(day), zone) == clock.parse_instant(start)


@given(days, some_zones | every_zone)
def test_the_day_starts_at_its_start(day, zone):
    start = clock.start_of_day(day, zone)
    assume(start.astimezone(clock.zone(zone)).date() == day)  # Samoa and others have left out a day.
    assert clock.local_date(start, zone) == day
    assert clock.local_date(start - dt.timedelta(microseconds=1), zone) < day


@pytest.mark.parametrize(
    ("at", "zone", "earlier"),
    [
        ("2026-11-21T17:00Z", "America/New_York", "2025-11-21T17:00Z"),
        ("2026-03-08T18:00Z", "America/New_York", "2025-03-08T19:00Z"),
        ("2028-02-29T18:00Z", "America/Chicago", "2027-02-28T18:00Z"),
        ("2028-03-01T03:00Z", "America/Chicago", "2027-03-01T03:00Z"),
        ("2027-03-01T03:00Z", "UTC", "2026-03-01T03:00Z"),
    ],
    ids=["a-plain-day", "the-clock-changed-later", "leap-day", "still-leap-day-there", "utc"],
)
def test_a_year_earlier_the_local_calendar_and_clock_show_the_same(at, zone, earlier):
    assert clock.instant_year_earlier(clock.parse_instant(at), zone) == clock.parse_instant(earlier)


@pytest.mark.parametrize(
    ("day", "earlier"), [("2028-02-29", "2027-02-28"), ("2029-02-28", "2028-02-28"), ("2026-07-01", "2025-07-01")]
)
def test_a_year_earlier_is_the_same_date_or_the_last_of_february(day, earlier):
    assert clock.year_earlier(dt.date.fromisoformat(day)) == dt.date.fromisoformat(earlier)


@pytest.mark.parametrize("text", ["2026-11-21T12:00-05:00", " 2026-11-21T17:00Z ", "2026-11-21 12:00:00.000-05:00"])
def test_parse_instant(text):
    assert clock.parse_instant(text) == dt.datetime(2026, 11, 21, 17, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-11-21T12:00", "has no offset"),
        ("2026-11-21", "has no offset"),
        ("tomorrow", "is not a date and time"),
        ("", "is not a date and time"),
        ("0001-01-01T00:00+05:00", "outside the calendar"),
    ],
)
def test_parse_instant_says_what_is_wrong(text, said):
    with pytest.raises(ValueError, match=said):
        clock.parse_instant(text)
