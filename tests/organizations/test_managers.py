"""Who the access managers of an organization are."""

import datetime as dt

from scoreport.access import Role
from scoreport.accounts.models import User
from scoreport.organizations.actions import grant_role, revoke_role
from scoreport.organizations.queries.managers import managers_of, nearest_managers

AFTER_ITS_LAST_DAY = dt.datetime(2028, 7, 1, 5, tzinfo=dt.UTC)


def names(found):
    return [(manager.name, manager.organization.code) for manager in found]


def manage(operator, at, name, organization):
    email = f"{name}@juniper.example"
    grant_role(operator, email=email, organization=organization, role=Role.ACCESS_MANAGER, at=at)


def test_the_nearest_come_first(world, operator, at):
    high, early = world.organization("ALDER-HIGH"), world.organization("ALDER-EARLY")
    for name, place in (("sam", "ST"), ("dan", "D-ALDER"), ("amy", "ALDER-HIGH"), ("bea", "D-BIRCH")):
        manage(operator, at, name, place)
    assert names(managers_of(high, at)) == [
        ("Amy", "ALDER-HIGH"), ("Max", "ALDER-HIGH"), ("Dan", "D-ALDER"), ("Sam", "ST"),
    ]  # fmt: skip
    assert names(nearest_managers(high, at)) == [("Amy", "ALDER-HIGH"), ("Max", "ALDER-HIGH")]
    assert names(nearest_managers(early, at)) == [("Dan", "D-ALDER")]


def test_who_has_no_role_any_more_is_nobodys_manager(world, operator, at):
    high = world.organization("ALDER-HIGH")
    assert names(managers_of(high, at)) == [("Max", "ALDER-HIGH")]
    assert managers_of(high, AFTER_ITS_LAST_DAY) == ()
    assert nearest_managers(high, AFTER_ITS_LAST_DAY) == ()
    # Half past midnight in New York is the day after; an hour earlier the role's last day was not over.
    assert names(managers_of(high, AFTER_ITS_LAST_DAY - dt.timedelta(hours=2))) == [("Max", "ALDER-HIGH")]
    User.objects.filter(name="Max").update(is_active=False)
    assert managers_of(high, at) == ()
    User.objects.filter(name="Max").update(is_active=True)
    revoke_role(operator, email="max@juniper.example", organization="470001", role=Role.ACCESS_MANAGER, at=at)
    assert managers_of(high, at) == ()
