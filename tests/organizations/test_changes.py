"""Assign, renew, change, revoke: at once, told by mail, on record, and never without an access manager."""

import datetime as dt

import pytest

from scoreport.access import NotAllowed, NotFound, Role
from scoreport.accounts.models import User
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.organizations.actions import grant_role, revoke_role
from scoreport.organizations.actions.changes import (
    HeldAlready,
    NoSuchRole,
    NotHeld,
    assign_roles,
    change_role,
    renew_role,
    revoke_held_role,
)
from scoreport.organizations.holding import EndsTooEarly, EndsTooLate, LastManager, NotKnownHere
from scoreport.organizations.models import Membership
from scoreport.organizations.queries import UnknownOrganization
from tests.organizations.managing import acting, add, email, give, mails, role_of, values
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db

DETAILED, SUMMARY, MANAGER = Role.DETAILED_REPORTS, Role.SUMMARY_REPORTS, Role.ACCESS_MANAGER
FILES = Role.FILE_DOWNLOADS
DEFAULT = dt.date(2028, 6, 30)


@pytest.fixture(autouse=True)
def nora_works_here(world):
    """Let Nora hold a role already: a person's first role comes by an invitation."""
    give("nora", FILES)


def assign(actor, name="nora", roles=(DETAILED,), where="ALDER-HIGH", **more):
    return assign_roles(actor, email=email(name), organization=where, roles=roles, at=AT, **more)


def verbs(limit=1):
    return [event.facts.verb for event in events_of(limit=limit)]


# --- Assign --------------------------------------------------------------------------------------


def test_roles_open_at_once_and_are_told_in_one_mail(world, actor):
    assert {grant.role for grant in acting("nora").grants} == {FILES}
    assert assign(actor("max"), roles=(DETAILED, SUMMARY)) == (DETAILED, SUMMARY)
    assert {grant.role for grant in acting("nora").grants} == {FILES, DETAILED, SUMMARY}
    assert mails() == [("first-report-role", "pat"), ("role-granted", "nora")]
    (told,) = values("role-granted")
    assert told["roles"] == ["Detailed Reports (K–12)", "Summary Reports (K–12)"]
    assert told["by"] == "Max <max@juniper.example>"
    assert verbs(2) == [Verb.MEMBERSHIP_GRANTED] * 2


def test_a_manager_of_a_district_makes_managers_of_its_schools_and_no_others(world, actor):
    add("mia", MANAGER, "D-ALDER")
    assign(acting("mia"), roles=(MANAGER,))
    assert role_of("nora", MANAGER).ends_on == DEFAULT
    with pytest.raises(UnknownOrganization):
        assign(acting("mia"), roles=(MANAGER,), where="BIRCH-HIGH")
    with pytest.raises(UnknownOrganization):
        assign(actor("max"), where="D-ALDER")


@pytest.mark.parametrize("name", ["amy", "dan", "sue", "fay", "pat"])
def test_nobody_else_assigns(world, actor, name):
    with pytest.raises(NotAllowed):
        assign(actor(name))
    assert {grant.role for grant in acting("nora").grants} == {FILES}


def test_only_roles_of_k12_are_assigned_and_no_role_is_none(world, actor):
    for roles in ((Role.PROGRAM_STAFF,), (Role.SUPPORT,), ()):
        with pytest.raises(NoSuchRole):
            assign(actor("max"), roles=roles)


def test_a_role_ends_by_the_default_day_at_the_latest(world, actor):
    for day, refusal in ((dt.date(2028, 7, 1), EndsTooLate), (dt.date(2026, 11, 20), EndsTooEarly)):
        with pytest.raises(refusal):
            assign(actor("max"), ends_on=day)
        with pytest.raises(refusal):
            grant_role(actor("max"), email=email("nora"), organization="ALDER-HIGH", role=DETAILED, ends_on=day, at=AT)
    assign(actor("max"), ends_on=DEFAULT)
    # The operator may go further.
    give("nora", DETAILED, ends_on=dt.date(2030, 1, 1))


def test_a_role_that_is_held_gets_the_later_end_and_never_a_shorter_one(world, actor):
    assign(actor("max"), ends_on=dt.date(2027, 1, 31))
    assign(actor("max"), ends_on=dt.date(2027, 3, 31))
    assert role_of("nora", DETAILED).ends_on == dt.date(2027, 3, 31)
    for day in (dt.date(2027, 3, 31), dt.date(2027, 2, 1)):
        with pytest.raises(HeldAlready):
            assign(actor("max"), ends_on=day)
    grant_role(
        actor("max"), email=email("nora"), organization="ALDER-HIGH", role=DETAILED,
        ends_on=dt.date(2027, 2, 1), at=AT,
    )  # fmt: skip
    assert role_of("nora", DETAILED).ends_on == dt.date(2027, 3, 31)


