"""Has processes manage access at the same time, again and again, and tells what is stored then.

Not a test itself: tests/organizations/test_racing_managers.py starts it as a process of its own, so that each
process has a connection of its own to a database that is really shared, on SQLite and PostgreSQL.

    python -m tests.organizations.racing_managers FOLDER managers|requests|upkeep ROUNDS [--broken]
"""

import datetime as dt
import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

FOLDER, RACE, ROUNDS = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
BROKEN = "--broken" in sys.argv
URL = os.environ.get("DATABASE_URL", "")
IS_POSTGRES = URL.startswith("postgres")
NAME = f"racing_managers_{os.getpid()}"
ENDS = dt.date(2027, 2, 10)


def main() -> None:
    """Prepare, race, and print what came of it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    os.environ["SCOREPORT_DATA_DIR"] = str(FOLDER)
    os.environ["DATABASE_URL"] = _url(NAME) if IS_POSTGRES else f"sqlite:///{FOLDER / 'race.sqlite3'}"
    os.environ["DJANGO_SETTINGS_MODULE"] = "scoreport.settings"
    if IS_POSTGRES:
        _on_server(f"CREATE DATABASE {NAME}")
    try:
        import django

        django.setup()
        # Connections are made after the forks: a pool of them does not survive one.
        _in_a_child(_prepare)
        racers: dict[str, Callable[[int], list[str]]] = {"managers": _leave, "requests": _answer, "upkeep": _keep_up}
        said = Counter(answer for number in range(ROUNDS) for answer in racers[RACE](number))
        print(json.dumps({"said": said} | _in_a_child(_found)))  # noqa: T201
    finally:
        if IS_POSTGRES:
            _on_server(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


def _prepare() -> None:
    """Store a school for each round, each with the same two managers."""
    from django.core.management import call_command

    from scoreport.access import Role
    from tests import world
    from tests.organizations.managing import add, give

    call_command("migrate", verbosity=0)
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
        from tests.world import AT

        if BROKEN:
            setattr(holding, "lock", lambda _place: None)  # noqa: B010 - the attack
        mine = role_of(name, Role.ACCESS_MANAGER, f"S{number}").pk
        try:
            revoke_held_role(acting(name), membership_id=mine, at=AT)
        except holding.LastManager:
            return "stayed"
        return "left"

    return _at_once(lambda: act("max"), lambda: act("moe"))


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

    return _at_once(lambda: act("max"), lambda: act("moe"))


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

    return _at_once(act, act)


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


# --- Processes -----------------------------------------------------------------------------------


def _at_once(*acts: Callable[[], str]) -> list[str]:
    """Start each act in a process of its own as soon as all are there; return what each said."""
    ready_out, ready_in = os.pipe()
    go_out, go_in = os.pipe()
    children = []
    for number, act in enumerate(acts):
        child = os.fork()
        if child == 0:
            os.close(go_in)
            _connect()
            os.write(ready_in, b".")
            os.read(go_out, 1)  # Returns for all of them at once, when the other end is closed.
            _say(f"answer{number}", act)
        children.append(child)
    os.close(go_out)
    for _child in children:
        os.read(ready_out, 1)
    os.close(go_in)
    for child in children:
        os.waitpid(child, 0)
    os.close(ready_out)
    os.close(ready_in)
    return [json.loads((FOLDER / f"answer{number}").read_text(encoding="utf-8")) for number in range(len(acts))]


def _connect() -> None:
    """Have the connection, and the modules, before the race begins."""
    from scoreport.organizations.models import Membership
    from tests.organizations import managing

    assert callable(managing.mails)
    Membership.objects.exists()


def _in_a_child(act: Callable[[], Any]) -> Any:
    child = os.fork()
    if child == 0:
        _say("said", act)
    os.waitpid(child, 0)
    return json.loads((FOLDER / "said").read_text(encoding="utf-8"))


def _say(name: str, act: Callable[[], Any]) -> None:
    """Write what an act returns into a file, and end the process."""
    try:
        answer = act()
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the answer
        answer = repr(error)
    (FOLDER / name).write_text(json.dumps(answer), encoding="utf-8")
    os._exit(0)


def _url(name: str) -> str:
    return urlunsplit(urlsplit(URL)._replace(path=f"/{name}"))


def _on_server(statement: str) -> None:
    import psycopg

    with psycopg.connect(_url("postgres"), autocommit=True) as connection:
        connection.execute(statement.encode())


if __name__ == "__main__":
    main()
