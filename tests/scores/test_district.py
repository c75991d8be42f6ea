"""In a district with damaged rows, counselors find nearly all of their missing tests, and nothing is linked wrongly."""

import datetime as dt
import random
from collections import Counter

import pytest

from scoreport.access import Role
from scoreport.accounts.actions import create_person
from scoreport.organizations.actions import grant_role
from scoreport.organizations.queries import actor_of
from scoreport.people.models import MatchCase
from scoreport.people.rules import CaseState
from scoreport.scores.models import ClepResult, Placement
from scoreport.scores.search import Finding, SearchCriteria
from tests.scores.claimed import search
from tests.scores.district import ORGANIZATIONS, SCHOOLS, Taken, district
from tests.scores.files import load
from tests.scores.verified import verified
from tests.world import AT, OPERATOR
from tests.world import load as load_organizations

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ENOUGH = 0.98


@pytest.fixture
def counselors(world):
    """Give each school somebody who looks for its scores."""
    load_organizations(ORGANIZATIONS)
    found = {}
    for school in SCHOOLS:
        email = f"{school.lower()}@maple.example"
        person = create_person(OPERATOR, email=email, name=school, at=AT)
        grant_role(OPERATOR, email=email, organization=school, role=Role.DETAILED_REPORTS, at=AT)
        found[school] = actor_of(person.id, second_factor=True, at=AT)
    return found


def asked(counselors, test: Taken, at: dt.datetime) -> list[Finding]:
    """Ask as a counselor does: by the name that the school has, then by the ticket if the test is not among it."""
    counselor = counselors[test.school]
    name = SearchCriteria(first_name=test.first_name, last_name=test.last_name, birth_date=test.born)
    found = list(search(counselor, name, school=test.school, at=at).findings)
    if not any(is_about(test, one) for one in found):
        found += search(counselor, SearchCriteria(ticket=test.ticket), school=test.school, at=at).findings
    return found


def is_about(test: Taken, finding: Finding) -> bool:
    return finding.tested_on == test.tested_on and finding.exam in {test.exam, ""}


def test_counselors_find_what_is_missing_and_nothing_is_linked_wrongly(counselors):
    tests = district(2026, students=1_800, share=0.04)
    load(*(test.row for test in tests))
    own = {(test.student, test.exam, test.tested_on) for test in tests}
    damaged = [test for test in tests if test.damage]
    sound = random.Random(1).sample([test for test in tests if not test.damage], 150)
    right: Counter[str] = Counter()
    missed, wrong = [], []
    for n, test in enumerate(damaged + sound):
        # An hour apart, so that nobody looks for too many a day.
        found = asked(counselors, test, AT + dt.timedelta(hours=n))
        told = {(one.state, one.why) for one in found if is_about(test, one)}
        if told & test.answers:
            right[test.damage or "sound"] += 1
        else:
            missed.append((test.ticket, test.damage, told))
        wrong += [
            (test.ticket, one)
            for one in found
            if one.is_certain and (test.student, one.exam, one.tested_on) not in own and one.exam
        ]
    share = sum(count for kind, count in right.items() if kind != "sound") / len(damaged)
    figures = f"{len(tests)} tests, {len(damaged)} damaged, {share:.1%} found; {dict(right)}; missed: {missed}"
    assert share >= ENOUGH, figures
    assert right["sound"] == len(sound), figures
    assert wrong == [], figures
    assert _wrongly_linked(tests) == [], figures
    assert not Placement.objects.exists(), figures
    assert not MatchCase.objects.exclude(state=CaseState.OPEN).exists(), figures
    assert [one.name for one in verified() if one.deviations] == [], figures


def _wrongly_linked(tests: list[Taken]) -> list[set[int]]:
    """Return the students on file who are several in earnest."""
    who = {test.ticket: test.student for test in tests}
    students: dict[int, set[int]] = {}
    for student, ticket in ClepResult.objects.values_list("student_id", "ticket"):
        students.setdefault(student, set()).add(who[ticket])
    return [several for several in students.values() if len(several) > 1]
