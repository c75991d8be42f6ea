"""The access log, who can see whom, and support access in a real browser: every page in every dress."""

from typing import Any

import pytest

from scoreport.organizations.actions.support import allow, begin, end
from scoreport.reports.actions import open_roster, open_student
from scoreport.reports.rules import RosterQuery
from scoreport.scores.models import ClepResult
from tests.browser.test_pages import look_at
from tests.scores.files import load, public_id, row
from tests.world import AT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lived(world):
    """Somebody looked at a student and at a roster, and support looked before."""
    load(row("A"), row("B", first_name="Bo"))
    student = ClepResult.objects.get(ticket="A").student_id
    open_student(world.actor("amy"), student_id=student, program="clep", at=AT)
    query = RosterQuery("clep", years=(2025,))
    open_roster(world.actor("sam"), organization=world.organization("ST"), query=query, at=AT)
    wanted: dict[str, Any] = {
        "organization": "470001",
        "ticket": "1207",
        "reason": "A score is missing",
        "hours": 2,
        "at": AT,
    }
    before = allow(world.actor("max"), **wanted)
    begin(world.actor("pat"), support_id=before.id, at=AT)
    end(world.actor("max"), support_id=before.id, at=AT)
    return public_id("A"), allow(world.actor("max"), **wanted)


def test_the_log_and_who_can_see_whom(world, lived, visitor):
    student, _given = lived
    person = world.people["amy"].id
    look_at(
        visitor("max"),
        (
            "/managing/470001/log/", "/managing/470001/log/?kind=exports", "/managing/470001/log/?first=tomorrow",
            f"/managing/470001/log/people/{person}/", f"/students/{student}/access/",
        ),
    )  # fmt: skip
    look_at(visitor("amy"), (f"/students/{student}/access/",))


def test_support_access_on_both_sides(world, lived, visitor):
    _student, given = lived
    manager, staff = visitor("max"), visitor("pat")
    look_at(manager, ("/managing/470001/support/", "/managing/470001/support/allow/"))
    look_at(staff, ("/desk/support/", f"/desk/support/{given.id}/begin/"))
    begin(world.actor("pat"), support_id=given.id, at=AT)
    look_at(manager, ("/", "/managing/470001/support/"))
    look_at(staff, ("/", "/desk/support/", "/reports/clep/470001/2025-2026/", "/managing/470001/log/"))


def test_nothing_yet(world, visitor):
    look_at(visitor("max"), ("/managing/470001/support/", "/managing/470001/log/?kind=support"))
    look_at(visitor("pat"), ("/desk/support/",))
