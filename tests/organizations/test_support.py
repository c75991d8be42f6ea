"""Support access: one institution, one ticket, one of the program staff, a few hours, read-only."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from scoreport import access
from scoreport.access import NotAllowed, Permission, Role
from scoreport.audit.models import Event
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.organizations.actions import grant_role, revoke_role
from scoreport.organizations.actions.support import (
    LooksElsewhere,
    NotOpen,
    TicketMissing,
    TooManyHours,
    allow,
    begin,
    end,
    note_page,
)
from scoreport.organizations.models import SupportGrant
from scoreport.organizations.queries import UnknownOrganization
from scoreport.organizations.queries.support import UnknownSupport, open_to_staff, support_access, told_of
from scoreport.organizations.rules.support import SupportState
from scoreport.reports.actions import open_roster
from scoreport.reports.rules import RosterQuery
from scoreport.scores.queries import visible_scores
from tests.scores.files import load, row
from tests.world import AT, OPERATOR

HOUR = dt.timedelta(hours=1)
READS = {Permission.ACCESS_READ, Permission.SCORES_ROSTER_READ, Permission.SCORES_SUMMARY_READ}


@pytest.fixture
def given(world):
    """Max lets support look at Alder High for two hours."""
    return allow(world.actor("max"), organization="470001", ticket="1207", reason="A score is missing", hours=2, at=AT)


def second_staff(world):
    """Make Nora one of the program staff as well."""
    grant_role(OPERATOR, email="nora@juniper.example", organization=None, role=Role.PROGRAM_STAFF, at=AT)
    return world.actor("nora")


def test_it_opens_the_institution_to_one_of_the_staff_until_its_end(world, given):
    load(row("A"), row("B", ai_code="000905"), row("C", ai_code="470101"))
    high, early = world.organization("ALDER-HIGH").place, world.organization("ALDER-EARLY").place
    pat = world.actor("pat")
    assert not access.can(pat, Permission.SCORES_ROSTER_READ)
    begin(pat, support_id=given.id, at=AT)
    looking = world.actor("pat")
    assert {p for p in Permission if access.can(looking, p, high) and not access.can(pat, p, high)} == READS
    assert not any(access.can(looking, permission, early) for permission in READS)
    assert set(visible_scores(looking, AT, program="clep").values_list("ticket", flat=True)) == {"A"}
    assert looking.acting_for == "request 1207, ALDER-HIGH"
    last = given.ends_at - dt.timedelta(microseconds=1)
    assert access.can(world.actor("pat", at=last), Permission.SCORES_ROSTER_READ, high)
    after = world.actor("pat", at=given.ends_at)
    assert not access.can(after, Permission.SCORES_ROSTER_READ)
    assert after.acting_for == ""


@pytest.mark.parametrize("who", ["max", "pat"])
def test_either_side_ends_it_at_once(world, given, who):
    begin(world.actor("pat"), support_id=given.id, at=AT)
    ended = end(world.actor(who), support_id=given.id, at=AT + HOUR)
    assert (ended.state(AT + HOUR), ended.ended_by) == (SupportState.OVER, world.people[who].as_text)
    assert not access.can(world.actor("pat", at=AT + HOUR), Permission.SCORES_ROSTER_READ)
    # A second click changes nothing.
    assert end(world.actor(who), support_id=given.id, at=AT + HOUR * 1.5) == ended
    assert len(events_of(verb=Verb.SUPPORT_ENDED)) == 1


@pytest.mark.parametrize(("hours", "is_allowed"), [(0, False), (1, True), (8, True), (9, False), (-1, False)])
def test_eight_hours_are_the_most(world, hours, is_allowed):
    wanted: dict[str, Any] = {"organization": "470001", "ticket": "1", "reason": "Why", "hours": hours, "at": AT}
    if is_allowed:
        assert allow(world.actor("max"), **wanted).ends_at == AT + hours * HOUR
    else:
        with pytest.raises(TooManyHours, match="1 to 8 hours"):
            allow(world.actor("max"), **wanted)
        assert not SupportGrant.objects.exists()


@pytest.mark.parametrize(("ticket", "reason"), [("", "Why"), ("1207", "  "), ("\u200b", "Why")])
def test_it_needs_a_ticket_and_a_reason(world, ticket, reason):
    with pytest.raises(TicketMissing, match="for which request"):
        allow(world.actor("max"), organization="470001", ticket=ticket, reason=reason, hours=1, at=AT)


def test_only_access_managers_give_it_and_only_for_what_is_theirs(world):
    wanted: dict[str, Any] = {"ticket": "1", "reason": "Why", "hours": 1, "at": AT}
    for name in ("amy", "dan", "sue", "pat", "fay"):
        with pytest.raises(NotAllowed):
            allow(world.actor(name), organization="470001", **wanted)
    with pytest.raises(UnknownOrganization):
        allow(world.actor("max"), organization="470101", **wanted)
    with pytest.raises(NotAllowed) as refused:
        allow(world.actor("max", second_factor=False), organization="470001", **wanted)
    assert refused.value.needs_second_factor
    assert not SupportGrant.objects.exists()


def test_only_program_staff_begin_it_and_see_it(world, given):
    for name in ("amy", "dan", "max", "nora"):
        with pytest.raises(NotAllowed):
            begin(world.actor(name), support_id=given.id, at=AT)
        with pytest.raises(NotAllowed):
            open_to_staff(world.actor(name), AT)
    with pytest.raises(NotAllowed):
        begin(OPERATOR, support_id=given.id, at=AT)
    with pytest.raises(NotAllowed) as refused:
        begin(world.actor("pat", second_factor=False), support_id=given.id, at=AT)
    assert refused.value.needs_second_factor
    assert [info.id for info in open_to_staff(world.actor("pat"), AT)] == [given.id]


def test_whoever_begins_first_has_it(world, given):
    nora = second_staff(world)
    begin(world.actor("pat"), support_id=given.id, at=AT)
    with pytest.raises(NotOpen, match="somebody else"):
        begin(nora, support_id=given.id, at=AT)
    assert open_to_staff(nora, AT) == []
    with pytest.raises(UnknownSupport):
        end(nora, support_id=given.id, at=AT)
    assert not access.can(world.actor("nora"), Permission.SCORES_ROSTER_READ)


def test_nothing_begins_that_is_over_or_not_there(world, given):
    pat = world.actor("pat")
    with pytest.raises(NotOpen):
        begin(pat, support_id=given.id, at=given.ends_at)
    end(world.actor("max"), support_id=given.id, at=AT)
    with pytest.raises(NotOpen):
        begin(pat, support_id=given.id, at=AT)
    with pytest.raises(UnknownSupport):
        begin(pat, support_id=given.id + 1, at=AT)


def test_one_looks_at_one_institution_at_a_time(world, given):
    other = allow(OPERATOR, organization="470101", ticket="8", reason="Why", hours=8, at=AT)
    pat = world.actor("pat")
    begin(pat, support_id=given.id, at=AT)
    with pytest.raises(LooksElsewhere, match="End that first"):
        begin(pat, support_id=other.id, at=AT)
    assert begin(pat, support_id=other.id, at=given.ends_at).staff_id == pat.person_id


def test_it_ends_with_the_role_of_program_staff_and_with_the_account(world, given):
    begin(world.actor("pat"), support_id=given.id, at=AT)
    revoke_role(OPERATOR, email="pat@juniper.example", organization=None, role=Role.PROGRAM_STAFF, at=AT)
    assert world.actor("pat").grants == ()


def test_managers_are_told_by_mail_and_every_step_is_recorded(world, given, postman, run_tasks):
    begin(world.actor("pat"), support_id=given.id, at=AT)
    end(world.actor("max"), support_id=given.id, at=AT)
    run_tasks()
    told = {mail["Subject"] for mail in postman.to("max@juniper.example")}
    assert told == {"Support may look at Alder High School", "Support began to look at Alder High School"}
    assert len(postman.mails) == 2
    steps = [event.facts for event in reversed(events_of(organization="ALDER-HIGH", subject_kind="support"))]
    assert [(step.verb, step.actor) for step in steps] == [
        (Verb.SUPPORT_ALLOWED, "Max <max@juniper.example>"),
        (Verb.SUPPORT_BEGUN, "Pat <pat@juniper.example>"),
        (Verb.SUPPORT_ENDED, "Max <max@juniper.example>"),
    ]
    assert steps[1].acting_for == "request 1207, ALDER-HIGH"


def test_managers_above_are_told_where_an_organization_has_none(world, postman, run_tasks):
    grant_role(OPERATOR, email="dan@juniper.example", organization="D-ALDER", role=Role.ACCESS_MANAGER, at=AT)
    allow(world.actor("dan"), organization="000905", ticket="1", reason="Why", hours=1, at=AT)
    run_tasks()
    assert [mail["To"] for mail in postman.mails] == ["dan@juniper.example"]


def test_a_page_is_noted_for_whoever_looks_and_for_nobody_else(world, given):
    begin(world.actor("pat"), support_id=given.id, at=AT)
    note_page(world.actor("pat"), support_id=given.id, path="/reports/", asked=("q",), at=AT)
    for name in ("max", "amy"):
        with pytest.raises(UnknownSupport):
            note_page(world.actor(name), support_id=given.id, path="/", asked=(), at=AT)
    (event,) = events_of(verb=Verb.SUPPORT_PAGE_VIEWED)
    assert (event.facts.organization, event.facts.subject) == ("ALDER-HIGH", "/reports/")
    assert event.facts.detail == {"ticket": "1207", "asked": ["q"]}


def test_lists_and_banners_are_for_those_who_manage_access_there(world, given):
    high = world.organization("ALDER-HIGH").place
    assert [info.id for info in support_access(world.actor("max"), high)] == [given.id]
    for name in ("amy", "bea", "pat", "dan"):
        with pytest.raises(NotAllowed):
            support_access(world.actor(name), high)
        assert told_of(world.actor(name), AT) == []
    grant_role(OPERATOR, email="bea@juniper.example", organization="BIRCH-HIGH", role=Role.ACCESS_MANAGER, at=AT)
    grant_role(OPERATOR, email="sam@juniper.example", organization="ST", role=Role.ACCESS_MANAGER, at=AT)
    assert told_of(world.actor("bea"), AT) == []
    assert [info.id for info in told_of(world.actor("sam"), AT)] == [given.id]
    begin(world.actor("pat"), support_id=given.id, at=AT)
    assert [info.id for info in told_of(world.actor("pat"), AT)] == [given.id]
    assert told_of(world.actor("max"), given.ends_at) == []


def test_the_database_knows_who_began_and_that_it_ends(world, given):
    for wrong in ({"begun_at": AT}, {"ends_at": AT}, {"ended_at": AT}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SupportGrant.objects.filter(pk=given.id).update(**wrong)


def test_what_is_done_through_it_is_done_for_the_request(world, given):
    load(row("A"))
    begin(world.actor("pat"), support_id=given.id, at=AT)
    organization = world.organization("ALDER-HIGH")
    open_roster(world.actor("pat"), organization=organization, query=RosterQuery("clep", years=(2025,)), at=AT)
    looked = Event.objects.get(verb=Verb.ROSTER_VIEWED)
    assert (looked.actor, looked.acting_for) == ("Pat <pat@juniper.example>", "request 1207, ALDER-HIGH")
    # The actor is compared without it, since it says why and not who.
    assert replace(world.actor("pat"), acting_for="") == world.actor("pat")
