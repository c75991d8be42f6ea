"""Many processes try to sign in as one person at the same time, each with a wrong password, through the web client.

Not a test itself: tests/accounts/test_racing_tries.py starts it as a process of its own. It prints how many
passwords were looked at and what the right one gets then.
Afterwards it does the same with a count in the memory of each process, as it was before there was a table.

    python -m tests.accounts.racing_tries FOLDER TRIES
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.processes import at_once, in_a_child, own_database, waiting

FOLDER, TRIES = Path(sys.argv[1]), int(sys.argv[2])
EMAIL, PASSWORD = "amy@juniper.example", "correct horse battery"


def main() -> None:
    """Prepare, race, count."""
    modules = ("allauth.account.forms", "scoreport.web.account.factor_forms")
    with own_database(FOLDER, "tries", modules=modules):
        _prepare()
        _race(_enter)
        result = in_a_child(_count)
        _race(_enter_counted_in_memory)
        result["looked_at_in_memory"] = in_a_child(_count)["looked_at"] - result["looked_at"]
    print(json.dumps(result))  # noqa: T201 - its output


def _race(enter: Callable[[str, int], Any]) -> None:
    """Let everybody try at once."""
    at_once([waiting(enter, "not right at all", number) for number in range(TRIES)])


def _prepare() -> None:
    from django.test import Client

    from scoreport.accounts.actions import create_person
    from scoreport.accounts.models import User
    from scoreport.lib.clock import now
    from tests.world import OPERATOR

    info = create_person(OPERATOR, email=EMAIL, name="Amy", at=now())
    user = User.objects.get(pk=info.id)
    user.set_password(PASSWORD)
    user.save()
    # Loads what the page needs once, and not in each child.
    assert Client().get("/account/login/").status_code == 200


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


if __name__ == "__main__":
    main()
