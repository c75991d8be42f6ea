"""The yearly review: opened by the upkeep, decided in sittings, finished once, never without an access manager."""

import datetime as dt

import pytest

from scoreport.access import NotAllowed, Role
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.organizations import upkeep
from scoreport.organizations.actions.reviews import NoOpenReview, NotAllDecided, decide, finish_review
from scoreport.organizations.holding import LastManager
from scoreport.organizations.models import Review
from scoreport.organizations.queries import UnknownOrganization
from scoreport.organizations.queries.reviews import last_review, open_review, open_reviews_of, reviewed_roles
from tests.organizations.managing import acting, add, give, mails, role_of, values
from tests.world import AT

pytestmark = pytest.mark.django_db

MANAGER, DETAILED, SUMMARY = Role.ACCESS_MANAGER, Role.DETAILED_REPORTS, Role.SUMMARY_REPORTS
MAY = dt.datetime(2027, 5, 1, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=-4)))
HIGH = "ALDER-HIGH"


def day(month, number, year=2027):
    return MAY.replace(year=year, month=month, day=number)


def review(world, name="max", at=MAY):
    found = open_review(acting(name, at), world.organization(HIGH))
    assert found
    return found


def roles(world, name="max", at=MAY):
    return {
        (one.role.name, one.role.role): one for one in reviewed_roles(acting(name, at), review(world, name, at), at)
    }


@pytest.fixture
def opened(world):
    """Open the review of 2027."""
    assert upkeep.run(MAY).reviews_opened == 1


def test_it_opens_on_1_may_where_there_is_a_manager_and_is_told_once(world):
    before = MAY.replace(day=1, hour=0) - dt.timedelta(seconds=1)
    assert upkeep.run(before).reviews_opened == 0
    done = [upkeep.run(MAY).reviews_opened, upkeep.run(MAY + dt.timedelta(hours=1)).reviews_opened]
    assert done == [1, 0]
    assert [(one.organization.code, one.due_on) for one in Review.objects.all()] == [(HIGH, dt.date(2027, 6, 15))]
    assert [mail for mail in mails() if mail[0] == "review-opened"] == [("review-opened", "max")]
    assert values("review-opened")[0]["open"] == 3
    assert [one.organization.code for one in open_reviews_of(acting("max", MAY))] == [HIGH]
    assert open_reviews_of(acting("amy", MAY)) == []


def test_it_is_not_missed_by_downtime_and_leaves_two_weeks(world):
    assert upkeep.run(day(6, 10)).reviews_opened == 1
    assert Review.objects.get().due_on == dt.date(2027, 6, 24)
    Review.objects.all().delete()
    assert upkeep.run(day(7, 1)).reviews_opened == 0


def test_reminders_come_14_and_3_days_before_and_every_week_after(world, opened):
    told = {}
    for number in range(60):
        at = MAY + dt.timedelta(days=number)
        if upkeep.run(at).reviews_reminded:
            told[at.date()] = values("review-due")[-1]["open"]
    assert list(told) == [
        dt.date(2027, 6, 1), dt.date(2027, 6, 12), dt.date(2027, 6, 22), dt.date(2027, 6, 29),
    ]  # fmt: skip
    assert told[dt.date(2027, 6, 1)] == 3
    # After weeks without upkeep only the newest is sent.
    assert upkeep.run(day(8, 20)).reviews_reminded == 1
    assert upkeep.run(day(8, 20)).reviews_reminded == 0


