"""The race for an access code: everybody has entered it and accepts the terms at the same instant, through the web."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tests.battery.checking import Chain, answered, differences
from tests.processes import Act, Wait

if TYPE_CHECKING:
    from django.test import Client

# What a round leaves behind about wrong codes is forgotten after a day: nobody has to wait in the next one.
BETWEEN = dt.timedelta(hours=25)


class Codes:
    """A code for a new school in each round; the people are the same, a day later."""

    modules: tuple[str, ...] = (
        "scoreport.web.entry.views.code",
        "allauth.account.forms",
        "tests.organizations.unguarded",
    )

    def __init__(self, people: int, rounds: int) -> None:
        self.people, self.rounds = people, rounds
        self._clients: list[Client] = []
        self._met: list[int] = []
        self._chain = Chain()

    def prepare(self) -> None:
        """Make the schools and the people; the first one reads the terms, so that no child loads their page."""
        from django.test import Client

        from scoreport.accounts.actions import create_person
        from scoreport.accounts.models import User
        from tests.world import AT, OPERATOR, ORGANIZATIONS, load

        schools = "".join(
            f"school,S{number},School {number},D-ALDER,{_address(number)},Alder,WV,25310\n"
            for number in range(self.rounds)
        )
        load(ORGANIZATIONS + schools)
        for number in range(self.people):
            info = create_person(OPERATOR, email=f"p{number}@juniper.example", name=f"P{number}", at=AT)
            client = Client(raise_request_exception=False, REMOTE_ADDR=_of(number), **_at(AT))
            client.force_login(User.objects.get(pk=info.id))
            # Lists the session, which is no part of a round.
            assert client.get(_terms(0)).headers["Location"] == _enter(0)
            self._clients.append(client)
        self._send_code(0, AT - BETWEEN)
        assert client.get(_terms(0), **_at(AT - BETWEEN)).status_code == 200
        self._chain.deviations()

    def disarm(self) -> None:
        """Read first and write afterwards, without a lock and without a row that can be there once."""
        from tests.organizations.unguarded import redeem_unguarded

        redeem_unguarded()

    def acts(self, number: int) -> Sequence[Act]:
        """Issue a code, and let everybody have entered it."""
        from tests.world import AT

        at = AT + number * BETWEEN
        self._send_code(number, at)
        return [_accepting(number, client, at) for client in self._clients]

    def _send_code(self, number: int, at: dt.datetime) -> None:
        """Issue a code and put it into each session, as the page does that takes it."""
        from importlib import import_module

        from django.conf import settings
        from django.db import transaction

        from scoreport.lib.secrets import encrypt
        from scoreport.organizations.actions.codes import issue
        from scoreport.web.entry.views import code as pages
        from scoreport.web.middleware import SEEN_KEY, STARTED_KEY
        from tests.world import OPERATOR

        code = issue(OPERATOR, organization=f"S{number}", at=at).code
        store: Any = import_module(settings.SESSION_ENGINE).SessionStore
        with transaction.atomic():
            for client in self._clients:
                session = store(client.cookies[settings.SESSION_COOKIE_NAME].value)
                session[pages._KEY] = encrypt(json.dumps([_address(number), code]), pages._PURPOSE)
                session[STARTED_KEY] = session[SEEN_KEY] = int(at.timestamp())
                session.save()

    def deviations(self, number: int, answers: Counter[str]) -> list[str]:
        """Compare what was answered and what is stored of this school."""
        from scoreport.audit.models import Event
        from scoreport.audit.rules import Verb
        from scoreport.organizations.models import AccessCode, CodeTry, Membership, Redemption, TermsAcceptance

        code = f"S{number}"
        events = Event.objects.filter(organization=code)
        found = {
            "used codes": AccessCode.objects.filter(organization__code=code, used_at__isnull=False).count(),
            "redemptions": Redemption.objects.filter(code__organization__code=code).count(),
            "memberships": Membership.objects.filter(organization__code=code).count(),
            "acceptances": TermsAcceptance.objects.filter(organization__code=code).count(),
            "events of the code": events.filter(verb=Verb.CODE_REDEEMED).count(),
            "events of the role": events.filter(verb=Verb.MEMBERSHIP_GRANTED).count(),
        }
        self._met.append(CodeTry.objects.filter(organization__code=code, was_right=True).count())
        return [
            *answered({"302 got in": 1, "302 sent back": self.people - 1}, answers),
            *differences(dict.fromkeys(found, 1), found),
            *self._chain.deviations(),
        ]

    def figures(self) -> str:
        """Say how many found the code unused, and so met at the guard."""
        return f"{sum(self._met) / len(self._met):.1f} (at most {max(self._met)}) found the code unused each round"


def _address(number: int) -> str:
    return f"{480_000 + number}"


def _enter(number: int) -> str:
    return f"/tools/managing-access/{_address(number)}/"


def _terms(number: int) -> str:
    return f"{_enter(number)}terms/"


def _at(instant: dt.datetime) -> dict[str, Any]:
    """Return what tells a request which time it is."""
    from scoreport.web.middleware import AT_KEY

    return {AT_KEY: instant}


def _of(person: int) -> str:
    """Return an address of one's own: waiting is not what is raced for."""
    return f"198.18.{person // 250}.{person % 250 + 1}"


def _accepting(number: int, client: "Client", at: dt.datetime) -> Act:
    def act(wait: Wait) -> str:
        from scoreport.organizations.rules.terms import VERSION

        wait()
        answer = client.post(_terms(number), {"version": VERSION, "accepted": "on"}, **_at(at))
        exception = getattr(answer, "exc_info", None)
        raised = f" {exception[1]!r}" if exception else ""
        went = answer.headers.get("Location", "")
        where = {_enter(number): " sent back", _inside(number): " got in"}.get(went, f" {went}" if went else "")
        return f"{answer.status_code}{where}{raised}"

    return act


def _inside(number: int) -> str:
    from scoreport.web.jinja import url_or_none

    return url_or_none("managing_access", _address(number)) or ""
