"""Whether somebody still has to accept the terms and conditions."""

from scoreport.access import Actor, Permission, grants_for
from scoreport.organizations.models import TermsAcceptance
from scoreport.organizations.rules import OrganizationInfo
from scoreport.organizations.rules.terms import VERSION


def own_place(actor: Actor, organization: OrganizationInfo) -> int | None:
    """Return where the role is held by which the actor manages access here: the nearest such organization."""
    held = {grant.place.id for grant in grants_for(actor, Permission.PEOPLE_GRANT) if grant.place}
    return next((number for number in reversed(organization.lineage) if number in held), None)


def must_accept(actor: Actor, organization: OrganizationInfo) -> bool:
    """Tell whether the actor manages access here and has not accepted the present version of the terms.

    They are accepted for the organization where the role is held, so whoever manages a district accepts them once
    and not for each of its schools. Others (support, the operator) are never asked.
    """
    place = own_place(actor, organization)
    if place is None or actor.person_id is None:
        return False
    accepted = TermsAcceptance.objects.filter(user_id=actor.person_id, organization_id=place, version=VERSION)
    return not accepted.exists()
