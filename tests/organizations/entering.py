"""What the tests of access codes have in common: a contact on file, a code, and trying one."""

import pytest

from scoreport.organizations.actions.codes import issue
from scoreport.organizations.actions.redeeming import CodeRefused, redeem
from scoreport.organizations.models import Organization
from scoreport.organizations.rules.terms import VERSION
from tests.world import AT

# Shaped like a code, check symbol and all, and drawn by nobody.
WRONG = "AAAA-AAAA-AAAA-AAAA"


def with_contact(code: str, email: str = "principal@alder.example", name: str = "Pia Principal") -> None:
    """Put a contact on file."""
    Organization.objects.filter(code=code).update(contact_name=name, contact_email=email)


def code_for(actor, organization: str = "ALDER-EARLY", at=AT, **options):
    """Issue a code."""
    return issue(actor, organization=organization, at=at, **options)


def use(actor, code: str, organization: str = "ALDER-EARLY", at=AT, terms: str = VERSION):
    """Redeem a code."""
    return redeem(actor, organization=organization, code=code, terms=terms, at=at)


def refusal(actor, code: str, organization: str = "ALDER-EARLY", at=AT) -> CodeRefused:
    """Redeem a code that is refused, and return the refusal."""
    with pytest.raises(CodeRefused) as refused:
        use(actor, code, organization, at)
    return refused.value
