"""Times of day with the name of their zone, in English and in Spanish."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from scoreport.lib.zone_text import with_zone

WINTER = dt.datetime(2026, 1, 15, 22, tzinfo=dt.UTC)
SUMMER = dt.datetime(2026, 7, 15, 22, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("America/New_York", "Eastern"),
        ("America/Indiana/Indianapolis", "Eastern"),
        ("America/Chicago", "Central"),
        ("America/Denver", "Mountain"),
        ("America/Phoenix", "Arizona"),
        ("America/Los_Angeles", "Pacific"),
        ("America/Anchorage", "Alaska"),
        ("Pacific/Honolulu", "Hawaii"),
        ("America/Puerto_Rico", "Atlantic"),
        ("Pacific/Pago_Pago", "Samoa"),
        ("Pacific/Guam", "Guam"),
        ("UTC", "UTC"),
        ("Asia/Tokyo", "UTC+9"),
        ("Asia/Kolkata", "UTC+5:30"),
        ("America/Sao_Paulo", "UTC−3"),
    ],
)
def test_a_zone_has_the_name_that_people_say_in_summer_and_in_winter(zone, name):
    for at in (WINTER, SUMMER):
        assert with_zone("4:00 PM", at.astimezone(ZoneInfo(zone))) == f"4:00 PM {name}"


@pytest.mark.parametrize(("zone", "name"), [("America/Havana", "UTC−5"), ("Asia/Shanghai", "UTC+8")])
def test_an_abbreviation_that_means_another_zone_elsewhere_is_not_taken_for_ours(zone, name):
    assert with_zone("4:00 PM", WINTER.astimezone(ZoneInfo(zone))) == f"4:00 PM {name}"
