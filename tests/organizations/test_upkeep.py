"""Warnings before roles end, exactly once; ends on record; the uses of roles."""

import datetime as dt

import pytest
from django.conf import settings
from django_tasks_db.models import DBTaskResult
from hypothesis import given
from hypothesis import strategies as st

from scoreport.access import NotAllowed, Role
from scoreport.audit.models import Event
from scoreport.audit.rules import Verb
from scoreport.organizations import tasks, upkeep
from scoreport.organizations.actions.changes import renew_role, revoke_held_role
from scoreport.organizations.actions.memberships import note_use
from scoreport.organizations.actions.upkeep import run_upkeep, schedule_upkeep
from scoreport.organizations.rules.ends import WARN_DAYS, is_unused, window_of
from tests.organizations.managing import acting, add, give, mails, role_of, values
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db

MANAGER, DETAILED = Role.ACCESS_MANAGER, Role.DETAILED_REPORTS
ENDS = dt.date(2027, 2, 10)


def before(days: int) -> dt.datetime:
    """Return noon so many days before the role of these tests ends."""
    return dt.datetime.combine(ENDS, dt.time(12), tzinfo=AT.tzinfo) - dt.timedelta(days=days)


def of(kind: str) -> list[str]:
    return [to for mail_kind, to in mails() if mail_kind == kind]


def test_holder_and_managers_are_warned_30_14_and_3_days_before(world):
    give("amy", DETAILED, ends_on=ENDS)
    told = {}
    for days in range(40, -2, -1):
        count = len(mails())
        upkeep.run(before(days))
        upkeep.run(before(days) + dt.timedelta(hours=1))
        if new := mails()[count:]:
            told[days] = new
    assert told == {days: [("role-ending", "amy"), ("roles-ending", "max")] for days in WARN_DAYS}
    assert [one["days"] for one in values("role-ending")] == list(WARN_DAYS)
    assert values("role-ending")[0]["managers"] == ["Max <max@juniper.example>"]
    assert values("roles-ending")[0]["roles"] == ["Amy <amy@juniper.example>: Detailed Reports (K–12)"]
    assert Event.objects.filter(verb=Verb.MEMBERSHIP_WARNED).count() == 3
    assert Event.objects.filter(verb=Verb.MEMBERSHIP_ENDED).count() == 1


def test_after_days_without_upkeep_only_the_nearest_warning_is_sent(world):
    give("amy", DETAILED, ends_on=ENDS)
    for days, expected in ((12, 1), (11, 1), (2, 2), (0, 2)):
        upkeep.run(before(days))
        assert len(of("role-ending")) == expected
    assert [one["days"] for one in values("role-ending")] == [12, 2]


def test_a_renewal_begins_anew(world, actor):
    number = give("amy", DETAILED, ends_on=ENDS)
    upkeep.run(before(30))
    renew_role(acting("max", before(20)), membership_id=number, at=before(20))
    for days in (14, 3, -1):
        upkeep.run(before(days))
    assert len(of("role-ending")) == 1
    assert not Event.objects.filter(verb=Verb.MEMBERSHIP_ENDED).exists()
    upkeep.run(dt.datetime(2028, 5, 31, 12, tzinfo=dt.UTC))
    assert of("role-ending").count("amy") == 2


def test_roles_that_end_on_one_day_are_one_mail_to_each_manager(world):
    add("moe", MANAGER)
    for name in ("amy", "sue", "nora"):
        give(name, DETAILED, ends_on=ENDS)
    upkeep.run(before(14))
    assert sorted(of("role-ending")) == ["amy", "nora", "sue"]
    assert of("roles-ending") == ["max", "moe"]
    assert [len(one["roles"]) for one in values("roles-ending")] == [3, 3]


def test_a_place_without_managers_turns_to_those_above(world):
    add("mia", MANAGER, "D-ALDER")
    give("nora", DETAILED, "ALDER-EARLY", ends_on=ENDS)
    upkeep.run(before(3))
    assert (of("role-ending"), of("roles-ending")) == (["nora"], ["mia"])
    assert values("roles-ending")[0]["address"] == "000905"


def test_a_role_for_a_few_days_is_not_warned_about_as_it_is_given(world):
    give("amy", DETAILED, ends_on=ENDS, at=before(10))
    upkeep.run(before(10))
    assert not mails()
    upkeep.run(before(3))
    assert of("role-ending") == ["amy"]


def test_nobody_is_warned_of_what_was_taken_away_or_of_somebody_suspended(world, actor):
    number = give("amy", DETAILED, ends_on=ENDS)
    revoke_held_role(actor("max"), membership_id=number, at=AT)
    count = len(mails())
    upkeep.run(before(3))
    assert len(mails()) == count


def test_program_staff_are_warned_too(world):
    give("pat", Role.PROGRAM_STAFF, None, ends_on=ENDS)
    upkeep.run(before(14))
    assert of("role-ending") == ["pat"]
    assert (values("role-ending")[0]["organization"], values("role-ending")[0]["managers"]) == (
        "the whole installation", [],
    )  # fmt: skip