def test_unknown_suspended_and_foreign_people_are_refused_alike(world, actor):
    User.objects.filter(email=email("nora")).update(is_active=False)
    refusals = set()
    # Bea works for Birch, Dan for the district above: neither holds a role at Alder High or below it.
    for name in ("nora", "nobody", "bea", "dan"):
        with pytest.raises(NotKnownHere) as refusal:
            assign(actor("max"), name=name)
        refusals.add(str(refusal.value))
        with pytest.raises(NotKnownHere):
            grant_role(actor("max"), email=email(name), organization="ALDER-HIGH", role=DETAILED, at=AT)
    assert refusals == {"This person has no role here yet. Send them an invitation instead."}
    assert acting("bea").grants == world.actor("bea").grants


def test_who_has_no_role_here_any_more_accepts_an_invitation_first(world, actor):
    give("bea", SUMMARY, ends_on=AT.date())
    assert assign(actor("max"), name="bea") == (DETAILED,)
    add("gil", SUMMARY, ends_on=AT.date())
    with pytest.raises(NotKnownHere):
        assign_roles(
            acting("max", AT + dt.timedelta(days=1)), email=email("gil"), organization="ALDER-HIGH",
            roles=[DETAILED], at=AT + dt.timedelta(days=1),
        )  # fmt: skip


def test_a_manager_may_take_detailed_reports_and_the_others_are_told(world, actor):
    add("mia", MANAGER, "D-ALDER")
    add("moe", MANAGER)
    assign(actor("max"), name="max")
    assert mails() == [("first-report-role", "moe"), ("first-report-role", "mia"), ("self-granted", "moe")]
    assert values("self-granted")[0]["person"] == "Max <max@juniper.example>"
    revoke_role(OPERATOR, email=email("moe"), organization="ALDER-HIGH", role=MANAGER, at=AT)
    assign(actor("max"), name="max", roles=(SUMMARY,))
    assert mails()[3:] == [("self-granted", "mia")]


def test_where_there_is_no_other_manager_program_staff_are_told(world, actor):
    assign(actor("max"), name="max")
    assert mails() == [("first-report-role", "pat"), ("self-granted", "pat")]


# --- Renew, change, revoke -----------------------------------------------------------------------


def test_renewing_takes_a_role_to_the_default_day(world, actor):
    number = give("nora", DETAILED, ends_on=dt.date(2026, 12, 1))
    assert renew_role(actor("max"), membership_id=number, at=AT) == DEFAULT
    assert role_of("nora", DETAILED).ends_on == DEFAULT
    assert mails() == [("role-renewed", "nora")]
    assert verbs() == [Verb.MEMBERSHIP_RENEWED]
    with pytest.raises(HeldAlready):
        renew_role(actor("max"), membership_id=number, at=AT)


def test_a_role_that_has_ended_can_be_renewed_and_then_is_a_new_one(world, actor):
    early = AT - dt.timedelta(days=200)
    number = give("nora", DETAILED, ends_on=dt.date(2026, 11, 20), at=early)
    Membership.objects.filter(pk=number).update(last_used_on=dt.date(2026, 6, 1))
    assert {grant.role for grant in acting("nora").grants} == {FILES}
    renew_role(actor("max"), membership_id=number, at=AT)
    assert {grant.role for grant in acting("nora").grants} == {FILES, DETAILED}
    row = role_of("nora", DETAILED)
    assert (row.granted_at, row.last_used_on) == (AT, None)


def test_a_change_of_the_end_is_told_and_recorded(world, actor):
    number = give("nora", DETAILED)
    change_role(actor("max"), membership_id=number, role=DETAILED, ends_on=dt.date(2027, 1, 31), at=AT)
    assert role_of("nora", DETAILED).ends_on == dt.date(2027, 1, 31)
    assert mails() == [("role-renewed", "nora")]
    (event,) = events_of(verb=Verb.MEMBERSHIP_CHANGED)
    assert event.facts.detail == {
        "role": "detailed-reports", "before": "detailed-reports", "ends_on": "2027-01-31", "ended_on": "2028-06-30",
    }  # fmt: skip
    with pytest.raises(HeldAlready):
        change_role(actor("max"), membership_id=number, role=DETAILED, ends_on=dt.date(2027, 1, 31), at=AT)
    with pytest.raises(EndsTooLate):
        change_role(actor("max"), membership_id=number, role=DETAILED, ends_on=dt.date(2028, 7, 1), at=AT)


