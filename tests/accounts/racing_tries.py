"""Many processes try to sign in as one person at the same time, each with a wrong password, through the web client.

Not a test itself: tests/accounts/test_racing_tries.py starts it as a process of its own. It makes a database, lets the
children wait at one gate, opens it, and prints how many passwords were looked at and what the right one gets then.
Afterwards it does the same with a count in the memory of each process, as it was before there was a table.

    python -m tests.accounts.racing_tries FOLDER TRIES
"""

import importlib
import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Never
from urllib.parse import urlsplit, urlunsplit

FOLDER, TRIES = Path(sys.argv[1]), int(sys.argv[2])
URL = os.environ.get("DATABASE_URL", "")
IS_POSTGRES = URL.startswith("postgres")
NAME = f"tries_{os.getpid()}"
EMAIL, PASSWORD = "amy@juniper.example", "correct horse battery"


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
        _in_a_child(_prepare)
        _race(_enter)
        result = _in_a_child(_count)
        _race(_enter_counted_in_memory)
        result["looked_at_in_memory"] = _in_a_child(_count)["looked_at"] - result["looked_at"]
    finally:
        if IS_POSTGRES:
            _on_server(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
    print(json.dumps(result))  # noqa: T201


def _prepare() -> None:
    from django.core.management import call_command

    from scoreport.accounts.actions import create_person
    from scoreport.accounts.models import User
    from scoreport.lib.clock import now
    from tests.world import OPERATOR

    call_command("migrate", verbosity=0)
    info = create_person(OPERATOR, email=EMAIL, name="Amy", at=now())
    user = User.objects.get(pk=info.id)
    user.set_password(PASSWORD)
    user.save()


def _race(enter: Callable[[str, int], Any]) -> None:
    """Let everybody try at once."""
    gate_read, gate_write = os.pipe()
    children = []
    for number in range(TRIES):
        child = os.fork()
        if child == 0:
            os.close(gate_write)
            _leave_after(lambda: (os.read(gate_read, 1), enter("not right at all", number)))  # noqa: B023 - a child has its own
        children.append(child)
    os.close(gate_read)
    os.close(gate_write)
    ended = [os.waitpid(child, 0)[1] for child in children]
    assert ended == [0] * len(children), ended


def _enter(password: str, number: int) -> Any:
    """Try to sign in from an address of one's own; return the answer."""
    from django.test import Client

    client = Client(REMOTE_ADDR=f"192.0.2.{number + 1}")
    return client.post("/account/login/", {"login": EMAIL, "password": password})


def _enter_counted_in_memory(password: str, number: int) -> Any:
    from django.conf import settings
    from django.test import override_settings

    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    with override_settings(CACHES={**settings.CACHES, "default": memory}):
        return _enter(password, number)


def _count() -> dict[str, int]:
    """Count what was looked at, and sign in with the right password in one more process."""
    from scoreport.audit.queries import events_of
    from scoreport.audit.rules import Verb

    looked_at = len(events_of(verb=Verb.SIGN_IN_FAILED, limit=2 * TRIES))
    return {"looked_at": looked_at, "right_one": _enter(PASSWORD, TRIES).status_code}


def _import_once() -> None:
    """Load the program before the first fork; connections are made by the children."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connections
    from django.test import override_settings

    # A pool of its own for each of so many processes would keep connections that others wait for.
    connections.databases["default"]["OPTIONS"].pop("pool", None)
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}, ALLOWED_HOSTS=["*"]).enable()
    for name in ("scoreport.urls", "tests.world", "allauth.account.forms", "scoreport.web.account.factor_forms"):
        importlib.import_module(name)


def _in_a_child(do: Callable[[], Any]) -> Any:
    """Do something in a process of its own, and return what it returns."""
    answer = FOLDER / "answer"
    child = os.fork()
    if child == 0:
        _leave_after(lambda: answer.write_text(json.dumps(do()), encoding="utf-8"))
    assert os.waitpid(child, 0)[1] == 0
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
