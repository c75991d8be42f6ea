"""When people are told that a role ends, which roles nobody uses, and when the yearly review is; pure.

Trust decision 4: every role ends, with warnings 30, 14 and 3 days before; once a year access managers keep or drop
each role; roles that nobody used for 90 days are suggested for removal.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from scoreport.access import Role
from scoreport.access.roles import ROLE_PERMISSIONS

WARN_DAYS: Final = (30, 14, 3)
"""A warning is sent when so many days are left, the last day not counted."""
UNUSED_DAYS: Final = 90
"""A role that opened nothing for so many days is suggested for removal."""
REVIEW_OPENS: Final = (5, 1)
REVIEW_DUE: Final = (6, 15)
REVIEW_LAST_OPENING: Final = (6, 30)
"""After this day, with the academic year over, a review that was missed waits for the next year."""
REVIEW_LEAST_DAYS: Final = 14
"""A review that opens late leaves at least so many days."""
REMIND_DAYS: Final = (14, 3)
_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Window:
    """A warning, and how many days may be left for it to be the nearest one: ``least`` to ``most``."""

    days: int
    least: int
    most: int


WINDOWS: Final = tuple(
    Window(days=days, least=following + 1, most=days)
    for days, following in zip(WARN_DAYS, (*WARN_DAYS[1:], -1), strict=True)
)
"""Which warning is due: after days without upkeep only the nearest one, so nobody gets three at once."""


def window_of(today: date, ends_on: date) -> Window | None:
    """Return the warning that is due for a role that ends on a day; None for one that has ended or has long to go."""
    left = (ends_on - today).days
    return next((window for window in WINDOWS if window.least <= left <= window.most), None)


def is_news(window: Window, *, granted_on: date, ends_on: date) -> bool:
    """Tell whether a warning says more than the mail of the grant did.

    A role that was given for ten days needs no mail on the same day that says that it ends in ten days.
    """
    return granted_on < ends_on - timedelta(days=window.days)


def is_unused(role: Role, *, granted_on: date, last_used_on: date | None, today: date) -> bool:
    """Tell whether a role is suggested for removal; one that opens no page cannot be used, and is not."""
    if not ROLE_PERMISSIONS[role]:
        return False
    return (last_used_on or granted_on) <= today - timedelta(days=UNUSED_DAYS)


# --- The yearly review ---------------------------------------------------------------------------


def is_time_to_open(today: date) -> bool:
    """Tell whether this year's review may open on this day."""
    return date(today.year, *REVIEW_OPENS) <= today <= date(today.year, *REVIEW_LAST_OPENING)


def review_due(opened_on: date) -> date:
    """Return the day by which a review is to be finished."""
    return max(date(opened_on.year, *REVIEW_DUE), opened_on + timedelta(days=REVIEW_LEAST_DAYS))


def reminder_of(today: date, *, opened_on: date, due_on: date) -> str:
    """Return which reminder of an open review is due, by its name; nothing when none is.

    14 and 3 days before the day, and then every week after it; after days without upkeep only the newest.
    """
    left = (due_on - today).days
    if left < 0:
        weeks = -left // _WEEK
        return f"after-{weeks}" if weeks else ""
    due = [days for days in REMIND_DAYS if left <= days and opened_on < due_on - timedelta(days=days)]
    return f"before-{min(due)}" if due else ""
