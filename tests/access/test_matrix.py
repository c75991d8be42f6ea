"""Who may do what, where: every role, every permission and every relation, as a table that a person can read."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreport import access
from scoreport.access import (
    Actor,
    ActorKind,
    Classes,
    Grant,
    NotAllowed,
    Permission,
    Place,
    PlaceKind,
    Role,
    Students,
)

STATE = Place(1, PlaceKind.STATE, (1,))
DISTRICT = Place(2, PlaceKind.DISTRICT, (1, 2))
SCHOOL = Place(3, PlaceKind.SCHOOL, (1, 2, 3))
OTHER_DISTRICT = Place(4, PlaceKind.DISTRICT, (1, 4))

# The role is held at the district; these are the places that it is asked about.
RELATIONS = {"at its place": DISTRICT, "below": SCHOOL, "above": STATE, "beside": OTHER_DISTRICT, "anywhere": None}

ACTORS = {
    role.value: Actor(
        kind=ActorKind.PERSON,
        name=role.value,
        person_id=1,
        grants=(Grant(role, None if role is Role.PROGRAM_STAFF else DISTRICT),),
    )
    for role in Role
} | {
    "no role": Actor(kind=ActorKind.PERSON, name="nora", person_id=1),
    "anonymous": access.ANONYMOUS,
    "command": access.command("tests"),
    "job": access.job("tests"),
}


def with_second_factor(actor):
    return Actor(kind=actor.kind, name=actor.name, person_id=actor.person_id, grants=actor.grants, second_factor=True)


def answer(actor, permission, place):
    """Return what ``require`` says without and with a second factor, as one word of the table."""
    without, given = (_answer(asked, permission, place) for asked in (actor, with_second_factor(actor)))
    return {("no", "no"): "no", ("yes", "yes"): "yes", ("second factor", "yes"): "with second factor"}[without, given]


def _answer(actor, permission, place):
    try:
        access.require(actor, permission, place)
    except NotAllowed as refusal:
        return "second factor" if refusal.needs_second_factor else "no"
    return "yes"


@pytest.mark.golden
def test_the_matrix_is_the_one_that_was_agreed(golden):
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["role at a district", "permission", *RELATIONS])
    for name, actor in ACTORS.items():
        for permission in Permission:
            writer.writerow([name, permission, *(answer(actor, permission, place) for place in RELATIONS.values())])
    golden("access_matrix.csv", table.getvalue())


def test_permissions_stand_in_the_order_of_their_values():
    assert list(Permission) == sorted(Permission)


def test_every_refusal_is_a_sentence():
    for permission in Permission:
        with pytest.raises(NotAllowed, match=r"^[A-Z].*\.$"):
            access.require(ACTORS["no role"], permission, SCHOOL)


def test_every_role_has_a_name_for_people():
    assert {role.label for role in Role} >= {"Detailed Reports (K–12)", "Access Management/DAT (K–12)"}
    assert len({role.label for role in Role}) == len(Role)


def test_a_manager_opens_no_report_by_that_alone():
    manager = with_second_factor(ACTORS[Role.ACCESS_MANAGER])
    assert not access.can(manager, Permission.SCORES_SUMMARY_READ, DISTRICT)
    assert not access.can(manager, Permission.SCORES_ROSTER_READ, DISTRICT)


def test_a_job_for_a_person_is_bound_to_their_roles():
    job = Actor(kind=ActorKind.JOB, name="amy", person_id=1, grants=(Grant(Role.DETAILED_REPORTS, SCHOOL),))
    assert access.can(job, Permission.SCORES_ROSTER_READ, SCHOOL)
    assert not access.can(job, Permission.SCORES_ROSTER_READ, DISTRICT)
    without_roles = Actor(kind=ActorKind.JOB, name="amy", person_id=1)
    assert not access.can(without_roles, Permission.SCORES_ROSTER_READ, SCHOOL)


@pytest.mark.parametrize("reach", [Students(frozenset({3})), Classes(frozenset({3}), frozenset({7}))])
def test_a_role_for_students_opens_no_place_and_not_everything(reach):
    """The numbers of students, classes and places are of different kinds: 3 is also the school's."""
    grant = Grant(Role.DETAILED_REPORTS, reach)
    reader = person([grant])
    assert access.can(reader, Permission.SCORES_ROSTER_READ)
    assert not any(access.can(reader, Permission.SCORES_ROSTER_READ, place) for place in (STATE, DISTRICT, SCHOOL))
    assert (grant.is_everywhere, grant.place) == (False, None)
    assert grant.students == reach.students


# --- Properties over all grants ------------------------------------------------------------------

PLACES = st.sampled_from([STATE, DISTRICT, SCHOOL, OTHER_DISTRICT])
STUDENTS = st.builds(Students, st.frozensets(st.integers(1, 4)))
GRANTS = st.lists(st.builds(Grant, st.sampled_from(Role), PLACES | STUDENTS), max_size=4)


def person(grants):
    return Actor(kind=ActorKind.PERSON, name="somebody", person_id=1, grants=tuple(grants), second_factor=True)


@given(GRANTS, GRANTS, st.sampled_from(Permission), PLACES)
def test_roles_only_ever_add(some, more, permission, place):
    if access.can(person(some), permission, place):
        assert access.can(person(some + more), permission, place)


@given(GRANTS, st.sampled_from(Permission))
def test_what_is_allowed_at_a_place_is_allowed_below_it(grants, permission):
    actor = person(grants)
    for above, below in ((STATE, DISTRICT), (DISTRICT, SCHOOL), (STATE, OTHER_DISTRICT)):
        if access.can(actor, permission, above):
            assert access.can(actor, permission, below)


@given(GRANTS, st.sampled_from(Permission), PLACES)
def test_a_place_is_reached_only_by_a_grant_on_its_lineage(grants, permission, place):
    elsewhere = [grant for grant in grants if grant.place is None or grant.place.id not in place.lineage]
    assert not access.can(person(elsewhere), permission, place)
