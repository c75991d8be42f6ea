"""How numbers, dates, times and file sizes are written for readers in the United States.

Django's own Spanish formats are Spain's ("62,7"); families and schools here write "62.7" in both
languages, so the formats come from Babel's ``en_US`` and ``es_US``.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from django.utils import timezone
from django.utils.translation import get_language, gettext

from scoreport.lib import clock as clocks
from scoreport.lib.zone_text import with_zone

_LOCALES = {"en": Locale("en", "US"), "es": Locale("es", "US")}
_HALF_A_DAY = 12
_BYTES_IN = (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000))


def locale() -> Locale:
    """Return the formats of the reader's language."""
    return _LOCALES[(get_language() or "en")[:2]]


def number(value: float | Decimal, places: int = 0) -> str:
    """Write a number with the reader's separators: ``12,345`` or, with ``places`` 1, ``51.4``."""
    return _number(value, places, locale())


def writer() -> Callable[..., str]:
    """Return :func:`number` for the reader of now, for hundreds of numbers together."""
    reader = locale()
    return lambda value, places=0: _number(value, places, reader)


@lru_cache(maxsize=4096)
def _number(value: float | Decimal, places: int, reader: Locale) -> str:
    """Write a number once; a report holds hundreds, most of them small and seen before."""
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return numbers.format_decimal(value, pattern, locale=reader)


def percent(value: float | Decimal, places: int = 0) -> str:
    """Write a share that is already counted in hundredths: 62.7 becomes ``62.7%``."""
    return f"{number(value, places)}%"


def day(value: date) -> str:
    """Write a day in words: ``Jun 24, 2026`` or ``24 jun 2026``."""
    return _day(value, locale())


@lru_cache(maxsize=4096)
def _day(value: date, reader: Locale) -> str:
    return dates.format_date(value, "medium", locale=reader)


def moment(value: datetime) -> str:
    """Write an instant with its zone: ``Nov 21, 2026, 6:00 AM Eastern``.

    The zone is the instant's own, if it has one (:func:`scoreport.lib.clock.local`), or else the current one: that of
    the organization of the page, or of the organization of the person's roles.
    """
    local = _local(value)
    return f"{day(local.date())}, {clock(local)}"


def clock(value: datetime) -> str:
    """Write the time of day with AM or PM, which never doubles the period of a sentence: ``6:00 AM Eastern``."""
    local = _local(value)
    half, hour = divmod(local.hour, _HALF_A_DAY)
    return with_zone(f"{hour or _HALF_A_DAY}:{local.minute:02d}\u00a0{('AM', 'PM')[half]}", local)


def _local(value: datetime) -> datetime:
    # Databases and clocks give instants in UTC, which is nobody's own zone.
    has_own = isinstance(value.tzinfo, ZoneInfo) and value.tzinfo.key != "UTC"
    return value if has_own else timezone.localtime(value)


def in_zone(value: datetime, zone_name: str) -> datetime:
    """Give an instant a zone of its own, so that whoever reads the page sees it in that zone."""
    return clocks.local(value, zone_name)


def filesize(value: int) -> str:
    """Write a number of bytes as people say it: ``1.4 MB``."""
    for unit, size in _BYTES_IN:
        if value >= size:
            return f"{number(Decimal(value) / size, 1)}\u00a0{unit}"
    return gettext("%(count)s bytes") % {"count": number(value)}


def isoday(value: date) -> str:
    """Write a day for machines and for dense tables: ``2026-06-24``."""
    return value.isoformat()[:10]


def initials(name: str) -> str:
    """Return up to two letters that stand for a person in the header."""
    words = [word for word in name.replace("-", " ").split() if word[0].isalnum()]
    chosen = words[:1] + words[-1:] if len(words) > 1 else words
    return "".join(word[0] for word in chosen).upper() or "?"


FILTERS: dict[str, Callable[..., object]] = {
    "clock": clock,
    "day": day,
    "filesize": filesize,
    "initials": initials,
    "in_zone": in_zone,
    "isoday": isoday,
    "moment": moment,
    "number": number,
    "percent": percent,
}
