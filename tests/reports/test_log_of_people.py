"""The access log and its people: sessions elsewhere stay unseen, and no new name hides what was done."""

import datetime as dt
from dataclasses import replace

import pytest
from django.db import transaction

from scoreport.access import ANONYMOUS, Role
from scoreport.accounts.actions import (
    begin_session,
    device_seen,
    end_other_sessions,
    rename,
    second_factor_added,
    sign_in_failed,
    signed_out,
)
from scoreport.accounts.models import User
from scoreport.audit.actions import record
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.organizations.actions import grant_role
from scoreport.reports.actions import open_person_sight, open_roster, open_student
from scoreport.reports.queries import log
from scoreport.reports.queries.log import log_page, log_rows
from scoreport.reports.queries.sight import looks_at_student
from scoreport.reports.rules import RosterQuery
from scoreport.reports.rules.log import OF_PEOPLE, LogKind, LogQuery
from scoreport.scores.models import ClepResult
from tests.reports.log_use import use
from tests.scores.files import load, public_id, row
from tests.world import AT, OPERATOR

DAY = dt.timedelta(days=1)
AMY = "Amy <amy@juniper.example>"


def signs_of(world, managers, name: str, place: str) -> list[tuple[str, str, dt.datetime]]:
    """Return what a manager sees of a person's account and sessions: on the page, in the file, on the person's page."""
    query, organization, person = LogQuery(kind=LogKind.SIGN_IN), world.organization(place), world.people[name]
    ways = (
        log_page(managers[place], organization, query, AT).rows,
        log_rows(managers[place], organization, query, AT),
        open_person_sight(managers[place], organization=organization, person_id=person.id, at=AT)[1].rows,
    )
    listed = [
        {
            (row.event.facts.verb, row.event.facts.address, row.at)
            for row in rows
            if row.event.facts.actor == person.as_text and row.event.facts.verb in OF_PEOPLE
        }
        for rows in ways
    ]
    assert listed[0] == listed[1] == listed[2]
    return sorted(listed[0])


@pytest.mark.parametrize("listed", [500, 0])
def test_a_manager_sees_only_sessions_in_which_a_role_was_used_here(world, managers, monkeypatch, listed):
    """Somebody of Birch is given a role at Alder; what they do elsewhere stays unseen, and so does where they are."""
    monkeypatch.setattr(log, "_LISTED", listed)
    grant_role(
        OPERATOR, email="bea@juniper.example", organization="ALDER-HIGH", role=Role.DETAILED_REPORTS, at=AT - 9 * DAY
    )
    hour = dt.timedelta(hours=1)
    at_home = replace(world.actor("bea"), session_id=1)
    device_seen(at_home, token="first", user_agent="Firefox/1 Linux", at=AT - hour)
    device_seen(at_home, token="other", user_agent="Firefox/1 Windows", at=AT)
    second_factor_added(at_home, kind="totp", key="session", at=AT)
    sign_in_failed(ANONYMOUS, email="bea@juniper.example", at=AT)
    use(world, "bea", 1, place="BIRCH-HIGH", at=AT)
    with transaction.atomic():
        record(at_home, verb=Verb.INVITATION_ACCEPTED, at=AT, organization="ALDER-HIGH", subject_kind="invitation")
    signed_out(at_home, at=AT + hour, reason="asked")

    def seen(place: str) -> list[tuple[str, str, dt.datetime]]:
        return signs_of(world, managers, "bea", place)

    assert seen("ALDER-HIGH") == seen("D-ALDER") == []
    # The state of Birch sees the session in which she used her role there: the control.
    assert (Verb.SIGNED_IN, "", AT) in seen("ST")
    use(world, "bea", 2, place="ALDER-HIGH", at=AT + 2 * hour)
    assert seen("ALDER-HIGH") == seen("D-ALDER") == [(Verb.SIGNED_IN, "", AT + 2 * hour)]
    assert (Verb.SIGNED_IN, "", AT + 2 * hour) in seen("ST")


