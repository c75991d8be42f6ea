"""Exam vouchers at Alder High and its district: fees, profiles, and orders of last year and of this one."""

import datetime as dt
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from scoreport.cli.demo.people import BY_KEY, DemoPerson
from scoreport.cli.demo.places import ALDER, LAKEWOOD
from scoreport.cli.demo.stage import Scene, Stage
from scoreport.lib.clock import academic_year, local_date
from scoreport.organizations.queries import find
from scoreport.programs.actions import set_fee
from scoreport.programs.rules import AcademicYear
from scoreport.vouchers import actions
from scoreport.vouchers.generate import generate
from scoreport.vouchers.rules import Contact, NewOrder

_PROGRAM: Final = "clep"
_EXAM_CENTS: Final = (9300, 9500, 9700)
"""What an exam cost in the last years, the newest last; earlier ones are not set."""
_REMOTE_CENTS: Final = 3000


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield who orders what, in no order."""
    running = academic_year(stage.today)
    yield Scene(stage.ago(420), partial(_begin, stage, running))
    yield Scene(stage.ago(370), _ordering(stage, "clep-coordinator", ALDER, quantity=40))
    yield Scene(stage.ago(10), partial(_save_profiles, stage))
    yield Scene(stage.ago(6), _ordering(stage, "clep-coordinator", ALDER, quantity=60, po="PO 4471"))
    yield Scene(stage.ago(4), _ordering(stage, "clep-coordinator", ALDER, quantity=25, remote=True))
    yield Scene(stage.ago(3), _ordering(stage, "district-coordinator", LAKEWOOD, quantity=200))
    yield Scene(stage.ago(2), partial(_void, stage))


def _begin(stage: Stage, running: int, at: dt.datetime) -> None:
    """Set the fees of three years, and who orders."""
    for back, cents in enumerate(reversed(_EXAM_CENTS)):
        year = AcademicYear(running - back)
        set_fee(stage.operator, program=_PROGRAM, year=year, exam_cents=cents, remote_cents=_REMOTE_CENTS, at=at)
    _save_profiles(stage, at)


def _save_profiles(stage: Stage, at: dt.datetime) -> None:
    """Save the profiles of the school and the district, which gives their people their roles, or renews them."""
    people = {ALDER: ("clep-coordinator", "clep-alternate"), LAKEWOOD: ("district-coordinator", "")}
    for place, (coordinator, alternate) in people.items():
        actions.set_profile(
            stage.operator,
            organization=find(place),
            program=_PROGRAM,
            coordinator=_contact(coordinator),
            alternate=_contact(alternate) if alternate else None,
            billing=_contact("clep-billing"),
            at=at,
        )


def _contact(key: str) -> Contact:
    person: DemoPerson = BY_KEY[key]
    return Contact(person.email, person.name, "612-555-0142")


def _ordering(
    stage: Stage, key: str, place: str, *, quantity: int, po: str = "", remote: bool = False
) -> Callable[[dt.datetime], str]:
    """Return the act of an order, which returns its ID."""

    def order(at: dt.datetime) -> str:
        where = find(place)
        last_day = AcademicYear.of(local_date(at, where.time_zone)).last_day
        placed = actions.place_order(
            stage.actor(key, at),
            organization=where,
            program=_PROGRAM,
            wanted=NewOrder(quantity, last_day, remote, po),
            accepts_terms=True,
            request_key=f"{key} {at.isoformat()}",
            at=at,
        )
        generate(placed.id, at=at)
        return placed.code

    return order


def _void(stage: Stage, at: dt.datetime) -> None:
    """Order ten too many, and void them."""
    code = _ordering(stage, "clep-coordinator", ALDER, quantity=10)(at)
    actions.void_vouchers(stage.actor("clep-coordinator", at), order=code, at=at)
