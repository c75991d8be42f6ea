"""Pages of the roster and the summary, of a school, a district and a state: the query alone, and the whole answer.

Every sort by one of the fifteen columns, its first, middle and last page, in milliseconds: the first time, when nothing
is in our caches, and the median of some more.
"""

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from bench.child import Result, peak_mb
from bench.intake import AT
from bench.large import YEAR

if TYPE_CHECKING:
    from django.test import Client

USUAL: Final = ("last_name", "date_tested", "exam_subject", "score", "ai_code")
"""What people sort by: last name, date tested, exam, score, school."""
# Counting a state anew for each page takes a database seconds.
_WHOLE_PAGES_OF_STATE: Final = ("last_name", "score", "gender")
_PLACES: Final = {"school": "500000", "district": "D0", "state": "S"}
# What takes long each time tells as much in two tries as in nine.
_LONG_MS: Final = 400


def measure(tries: int) -> Result:
    """Ask for every page. Runs in the child."""
    browser = _browser()
    sizes = {size: _measure_place(browser, code, tries) for size, code in _PLACES.items()}
    return {"sizes": sizes, "peak_mb": peak_mb()}


def _measure_place(browser: "Client", code: str, tries: int) -> Result:
    """Ask for every page of one organization: from the query, and from the server too (in a state for a few sorts)."""
    from scoreport import access
    from scoreport.organizations.queries import find
    from scoreport.reports.queries import report_of, roster_page
    from scoreport.reports.rules import RosterQuery, definition_of

    actor, place, query = access.command("bench"), find(code), RosterQuery("clep", years=(YEAR,))
    address = f"/reports/clep/{place.address}/{YEAR}-{YEAR + 1}/"
    first = roster_page(actor, place, query, AT)
    found: Result = {
        "rows": first.total,
        "summary_ms": tried(partial(report_of, actor, place, query, AT), tries)[1],
        "cold_ms": {},
        "query_ms": {},
        "page_ms": {},
    }
    whole_pages = _WHOLE_PAGES_OF_STATE if code == _PLACES["state"] else definition_of("clep").keys
    for sort in definition_of("clep").keys:
        for name, number in {"first": 1, "middle": max(1, first.pages // 2), "last": first.pages}.items():
            act = partial(roster_page, actor, place, query.with_(sort=sort, page=number), AT)
            found["cold_ms"][f"{sort} {name}"], found["query_ms"][f"{sort} {name}"] = tried(act, tries)
            if sort in whole_pages:
                get = partial(_get, browser, f"{address}?sort={sort}&page={number}")
                _cold, found["page_ms"][f"{sort} {name}"] = tried(get, tries)
    return found


def tried(act: Callable[[], object], tries: int) -> tuple[float, float]:
    """Return the milliseconds of the first time, with nothing in caches of ours, and the median of some more."""
    from django.conf import settings
    from django.core.cache import caches

    for name in settings.CACHES:
        caches[name].clear()
    first, second = _milliseconds(act), _milliseconds(act)
    times = [second, *(_milliseconds(act) for _ in range(1 if second > _LONG_MS else tries - 1))]
    return round(first, 2), round(statistics.median(times), 2)


def _milliseconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000


def _browser() -> "Client":
    """Return a browser in which somebody has signed in who may see everything of the state."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from scoreport import access
    from scoreport.accounts.actions import create_person
    from scoreport.organizations.actions import grant_role

    actor = access.command("bench")
    person = create_person(actor, email="analyst@bench.example", name="Bench Analyst", at=AT)
    grant_role(actor, email=person.email, organization="S", role=access.Role.DETAILED_REPORTS, at=AT)
    browser = Client(SERVER_NAME="localhost")
    browser.defaults |= {"scoreport.at": AT}  # type: ignore[dict-item]  # our middleware takes an instant there
    browser.force_login(get_user_model().objects.get(pk=person.id))
    session = browser.session
    session["demo_second_factor"] = True
    session.save()
    return browser


def _get(browser: "Client", address: str) -> None:
    answer = browser.get(address)
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
