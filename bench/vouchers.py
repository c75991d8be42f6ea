"""Orders of 10,000 vouchers: placed, generated and taken out as CSV, beside a raw insert of as many rows of text."""

import datetime as dt
import secrets
import statistics
import time
from typing import Any, Final

from bench import child
from bench.child import Result
from bench.databases import FOLDER, Database
from bench.files import organizations_file
from bench.intake import AT

QUANTITY: Final = 10_000
_TRIES: Final = 5
_SCHOOL: Final = "500000"


def measure(database: Database) -> Result:
    """Order five times, on a database of its own."""
    child.run(database, "intake", "set_up", organizations=str(organizations_file(FOLDER, districts=1, schools=1)))
    return child.run(database, "vouchers", "order", quantity=QUANTITY)


# --- In the child -------------------------------------------------------------------------------


def order(quantity: int) -> Result:
    """Place orders of so many vouchers; return the median seconds of each step."""
    from scoreport import access
    from scoreport.lib.clock import local_date
    from scoreport.organizations.queries import find
    from scoreport.programs.actions import set_fee
    from scoreport.programs.rules import AcademicYear
    from scoreport.vouchers import actions
    from scoreport.vouchers.generate import generate
    from scoreport.vouchers.rules import Contact, NewOrder

    actor, school = access.command("bench"), find(_SCHOOL)
    year = AcademicYear.of(local_date(AT, school.time_zone))
    set_fee(actor, program="clep", year=year, exam_cents=9700, remote_cents=3000, at=AT)
    one = Contact("coordinator@bench.example")
    actions.set_profile(actor, organization=school, program="clep", coordinator=one, billing=one, at=AT)
    taken: dict[str, list[float]] = {"place": [], "generate": [], "csv": [], "floor": []}
    for number in range(_TRIES):
        began = time.perf_counter()
        placed = actions.place_order(
            actor,
            organization=school,
            program="clep",
            wanted=NewOrder(quantity, year.last_day),
            accepts_terms=True,
            request_key=str(number),
            at=AT,
        )
        taken["place"].append(time.perf_counter() - began)
        began = time.perf_counter()
        assert generate(placed.id, at=AT)
        taken["generate"].append(time.perf_counter() - began)
        began = time.perf_counter()
        lines = b"".join(actions.download_vouchers(actor, order=placed.code, at=AT)).count(b"\n")
        taken["csv"].append(time.perf_counter() - began)
        assert lines == quantity + 1
        taken["floor"].append(_raw(quantity, AT))
    return {name: round(statistics.median(seconds), 3) for name, seconds in taken.items()} | {"vouchers": quantity}


def _raw(quantity: int, at: dt.datetime) -> float:
    """Return the seconds in which as many rows of random text get into a table with the same unique index."""
    from django.db import connection, transaction

    from scoreport.lib.bulk import copy_rows

    rows: list[Any] = [(number, secrets.token_hex(32), "available", at.date()) for number in range(quantity)]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (line integer, digest text UNIQUE, state text, expires_on date)")
    began = time.perf_counter()
    with transaction.atomic():
        copy_rows(connection, "bare", ("line", "digest", "state", "expires_on"), rows)
    seconds = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bare")
    return seconds
