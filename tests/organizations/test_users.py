"""The list of roles behind the page: who may ask, and that its SQL says what one role says of itself."""

import datetime as dt
import random

import pytest

from scoreport.access import K12_ROLES, NotAllowed, NotFound, Role
from scoreport.organizations.models import Membership
from scoreport.organizations.queries import UnknownOrganization
from scoreport.organizations.queries.users import all_users, count_users, people_known, role_held, users
from scoreport.organizations.rules.users import HeldRole, Shown, UsersQuery
from tests import world as worlds
from tests.organizations.managing import acting, add, give, role_of
from tests.world import AT

pytestmark = pytest.mark.django_db


def test_only_who_may_look_there_gets_anything(world, actor):
    place = world.organization("ALDER-HIGH")
    number = role_of("sue", Role.SUMMARY_REPORTS).pk
    for ask in (
        lambda who: users(who, place, UsersQuery(), AT),
        lambda who: all_users(who, place, UsersQuery(), AT),
        lambda who: count_users(who, place, UsersQuery(), AT),
        lambda who: people_known(who, place, limit=9),
        lambda who: role_held(who, number, AT),
    ):
        ask(actor("max"))
        for name in ("amy", "dan", "pat", "nora"):
            with pytest.raises((NotAllowed, UnknownOrganization)):
                ask(actor(name))
    with pytest.raises(NotFound):
        role_held(actor("max"), Membership.objects.get(role=Role.PROGRAM_STAFF.value).pk, AT)


FITS = {
    Shown.ACTIVE: lambda role: role.is_active,
    Shown.ENDING: lambda role: role.is_ending,
    Shown.UNUSED: lambda role: role.is_unused,
    Shown.OVER: lambda role: not role.is_active,
}


@pytest.mark.parametrize("hour", [3, 12, 23])
def test_the_lists_in_sql_agree_with_what_a_role_says_of_itself(world, hour):
    """Around midnight it is another day in Honolulu; each role counts by the day where it is held."""
    worlds.load(
        "kind,organization_id,name,parent_id,ai_code,city,state,zip,time_zone\n"
        "school,WEST,Alder West,D-ALDER,,Hilo,HI,96720,Pacific/Honolulu\n"
    )
    give("dan", Role.ACCESS_MANAGER, "D-ALDER")
    at = AT.replace(hour=hour)
    chance = random.Random(7)
    edges = [0, 1, -1, 29, 30, 31, 89, 90, 91, -89, -90, -91]
    for number in range(60):
        add(f"p{number}", chance.choice(K12_ROLES), chance.choice(["ALDER-HIGH", "WEST"]))
        day = at.date()
        Membership.objects.filter(user__name=f"P{number}").update(
            ends_on=day + dt.timedelta(days=chance.choice(edges)),
            granted_at=at - dt.timedelta(days=chance.choice([1, 89, 90, 91, 200]), hours=chance.randrange(24)),
            last_used_on=chance.choice([None, day - dt.timedelta(days=chance.choice([1, 89, 90, 91]))]),
            **({"revoked_at": at, "revoked_by": "Max"} if chance.random() < 0.2 else {}),
        )
    dan, place = acting("dan", at), world.organization("D-ALDER")
    every: list[HeldRole] = [
        role_held(dan, row.pk, at)
        for row in Membership.objects.filter(organization__code__in=["D-ALDER", "ALDER-HIGH", "ALDER-EARLY", "WEST"])
    ]
    counts = count_users(dan, place, UsersQuery(with_under=True), at)
    for shown, fits in FITS.items():
        found = set(all_users(dan, place, UsersQuery(shown=shown, with_under=True), at))
        assert found == {role for role in every if fits(role)}, shown
        assert len(found) == counts.of(shown) > 0
