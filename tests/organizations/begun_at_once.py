"""Several of the program staff begin one support access at the same instant, each in a process of their own.

Not a test itself: tests/organizations/test_begun_at_once.py starts it. Every round gives a new support access,
and all of the staff begin it at once.

    python -m tests.organizations.begun_at_once FOLDER ROUNDS [--broken]
"""

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.processes import at_once, in_a_child, own_database, waiting

FOLDER, ROUNDS = Path(sys.argv[1]), int(sys.argv[2])
BROKEN = "--broken" in sys.argv
STAFF = 4


def main() -> None:
    """Prepare a database, let them begin round by round, and say how many succeeded in each."""
    with own_database(FOLDER, "begun", modules=("scoreport.organizations.actions.support",)):
        staff, given = in_a_child(_prepare)
        won = [sum(at_once([waiting(_begin, person, number) for person in staff])) for number in given]
        print(json.dumps({"won": won, "held": in_a_child(_held)}))  # noqa: T201 - its output


def _prepare() -> tuple[list[int], list[int]]:
    """Make the staff, and one support access for each round."""
    from scoreport.access import Role
    from scoreport.accounts.actions import create_person
    from scoreport.organizations.actions import grant_role
    from scoreport.organizations.actions.support import allow
    from tests import world

    world.load(world.ORGANIZATIONS)
    staff = []
    for number in range(STAFF):
        email = f"staff{number}@juniper.example"
        staff.append(create_person(world.OPERATOR, email=email, name=f"Staff {number}", at=world.AT).id)
        grant_role(world.OPERATOR, email=email, organization=None, role=Role.PROGRAM_STAFF, at=world.AT)
    wanted: dict[str, Any] = {"organization": "470001", "reason": "Why", "hours": 1, "at": world.AT}
    return staff, [allow(world.OPERATOR, ticket=str(number), **wanted).id for number in range(ROUNDS)]


def _begin(person_id: int, support_id: int) -> bool:
    from scoreport.access import Refused
    from scoreport.organizations.actions import support
    from scoreport.organizations.queries import actor_of
    from tests.world import AT

    if BROKEN:
        _break()
    actor = actor_of(person_id, second_factor=True, at=AT)
    try:
        support.begin(actor, support_id=support_id, at=AT)
    except Refused:
        return False
    with suppress(Refused):
        support.end(actor, support_id=support_id, at=AT)
    return True


def _break() -> None:
    """Ask first and write afterwards, outside of one step: what the suite has to notice."""
    from django.db.models.query import QuerySet

    update = QuerySet.update

    def careless(rows, **values):
        if "begun_at" not in values:
            return update(rows, **values)
        found = list(rows.values_list("pk", flat=True))
        for _n in range(2_000_000):
            pass
        return update(rows.model.objects.filter(pk__in=found), **values)

    QuerySet.update = careless  # type: ignore[method-assign, assignment]  # the negative control


def _held() -> int:
    """Return how many support accesses somebody has begun."""
    from scoreport.organizations.models import SupportGrant

    return SupportGrant.objects.filter(staff__isnull=False).count()


if __name__ == "__main__":
    main()
