"""Who can see whom, and why: the same answer from both ends."""

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoreport import access
from scoreport.access import NotAllowed, Permission, Role
from scoreport.audit.models import Event
from scoreport.audit.rules import Verb
from scoreport.organizations.actions import grant_role, revoke_role
from scoreport.organizations.actions.support import allow, begin
from scoreport.organizations.models import Membership
from scoreport.reports.actions import open_person_sight, open_roster, open_student, open_student_sight
from scoreport.reports.queries.sight import UnknownSeer, person_sight, student_sight
from scoreport.reports.queries.student import UnknownStudent
from scoreport.reports.rules import RosterQuery
from scoreport.reports.rules.sight import SeesBy
from scoreport.scores import queries as scores
from scoreport.scores.models import ClepResult
from tests.examples import examples
from tests.scores.files import load, public_id, row, undo
from tests.world import AT, OPERATOR, ROLES

HOUR = dt.timedelta(hours=1)


def student(ticket: str) -> int:
    return ClepResult.objects.get(ticket=ticket, is_current=True).student_id


@pytest.fixture
def tests(world):
    """One student of each school, one of two schools, and one whom no school knows."""
    load(
        row("A", first_name="Al", date_of_birth="2007-01-01"),
        row("E", first_name="Ed", date_of_birth="2007-01-02", ai_code="000905"),
        row("B", first_name="Bo", date_of_birth="2007-01-03", ai_code="470101"),
        row("M", first_name="Mo", date_of_birth="2007-01-04"),
        row("N", first_name="Mo", date_of_birth="2007-01-04", ai_code="470101"),
        row("X", first_name="Xi", date_of_birth="2007-01-05", ai_code=""),
    )
    ClepResult.objects.filter(ticket="N").update(student_id=student("M"))


ROLE_ACTS = st.lists(
    st.tuples(
        st.sampled_from(sorted(ROLES)),
        st.sampled_from([role for role in Role if role not in {Role.SUPPORT, Role.PROGRAM_STAFF}]),
        st.sampled_from(("ST", "D-ALDER", "ALDER-HIGH", "ALDER-EARLY", "D-BIRCH", "BIRCH-HIGH")),
        st.sampled_from(("grant", "revoke", "ended")),
    ),
    max_size=8,
)


def do(acts) -> None:
    for name, role, place, act in acts:
        wanted = {"email": f"{name}@juniper.example", "organization": place, "role": role, "at": AT}
        grant_role(OPERATOR, **wanted)
        if act == "revoke":
            revoke_role(OPERATOR, **wanted)
        if act == "ended":
            held = Membership.objects.filter(
                user__email=wanted["email"], role=role.value, organization__code=place, revoked_at=None
            )
            held.update(ends_on=(AT - dt.timedelta(days=1)).date())


@given(acts=ROLE_ACTS, looks=st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(25))
def test_who_can_see_a_student_is_who_could_open_them(world, tests, acts, looks):
    """Ask for each person and each student: a person is named exactly when their own roles would open the student."""
    with transaction.atomic():
        do(acts)
        if looks:
            given = allow(OPERATOR, organization="D-BIRCH", ticket="7", reason="Why", hours=2, at=AT)
            begin(world.actor("pat"), support_id=given.id, at=AT)
        for ticket in ("A", "E", "B", "M"):
            number = student(ticket)
            told = {seer.person_id for seer in student_sight(OPERATOR, number, AT).seers if seer.by is not SeesBy.FILES}
            asked = {name: world.actor(name) for name in ROLES}
            could = {
                asked[name].person_id
                for name in ROLES
                if access.can(asked[name], Permission.SCORES_ROSTER_READ)
                and scores.visible_scores(asked[name], AT, program="clep").filter(student_id=number).exists()
            }
            assert told == could, ticket
        transaction.set_rollback(True)


def test_the_reasons_are_told(world, tests):
    given = allow(OPERATOR, organization="ALDER-HIGH", ticket="7", reason="Why", hours=2, at=AT)
    begin(world.actor("pat"), support_id=given.id, at=AT)
    told = student_sight(world.actor("max"), student("A"), AT)
    assert [school.code for school in told.schools] == ["ALDER-HIGH"]
    seen = {(s.person.split()[0], s.by, s.organization.code if s.organization else "", s.schools) for s in told.seers}
    high = ("Alder High School",)
    assert seen == {
        ("Amy", SeesBy.ROLE, "ALDER-HIGH", high),
        ("Dan", SeesBy.ROLE, "D-ALDER", high),
        ("Sam", SeesBy.ROLE, "ST", high),
        ("Pat", SeesBy.SUPPORT, "ALDER-HIGH", high),
    }
    support = next(seer for seer in told.seers if seer.by is SeesBy.SUPPORT)
    assert (support.ticket, support.ends_at) == ("7", AT + 2 * HOUR)
    after = student_sight(world.actor("max"), student("A"), AT + 2 * HOUR)
    assert all(seer.by is not SeesBy.SUPPORT for seer in after.seers)


def test_program_staff_see_a_student_while_there_is_something_to_decide(world, tests):
    def staff(ticket, at=AT):
        seers = student_sight(world.actor("max"), student(ticket), at).seers
        return [seer.person.split()[0] for seer in seers if seer.by is SeesBy.FILES]

    assert (staff("A"), staff("M")) == ([], ["Pat"]), "only M is in a question of identity"
    load(row("A", first_name="Al", date_of_birth="2007-01-01", score="60"))
    assert staff("A") == ["Pat"]
    late = AT + dt.timedelta(days=31)
    assert staff("A", late) == []
    # A row that returns to the earlier values, and one under another ticket, are lists of problems too.
    returning = load(row("A", first_name="Al", date_of_birth="2007-01-01"), at=late)
    assert staff("A", late) == ["Pat"]
    undo(returning, at=late)
    assert staff("A", late) == []
    load(row("A-again", first_name="Al", date_of_birth="2007-01-01"), at=late)
    assert staff("A", late) == ["Pat"]


