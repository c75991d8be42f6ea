"""Whatever access managers do, in whatever order: an organization that had one still has one, today and tomorrow."""

import datetime as dt
from contextlib import suppress

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoreport.access import K12_ROLES, Refused, Role
from scoreport.organizations import holding, upkeep
from scoreport.organizations.actions import grant_role, revoke_role
from scoreport.organizations.actions.changes import assign_roles, change_role, renew_role, revoke_held_role
from scoreport.organizations.actions.reviews import decide, finish_review
from scoreport.organizations.models import Membership
from scoreport.organizations.queries.managers import managers_of
from tests.examples import examples
from tests.organizations.managing import acting, add, email, give
from tests.organizations.test_reviews import MAY

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

HIGH = "ALDER-HIGH"
NAMES = ("max", "moe", "amy", "mia")
AT = MAY

people = st.sampled_from(NAMES)
roles = st.sampled_from(K12_ROLES)
ends = st.sampled_from([AT.date(), AT.date() + dt.timedelta(days=1), dt.date(2027, 6, 30), dt.date(2028, 6, 30)])
numbers = st.integers(0, 7)
acts = st.one_of(
    st.tuples(st.just("assign"), people, people, roles, ends),
    st.tuples(st.just("grant"), people, people, roles, ends),
    st.tuples(st.just("change"), people, numbers, roles, ends),
    st.tuples(st.just("revoke"), people, numbers),
    st.tuples(st.just("revoke by address"), people, people, roles),
    st.tuples(st.just("renew"), people, numbers),
    st.tuples(st.just("review"), people, st.lists(st.booleans(), min_size=8, max_size=8)),
)


@pytest.fixture
def school(world):
    """Give Alder High School two managers, and one above it; its review is open."""
    add("moe", Role.ACCESS_MANAGER, HIGH)
    add("mia", Role.ACCESS_MANAGER, "D-ALDER")
    give("max", Role.ACCESS_MANAGER, HIGH)
    upkeep.run(AT)
    return world.organization(HIGH)


def rows() -> list[int]:
    found = Membership.objects.filter(organization__code=HIGH, revoked_at__isnull=True)
    return list(found.order_by("pk").values_list("pk", flat=True))


def do(act: str, who: str, *more) -> None:
    """Do one act as somebody, who may not be allowed to."""
    actor, held = acting(who, AT), rows()
    match act, more:
        case "assign", (name, role, ends_on):
            assign_roles(actor, email=email(name), organization=HIGH, roles=[role], ends_on=ends_on, at=AT)
        case "grant", (name, role, ends_on):
            grant_role(actor, email=email(name), organization=HIGH, role=role, ends_on=ends_on, at=AT)
        case "change", (number, role, ends_on):
            change_role(actor, membership_id=held[number % len(held)], role=role, ends_on=ends_on, at=AT)
        case "revoke", (number,):
            revoke_held_role(actor, membership_id=held[number % len(held)], at=AT)
        case "revoke by address", (name, role):
            revoke_role(actor, email=email(name), organization=HIGH, role=role, at=AT)
        case "renew", (number,):
            renew_role(actor, membership_id=held[number % len(held)], at=AT)
        case "review", (keep,):
            decisions = {number: keep[n % len(keep)] for n, number in enumerate(held)}
            decide(actor, organization=HIGH, decisions=decisions, at=AT)
            finish_review(actor, organization=HIGH, at=AT)
        case _:
            raise AssertionError(act)


def managers(school, days: int) -> int:
    found = managers_of(school, AT + dt.timedelta(days=days))
    return sum(one.organization.id == school.id for one in found)


def go_through(school, sequence) -> int:
    """Do what somebody thought of, take it back, and return how few managers there were at any moment."""
    fewest = 99
    with transaction.atomic():
        for act in sequence:
            with suppress(Refused), transaction.atomic():
                do(*act)
            fewest = min(fewest, managers(school, 0), managers(school, 1))
        transaction.set_rollback(True)
    return fewest


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(acts, min_size=1, max_size=14))
def test_there_is_always_an_access_manager(school, sequence):
    assert go_through(school, sequence) >= 1


def test_without_the_rule_there_would_be_none(school, monkeypatch):
    """The negative control: the same look finds the gap when nobody asks whether somebody is left."""
    sequence = [("revoke by address", "mia", name, Role.ACCESS_MANAGER) for name in ("max", "moe")]
    assert go_through(school, sequence) == 1
    monkeypatch.setattr(holding, "keep_a_manager", lambda *_all: None)
    assert go_through(school, sequence) == 0
