"""What waits: release days where the schools are, essays with their readers, late ones; no names anywhere."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoreport.programs.catalog import program
from scoreport.scores import files
from scoreport.scores.files.waiting import Coming
from scoreport.scores.models import ClepResult
from tests.examples import examples
from tests.scores.files import load, row, text
from tests.web.desk.pages import plain, table
from tests.world import AT, OPERATOR
from tests.world import load as load_organizations

pytestmark = pytest.mark.django_db

FAR = """\
kind,organization_id,name,parent_id,ai_code,city,state,zip,time_zone
state,GU,State of Guam,,,Hagatna,GU,96910,Pacific/Guam
school,GU-HIGH,Guam High School,GU,480001,Hagatna,GU,96910,Pacific/Guam
school,GU-WEST,School an hour behind its capital,GU,480002,Hagatna,GU,96910,Asia/Tokyo
other,ABROAD,School without a state,,480003,Paris,,,Europe/Paris
"""


def essay(ticket: str, tested: str, **cells: str) -> dict[str, str]:
    """Return a test that waits for its readers."""
    return row(ticket, **{"exam_code": "91", "score": "", "date_scored": "", "date_tested": tested, **cells})


@pytest.fixture
def pat(client_for):
    """Return the browser of a member of the program staff."""
    return client_for("pat")


def test_nothing_waits(pat):
    said = plain(pat.get("/desk/waiting/"))
    assert "No score waits for its release" in said
    assert "No essay waits for its readers" in said


def test_each_release_day_tells_its_exams(pat):
    friday = {"date_tested": "2026-11-20", "date_scored": "2026-11-20"}
    load(row("T1", **friday), row("T2", **friday), row("T3", exam_code="26", **friday), row("T4"))
    said = plain(pat.get("/desk/waiting/"))
    assert "Nov 23, 2026 : 3 scores, 2 exams" in said
    assert table(pat.get("/desk/waiting/")) == [["Biology", "2"], ["Chemistry", "1"]]


def test_a_release_day_is_the_one_where_the_school_is(world):
    """Midnight at a school may be another day where its state's capital, or the server, is."""
    load_organizations(FAR)
    friday = {"date_tested": "2026-11-20", "date_scored": "2026-11-20"}
    load(*(row(f"T{n}", ai_code=code, **friday) for n, code in enumerate(("480001", "480002", "480003", "470001", ""))))
    assert ClepResult.objects.values("released_at").distinct().count() == 4
    found = files.coming(OPERATOR, AT - dt.timedelta(days=1), program="clep")
    assert found == [Coming(dt.date(2026, 11, 23), "Biology", 5)]


def test_what_was_released_waits_no_longer(world):
    load_organizations(FAR)
    friday = {"date_tested": "2026-11-20", "date_scored": "2026-11-20"}
    load(*(row(f"T{n}", ai_code=code, **friday) for n, code in enumerate(("480001", "480002", "480003", "470001", ""))))
    instants = sorted(moment for moment in ClepResult.objects.values_list("released_at", flat=True) if moment)
    left = [sum(one.tests for one in files.coming(OPERATOR, at, program="clep")) for at in instants]
    assert left == [sum(released > at for released in instants) for at in instants]
    assert left[-1] == 0


def test_essays_are_told_by_exam_and_late_ones_by_ticket(pat):
    load(essay("T1", "2026-10-01", last_name="Canary"), essay("T2", "2026-11-10", exam_code="77W"), row("T3"))
    page = pat.get("/desk/waiting/")
    said = plain(page)
    assert "College Composition 1 2026-10-01 Spanish with Writing 1 2026-11-10" in said
    assert "T1 College Composition 2026-10-01 2026-10-22 30" in said
    assert "T2" not in said
    assert "Canary" not in said


def test_a_score_that_arrived_ends_the_waiting(pat):
    load(essay("T1", "2026-10-01"))
    load(essay("T1", "2026-10-01") | {"score": "55", "date_scored": "2026-11-02"})
    assert "None: every essay is scored" in plain(pat.get("/desk/waiting/"))


def test_late_essays_come_by_pages_the_latest_first(pat):
    first = dt.date(2026, 7, 1)
    load(*(essay(f"T{n:02}", (first + dt.timedelta(days=n)).isoformat()) for n in range(60)))
    pages = [plain(pat.get(f"/desk/waiting/?page={number}")) for number in (1, 2)]
    assert ["T00" in page for page in pages] == [True, False]
    assert ["T59" in page for page in pages] == [False, True]
    assert "51–60 of 60" in pages[1]


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ages=st.lists(st.integers(0, 40), min_size=1, max_size=5), scored=st.booleans())
def test_the_query_and_the_policy_agree_on_what_is_late(world, ages, scored):
    """The SQL twin says what the rule says, whatever the day."""
    today = AT.date()
    rows = [essay(f"T{n}", (today - dt.timedelta(days=age)).isoformat()) for n, age in enumerate(ages)]
    if scored:
        rows[0] |= {"score": "50", "date_scored": today.isoformat()}
    ClepResult.objects.all().delete()
    from tests.scores.files import accept, check

    accept(check(text(*rows)))
    exam, policy = program("clep").exams_by_code["91"], program("clep").release
    wanted = {
        test.ticket
        for test in ClepResult.objects.all()
        if policy.is_overdue(exam, test.tested_on, test.scored_on, today)
    }
    assert {one.ticket for one in files.overdue_essays(OPERATOR, AT, program="clep")[0]} == wanted
