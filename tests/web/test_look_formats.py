from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from scoreport.web import formats

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "Jun 24, 2026"), ("es", "24 jun 2026")],
)
def test_days_are_written_as_the_reader_writes_them(language, written):
    with translation.override(language):
        assert formats.day(date(2026, 6, 24)) == written


@pytest.mark.parametrize(
    ("hour", "written"),
    [
        (0, "12:05\u00a0AM Eastern"),
        (6, "6:05\u00a0AM Eastern"),
        (12, "12:05\u00a0PM Eastern"),
        (23, "11:05\u00a0PM Eastern"),
    ],
)
def test_times_of_day(hour, written):
    with timezone.override(NEW_YORK):
        assert formats.clock(datetime(2026, 11, 21, hour, 5, tzinfo=NEW_YORK)) == written


def test_an_instant_with_a_zone_of_its_own_is_written_in_that_zone():
    at = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    with timezone.override(NEW_YORK), translation.override("en"):
        assert formats.moment(formats.in_zone(at, "America/Chicago")) == "Nov 21, 2026, 8:00\u00a0PM Central"
        # A database may give instants with the zone UTC, which is nobody's own.
        assert formats.moment(at.astimezone(ZoneInfo("UTC"))) == "Nov 21, 2026, 9:00\u00a0PM Eastern"


def test_an_instant_is_told_in_the_readers_time_zone():
    with timezone.override(NEW_YORK), translation.override("en"):
        assert formats.moment(datetime(2026, 11, 22, 2, 0, tzinfo=UTC)) == "Nov 21, 2026, 9:00\u00a0PM Eastern"


@pytest.mark.parametrize("language", ["en", "es"])
def test_spanish_in_the_united_states_writes_numbers_like_english(language):
    with translation.override(language):
        assert formats.number(1234567) == "1,234,567"
        assert formats.number(51.44, 1) == "51.4"
        assert formats.percent(62.7, 1) == "62.7%"


@pytest.mark.parametrize(
    ("size", "written"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_432_100, "1.4\u00a0MB"), (2_000_000_000, "2.0\u00a0GB")],
)
def test_sizes_of_files(size, written):
    assert formats.filesize(size) == written


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Maria Ortega", "MO"), ("Ana-Lucía de la Márquez", "AM"), ("Björk", "B"), ("  ", "?"), ("<i>", "?")],
)
def test_initials_stand_for_a_name(name, letters):
    assert formats.initials(name) == letters
