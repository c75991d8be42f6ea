"""The access log: whose events an institution sees, in which order, by which filters; compared with brute force."""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoreport.access import Actor, ActorKind, NotAllowed, Role
from scoreport.accounts.actions import (
    signed_in,
)
from scoreport.accounts.models import User
from scoreport.audit.actions import record
from scoreport.audit.models import Event
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.organizations.actions import grant_role, revoke_role
from scoreport.organizations.queries import UnknownOrganization
from scoreport.reports.actions import export_log, open_log, open_roster, open_student
from scoreport.reports.queries import log
from scoreport.reports.queries.log import log_page, log_rows
from scoreport.reports.rules import RosterQuery
from scoreport.reports.rules.log import FROM_ABOVE, KIND_VERBS, OF_PEOPLE, WITHOUT_ROLE, LogKind, LogQuery
from scoreport.scores.models import ClepResult
from tests.examples import examples
from tests.reports.log_use import sign_ins, use
from tests.scores.files import load, public_id, row
from tests.world import AT, OPERATOR

DAY = dt.timedelta(days=1)
ZONE = ZoneInfo("America/New_York")
PLACES = {
    "ALDER-HIGH": ("ALDER-HIGH", {"ST", "D-ALDER"}),
    "D-ALDER": ("D-ALDER", {"ST"}),
    "ST": ("ST", set()),
}
UNDER = {
    "ALDER-HIGH": {"ALDER-HIGH"},
    "D-ALDER": {"D-ALDER", "ALDER-HIGH", "ALDER-EARLY"},
    "ST": {"ST", "D-ALDER", "ALDER-HIGH", "ALDER-EARLY", "D-BIRCH", "BIRCH-HIGH"},
}


def told(rows) -> list[tuple[str, str, str]]:
    return [(r.event.facts.verb, r.event.facts.actor.partition(" ")[0], r.event.facts.organization) for r in rows]


def test_who_looked_is_seen_by_the_school_the_district_and_the_state(world, managers):
    load(row("A"), row("B", ai_code="470101", first_name="Bo"))
    query = RosterQuery("clep", years=(2025,))
    open_student(world.actor("amy"), student_id=ClepResult.objects.get(ticket="A").student_id, program="clep", at=AT)
    open_roster(world.actor("bea"), organization=world.organization("BIRCH-HIGH"), query=query, at=AT)
    open_roster(world.actor("sam"), organization=world.organization("ST"), query=query, at=AT)
    looks = LogQuery(kind=LogKind.STUDENTS)
    found = {
        place: told(log_page(actor, world.organization(place), looks, AT).rows) for place, actor in managers.items()
    }
    page, theirs, state = (
        (Verb.STUDENT_VIEWED, "Amy", "ALDER-HIGH"), (Verb.ROSTER_VIEWED, "Bea", "BIRCH-HIGH"),
        (Verb.ROSTER_VIEWED, "Sam", "ST"),
    )  # fmt: skip
    assert found == {"ALDER-HIGH": [state, page], "D-ALDER": [state, page], "ST": [state, theirs, page]}


def test_a_student_of_two_schools_is_in_the_log_of_both(world, managers):
    load(row("A"), row("B", ai_code="000905"))
    ClepResult.objects.update(student_id=ClepResult.objects.get(ticket="A").student_id)
    open_student(world.actor("dan"), student_id=ClepResult.objects.get(ticket="A").student_id, program="clep", at=AT)
    seen = events_of(verb=Verb.STUDENT_VIEWED)
    assert {event.facts.organization for event in seen} == {"ALDER-HIGH", "ALDER-EARLY"}


def test_signing_in_is_seen_while_one_holds_a_role_and_not_before_or_after(world, managers):
    high, who = world.organization("ALDER-HIGH"), LogQuery(kind=LogKind.SIGN_IN, person="amy@")
    use(world, "amy", 1, place="ALDER-HIGH", at=AT - DAY)
    use(world, "amy", 2, place="ALDER-HIGH", at=AT + DAY)
    revoke_role(
        OPERATOR, email="amy@juniper.example", organization="470001", role=Role.DETAILED_REPORTS, at=AT + 2 * DAY
    )
    signed_in(replace(world.actor("amy"), session_id=2), at=AT + 3 * DAY)
    use(world, "bea", 3, place="BIRCH-HIGH", at=AT + DAY)
    rows = log_page(managers["ALDER-HIGH"], high, LogQuery(kind=LogKind.SIGN_IN), AT).rows
    assert sign_ins(rows) == [(PEOPLE[0], AT + DAY)]
    assert sign_ins(log_page(managers["ALDER-HIGH"], high, who, AT).rows) == [(PEOPLE[0], AT + DAY)]


