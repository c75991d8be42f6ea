"""The terms are accepted once for each version, where the role is held."""

import pytest

from scoreport.access import NotAllowed, Role
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.organizations.actions import grant_role
from scoreport.organizations.actions.terms import TermsChanged, accept
from scoreport.organizations.models import TermsAcceptance
from scoreport.organizations.queries import UnknownOrganization
from scoreport.organizations.queries.terms import must_accept
from scoreport.organizations.rules.terms import VERSION
from tests.world import AT


def test_an_access_manager_is_asked_until_they_accept(world, actor):
    high = world.organization("ALDER-HIGH")
    assert must_accept(actor("max"), high)
    accept(actor("max"), organization="470001", version=VERSION, at=AT)
    assert not must_accept(actor("max"), high)
    accept(actor("max"), organization="470001", version=VERSION, at=AT)
    assert TermsAcceptance.objects.count() == len(events_of(verb=Verb.TERMS_ACCEPTED)) == 1
    # A new version is a new question.
    TermsAcceptance.objects.update(version="2001-01")
    assert must_accept(actor("max"), high)
    with pytest.raises(TermsChanged):
        accept(actor("max"), organization="470001", version="2001-01", at=AT)


def test_whoever_manages_a_district_accepts_once(world, actor, operator):
    grant_role(operator, email="dan@juniper.example", organization="D-ALDER", role=Role.ACCESS_MANAGER, at=AT)
    accept(actor("dan"), organization="000905", version=VERSION, at=AT)
    assert TermsAcceptance.objects.get().organization.code == "D-ALDER"
    for place in ("D-ALDER", "ALDER-HIGH", "ALDER-EARLY"):
        assert not must_accept(actor("dan"), world.organization(place))
    # What one manager accepted, another has not.
    assert must_accept(actor("max"), world.organization("ALDER-HIGH"))


def test_nobody_else_is_asked_or_accepts(world, actor, operator):
    high = world.organization("ALDER-HIGH")
    assert not any(must_accept(one, high) for one in (actor("amy"), actor("pat"), operator))
    with pytest.raises(NotAllowed):
        accept(actor("amy"), organization="470001", version=VERSION, at=AT)
    with pytest.raises(UnknownOrganization):
        accept(actor("max"), organization="470101", version=VERSION, at=AT)