def test_the_end_of_the_last_manager_is_told_above_and_to_program_staff(world):
    add("mia", MANAGER, "D-ALDER")
    give("max", MANAGER, ends_on=ENDS)
    told = []
    for days in range(35, -2, -1):
        count = len(of("last-manager-ending"))
        upkeep.run(before(days))
        told += [(days, to) for to in of("last-manager-ending")[count:]]
    assert told == [(days, to) for days in WARN_DAYS for to in ("mia", "pat")]
    # They themselves are told whom to ask: the managers above.
    assert values("role-ending")[0]["managers"] == ["Mia <mia@juniper.example>"]


def test_two_managers_who_end_together_are_both_the_last(world):
    give("max", MANAGER, ends_on=ENDS)
    add("moe", MANAGER, ends_on=ENDS)
    upkeep.run(before(14))
    assert of("last-manager-ending") == ["pat"]
    assert values("last-manager-ending")[0]["person"] == "Max <max@juniper.example>, Moe <moe@juniper.example>"
    add("mel", MANAGER)
    upkeep.run(before(3))
    assert of("last-manager-ending") == ["pat"]


def test_the_mails_can_be_read(world, postman, run_tasks):
    """Every mail of the upkeep is rendered and sent."""
    add("mia", MANAGER, "D-ALDER")
    give("max", MANAGER, ends_on=ENDS)
    give("amy", DETAILED, ends_on=ENDS)
    upkeep.run(before(3))
    run_tasks()
    (mail,) = postman.to("amy@juniper.example")
    assert mail["Subject"] == "Your access to Alder High School ends in 3 days"
    assert f"{settings.SITE_URL}/managing/470001/" in postman.to("mia@juniper.example")[0].get_content()
    upkeep.run(before(0))
    give("sue", Role.SUMMARY_REPORTS, ends_on=ENDS)
    assert {mail["To"].partition("@")[0] for mail in postman.mails} == {"amy", "max", "mia", "pat"}


def test_a_warning_on_the_last_day_says_today(world, postman, run_tasks):
    give("amy", DETAILED, ends_on=ENDS)
    upkeep.run(before(0))
    run_tasks()
    subjects = [mail["Subject"] for mail in postman.mails]
    assert subjects == ["Your access to Alder High School ends today", "Access to Alder High School ends today"]


# --- The hour ------------------------------------------------------------------------------------


def test_one_run_waits_however_many_workers_start(world):
    assert [schedule_upkeep(OPERATOR, at=AT) for _worker in range(3)] == [True, False, False]
    assert DBTaskResult.objects.filter(task_path=tasks.keep_up.module_path).count() == 1


def test_a_run_asks_for_the_next_one(world):
    tasks.keep_up.call()
    tasks.keep_up.call()
    waiting = DBTaskResult.objects.get(task_path=tasks.keep_up.module_path)
    assert waiting.run_after - waiting.enqueued_at > dt.timedelta(minutes=59)


@pytest.mark.parametrize("name", ["max", "pat", "amy"])
def test_only_the_operator_runs_it(world, actor, name):
    for act in (run_upkeep, schedule_upkeep):
        with pytest.raises(NotAllowed):
            act(actor(name), at=AT)


# --- Rules ---------------------------------------------------------------------------------------


@given(st.integers(-5, 60))
def test_the_nearest_warning_is_due(left):
    window = window_of(ENDS - dt.timedelta(days=left), ENDS)
    passed = [days for days in WARN_DAYS if 0 <= left <= days]
    assert (window.days if window else None) == (min(passed) if passed else None)


def test_unused_means_for_90_days_and_not_what_opens_nothing():
    day = dt.date(2026, 11, 21)
    old, young = day - dt.timedelta(days=90), day - dt.timedelta(days=89)
    for granted, used, expected in ((old, None, True), (young, None, False), (old, young, False), (old, old, True)):
        assert is_unused(DETAILED, granted_on=granted, last_used_on=used, today=day) is expected
    assert not is_unused(Role.FILE_DOWNLOADS, granted_on=old, last_used_on=None, today=day)


# --- Use -----------------------------------------------------------------------------------------


def used(name, where="ALDER-HIGH", at=AT):
    from scoreport.access import Permission

    note_use(acting(name, at), permission=Permission.SCORES_SUMMARY_READ, organization=where, at=at)


def test_the_role_that_opened_a_page_was_used_and_no_other(world):
    give("amy", DETAILED, "ALDER-EARLY")
    used("amy")
    assert role_of("amy", DETAILED).last_used_on == AT.date()
    assert role_of("amy", DETAILED, "ALDER-EARLY").last_used_on is None
    used("amy", "BIRCH-HIGH")
    used("amy", "")
    assert role_of("amy", DETAILED, "ALDER-EARLY").last_used_on is None


def test_use_is_written_once_a_day(world, django_assert_num_queries):
    used("amy")
    who = acting("amy")
    from scoreport.access import Permission

    with django_assert_num_queries(0):
        note_use(who, permission=Permission.SCORES_SUMMARY_READ, organization="ALDER-HIGH", at=AT)
    used("amy", at=AT + dt.timedelta(days=1))
    assert role_of("amy", DETAILED).last_used_on == dt.date(2026, 11, 22)