def test_a_role_that_is_given_again_keeps_what_was_before(world, managers):
    use(world, "amy", 1, place="ALDER-HIGH", at=AT + DAY)
    grant_role(
        OPERATOR, email="amy@juniper.example", organization="470001", role=Role.DETAILED_REPORTS, at=AT + 2 * DAY
    )
    rows = log_page(managers["ALDER-HIGH"], world.organization("ALDER-HIGH"), LogQuery(kind=LogKind.SIGN_IN), AT).rows
    assert [row.at for row in rows if row.event.facts.verb == Verb.SIGNED_IN] == [AT + DAY]


def test_only_access_managers_read_it_and_only_their_own(world, managers):
    for name in ("amy", "bea", "sue", "fay", "nora", "pat"):
        with pytest.raises(NotAllowed):
            open_log(world.actor(name), organization=world.organization("ALDER-HIGH"), query=LogQuery(), at=AT)
    for place in ("D-ALDER", "BIRCH-HIGH", "ALDER-EARLY"):
        with pytest.raises(NotAllowed):
            export_log(world.actor("max"), organization=world.organization(place), query=LogQuery(), at=AT)
    with pytest.raises(UnknownOrganization):
        log_page(managers["D-ALDER"], world.organization("D-ALDER"), LogQuery(under="BIRCH-HIGH"), AT)
    assert events_of(verb=Verb.LOG_VIEWED) == []


def test_reading_it_and_taking_it_out_are_recorded(world, managers):
    high, query = world.organization("ALDER-HIGH"), LogQuery(kind=LogKind.EXPORTS, person="Canary")
    open_log(world.actor("max"), organization=high, query=query, at=AT)
    export_log(world.actor("max"), organization=high, query=query, at=AT)
    exported, viewed = events_of(organization="ALDER-HIGH", subject_kind="log")
    assert (viewed.facts.verb, exported.facts.verb) == (Verb.LOG_VIEWED, Verb.LOG_EXPORTED)
    assert exported.facts.detail == {"format": "csv", "kind": "exports", "by_person": True, "rows": 0}


def test_names_of_students_are_for_those_who_may_see_them(world, managers):
    load(row("A", last_name="Canary"))
    student = ClepResult.objects.get().student_id
    open_student(world.actor("amy"), student_id=student, program="clep", at=AT)
    high, looks = world.organization("ALDER-HIGH"), LogQuery(student=public_id("A"))
    (for_max,) = log_page(world.actor("max"), high, looks, AT).rows
    assert (for_max.public_id, for_max.student) == (public_id("A"), "")
    (for_dan,) = log_page(managers["D-ALDER"], high, looks, AT).rows
    assert for_dan.student == "Canary, Ana"


def test_every_verb_stands_in_one_group():
    listed = [verb for verbs in KIND_VERBS.values() for verb in verbs]
    assert {verb.value for verb in Verb} <= set(listed)
    assert len(listed) == len(set(listed))


# --- Brute force ---------------------------------------------------------------------------------------------

VERBS = (
    Verb.STUDENT_VIEWED, Verb.ROSTER_VIEWED, Verb.ROSTER_EXPORTED, Verb.SIGNED_IN, Verb.MEMBERSHIP_GRANTED,
    Verb.SUPPORT_ALLOWED, Verb.SUPPORT_PAGE_VIEWED, Verb.FILE_RECEIVED, Verb.HELP_ASKED,
)  # fmt: skip
PEOPLE = ("Amy <amy@juniper.example>", "Bea <bea@juniper.example>", "Dan <dan@juniper.example>")
events = st.lists(
    st.tuples(
        st.sampled_from(VERBS),
        st.sampled_from(("ST", "D-ALDER", "ALDER-HIGH", "ALDER-EARLY", "BIRCH-HIGH", "")),
        st.sampled_from(PEOPLE),
        st.sampled_from(PEOPLE),
        st.integers(-3, 3),
        st.integers(1, 3),
        st.none() | st.integers(1, 2),
    ),
    max_size=40,
)
days = st.none() | st.integers(-3, 3).map(lambda days: (AT + days * DAY).date())
queries = st.builds(
    LogQuery,
    kind=st.none() | st.sampled_from(LogKind),
    person=st.sampled_from(("", "amy", "Bea <bea@juniper.example>", "juniper", "nobody")),
    student=st.just("") | st.integers(1, 3).map(str),
    first=days,
    last=days,
)
# From when on each of them held a role in the world: it was built at AT.
HOLDS = {"Amy": UNDER["ALDER-HIGH"], "Bea": {"BIRCH-HIGH"}, "Dan": {"D-ALDER"}}


def id_of(text: str) -> int:
    return User.objects.get(email=text.partition("<")[2].rstrip(">")).pk