def test_another_role_takes_the_place_of_the_former_which_stays_on_record(world, actor):
    number = give("nora", DETAILED)
    change_role(actor("max"), membership_id=number, role=SUMMARY, ends_on=DEFAULT, at=AT)
    assert {grant.role for grant in acting("nora").grants} == {FILES, SUMMARY}
    assert Membership.objects.get(pk=number).revoked_by == "Max <max@juniper.example>"
    assert mails() == [("first-report-role", "pat"), ("role-revoked", "nora"), ("role-granted", "nora")]
    again = give("nora", DETAILED)
    with pytest.raises(HeldAlready):
        change_role(actor("max"), membership_id=again, role=SUMMARY, ends_on=DEFAULT, at=AT)
    assert {grant.role for grant in acting("nora").grants} == {FILES, DETAILED, SUMMARY}


def test_revoking_closes_everything_and_is_done_once(world, actor):
    number = role_of("amy", DETAILED).pk
    assert actor("amy").grants
    revoke_held_role(actor("max"), membership_id=number, at=AT)
    assert actor("amy").grants == ()
    assert mails() == [("role-revoked", "amy")]
    with pytest.raises(NotHeld, match="Max"):
        revoke_held_role(actor("max"), membership_id=number, at=AT)
    assert mails() == [("role-revoked", "amy")]


def test_a_role_that_has_ended_is_neither_changed_nor_revoked(world, actor):
    number = give("nora", DETAILED, ends_on=dt.date(2026, 11, 20), at=AT - dt.timedelta(days=9))
    with pytest.raises(NotHeld):
        change_role(actor("max"), membership_id=number, role=SUMMARY, ends_on=DEFAULT, at=AT)
    with pytest.raises(NotHeld):
        revoke_held_role(actor("max"), membership_id=number, at=AT)


ACTS = {
    "renew": lambda actor, number: renew_role(actor, membership_id=number, at=AT),
    "change": lambda actor, number: change_role(actor, membership_id=number, role=SUMMARY, ends_on=DEFAULT, at=AT),
    "revoke": lambda actor, number: revoke_held_role(actor, membership_id=number, at=AT),
}


@pytest.mark.parametrize("act", ACTS)
def test_roles_of_others_do_not_exist_and_staff_are_none_of_a_managers_business(world, actor, act):
    theirs = role_of("bea", DETAILED, "BIRCH-HIGH").pk
    staff = Membership.objects.get(role=Role.PROGRAM_STAFF.value).pk
    above = role_of("dan", DETAILED, "D-ALDER").pk
    for number in (theirs, staff, above, 999_999):
        with pytest.raises(NotFound):
            ACTS[act](actor("max"), number)
    with pytest.raises(NotAllowed):
        ACTS[act](actor("dan"), role_of("amy", DETAILED).pk)
    assert not mails()


# --- The last access manager ---------------------------------------------------------------------


def test_the_last_manager_stays_whoever_asks(world, actor):
    add("mia", MANAGER, "D-ALDER")
    number = role_of("max", MANAGER).pk
    for who in (actor("max"), acting("mia")):
        for act in (
            lambda who=who: revoke_held_role(who, membership_id=number, at=AT),
            lambda who=who: change_role(who, membership_id=number, role=SUMMARY, ends_on=DEFAULT, at=AT),
            lambda who=who: change_role(who, membership_id=number, role=MANAGER, ends_on=AT.date(), at=AT),
            lambda who=who: revoke_role(who, email=email("max"), organization="ALDER-HIGH", role=MANAGER, at=AT),
        ):
            with pytest.raises(LastManager, match="Make somebody else an access manager first"):
                act()
    assert role_of("max", MANAGER).ends_on == DEFAULT
    assert not mails()
    # With a second one, the first may go.
    assign(acting("mia"), roles=(MANAGER,))
    revoke_held_role(actor("max"), membership_id=number, at=AT)
    assert actor("max").grants == ()


@pytest.mark.parametrize("state", ["suspended", "ends today", "has ended"])
def test_a_manager_who_is_hardly_there_is_no_second_one(world, actor, state):
    ends_on = {"ends today": AT.date(), "has ended": AT.date() - dt.timedelta(days=1)}.get(state)
    add("moe", MANAGER, ends_on=ends_on, at=AT - dt.timedelta(days=30))
    if state == "suspended":
        User.objects.filter(email=email("moe")).update(is_active=False)
    with pytest.raises(LastManager):
        revoke_held_role(actor("max"), membership_id=role_of("max", MANAGER).pk, at=AT)


def test_one_who_is_suspended_can_be_removed_and_so_can_other_roles(world, actor):
    number = add("moe", MANAGER)
    User.objects.filter(email=email("moe")).update(is_active=False)
    revoke_held_role(actor("max"), membership_id=number, at=AT)
    revoke_held_role(actor("max"), membership_id=role_of("amy", DETAILED).pk, at=AT)


def test_the_operator_shuts_out_a_last_manager_whose_account_is_in_wrong_hands(world, actor):
    revoke_role(OPERATOR, email=email("max"), organization="ALDER-HIGH", role=MANAGER, at=AT)
    assert actor("max").grants == ()
