"""Sixty-four people redeem one access code at the same time, each in a process of their own, through the web client.

Not a test itself: tests/organizations/test_race.py starts it as a process of its own. It makes a database, lets the
children wait at one gate, opens it, and prints what became of them.

    python -m tests.organizations.race FOLDER PEOPLE [--unguarded]

With --guess one person enters so many wrong codes at the same instant instead, and with --unlocked nothing makes
them go one after the other.
"""

import datetime as dt
import importlib
import json
import os
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Never
from urllib.parse import urlsplit, urlunsplit

FOLDER, PEOPLE = Path(sys.argv[1]), int(sys.argv[2])
UNGUARDED = "--unguarded" in sys.argv
GUESS, UNLOCKED = "--guess" in sys.argv, "--unlocked" in sys.argv
URL = os.environ.get("DATABASE_URL", "")
IS_POSTGRES = URL.startswith("postgres")
NAME = f"race_{os.getpid()}"
TERMS = "/tools/managing-access/000905/terms/"


def main() -> None:
    """Prepare, race, count."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    os.environ["SCOREPORT_DATA_DIR"] = str(FOLDER)
    os.environ["DATABASE_URL"] = _url(NAME) if IS_POSTGRES else f"sqlite:///{FOLDER / 'race.sqlite3'}"
    os.environ["DJANGO_SETTINGS_MODULE"] = "scoreport.settings"
    _import_once()
    if IS_POSTGRES:
        _on_server(f"CREATE DATABASE {NAME}")
    try:
        cookies = _in_a_child(_prepare)
        answers = _race(cookies)
        result = _in_a_child(_count)
    finally:
        if IS_POSTGRES:
            _on_server(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
    print(json.dumps(result | {"answers": Counter(answers)}))  # noqa: T201


def _prepare() -> list[str]:
    """Make the tree, one code, and people who have entered it and look at the terms; return their sessions."""
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from scoreport.accounts.actions import create_person
    from scoreport.accounts.models import User
    from scoreport.organizations.actions.codes import issue
    from tests.world import OPERATOR, ORGANIZATIONS, load

    call_command("migrate", verbosity=0)
    load(ORGANIZATIONS, at=_now())
    code = issue(OPERATOR, organization="000905", at=_now()).code
    cookies = []
    for number in range(PEOPLE):
        info = create_person(OPERATOR, email=f"p{number}@juniper.example", name=f"P{number}", at=_now())
        # Everybody comes from an address of their own: waiting is not what is raced for here.
        client = Client(REMOTE_ADDR=f"192.0.2.{number + 1}")
        client.force_login(User.objects.get(pk=info.id))
        entered = client.post(TERMS.removesuffix("terms/"), {"code": code})
        assert entered.headers.get("Location") == TERMS, entered.content
        cookies.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
    return cookies


def _race(cookies: list[str]) -> list[str]:
    """Let everybody accept at once; return what each was answered."""
    gate_read, gate_write = os.pipe()
    ready_read, ready_write = os.pipe()
    children = []
    for number, cookie in enumerate(cookies):
        child = os.fork()
        if child == 0:
            os.close(gate_write)
            _leave_after(lambda: (_guess if GUESS else _accept)(number, cookie, gate_read, ready_write))  # noqa: B023 - a child has its own
        children.append(child)
    os.close(gate_read)
    os.close(ready_write)
    waiting = b""
    while len(waiting) < len(children) and (said := os.read(ready_read, len(children))):
        waiting += said
    os.close(gate_write)
    ended = [os.waitpid(child, 0)[1] for child in children]
    assert ended == [0] * len(children), ended
    return [(FOLDER / f"answer{number}").read_text(encoding="utf-8") for number in range(len(cookies))]


def _accept(number: int, cookie: str, gate: int, ready: int) -> None:
    """Wait at the gate, accept the terms, and say what came of it."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    from scoreport.organizations.actions import redeeming
    from scoreport.organizations.rules.terms import VERSION

    if UNGUARDED:
        redeeming._take = _take_unguarded
        redeeming._lock_line = lambda place: None
        redeeming._needs_confirmation = lambda *_args: False
    client = Client(REMOTE_ADDR=f"192.0.2.{number + 1}", raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    try:
        _connect()
        assert client.get(TERMS).status_code == 200
        connection.close()
    finally:
        os.write(ready, b".")
    os.read(gate, 1)
    _connect()
    answer = client.post(TERMS, {"version": VERSION, "accepted": "on"})
    went = answer.headers.get("Location", "")
    where = "sent back" if went.startswith("/tools/") else "got in" if went else ""
    (FOLDER / f"answer{number}").write_text(f"{answer.status_code} {where}".strip(), encoding="utf-8")


def _guess(number: int, _cookie: str, gate: int, ready: int) -> None:
    """Wait at the gate, enter a wrong code as the first person, and say what came of it."""
    from django.db import connection

    from scoreport.accounts.queries import person
    from scoreport.organizations.actions import redeeming
    from scoreport.organizations.queries import actor_of
    from tests.organizations.entering import WRONG
    from tests.world import AT

    if UNLOCKED:
        redeeming._one_after_the_other = lambda: None
    try:
        _connect()
        actor = actor_of(person("p0@juniper.example").id, second_factor=False, at=AT)
        connection.close()
    finally:
        os.write(ready, b".")
    os.read(gate, 1)
    _connect()
    try:
        redeeming.check_code(actor, organization="000905", code=WRONG, at=AT)
    except redeeming.CodeRefused as refusal:
        (FOLDER / f"answer{number}").write_text(type(refusal).__name__, encoding="utf-8")


def _connect() -> None:
    """Take a connection; a PostgreSQL that is shared with others may have none left for a moment."""
    from django.db import OperationalError, connection

    for _time in range(1000):
        try:
            connection.ensure_connection()
        except OperationalError as error:
            if "too many clients" not in str(error) and "connection slots" not in str(error):
                raise
            time.sleep(0.02)
        else:
            return


def _take_unguarded(row: Any, person: Any, at: dt.datetime) -> None:
    """Take a code without the guard: read whether it is open, then write, with no row behind it."""
    from scoreport.organizations.actions.redeeming import CodeSpent
    from scoreport.organizations.models import AccessCode

    fresh = AccessCode.objects.get(pk=row.pk)
    if fresh.used_at is not None:
        raise CodeSpent
    AccessCode.objects.filter(pk=row.pk).update(used_at=at, used_by=person.as_text)


def _count() -> dict[str, int]:
    from scoreport.audit.queries import broken_links, events_of
    from scoreport.audit.rules import Verb
    from scoreport.organizations.models import AccessCode, CodeTry, Membership, Redemption, TermsAcceptance

    return {
        "wrong": CodeTry.objects.filter(was_right=False).count(),
        "memberships": Membership.objects.count(),
        "redemptions": Redemption.objects.count(),
        "acceptances": TermsAcceptance.objects.count(),
        "used": AccessCode.objects.filter(used_at__isnull=False).count(),
        "events": len(events_of(verb=Verb.CODE_REDEEMED, limit=PEOPLE)),
        "broken": len(list(broken_links())),
    }


# --- Processes and databases ---------------------------------------------------------------------


def _now() -> dt.datetime:
    from scoreport.lib.clock import now

    return now()


def _import_once() -> None:
    """Load the program before the first fork; connections are made by the children."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connections
    from django.test import override_settings

    # A pool of its own for each of so many processes would keep connections that others wait for.
    connections.databases["default"]["OPTIONS"].pop("pool", None)
    # Static files are named as they lie in the source; nobody has collected them here.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}, ALLOWED_HOSTS=["*"]).enable()
    for name in ("scoreport.urls", "scoreport.web.entry.views.code", "tests.world", "allauth.account.forms"):
        importlib.import_module(name)


def _in_a_child(do: Callable[[], Any]) -> Any:
    """Do something in a process of its own, and return what it returns."""
    answer = FOLDER / "answer"
    child = os.fork()
    if child == 0:
        _leave_after(lambda: answer.write_text(json.dumps(do()), encoding="utf-8"))
    _pid, status = os.waitpid(child, 0)
    if status:
        message = f"The child ended with {status}."
        raise RuntimeError(message)
    return json.loads(answer.read_text(encoding="utf-8"))


def _leave_after(do: Callable[[], object]) -> Never:
    """Do what a child is there for, and end it without what the parent would still do."""
    code = 1
    try:
        do()
        code = 0
    except BaseException:  # noqa: BLE001 - a child says what went wrong, whatever it was
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _url(name: str) -> str:
    return urlunsplit(urlsplit(URL)._replace(path=f"/{name}"))


def _on_server(statement: str) -> None:
    import psycopg

    with psycopg.connect(_url("postgres"), autocommit=True) as connection:
        connection.execute(statement)


if __name__ == "__main__":
    main()