def test_no_event_of_the_log_says_from_where_or_with_what(world, managers):
    actor = replace(world.actor("amy"), session_id=1, address="198.51.100.7")
    device_seen(actor, token="first", user_agent="Firefox/1 Linux", at=AT)
    device_seen(actor, token="other", user_agent="Firefox/1 Windows", at=AT)
    begin_session(actor, key="elsewhere", user_agent="Firefox/1 Windows", at=AT)
    end_other_sessions(actor, key="session", at=AT)
    open_roster(actor, organization=world.organization("ALDER-HIGH"), query=RosterQuery("clep", years=(2025,)), at=AT)
    rows = list(log_rows(managers["ALDER-HIGH"], world.organization("ALDER-HIGH"), LogQuery(person="amy@"), AT))
    assert {Verb.DEVICE_SEEN, Verb.SESSION_ENDED, Verb.ROSTER_VIEWED} <= {row.event.facts.verb for row in rows}
    for text in ("198.51.100.7", "Firefox", "Windows"):
        assert text not in str(rows)
        assert text in str([event.facts for event in events_of()]) or text == "Linux"


# --- A person with another name ------------------------------------------------------------------------------


def change_email(world, name: str, email: str) -> None:
    User.objects.filter(pk=world.people[name].id).update(email=email)


# The name and the address that Amy has afterwards.
CHANGES = {
    "another name": ("Zoe", "amy@juniper.example"),
    "another address": ("Amy", "zoe@juniper.example"),
    "the name of somebody else": ("Dan", "amy@juniper.example"),
    "all of it": ("Dan", "d@n.example"),
}


def in_log(world, managers, query: LogQuery) -> list[tuple[int, str, str]]:
    rows = log_rows(managers["ALDER-HIGH"], world.organization("ALDER-HIGH"), query, AT)
    return [(row.event.id, row.event.facts.actor, row.event.facts.subject) for row in rows if row.at <= AT]


@pytest.mark.parametrize("change", CHANGES)
def test_no_change_of_name_or_address_takes_anything_out_of_the_log(world, managers, change):
    load(row("A"))
    student = ClepResult.objects.get().student_id
    use(world, "amy", 1, place="ALDER-HIGH")
    open_student(world.actor("amy"), student_id=student, program="clep", at=AT)
    asked = [
        LogQuery(), LogQuery(kind=LogKind.SIGN_IN), LogQuery(person="amy@"), LogQuery(person=AMY),
        LogQuery(person_id=world.people["amy"].id), LogQuery(student=public_id("A")),
    ]  # fmt: skip
    before = [in_log(world, managers, query) for query in asked]
    looks = [look.event.id for look in looks_at_student(managers["ALDER-HIGH"], student)]
    name, email = CHANGES[change]
    rename(world.actor("amy"), name=name, at=AT + DAY)
    change_email(world, "amy", email)
    assert [in_log(world, managers, query) for query in asked] == before
    assert all(AMY in actors for _id, *actors in before[2])
    assert len(before[2]) >= 4
    assert [look.event.id for look in looks_at_student(managers["ALDER-HIGH"], student)] == looks != []
    # What she is called now finds what she did before, and what she does now is found under what she was called.
    now = User.objects.get(pk=world.people["amy"].id).info
    assert in_log(world, managers, LogQuery(person=now.as_text)) == before[3]
    assert set(in_log(world, managers, LogQuery(person=now.email))) == set(before[2])
    open_student(world.actor("amy"), student_id=student, program="clep", at=AT)
    assert len(in_log(world, managers, LogQuery(person=AMY))) == len(before[3]) + 1


def test_a_name_that_two_people_share_keeps_them_apart(world, managers):
    use(world, "amy", 1, place="ALDER-HIGH")
    rename(world.actor("amy"), name="Sue", at=AT)
    use(world, "sue", 2)
    ids = {name: {found for found, *_texts in in_log(world, managers, LogQuery(person_id=world.people[name].id))}
           for name in ("amy", "sue")}  # fmt: skip
    assert ids["amy"]
    assert ids["sue"]
    assert not ids["amy"] & ids["sue"]
    assert {found for found, *_texts in in_log(world, managers, LogQuery(person="Sue"))} == ids["amy"] | ids["sue"]
