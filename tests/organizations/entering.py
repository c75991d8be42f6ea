"""What the tests of access codes have in common: a contact on file, a code, and trying one."""

import pytest

from scoreport.approvals.actions import approve
from scoreport.organizations.actions.code_approvals import ask_to_print, ask_to_print_many, ask_to_send
from scoreport.organizations.actions.codes import issue
from scoreport.organizations.actions.redeeming import CodeRefused, redeem
from scoreport.organizations.models import Organization
from scoreport.organizations.rules.terms import VERSION
from tests.world import AT, OPERATOR

# Shaped like a code, check symbol and all, and drawn by nobody.
WRONG = "AAAA-AAAA-AAAA-AAAA"


def with_contact(code: str, email: str = "principal@alder.example", name: str = "Pia Principal") -> None:
    """Put a contact on file."""
    Organization.objects.filter(code=code).update(contact_name=name, contact_email=email)


def code_for(actor, organization: str = "ALDER-EARLY", at=AT, **options):
    """Issue a code; where it is printed by a person, the operator approves that first."""
    if not options.get("send") and not actor.is_trusted:
        may_print(actor, organization, at=at)
    return issue(actor, organization=organization, at=at, **options)


def may_print(actor, organization: str = "ALDER-EARLY", at=AT) -> None:
    """Let the operator approve that an actor prints one code."""
    asked = ask_to_print(actor, organization=organization, reason="They have no email.", at=at)
    approve(OPERATOR, approval_id=asked.id, at=at)


def may_print_many(actor, *, under=None, at=AT, **choice) -> None:
    """Let the operator approve that an actor prints the codes of a bulk."""
    wanted = {"only_without_manager": False, "only_with_contact": False, "send": False} | choice
    asked = ask_to_print_many(actor, under=under, reason="They have no email.", at=at, **wanted)
    approve(OPERATOR, approval_id=asked.id, at=at)


def may_send(actor, request_id: int, organization: str | None = None, at=AT) -> None:
    """Let the operator approve that an actor emails a code to the person who asked for it."""
    asked = ask_to_send(actor, request_id=request_id, organization=organization, reason="I called them.", at=at)
    approve(OPERATOR, approval_id=asked.id, at=at)


def use(actor, code: str, organization: str = "ALDER-EARLY", at=AT, terms: str = VERSION):
    """Redeem a code."""
    return redeem(actor, organization=organization, code=code, terms=terms, at=at)


def refusal(actor, code: str, organization: str = "ALDER-EARLY", at=AT) -> CodeRefused:
    """Redeem a code that is refused, and return the refusal."""
    with pytest.raises(CodeRefused) as refused:
        use(actor, code, organization, at)
    return refused.value
