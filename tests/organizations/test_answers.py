"""Requests for roles: seen by those who may hand them out, answered once, and told."""

import datetime as dt

import pytest

from scoreport.access import NotAllowed, NotFound, Role
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.organizations.actions.answers import (
    AlreadyAnswered,
    SentenceMissing,
    decline_request,
    grant_request,
)
from scoreport.organizations.actions.changes import NoSuchRole
from scoreport.organizations.holding import EndsTooLate
from scoreport.organizations.models import AccessRequest
from scoreport.organizations.queries.role_requests import count_open_requests, role_requests
from scoreport.organizations.rules.requests import AnswerState, Asked
from tests.organizations.managing import acting, add, mails, role_of, values
from tests.world import AT

pytestmark = pytest.mark.django_db

DETAILED, SUMMARY = Role.DETAILED_REPORTS, Role.SUMMARY_REPORTS


def ask(world, name="nora", where="ALDER-HIGH", role=DETAILED, **more) -> int:
    return AccessRequest.objects.create(
        asked_for=Asked.ROLE.value,
        user_id=world.people[name].id,
        organization_id=world.organization(where).id,
        role=role.value,
        title="Counselor",
        why="I advise the seniors.",
        asked_at=AT,
        **more,
    ).pk


def grant(actor, number, **more):
    return grant_request(actor, **{"request_id": number, "role": DETAILED, "at": AT} | more)


def test_a_request_that_is_granted_gives_the_role_and_is_told(world, actor):
    number = ask(world)
    assert grant(actor("max"), number, sentence="Welcome.") == dt.date(2028, 6, 30)
    assert [one.role for one in acting("nora").grants] == [DETAILED]
    assert mails() == [("first-report-role", "pat"), ("access-request-answered", "nora")]
    (told,) = values("access-request-answered")
    assert (told["is_granted"], told["sentence"], told["wish"]) == (True, "Welcome.", "Detailed Reports (K–12)")
    assert [event.facts.verb for event in events_of(limit=2)] == [Verb.ACCESS_GRANTED, Verb.MEMBERSHIP_GRANTED]


def test_another_role_and_an_earlier_end_may_be_given(world, actor):
    grant(actor("max"), ask(world), role=SUMMARY, ends_on=dt.date(2027, 1, 31))
    assert role_of("nora", SUMMARY).ends_on == dt.date(2027, 1, 31)
    assert mails() == [
        ("first-report-role", "pat"), ("access-request-answered", "nora"), ("role-granted", "nora"),
    ]  # fmt: skip


def test_what_may_not_be_given_leaves_the_request_open(world, actor):
    number = ask(world)
    for more, refusal in (
        ({"role": Role.PROGRAM_STAFF}, NoSuchRole),
        ({"ends_on": dt.date(2030, 1, 1)}, EndsTooLate),
    ):
        with pytest.raises(refusal):
            grant(actor("max"), number, **more)
    assert AccessRequest.objects.get(pk=number).state == AnswerState.OPEN


def test_declining_needs_a_word(world, actor):
    number = ask(world)
    with pytest.raises(SentenceMissing):
        decline_request(actor("max"), request_id=number, sentence=" \u200b ", at=AT)
    decline_request(actor("max"), request_id=number, sentence="Ask the district.", at=AT)
    assert acting("nora").grants == ()
    assert values("access-request-answered")[0]["sentence"] == "Ask the district."
    assert events_of(limit=1)[0].facts.verb == Verb.ACCESS_DECLINED


def test_a_request_is_answered_once(world, actor):
    add("moe", Role.ACCESS_MANAGER)
    number = ask(world)
    decline_request(actor("max"), request_id=number, sentence="No.", at=AT)
    for act in (
        lambda: grant(acting("moe"), number),
        lambda: decline_request(acting("moe"), request_id=number, sentence="No.", at=AT),
    ):
        with pytest.raises(AlreadyAnswered, match="Max"):
            act()
    assert acting("nora").grants == ()
    withdrawn = ask(world, role=SUMMARY, state=AnswerState.WITHDRAWN.value, answered_at=AT)
    with pytest.raises(AlreadyAnswered, match="Nora has withdrawn"):
        grant(actor("max"), withdrawn)
    assert len(mails()) == 1


def test_managers_see_and_answer_those_of_their_place_and_under_it(world, actor):
    add("mia", Role.ACCESS_MANAGER, "D-ALDER")
    numbers = [ask(world), ask(world, where="ALDER-EARLY"), ask(world, where="D-ALDER"), ask(world, where="BIRCH-HIGH")]

    def seen(name, where):
        found, total = role_requests(acting(name), world.organization(where), AT, is_open=True, limit=10)
        assert total == len(found) == count_open_requests(acting(name), world.organization(where))
        return [one.id for one in found]

    assert seen("max", "ALDER-HIGH") == numbers[:1]
    assert seen("mia", "D-ALDER") == numbers[:3]
    with pytest.raises(NotAllowed):
        seen("max", "D-ALDER")
    for number in (numbers[1], numbers[3], 999_999):
        with pytest.raises(NotFound):
            grant(actor("max"), number)
    with pytest.raises(NotAllowed):
        grant(actor("amy"), numbers[0])
    grant(acting("mia"), numbers[0])
    found, _total = role_requests(actor("max"), world.organization("ALDER-HIGH"), AT, is_open=False, limit=10)
    assert [(one.id, one.answered_by) for one in found] == [(numbers[0], "Mia <mia@juniper.example>")]
