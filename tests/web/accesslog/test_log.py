"""The access log on the screen and as a file: sentences, links, filters, scope."""

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.db import transaction

from scoreport.access import Role
from scoreport.audit.actions import record
from scoreport.audit.queries import events_of
from scoreport.audit.rules import EventInfo, Facts, Verb
from scoreport.organizations.actions import grant_role
from scoreport.organizations.actions.support import allow, begin, end
from scoreport.reports.rules.log import KIND_VERBS
from scoreport.scores.models import ClepResult
from scoreport.web.accesslog.forms import KINDS
from scoreport.web.accesslog.sentences import SENTENCES, event_sentence
from tests.scores.files import load, public_id, row
from tests.web.pages import read, sought
from tests.world import AT, OPERATOR

LOG = "/managing/470001/log/"
REPORT = "/reports/clep/470001/2025-2026/"


@pytest.fixture
def lived(world, client_for):
    """Let people look and take out for a morning, at Alder and at Birch."""
    load(row("A", last_name="Canary-of-Alder"), row("B", ai_code="470101", last_name="Canary-of-Birch"))
    for name, report in (("amy", REPORT), ("bea", "/reports/clep/470101/2025-2026/")):
        page = read(client_for(name).get(report))
        client_for(name).get(sought(r'href="([^"]*students/[0-9a-f]+/[^"]*)"', page.markup)[1].replace("&amp;", "&"))
        client_for(name).post(report + "export/", {"format": "csv"})
    client_for("sue").get(REPORT)


def rows(client, query="") -> list[list[str]]:
    return read(client.get(LOG + query)).rows("stacks events")


def test_it_says_who_did_what_where_and_from_where(lived, client_for):
    told = [cells[1:] for cells in rows(client_for("max"))]
    student = public_id("A")
    who, at_high = "Amy amy@juniper.example", ["Alder High School"]
    roster = [who, "Looked at the roster (1 test): 2025–2026", *at_high]
    assert roster in told
    assert told.index([who, f"Looked at student {student}", *at_high]) < told.index(roster)
    assert [who, "Took out the roster as CSV (1 test): 2025–2026", *at_high] in told
    assert ["Sue sue@juniper.example", "Looked at the summary: 2025–2026", *at_high] in told
    gave = "Gave Amy <amy@juniper.example> a role: Detailed Reports (K–12), until Jun 30, 2028"
    assert ["scoreport tests", gave, "Alder High School"] in told


def test_nothing_of_birch_is_in_the_log_of_alder(lived, client_for, world):
    client = client_for("max")
    for answer in (client.get(LOG), client.get(LOG + "log.csv")):
        content = answer.getvalue().decode() if answer.streaming else answer.content.decode()
        assert "Amy" in content
        for foreign in ("Canary", "Bea", "bea@", "BIRCH", "470101"):
            assert foreign not in content
    # The same look finds them where they belong.
    grant_role(OPERATOR, email="sam@juniper.example", organization="ST", role=Role.ACCESS_MANAGER, at=AT)
    assert b"Canary-of-Birch" in client_for("sam").get("/managing/ST/log/").content


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?kind=exports", {"Took out the roster as CSV (1 test): 2025–2026"}),
        ("?person=sue&kind=students", {"Looked at the summary: 2025–2026"}),
        ("?first=2026-11-22", set()),
        ("?last=2026-11-20", set()),
        ("?person=bea", set()),
        ("?student=999999", set()),
    ],
)
def test_filters_narrow_it(lived, client_for, query, found):
    page = read(client_for("max").get(LOG + query))
    assert {cells[2] for cells in (page.rows("stacks events") if found else [])} == found
    assert ("Nothing of this kind" in page.text) is not bool(found)
    assert page.links()["Show everything"] == LOG


def test_what_cannot_be_read_is_left_out_and_said(lived, client_for):
    page = read(client_for("max").get(LOG + "?first=tomorrow&student=X&kind=magic&page=-1"))
    assert "4 things to put right" in page.text
    assert "Write a day like 2026-11-21." in page.text
    assert len(page.rows("stacks events")) > 5


def test_the_file_holds_what_the_page_shows(lived, client_for):
    client = client_for("max")
    link = read(client.get(LOG + "?kind=exports")).links()["Download CSV"]
    answer = client.get(link)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="access_log_470001.csv"'
    (line,) = csv.DictReader(io.StringIO(answer.getvalue().decode()))
    assert (line["who"], line["event"]) == ("Amy <amy@juniper.example>", "reports:roster:exported")
    assert line["organization_id"] == "ALDER-HIGH"
    newest = events_of(verb=Verb.LOG_EXPORTED)[0].facts
    assert (newest.actor, newest.organization, newest.detail["kind"]) == (
        "Max <max@juniper.example>", "ALDER-HIGH", "exports",
    )  # fmt: skip


def test_cells_of_the_file_are_guarded(world, client_for):
    with transaction.atomic():
        record(
            world.actor("max"), verb=Verb.INVITATION_SENT, at=AT, organization="ALDER-HIGH",
            subject_kind="invitation", subject="=1+1@evil.example", roles=[],
        )  # fmt: skip
        record(world.actor("pat"), verb=Verb.SUPPORT_PAGE_VIEWED, at=AT, organization="ALDER-HIGH", subject="=1+1")
    text = client_for("max").get(LOG + "log.csv").getvalue().decode()
    assert not any(cell.startswith(("=", "+", "-", "@")) for line in csv.reader(io.StringIO(text)) for cell in line)


