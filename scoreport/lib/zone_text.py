"""Times of day with the name of their zone, as people in the United States say it: ``4:00 PM Central``."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final

from django.utils.translation import gettext as _

_HOUR: Final = dt.timedelta(hours=1)
_MINUTE: Final = dt.timedelta(minutes=1)
_JULY: Final = 7

# Other countries use the same abbreviations, so the hours from UTC belong to the key.
_SPOKEN: Final[Mapping[tuple[str, int], Callable[[], str]]] = {
    ("EST", -5): lambda: _("%(time)s Eastern"),
    ("EDT", -4): lambda: _("%(time)s Eastern"),
    ("CST", -6): lambda: _("%(time)s Central"),
    ("CDT", -5): lambda: _("%(time)s Central"),
    ("MST", -7): lambda: _("%(time)s Mountain"),
    ("MDT", -6): lambda: _("%(time)s Mountain"),
    ("PST", -8): lambda: _("%(time)s Pacific"),
    ("PDT", -7): lambda: _("%(time)s Pacific"),
    ("AKST", -9): lambda: _("%(time)s Alaska"),
    ("AKDT", -8): lambda: _("%(time)s Alaska"),
    ("HST", -10): lambda: _("%(time)s Hawaii"),
    ("HDT", -9): lambda: _("%(time)s Hawaii"),
    ("AST", -4): lambda: _("%(time)s Atlantic"),
    ("SST", -11): lambda: _("%(time)s Samoa"),
    ("ChST", 10): lambda: _("%(time)s Guam"),
}


def with_zone(time: str, local: dt.datetime) -> str:
    """Return a time of day, written already, with the name of the zone of ``local``, in the active language.

    Other zones than those of the United States have their hours from UTC. Arizona keeps no daylight saving time, so
    half of the year "Mountain" would be an hour off there.
    """
    name, offset = local.tzname() or "UTC", local.utcoffset() or dt.timedelta()
    if name == "MST" and local.replace(month=_JULY, day=1).tzname() == name:
        return _("%(time)s Arizona") % {"time": time}
    spoken = _SPOKEN.get((name, int(offset / _HOUR)))
    if spoken is not None:
        return spoken() % {"time": time}
    hours, minutes = divmod(abs(offset) // _MINUTE, 60)
    sign = "" if not offset else "−" if offset < dt.timedelta() else "+"
    return f"{time} UTC{sign}{hours or ''}{f':{minutes:02}' if minutes else ''}"
