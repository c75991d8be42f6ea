"""Has processes manage access at the same time, again and again, and tells what is stored then.

Not a test itself: tests/organizations/test_racing_managers.py starts it as a process of its own, so that each
process has a connection of its own to a database that is really shared, on SQLite and PostgreSQL.

    python -m tests.organizations.racing_managers FOLDER managers|requests|upkeep ROUNDS [--broken]
"""

import datetime as dt
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tests.processes import at_once, in_a_child, own_database, waiting

FOLDER, RACE, ROUNDS = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
BROKEN = "--broken" in sys.argv
ENDS = dt.date(2027, 2, 10)
MODULES = (
    "scoreport.organizations.actions.answers",
    "scoreport.organizations.actions.changes",
    "scoreport.organizations.actions.upkeep",
    "tests.organizations.managing",
    "tests.organizations.test_answers",
    "tests.organizations.unguarded",
)


def main() -> None:
    """Prepare, race, and print what came of it."""
    with own_database(FOLDER, "racing_managers", modules=MODULES):
        in_a_child(_prepare)
        racer = {"managers": _leave, "requests": _answer, "upkeep": _keep_up}[RACE]
        said = Counter(answer for number in range(ROUNDS) for answer in racer(number))
        print(json.dumps({"said": said} | in_a_child(_found)))  # noqa: T201 - its output


def _prepare() -> None:
    """Store a school for each round, each with the same two managers."""
    from scoreport.access import Role
    from tests import world
    from tests.organizations.managing import add, give

    people = world.build()
    schools = "".join(f"school,S{number},School {number},D-ALDER,,Alder,WV,25310\n" for number in range(ROUNDS))
    world.load(world.ORGANIZATIONS + schools)
    add("moe", None)
    for number in range(ROUNDS):
        for name in ("max", "moe"):
            give(name, Role.ACCESS_MANAGER, f"S{number}", ends_on=ENDS if RACE == "upkeep" else None)
        if RACE == "requests":
            _ask(people, f"S{number}")


def _ask(people: Any, where: str) -> None:
    from scoreport.access import Role
    from tests.organizations.test_answers import ask

    ask(people, where=where, role=Role.DETAILED_REPORTS)


def _leave(number: int) -> list[str]:
    """Both managers of a school take their own role away."""

    def act(name: str) -> str:
        from scoreport.access import Role
        from scoreport.organizations import holding
        from scoreport.organizations.actions.changes import revoke_held_role
        from tests.organizations.managing import acting, role_of
        from tests.organizations.unguarded import hold_unguarded
        from tests.world import AT

        if BROKEN:
            hold_unguarded()
        mine = role_of(name, Role.ACCESS_MANAGER, f"S{number}").pk
        try:
            revoke_held_role(acting(name), membership_id=mine, at=AT)
        except holding.LastManager:
            return "stayed"
        return "left"

    return at_once([waiting(act, "max"), waiting(act, "moe")], connected=True)


def _answer(number: int) -> list[str]:
    """One manager grants a request, the other one declines it."""

    def act(name: str) -> str:
        from scoreport.access import Role
        from scoreport.organizations.actions.answers import AlreadyAnswered, decline_request, grant_request
        from scoreport.organizations.models import AccessRequest
        from tests.organizations.managing import acting
        from tests.world import AT

        asked = AccessRequest.objects.get(organization__code=f"S{number}").pk
        try:
            if name == "max":
                grant_request(acting(name), request_id=asked, role=Role.DETAILED_REPORTS, at=AT)
                return "granted"
            decline_request(acting(name), request_id=asked, sentence="Not now.", at=AT)
        except AlreadyAnswered:
            return "late"
        return "declined"

    return at_once([waiting(act, "max"), waiting(act, "moe")], connected=True)


def _keep_up(number: int) -> list[str]:
    """Two workers run the upkeep on the same days, and ask for the next run."""
    days = (30, 14, 3, -1)

    def act() -> str:
        from scoreport.organizations import upkeep
        from scoreport.organizations.actions.upkeep import schedule_upkeep
        from tests.world import OPERATOR

        at = dt.datetime.combine(ENDS, dt.time(17), tzinfo=dt.UTC) - dt.timedelta(days=days[number % len(days)])
        upkeep.run(at)
        schedule_upkeep(OPERATOR, at=at)
        return "done"

    return at_once([waiting(act), waiting(act)], connected=True)


def _found() -> dict[str, Any]:
    from django_tasks_db.models import DBTaskResult

    from scoreport.access import Role
    from scoreport.audit.models import Event
    from scoreport.audit.queries import broken_links
    from scoreport.organizations.models import Membership
    from scoreport.organizations.tasks import keep_up
    from tests.organizations.managing import mails

    managers = Counter(
        Membership.objects.filter(
            role=Role.ACCESS_MANAGER.value, revoked_at__isnull=True, organization__code__startswith="S"
        )
        .exclude(organization__code="ST")
        .values_list("organization__code", flat=True)
    )
    return {
        "managers": sorted(managers[f"S{number}"] for number in range(ROUNDS)),
        "roles": Membership.objects.filter(user__email="nora@juniper.example").count(),
        "mails": dict(Counter(f"{kind} {to}" for kind, to in mails())),
        "verbs": dict(Counter(Event.objects.values_list("verb", flat=True))),
        "chain": list(broken_links()) == [],
        "waiting": DBTaskResult.objects.filter(task_path=keep_up.module_path).count(),
    }


if __name__ == "__main__":
    main()
