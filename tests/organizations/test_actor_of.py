"""Who somebody is at an instant: their roles, in their organizations' own time."""

import datetime as dt

import pytest

from scoreport import access
from scoreport.access import ANONYMOUS, ActorKind, Permission, Role
from scoreport.organizations.actions import grant_role, revoke_role
from scoreport.organizations.queries import actor_of, find
from tests.factories.accounts import UserFactory
from tests.factories.organizations import MembershipFactory, OrganizationFactory

# The last day of a role in Honolulu ends ten hours after midnight UTC.
LAST_DAY = dt.date(2027, 6, 30)
LAST_INSTANT = dt.datetime(2027, 7, 1, 9, 59, 59, tzinfo=dt.UTC)


def test_a_person_carries_their_roles(world, at):
    amy = world.actor("amy")
    assert amy.kind is ActorKind.PERSON
    assert amy.name == "Amy <amy@juniper.example>"
    assert amy.address == "192.0.2.1"
    assert [(grant.role, grant.place) for grant in amy.grants] == [(Role.DETAILED_REPORTS, find("ALDER-HIGH").place)]


def test_it_costs_one_query_and_program_staff_one_more(world, at, django_assert_num_queries):
    for name, queries in (("amy", 1), ("max", 1), ("nora", 1), ("pat", 2)):
        with django_assert_num_queries(queries):
            actor_of(world.people[name].id, second_factor=True, at=at)


def test_several_roles_add_up(world, operator, at):
    grant_role(operator, email="sue@juniper.example", organization="ST", role=Role.DETAILED_REPORTS, at=at)
    sue = world.actor("sue")
    assert {grant.role for grant in sue.grants} == {Role.DETAILED_REPORTS, Role.SUMMARY_REPORTS}
    assert access.can(sue, Permission.SCORES_ROSTER_READ, find("BIRCH-HIGH").place)


@pytest.mark.parametrize(("at", "counts"), [(LAST_INSTANT, True), (LAST_INSTANT + dt.timedelta(seconds=1), False)])
def test_a_role_ends_with_its_last_day_where_it_is_held(db, at, counts):
    school = OrganizationFactory.create(time_zone="Pacific/Honolulu")
    held = MembershipFactory.create(organization=school, ends_on=LAST_DAY)
    assert bool(actor_of(held.user_id, second_factor=True, at=at).grants) is counts


@pytest.mark.parametrize(("hour", "counts"), [(3, True), (4, False)])
def test_program_staff_end_in_the_time_of_the_installation(db, settings, hour, counts):
    settings.TIME_ZONE = "America/New_York"
    held = MembershipFactory.create(organization=None, role=Role.PROGRAM_STAFF.value, ends_on=LAST_DAY)
    at = dt.datetime(2027, 7, 1, hour, tzinfo=dt.UTC)
    assert bool(actor_of(held.user_id, second_factor=True, at=at).grants) is counts


def test_a_revoked_role_counts_no_more(world, operator, at):
    revoke_role(operator, email="amy@juniper.example", organization="470001", role=Role.DETAILED_REPORTS, at=at)
    assert world.actor("amy").grants == ()


def test_somebody_suspended_or_unknown_is_nobody(db, at):
    suspended = UserFactory.create(is_active=False)
    assert actor_of(suspended.pk, second_factor=True, at=at) == ANONYMOUS
    assert actor_of(suspended.pk + 1, second_factor=True, at=at) == ANONYMOUS


def test_a_job_for_somebody_without_roles_may_do_nothing(world, at):
    job = actor_of(world.people["nora"].id, second_factor=True, at=at, kind=ActorKind.JOB)
    assert not any(access.can(job, permission) for permission in Permission)
