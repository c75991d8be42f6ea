"""Pages of the access log over a million events: of a school, a district and a state, whole and narrowed down."""

import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from bench.child import Result, Watch
from bench.intake import AT, set_up
from bench.roster import tried

_PLACES: Final = {"school": "500000", "district": "D0", "state": "S"}
_PEOPLE: Final = 400
_FIRST_ID: Final = 1_000
"""Beyond the few events of making the world."""
_VERBS: Final = (
    ("reports:roster:viewed", "roster"),
    ("reports:roster:viewed", "roster"),
    ("reports:student:viewed", "student"),
    ("reports:student:viewed", "student"),
    ("reports:student:viewed", "student"),
    ("reports:roster:exported", "roster"),
    ("accounts:session:started", "person"),
    ("organizations:membership:granted", "person"),
)
_REST: Final = ("{}", "", "", 1, "")
_COLUMNS: Final = (
    "id", "at", "verb", "actor_kind", "actor", "acting_for", "address", "organization", "subject_kind", "subject",
    "detail", "digest", "subject_id", "scheme", "key_id",
)  # fmt: skip


def build(organizations: str, events: int) -> Result:
    """Make organizations and events. Runs in the child."""
    from django.db import connection, transaction

    from scoreport.lib.bulk import copy_rows
    from scoreport.organizations.models import Organization

    watch = Watch()
    with watch.step("organizations"):
        set_up(organizations)
    codes = list(Organization.objects.order_by("id").values_list("code", flat=True))
    with watch.step("events"), transaction.atomic():
        copy_rows(connection, "audit_event", _COLUMNS, _events(codes, events))
    with watch.step("statistics"), connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)" if connection.vendor == "postgresql" else "ANALYZE")
    return {"events": events, "steps": watch.steps}


def _events(codes: list[str], count: int) -> Iterator[tuple[Any, ...]]:
    """Yield events that look like chance, the oldest first, over two years."""
    first = AT - dt.timedelta(days=730)
    for number in range(count):
        luck = (number * 2654435761 + 40503) % 4294967296
        verb, kind = _VERBS[luck % len(_VERBS)]
        person = f"Person {luck // 8 % _PEOPLE} <person{luck // 8 % _PEOPLE}@example.org>"
        place = "" if verb.startswith("accounts") else codes[luck // 4096 % len(codes)]
        subject = {"roster": "clep", "student": str(luck % 99_991), "person": person}[kind]
        at = first + dt.timedelta(seconds=number * 730 * 86_400 // count)
        yield (number + _FIRST_ID, at, verb, "person", person, "", "192.0.2.1", place, kind, subject, *_REST)


def measure(tries: int) -> Result:
    """Ask for every page. Runs in the child."""
    from scoreport import access
    from scoreport.organizations.queries import find
    from scoreport.reports.queries.log import log_page
    from scoreport.reports.rules.log import LogKind, LogQuery

    actor, day = access.command("bench"), (AT - dt.timedelta(days=365)).date()
    asked = {
        "everything": LogQuery(),
        "everything, page 100": LogQuery(page=100),
        "files taken out": LogQuery(kind=LogKind.EXPORTS),
        "support access": LogQuery(kind=LogKind.SUPPORT),
        "a day a year ago": LogQuery(first=day, last=day),
        "a student": LogQuery(student="17"),
        "a person": LogQuery(person="Person 7 <person7@example.org>"),
    }
    found: dict[str, dict[str, float]] = {}
    for size, code in _PLACES.items():
        place = find(code)
        found[size] = {
            name: tried(partial(log_page, actor, place, query, AT), tries)[1] for name, query in asked.items()
        }
    return {"pages_ms": found}
