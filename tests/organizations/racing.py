"""Has many processes accept one invitation at once, again and again, and tells what came of it.

Not a test itself: tests/organizations/test_racing_invitations.py starts it as a process of its own, so that each
process has a connection of its own to a database that is really shared, on SQLite and PostgreSQL.

    python -m tests.organizations.racing FOLDER PROCESSES ROUNDS [--broken]
"""

import json
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

FOLDER, PROCESSES, ROUNDS = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
BROKEN = "--broken" in sys.argv
URL = os.environ.get("DATABASE_URL", "")
IS_POSTGRES = URL.startswith("postgres")
NAME = f"racing_{os.getpid()}"


def main() -> None:
    """Prepare the world, race, and print what is stored then."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    os.environ["SCOREPORT_DATA_DIR"] = str(FOLDER)
    os.environ["DATABASE_URL"] = _url(NAME) if IS_POSTGRES else f"sqlite:///{FOLDER / 'race.sqlite3'}"
    os.environ["DJANGO_SETTINGS_MODULE"] = "scoreport.settings"
    if IS_POSTGRES:
        _on_server(f"CREATE DATABASE {NAME}")
    try:
        import django

        django.setup()
        print(json.dumps(_race()))  # noqa: T201
    finally:
        if IS_POSTGRES:
            _on_server(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


def _race() -> dict[str, object]:
    # The first connection of this process is made after the last fork: a pool of them does not survive one.
    prepared = FOLDER / "prepared"
    child = os.fork()
    if child == 0:
        prepared.write_text(json.dumps(_prepare()), encoding="utf-8")
        os._exit(0)
    os.waitpid(child, 0)
    nora, tokens = json.loads(prepared.read_text(encoding="utf-8"))
    said = [answer for token in tokens for answer in _all_at_once(nora, token)]
    return _found(nora, said)


def _prepare() -> tuple[int, list[str]]:
    """Store the world and an invitation for each round; return who was invited, and the links."""
    from django.core.management import call_command

    from tests import world
    from tests.organizations.invited import invited, token_of

    call_command("migrate", verbosity=0)
    people = world.build().people
    tokens = []
    for number in range(ROUNDS):
        world.load(f"{world.ORGANIZATIONS}school,S{number},School {number},D-ALDER,,Alder,WV,25310\n")
        info = invited(world.OPERATOR, email="nora@juniper.example", organization=f"S{number}")
        tokens.append(token_of(info))
    return people["nora"].id, tokens


def _found(nora: int, said: list[str]) -> dict[str, object]:
    from scoreport.audit.queries import broken_links, events_of
    from scoreport.organizations.models import Membership

    held = Membership.objects.filter(user_id=nora, revoked_at=None)
    return {
        "accepted": said.count("accepted"),
        "ended": said.count("ended"),
        "other": sorted({answer for answer in said if answer not in {"accepted", "ended"}}),
        "memberships": held.count(),
        "different": held.values("organization_id", "role").distinct().count(),
        "events": len(events_of(verb="organizations:invitation:accepted", limit=10_000)),
        "chain": list(broken_links()) == [],
    }


def _all_at_once(user_id: int, token: str) -> list[str]:
    """Let every process accept as soon as all of them are there; return what each was told."""
    ready_out, ready_in = os.pipe()
    go_out, go_in = os.pipe()
    children = []
    for number in range(PROCESSES):
        child = os.fork()
        if child == 0:
            os.close(go_in)
            os.write(ready_in, b".")
            os.read(go_out, 1)  # Returns for all of them at once, when the other end is closed.
            try:
                answer = _accept(user_id, token)
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is the answer
                answer = repr(error)
            (FOLDER / f"answer{number}").write_text(answer, encoding="utf-8")
            os._exit(0)
        children.append(child)
    os.close(go_out)
    for _child in children:
        os.read(ready_out, 1)
    os.close(go_in)
    for child in children:
        os.waitpid(child, 0)
    os.close(ready_out)
    os.close(ready_in)
    return [(FOLDER / f"answer{number}").read_text(encoding="utf-8") for number in range(PROCESSES)]


def _accept(user_id: int, token: str) -> str:
    from scoreport.organizations.actions.acceptances import accept_invitation
    from scoreport.organizations.actions.invitations import InvitationEnded
    from scoreport.organizations.queries import actor_of
    from tests.world import AT

    if BROKEN:
        _take_the_guard_away()
    actor = actor_of(user_id, second_factor=False, at=AT)
    try:
        accept_invitation(actor, token=token, at=AT)
    except InvitationEnded:
        return "ended"
    return "accepted"


def _take_the_guard_away() -> None:
    """Look first and write then, without lock and condition, as a naive program would."""
    from django.db.models import QuerySet

    from scoreport.organizations.actions import acceptances
    from scoreport.organizations.models import Invitation

    def update_if_it_looked_open(rows: "QuerySet[Invitation]", **values: object) -> int:
        if rows.model is not Invitation or "accepted_at" not in values:
            return unguarded(rows, **values)
        seen = list(rows.values_list("pk", flat=True))
        return unguarded(Invitation.objects.filter(pk__in=seen), **values)

    unguarded = QuerySet.update
    QuerySet.update = update_if_it_looked_open  # type: ignore[method-assign,assignment]  # the attack
    setattr(acceptances, "lock", lambda _place: None)  # noqa: B010 - the attack


def _url(name: str) -> str:
    return urlunsplit(urlsplit(URL)._replace(path=f"/{name}"))


def _on_server(statement: str) -> None:
    import psycopg

    with psycopg.connect(_url("postgres"), autocommit=True) as connection:
        connection.execute(statement.encode())


if __name__ == "__main__":
    main()