def write(found) -> None:
    with transaction.atomic():
        for verb, place, actor, other, day, student, session in found:
            subject = actor if verb is Verb.SIGNED_IN else other
            of_person = verb in {Verb.SIGNED_IN, Verb.MEMBERSHIP_GRANTED}
            number = id_of(actor)
            record(
                Actor(ActorKind.PERSON, actor, number, session_id=session and 10 * number + session),
                verb=verb, at=AT + day * DAY, organization="" if verb is Verb.SIGNED_IN else place,
                subject_kind="person" if of_person else "student", subject=subject if of_person else str(student),
                subject_id=id_of(subject) if of_person else student,
            )  # fmt: skip


def brute(place: str, query: LogQuery, first: dict[str, dt.datetime]) -> list[int]:
    """Return what a reader would pick out of all events by hand."""
    code, above = PLACES[place]
    names = {"amy": {PEOPLE[0]}, PEOPLE[1]: {PEOPLE[1]}, "juniper": set(PEOPLE), "nobody": set()}
    known = {name for name in PEOPLE if HOLDS[name.split()[0]] & UNDER[code] or name.startswith("Dan")}
    kept = []
    used = {
        event.session_id
        for event in Event.objects.exclude(session_id=None)
        if event.organization in UNDER[code] and event.verb not in WITHOUT_ROLE
    }
    for event in Event.objects.order_by("-at", "-pk"):
        ours = event.organization in UNDER[code] or (event.organization in above and event.verb in FROM_ABOVE)
        if event.verb in OF_PEOPLE and event.subject_kind == "person" and event.organization == "":
            held = HOLDS.get(event.subject.split()[0], set()) & UNDER[code]
            ours = bool(held) and event.session_id in used and event.at >= min(AT, first.get(event.subject, AT))
        wanted = names.get(query.person)
        if wanted is not None and query.person in {"amy", "juniper"}:
            wanted &= known
        day = event.at.astimezone(ZONE).date()
        if (
            ours
            and (query.kind is None or event.verb in KIND_VERBS[query.kind])
            and (
                wanted is None or event.actor in wanted or (event.subject_kind == "person" and event.subject in wanted)
            )
            and (not query.student or (event.subject_kind, event.subject) == ("student", query.student))
            and (query.first is None or day >= query.first)
            and (query.last is None or day <= query.last)
        ):
            kept.append(event.pk)
    return kept


@pytest.mark.parametrize("way", ["found", "walked"])
@given(found=events, query=queries, place=st.sampled_from(sorted(PLACES)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(40))
def test_filters_find_what_brute_force_finds(managers, world, monkeypatch, way, found, query, place):
    with monkeypatch.context() as patch, transaction.atomic():
        patch.setattr(log, "_LISTED", 500 if way == "found" else 0)
        Event.objects.all().delete()
        write(found)
        code = PLACES[place][0]
        granted = Event.objects.filter(verb=Verb.MEMBERSHIP_GRANTED, subject_kind="person")
        first: dict[str, dt.datetime] = {}
        for event in granted.filter(organization__in=UNDER[code]):
            first[event.subject] = min(first.get(event.subject, event.at), event.at)
        organization = world.organization(code)
        page = log_page(managers[place], organization, query, AT)
        expected = brute(place, query, first)
        assert page.total == len(expected)
        assert [one.event.id for one in page.rows] == expected[:50]
        rows = log_rows(managers[place], organization, query, AT)
        assert [one.event.id for one in rows] == expected
        transaction.set_rollback(True)


def test_pages_follow_each_other_and_end(world, managers, monkeypatch):
    write([(Verb.STUDENT_VIEWED, "ALDER-HIGH", PEOPLE[0], PEOPLE[0], 0, 1, None)] * 120)
    high, looks = world.organization("ALDER-HIGH"), LogQuery(student="1")
    pages = [log_page(managers["ALDER-HIGH"], high, LogQuery(student="1", page=n), AT) for n in (1, 2, 3, 99)]
    assert [(page.total, len(page.rows), page.query.page) for page in pages] == [
        (120, 50, 1), (120, 50, 2), (120, 20, 3), (120, 20, 3),
    ]  # fmt: skip
    ids = [row.event.id for page in pages[:3] for row in page.rows]
    assert ids == sorted(ids, reverse=True)
    monkeypatch.setattr(log, "LOG_MOST", 100)
    page = log_page(managers["ALDER-HIGH"], high, looks, AT)
    assert (page.total, page.is_more, len(page.rows)) == (100, True, 50)
    assert [row.event.id for row in page.rows] == ids[:50]
    assert len(list(log_rows(managers["ALDER-HIGH"], high, looks, AT))) == 120