@pytest.mark.parametrize("name", ["amy", "bea", "dan", "fay", "nora", "pat", "sam", "sue"])
def test_it_is_for_access_managers(lived, client_for, name):
    client = client_for(name)
    for address in (LOG, LOG + "log.csv", f"{LOG}people/1/"):
        assert client.get(address).status_code == 403


def test_another_institutions_log_does_not_exist(world, client_for):
    client = client_for("max")
    for address in ("470101", "D-ALDER", "999999"):
        assert client.get(f"/managing/{address}/log/").status_code == 404
        assert client.get(f"/managing/{address}/log/log.csv").status_code == 404


def test_from_the_log_to_a_person_and_to_a_student(lived, client_for, world):
    client = client_for("max")
    page = read(client.get(LOG + "?kind=students"))
    person = read(client.get(page.links()["Amy"]))
    assert person.rows("stacks")[0][:3] == ["Alder High School", "Detailed Reports (K–12)", "1"]
    assert "Took out the roster as CSV" in person.text
    number = public_id("A")
    load(row("A", last_name="Canary-of-Alder", score="60"))
    student = read(client.get(page.links()[f"Looked at student {number}"]))
    assert "Canary" not in student.markup
    assert [cells[:2] for cells in student.rows("stacks seers")] == [
        ["Amy amy@juniper.example", "Detailed Reports (K–12)"],
        ["Dan dan@juniper.example", "Detailed Reports (K–12)"],
        ["Sam sam@juniper.example", "Detailed Reports (K–12)"],
        ["Pat pat@juniper.example", "Program staff can check a changed row or a question about this student"],
    ]
    assert [f"Looked at student {number}" in cells for cells in student.rows("stacks looks")].count(True) == 1


def test_readers_of_rosters_come_from_the_students_page(lived, client_for):
    client = client_for("amy")
    page = read(client.get(REPORT))
    student = read(client.get(sought(r'href="([^"]*students/[0-9a-f]+/[^"]*)"', page.markup)[1].replace("&amp;", "&")))
    told = read(client.get(student.links()["Who can see this student"]))
    assert "<h1>Canary-of-Alder, Ana</h1>" in told.markup
    assert "127.0.0.1" not in told.text
    number = ClepResult.objects.get(ticket="B").student_id
    hidden = [client.get(f"/students/{called}/access/") for called in (public_id("B"), number, "0" * 16, "999999")]
    assert [answer.status_code for answer in hidden] == [404] * 4
    assert len({answer.content for answer in hidden}) == 1


def test_support_is_in_the_log_with_the_request_and_every_page(world, client_for):
    given = allow(world.actor("max"), organization="470001", ticket="1207", reason="Why", hours=2, at=AT)
    begin(world.actor("pat"), support_id=given.id, at=AT)
    client_for("pat").get(REPORT)
    end(world.actor("max"), support_id=given.id, at=AT)
    told = [cells[1:3] for cells in reversed(rows(client_for("max"), "?kind=support"))]
    for_it = "Pat pat@juniper.example for request 1207, ALDER-HIGH"
    assert told == [
        ["Max max@juniper.example", "Let support look for request 1207, until Nov 21, 2026, 2:00 PM Eastern"],
        [for_it, "Began to look for request 1207, until Nov 21, 2026, 2:00 PM Eastern"],
        [for_it, f"Saw the page {REPORT}"],
        ["Max max@juniper.example", "Ended support access for request 1207"],
    ]


# --- Every verb has its words --------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", list(Verb), ids=lambda verb: verb.name)
@pytest.mark.parametrize("detail", [{}, {"rows": 3, "roles": ["detailed-reports"], "role": "x", "ends_on": "soon"}])
def test_every_verb_has_a_sentence(verb, detail):
    assert verb.value in SENTENCES
    facts = Facts(AT, verb.value, "person", "Amy", "", "", "ALDER-HIGH", "person", "Max <max@x.example>", detail)
    told = event_sentence(EventInfo(1, facts, ""))
    assert told != verb.value
    assert told[0].isupper()
    assert "%" not in told
    assert not told.endswith(".")


def test_an_event_of_another_version_is_told_by_its_name():
    facts = Facts(AT, "later:thing:done", "person", "Amy", "", "", "", "", "", {})
    assert event_sentence(EventInfo(1, facts, "")) == "later:thing:done"


def test_the_page_offers_every_group_that_an_institution_has():
    left = set(KIND_VERBS) - set(KINDS)
    assert {kind.value for kind in left} == {"help", "program"}


def test_from_above_nobody_learns_how_many_others_there_are():
    detail: dict[str, Any] = {"rows": 2_000_000, "query": "year=2025-2026&school=77", "searched": True}
    facts = Facts(AT, Verb.ROSTER_VIEWED, "person", "Sam", "", "", "ST", "roster", "clep", detail)
    assert event_sentence(EventInfo(1, facts, ""), is_from_above=True) == "Looked at the roster: 2025–2026"
    assert "2,000,000 tests" in event_sentence(EventInfo(1, facts, ""))


def test_days_are_those_of_the_institution(world, client_for):
    late = AT.replace(hour=23, minute=30) + dt.timedelta(days=1)
    with transaction.atomic():
        record(world.actor("amy"), verb=Verb.STUDENT_VIEWED, at=late, organization="ALDER-HIGH",
               subject_kind="student", subject="1")  # fmt: skip
    client = client_for("max")
    assert len(rows(client, "?first=2026-11-22&last=2026-11-22")) == 1
    assert "Nothing of this kind" in read(client.get(LOG + "?first=2026-11-23")).text