def test_the_name_is_for_readers_of_rosters_and_the_rest_for_managers_too(world, tests):
    number = student("A")
    assert student_sight(world.actor("amy"), number, AT).name == "Lopez, Al"
    assert student_sight(world.actor("max"), number, AT).name == ""
    for name in ("bea", "sue", "fay", "nora", "pat"):
        with pytest.raises(UnknownStudent):
            student_sight(world.actor(name), number, AT)
    with pytest.raises(NotAllowed) as refused:
        student_sight(world.actor("max", second_factor=False), number, AT)
    assert refused.value.needs_second_factor
    for number in (student("X"), 999_999):
        with pytest.raises(UnknownStudent):
            student_sight(world.actor("dan"), number, AT)


def test_of_a_student_who_moved_each_school_learns_its_own_part(world, tests):
    number = student("M")
    alder, birch = (student_sight(world.actor(name), number, AT) for name in ("amy", "bea"))
    assert ([s.code for s in alder.schools], [s.code for s in birch.schools]) == (["ALDER-HIGH"], ["BIRCH-HIGH"])
    assert {seer.person.split()[0] for seer in alder.seers} == {"Amy", "Dan", "Sam", "Pat"}
    assert {seer.person.split()[0] for seer in birch.seers} == {"Bea", "Sam", "Pat"}


def test_who_looked_is_told_with_pages_rosters_and_files(world, tests):
    number, query = student("A"), RosterQuery("clep", years=(2025,))
    open_student(world.actor("amy"), student_id=number, program="clep", at=AT)
    open_roster(world.actor("sam"), organization=world.organization("ST"), query=query, at=AT)
    open_roster(world.actor("bea"), organization=world.organization("BIRCH-HIGH"), query=query, at=AT)
    open_roster(
        world.actor("amy"),
        organization=world.organization("ALDER-HIGH"),
        query=RosterQuery("clep", years=(2026,)),
        at=AT,
    )
    _told, looks = open_student_sight(world.actor("max"), student_id=number, at=AT)
    assert [(look.event.facts.verb, look.event.facts.actor.split()[0], look.organization) for look in looks] == [
        (Verb.ROSTER_VIEWED, "Sam", "State of Juniper"), (Verb.STUDENT_VIEWED, "Amy", "Alder High School"),
    ]  # fmt: skip
    asked = Event.objects.get(verb=Verb.LOG_VIEWED)
    assert (asked.actor, asked.organization, asked.subject) == (
        "Max <max@juniper.example>",
        "ALDER-HIGH",
        public_id("A"),
    )


def test_a_persons_roles_are_told_with_how_many_students_each_opens(world, tests):
    grant_role(OPERATOR, email="amy@juniper.example", organization="ALDER-EARLY", role=Role.SUMMARY_REPORTS, at=AT)
    grant_role(OPERATOR, email="amy@juniper.example", organization="BIRCH-HIGH", role=Role.DETAILED_REPORTS, at=AT)
    grant_role(OPERATOR, email="dan@juniper.example", organization="D-ALDER", role=Role.ACCESS_MANAGER, at=AT)
    district, high = world.organization("D-ALDER"), world.organization("ALDER-HIGH")

    def counted(viewer, place, who):
        told = person_sight(world.actor(viewer), place, world.people[who].id, AT)
        return {(r.role, r.organization.code): (r.students, r.is_from_above) for r in told.reaches}

    assert counted("dan", district, "amy") == {
        (Role.DETAILED_REPORTS, "ALDER-HIGH"): (2, False), (Role.SUMMARY_REPORTS, "ALDER-EARLY"): (0, False),
    }  # fmt: skip
    assert counted("dan", district, "sam") == {(Role.DETAILED_REPORTS, "ST"): (3, True)}
    assert counted("max", high, "dan") == {
        (Role.DETAILED_REPORTS, "D-ALDER"): (2, True), (Role.ACCESS_MANAGER, "D-ALDER"): (0, True),
    }  # fmt: skip
    for who in ("bea", "nora", "pat"):
        with pytest.raises(UnknownSeer):
            person_sight(world.actor("max"), high, world.people[who].id, AT)
    with pytest.raises(NotAllowed):
        person_sight(world.actor("amy"), high, world.people["amy"].id, AT)


def test_what_a_person_did_lately_is_told_of_this_institution_only(world, tests):
    grant_role(OPERATOR, email="amy@juniper.example", organization="BIRCH-HIGH", role=Role.DETAILED_REPORTS, at=AT)
    open_student(world.actor("amy"), student_id=student("A"), program="clep", at=AT)
    open_student(world.actor("amy"), student_id=student("B"), program="clep", at=AT)
    high = world.organization("ALDER-HIGH")
    _told, lately = open_person_sight(world.actor("max"), organization=high, person_id=world.people["amy"].id, at=AT)
    looked = [row for row in lately.rows if row.event.facts.verb == Verb.STUDENT_VIEWED]
    assert [row.event.facts.organization for row in looked] == ["ALDER-HIGH"]
