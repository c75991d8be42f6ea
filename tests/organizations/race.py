"""Sixty-four people redeem one access code at the same time, each in a process of their own, through the web client.

Not a test itself: tests/organizations/test_race.py starts it as a process of its own, on tests/processes.py.

    python -m tests.organizations.race FOLDER PEOPLE [--unguarded]

With --guess one person enters so many wrong codes at the same instant instead, and with --unlocked nothing makes
them go one after the other.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.processes import Act, Wait, at_once, connect, in_a_child, own_database

if TYPE_CHECKING:
    from django.test import Client

FOLDER, PEOPLE = Path(sys.argv[1]), int(sys.argv[2])
UNGUARDED = "--unguarded" in sys.argv
GUESS, UNLOCKED = "--guess" in sys.argv, "--unlocked" in sys.argv
MODULES = ("scoreport.web.entry.views.code", "allauth.account.forms", "tests.organizations.unguarded")
TERMS = "/tools/managing-access/000905/terms/"


def main() -> None:
    """Prepare, race, count."""
    with own_database(FOLDER, "race", modules=MODULES):
        # Here and not in a child: what the pages need is loaded once, and not by each of the people.
        answers = at_once([_person(client) for client in _prepare()])
        result = in_a_child(_count)
    print(json.dumps(result | {"answers": Counter(answers)}))  # noqa: T201 - its output


def _person(client: "Client") -> Act:
    return _guess if GUESS else lambda wait: _accept(client, wait)


def _prepare() -> list["Client"]:
    """Make the tree, one code, and people who have entered it and look at the terms; return their browsers."""
    from django.test import Client

    from scoreport.accounts.actions import create_person
    from scoreport.accounts.models import User
    from scoreport.lib.clock import now
    from scoreport.organizations.actions.codes import issue
    from tests.world import OPERATOR, ORGANIZATIONS, load

    load(ORGANIZATIONS, at=now())
    code = issue(OPERATOR, organization="000905", at=now()).code
    clients = []
    for number in range(PEOPLE):
        info = create_person(OPERATOR, email=f"p{number}@juniper.example", name=f"P{number}", at=now())
        # Everybody comes from an address of their own: waiting is not what is raced for here.
        client = Client(REMOTE_ADDR=f"192.0.2.{number + 1}", raise_request_exception=False)
        client.force_login(User.objects.get(pk=info.id))
        entered = client.post(TERMS.removesuffix("terms/"), {"code": code})
        assert entered.headers.get("Location") == TERMS, entered.content
        clients.append(client)
    assert client.get(TERMS).status_code == 200  # Compiles the page.
    return clients


def _accept(client: "Client", wait: Wait) -> str:
    """Wait at the gate, accept the terms, and say what came of it."""
    from scoreport.organizations.rules.terms import VERSION
    from tests.organizations.unguarded import redeem_unguarded

    if UNGUARDED:
        redeem_unguarded()
    connect()
    assert client.get(TERMS).status_code == 200
    wait()
    answer = client.post(TERMS, {"version": VERSION, "accepted": "on"})
    went = answer.headers.get("Location", "")
    where = "sent back" if went.startswith("/tools/") else "got in" if went else ""
    return f"{answer.status_code} {where}".strip()


def _guess(wait: Wait) -> str:
    """Wait at the gate, enter a wrong code as the first person, and say what came of it."""
    from scoreport.accounts.queries import person
    from scoreport.organizations.actions import redeeming
    from scoreport.organizations.queries import actor_of
    from tests.organizations.entering import WRONG
    from tests.world import AT

    if UNLOCKED:
        setattr(redeeming, "hold", lambda *_lock: None)  # noqa: B010 - the module does not export it
    connect()
    actor = actor_of(person("p0@juniper.example").id, second_factor=False, at=AT)
    wait()
    try:
        redeeming.check_code(actor, organization="000905", code=WRONG, at=AT)
    except redeeming.CodeRefused as refusal:
        return type(refusal).__name__
    return "opened"


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


if __name__ == "__main__":
    main()