def test_it_is_decided_in_sittings_and_nothing_happens_before_it_is_finished(world, opened):
    max_ = acting("max", MAY)
    rows = roles(world)
    assert set(rows) == {("Amy", DETAILED), ("Max", MANAGER), ("Sue", SUMMARY)}
    amy, own, sue = (rows[key].role.id for key in (("Amy", DETAILED), ("Max", MANAGER), ("Sue", SUMMARY)))
    assert decide(max_, organization=HIGH, decisions={amy: False, 999_999: False}, at=MAY) == 1
    assert decide(max_, organization=HIGH, decisions={amy: False}, at=MAY) == 0
    assert acting("amy", MAY).grants
    with pytest.raises(NotAllDecided, match="2 roles"):
        finish_review(max_, organization=HIGH, at=MAY)
    decide(max_, organization=HIGH, decisions={amy: True, sue: False, own: True}, at=MAY)
    later = MAY + dt.timedelta(days=1)
    outcome = finish_review(acting("max", later), organization=HIGH, at=later)
    assert (outcome.kept, outcome.dropped) == (2, 1)
    assert acting("sue", later).grants == ()
    # In May the default end is the 30 June of next year, which both have already.
    assert role_of("amy", DETAILED).ends_on == dt.date(2028, 6, 30)
    assert [mail for mail in mails() if mail[0] != "review-opened"] == [("role-revoked", "sue")]
    finished = last_review(acting("max", later), world.organization(HIGH))
    assert finished
    assert finished.closed_by == "Max <max@juniper.example>"
    assert [event.facts.verb for event in events_of(limit=2)] == [Verb.REVIEW_CLOSED, Verb.MEMBERSHIP_REVOKED]
    with pytest.raises(NoOpenReview):
        finish_review(acting("max", later), organization=HIGH, at=later)


def test_what_is_kept_is_renewed_and_told(world, opened):
    number = give("amy", DETAILED, ends_on=dt.date(2027, 6, 30))
    own = acting("max", MAY)
    decide(own, organization=HIGH, decisions={one.role.id: True for one in roles(world).values()}, at=MAY)
    finish_review(own, organization=HIGH, at=MAY)
    assert role_of("amy", DETAILED).pk == number
    assert role_of("amy", DETAILED).ends_on == dt.date(2028, 6, 30)
    assert ("role-renewed", "amy") in mails()


def test_a_role_that_was_given_after_the_opening_needs_no_decision(world, opened):
    later = MAY + dt.timedelta(hours=1)
    give("nora", DETAILED, at=later)
    assert ("Nora", DETAILED) not in roles(world, at=later)
    decisions = {one.role.id: True for one in roles(world).values()}
    decide(acting("max", later), organization=HIGH, decisions=decisions, at=later)
    finish_review(acting("max", later), organization=HIGH, at=later)
    assert acting("nora", later).grants


def test_a_review_leaves_an_access_manager(world, opened):
    add("moe", MANAGER, at=AT)
    max_ = acting("max", MAY)
    rows = roles(world)
    assert ("Moe", MANAGER) in rows
    decide(max_, organization=HIGH, decisions={one.role.id: False for one in rows.values()}, at=MAY)
    with pytest.raises(LastManager):
        finish_review(max_, organization=HIGH, at=MAY)
    assert acting("amy", MAY).grants, "all or nothing"
    assert review(world).closed_at is None
    decide(max_, organization=HIGH, decisions={rows["Moe", MANAGER].role.id: True}, at=MAY)
    finish_review(max_, organization=HIGH, at=MAY)
    assert [acting(name, MAY).grants != () for name in ("max", "moe", "amy")] == [False, True, False]


def test_who_may_not_hand_out_roles_decides_nothing(world, opened):
    number = role_of("amy", DETAILED).pk
    for act in (
        lambda who: decide(who, organization=HIGH, decisions={number: False}, at=MAY),
        lambda who: finish_review(who, organization=HIGH, at=MAY),
    ):
        with pytest.raises(NotAllowed):
            act(acting("amy", MAY))
        with pytest.raises(UnknownOrganization):
            act(acting("bea", MAY))
    assert roles(world)["Amy", DETAILED].keep is None


def test_a_review_that_nobody_finished_makes_room_for_the_next(world, opened):
    give("max", MANAGER, ends_on=dt.date(2028, 6, 30))
    upkeep.run(day(5, 1, 2028))
    states = list(Review.objects.order_by("year").values_list("year", "closed_by"))
    assert states == [(2027, "upkeep"), (2028, "")]
