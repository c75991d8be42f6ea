"""Handing out roles and taking them away."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreport.access import NotAllowed, Role
from scoreport.accounts.actions import NotAnAddress
from scoreport.accounts.queries import UnknownPerson, person
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.organizations.actions import EndsTooEarly, NoSuchRole, add_person, grant_role, revoke_role
from scoreport.organizations.models import Membership
from scoreport.organizations.queries import UnknownOrganization
from scoreport.organizations.rules import role_end
from tests.organizations.managing import give

NORA = "nora@juniper.example"


def held(name, world):
    return {(grant.role, grant.place and grant.place.id) for grant in world.actor(name).grants}


def test_a_role_lasts_until_30_june_after_the_next_one(world, operator, at):
    granted = grant_role(operator, email=NORA, organization="ALDER-HIGH", role=Role.DETAILED_REPORTS, at=at)
    assert granted.ends_on == dt.date(2028, 6, 30)
    assert (granted.person, granted.organization) == (f"Nora <{NORA}>", "Alder High School")
    assert held("nora", world) == {(Role.DETAILED_REPORTS, world.organization("ALDER-HIGH").id)}


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.integers(0, 5))
def test_roles_end_on_a_30_june_that_is_not_over(today, years):
    end = role_end(today, years=years)
    assert (end.month, end.day) == (6, 30)
    assert today.replace(year=today.year + years, day=1) < end
    assert end.year - today.year in {years, years + 1}
    assert role_end(end, years=0) == end


def test_the_same_role_again_gets_the_new_end(world, operator, at):
    for day in (dt.date(2027, 1, 31), dt.date(2027, 2, 28)):
        grant_role(operator, email=NORA, organization="470001", role=Role.SUMMARY_REPORTS, ends_on=day, at=at)
    assert Membership.objects.get(user__email=NORA).ends_on == dt.date(2027, 2, 28)


def test_a_role_that_was_revoked_can_be_given_again_and_stays_on_record(world, operator, at):
    for _again in range(2):
        grant_role(operator, email=NORA, organization="470001", role=Role.SUMMARY_REPORTS, at=at)
        revoke_role(operator, email=NORA, organization="470001", role=Role.SUMMARY_REPORTS, at=at)
    assert held("nora", world) == set()
    assert Membership.objects.filter(user__email=NORA, revoked_by="scoreport tests").count() == 2
    verbs = [event.facts.verb for event in events_of(subject=f"Nora <{NORA}>", limit=4)]
    assert verbs == [Verb.MEMBERSHIP_REVOKED, Verb.MEMBERSHIP_GRANTED] * 2


def test_a_role_must_last_for_today_where_it_is_held(world, operator, at):
    grant_role(operator, email=NORA, organization="ST", role=Role.SUMMARY_REPORTS, ends_on=at.date(), at=at)
    with pytest.raises(EndsTooEarly, match="2026-11-20"):
        grant_role(
            operator, email=NORA, organization="ST", role=Role.SUMMARY_REPORTS, ends_on=dt.date(2026, 11, 20), at=at
        )


def test_program_staff_belong_to_no_organization_and_others_to_one(world, operator, at):
    with pytest.raises(NoSuchRole):
        grant_role(operator, email=NORA, organization="ST", role=Role.PROGRAM_STAFF, at=at)
    with pytest.raises(NoSuchRole):
        grant_role(operator, email=NORA, organization=None, role=Role.DETAILED_REPORTS, at=at)
    grant_role(operator, email=NORA, organization=None, role=Role.PROGRAM_STAFF, at=at)
    assert held("nora", world) == {(Role.PROGRAM_STAFF, None)}


def test_unknown_people_and_places_are_named(world, operator, at):
    with pytest.raises(UnknownPerson, match="who@juniper"):
        grant_role(operator, email="who@juniper.example", organization="ST", role=Role.DETAILED_REPORTS, at=at)
    with pytest.raises(UnknownOrganization, match="nowhere"):
        grant_role(operator, email=NORA, organization="nowhere", role=Role.DETAILED_REPORTS, at=at)
    with pytest.raises(NoSuchRole, match="Nora"):
        revoke_role(operator, email=NORA, organization="ST", role=Role.DETAILED_REPORTS, at=at)


def test_a_manager_hands_out_roles_at_their_own_place_only(world, at):
    manager = world.actor("max")
    give("nora", Role.SUMMARY_REPORTS)
    grant_role(manager, email=NORA, organization="ALDER-HIGH", role=Role.DETAILED_REPORTS, at=at)
    # Birch does not exist for them, and neither does the district above them.
    for elsewhere in ("BIRCH-HIGH", "D-ALDER"):
        with pytest.raises(UnknownOrganization):
            grant_role(manager, email=NORA, organization=elsewhere, role=Role.DETAILED_REPORTS, at=at)
    with pytest.raises(NotAllowed):
        grant_role(manager, email=NORA, organization=None, role=Role.PROGRAM_STAFF, at=at)


@pytest.mark.parametrize("name", ["amy", "dan", "sue", "fay", "pat"])
def test_nobody_else_hands_out_or_takes_away_roles(world, at, name):
    for act in (grant_role, revoke_role):
        with pytest.raises(NotAllowed):
            act(world.actor(name), email="amy@juniper.example", organization="ALDER-HIGH",
                role=Role.DETAILED_REPORTS, at=at)  # fmt: skip


# --- Adding a person is all or nothing --------------------------------------------------------------


def test_somebody_new_gets_account_role_and_link(world, operator, at):
    added = add_person(
        operator, email="New@Juniper.example", name="New", organization="470001", role=Role.DETAILED_REPORTS, at=at
    )
    assert added.person == person("new@juniper.example")
    assert added.link is not None
    assert [event.facts.verb for event in events_of(limit=3)] == [
        Verb.PASSWORD_LINK_MADE, Verb.MEMBERSHIP_GRANTED, Verb.PERSON_ADDED,
    ]  # fmt: skip


def test_somebody_known_keeps_name_and_password(world, operator, at):
    from scoreport.accounts.models import User

    User.objects.filter(email=NORA).update(password="argon2$something")
    added = add_person(operator, email=NORA, name="Other", organization="ST", role=Role.DETAILED_REPORTS, at=at)
    assert (added.person.name, added.link) == ("Nora", None)


@pytest.mark.parametrize(
    ("email", "organization", "refusal"),
    [("new@juniper.example", "nowhere", UnknownOrganization), ("no address", "ST", NotAnAddress)],
)
def test_nothing_is_left_of_an_addition_that_was_refused(world, operator, at, email, organization, refusal):
    before = events_of(limit=1)
    with pytest.raises(refusal):
        add_person(operator, email=email, name="New", organization=organization, role=Role.DETAILED_REPORTS, at=at)
    with pytest.raises(UnknownPerson):
        person(email)
    assert events_of(limit=1) == before
