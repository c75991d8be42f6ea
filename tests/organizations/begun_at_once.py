"""Several of the program staff begin one support access at the same instant, each in a process of their own.

Not a test itself: tests/organizations/test_begun_at_once.py starts it. Every round gives a new support access; the
children wait for one byte and then all begin.

    python -m tests.organizations.begun_at_once FOLDER ROUNDS [--broken]
"""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

FOLDER, ROUNDS = Path(sys.argv[1]), int(sys.argv[2])
BROKEN = "--broken" in sys.argv
URL = os.environ.get("DATABASE_URL", "")
IS_POSTGRES = URL.startswith("postgres")
NAME = f"begun_{os.getpid()}"
STAFF = 4


def main() -> None:
    """Prepare a database, let them begin round by round, and say how many succeeded in each."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    os.environ["SCOREPORT_DATA_DIR"] = str(FOLDER)
    os.environ["DATABASE_URL"] = _url(NAME) if IS_POSTGRES else f"sqlite:///{FOLDER / 'work.sqlite3'}"
    os.environ["DJANGO_SETTINGS_MODULE"] = "scoreport.settings"
    if IS_POSTGRES:
        _on_server(f"CREATE DATABASE {NAME}")
    try:
        _rounds()
    finally:
        if IS_POSTGRES:
            _on_server(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


def _rounds() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    staff, given = _prepare()
    connections.close_all()
    if IS_POSTGRES:
        # A pool that was forked would share its sockets and its locks with every child.
        connections["default"].close_pool()  # type: ignore[attr-defined]
    won = [_round(staff, number) for number in given]
    print(json.dumps({"won": won, "held": _held()}))  # noqa: T201


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


def _round(staff: list[int], support_id: int) -> int:
    """Let each of the staff begin at the same instant; return how many were told that they have it."""
    gate, open_gate = os.pipe()
    children = []
    for person_id in staff:
        child = os.fork()
        if child == 0:
            code = 2
            try:
                os.close(open_gate)
                os.read(gate, 1)
                code = 0 if _begin(person_id, support_id) else 1
            finally:
                # Whatever happens, a child never goes on with what its parent has to do.
                os._exit(code)
        children.append(child)
    os.close(gate)
    os.close(open_gate)
    return sum(os.waitpid(child, 0)[1] == 0 for child in children)


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


def _url(name: str) -> str:
    return urlunsplit(urlsplit(URL)._replace(path=f"/{name}"))


def _on_server(statement: str) -> None:
    import psycopg

    with psycopg.connect(_url("postgres"), autocommit=True) as connection:
        connection.execute(statement.encode())


if __name__ == "__main__":
    main()
