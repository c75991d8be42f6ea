"""Missing scores as tests look for them and claim them."""

import datetime as dt

from scoreport.organizations.queries import find
from scoreport.scores import actions
from scoreport.scores.actions import Claimed
from scoreport.scores.search import Answer, Finding, SearchCriteria
from tests.world import AT, OPERATOR

ANA = SearchCriteria(first_name="Ana", last_name="Lopez", birth_date=dt.date(2008, 4, 5))


def search(actor, criteria: SearchCriteria, *, school: str | None = "ALDER-HIGH", at: dt.datetime = AT) -> Answer:
    """Look for a missing score."""
    return actions.search(actor, organization=find(school) if school else None, criteria=criteria, at=at)


def only(answer: Answer) -> Finding:
    """Return the one finding."""
    (finding,) = answer.findings
    return finding


def claim(actor, ticket: str, *, school: str = "ALDER-HIGH", at: dt.datetime = AT, reason: str = "She is ours.") -> int:
    """Look for a ticket and claim it."""
    key = only(search(actor, SearchCriteria(ticket=ticket), school=school, at=at)).key
    claimed = Claimed("Ana", "Lopez", dt.date(2008, 4, 5), reason)
    return actions.claim_test(actor, organization=find(school), key=key, claimed=claimed, at=at)


def confirm(number: int, *, actor=OPERATOR, at: dt.datetime = AT) -> None:
    """Confirm a claim."""
    actions.confirm_claim(actor, number=number, at=at)


def undo(number: int, *, actor=OPERATOR, at: dt.datetime = AT) -> None:
    """Undo a confirmed claim."""
    actions.undo_claim(actor, number=number, sentence="It was another Ana.", at=at)
