"""Support access on the screen: allowed, begun, seen by both sides, every page in the log, nothing changed, ended."""

from uuid import UUID

import pytest
from django.urls import get_resolver, reverse

from scoreport.audit.models import Event
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.organizations.actions.support import allow, begin
from scoreport.organizations.models import SupportGrant
from scoreport.web.supportaccess.middleware import STILL_SENT
from tests.scores.files import load, row
from tests.web.pages import read, sought
from tests.web.test_rules import routes
from tests.world import AT

REPORT = "/reports/clep/470001/2025-2026/"
ALLOW = "/managing/470001/support/allow/"
SUPPORT = "/managing/470001/support/"


@pytest.fixture
def given(world):
    load(row("A", last_name="Canary-of-Alder"), row("B", ai_code="470101", last_name="Canary-of-Birch"))
    return allow(world.actor("max"), organization="470001", ticket="1207", reason="A score is missing", hours=2, at=AT)


@pytest.fixture
def looking(world, given):
    """Pat has begun."""
    return begin(world.actor("pat"), support_id=given.id, at=AT)


def test_from_a_manager_to_a_roster_and_back(world, client_for):
    load(row("A", last_name="Canary-of-Alder"))
    manager, staff = client_for("max"), client_for("pat")
    assert "Nobody may look" in read(manager.get(SUPPORT)).text
    sent = manager.post(ALLOW, {"ticket": "1207", "reason": "A score is missing", "hours": "3"}, follow=True)
    assert "Until Nov 21, 2026, 3:00 PM Eastern support may look at Alder High School." in read(sent).text
    assert staff.get(REPORT).status_code == 403
    desk = read(staff.get("/desk/support/"))
    assert "A score is missing" in desk.text
    asked = desk.links()["Begin to look"]
    assert "you can change nothing" in read(staff.get(asked)).text
    report = read(staff.post(asked, follow=True))
    banner = "Until Nov 21, 2026, 3:00 PM Eastern you look at Alder High School for request 1207."
    assert banner in report.text
    assert "Canary-of-Alder" in read(staff.get(REPORT)).text
    assert "Pat of the program staff looks at Alder High School for request 1207" in read(manager.get("/")).text
    end = sought(r'<form method="post" action="(/support-access/\d+/end/)"', read(manager.get("/")).markup)[1]
    assert "Support access to Alder High School has ended." in read(manager.post(end, follow=True)).text
    assert staff.get(REPORT).status_code == 403
    assert "you look at" not in read(staff.get("/")).text
    page = read(manager.get(SUPPORT))
    assert page.rows("stacks")[0][0] == "1207"
    assert "Ended by Max <max@juniper.example>" in page.text


def test_the_page_says_what_staff_see_without_it(world, client_for, settings):
    settings.PROBLEM_ROWS_DAYS = 12
    page = read(client_for("max").get(SUPPORT)).text
    assert "can't open your reports or your students' pages unless you allow it" in page
    assert "rows of the score files that they handle, for up to 12 days" in page


def test_staff_end_it_with_one_click_on_any_page(client_for, looking):
    staff = client_for("pat")
    end = sought(r'action="(/support-access/\d+/end/)"', read(staff.get("/")).markup)[1]
    assert staff.post(end).url == "/desk/support/"
    assert staff.get(REPORT).status_code == 403


def test_it_ends_at_its_instant(client_for, looking):
    assert client_for("pat", now=looking.ends_at.replace(microsecond=0)).get(REPORT).status_code == 403
    assert client_for("pat").get(REPORT).status_code == 200


def test_a_form_that_lacks_something_says_what(client_for, world):
    page = read(client_for("max").post(ALLOW, {"ticket": "", "reason": "", "hours": "9"}))
    assert "3 things to put right" in page.text
    assert "Say for which request support may look." in page.text
    assert not SupportGrant.objects.exists()


@pytest.mark.parametrize("name", ["amy", "bea", "dan", "fay", "nora", "sam", "sue"])
def test_others_neither_see_nor_begin_nor_end_it(client_for, looking, name):
    client = client_for(name)
    assert "looks at" not in read(client.get("/")).text
    assert client.get(SUPPORT).status_code == 403
    assert client.post(ALLOW, {"ticket": "1", "reason": "1", "hours": "1"}).status_code == 403
    assert client.get("/desk/support/").status_code == 403
    assert client.post(f"/desk/support/{looking.id}/begin/").status_code == 403
    assert client.post(f"/support-access/{looking.id}/end/").status_code == 404
    assert SupportGrant.objects.get().ended_at is None


# --- Every page is in the log --------------------------------------------------------------------------------


def test_every_page_that_was_seen_is_in_the_log_and_no_other(client_for, looking):
    staff = client_for("pat")
    student = sought(r"students/([0-9a-f]+)/", read(staff.get(REPORT)).markup)[1]
    pages = (
        "/", "/desk/", "/desk/support/", f"{REPORT}?q=Canary&page=1", f"{REPORT}students/{student}/",
        "/reports/clep/470101/2025-2026/", "/no/such/page/", "/files/", f"/students/{student}/access/",
        "/managing/470001/log/", f"/desk/support/{looking.id}/begin/", "/reports/",
    )  # fmt: skip
    seen = [REPORT, *(path.partition("?")[0] for path in pages if staff.get(path).status_code == 200)]
    assert len(seen) == 9
    events = events_of(verb=Verb.SUPPORT_PAGE_VIEWED, limit=100)
    assert [event.facts.subject for event in reversed(events)] == seen
    assert {event.facts.organization for event in events} == {"ALDER-HIGH"}
    assert {event.facts.acting_for for event in events} == {"request 1207, ALDER-HIGH"}
    assert [event.facts.detail["asked"] for event in events if event.facts.detail["asked"]] == [["page", "q"]]
    assert "Canary" not in str(list(Event.objects.values()))


def test_secrets_in_addresses_are_not_in_the_log(client_for, looking):
    client_for("pat").get("/account/password/reset/key/abc-set-password/")
    told = [event.facts.subject for event in events_of(verb=Verb.SUPPORT_PAGE_VIEWED)]
    assert not any("abc" in path or "set-password" in path for path in told)


def test_a_page_that_cannot_be_noted_is_not_shown(client_for, looking, monkeypatch):
    def broken(*_args, **_kwargs):
        message = "the disk is full"
        raise OSError(message)

    staff = client_for("pat")
    staff.raise_request_exception = False
    assert b"Canary-of-Alder" in staff.get(REPORT).content
    monkeypatch.setattr("scoreport.web.supportaccess.middleware.note_page", broken)
    answer = staff.get(REPORT)
    assert answer.status_code == 500
    assert b"Canary-of-Alder" not in answer.content


def test_others_pages_are_not_noted(client_for, looking):
    client_for("max").get("/")
    client_for("amy").get(REPORT)
    assert events_of(verb=Verb.SUPPORT_PAGE_VIEWED) == []


# --- It is for looking ---------------------------------------------------------------------------------------


def arguments(pattern: str, looking) -> dict[str, object]:
    """Return something for each argument of a route; what it is does not matter."""
    known = {
        "program": "clep",
        "address": "470001",
        "years": (2025,),
        "support_id": looking.id,
        "uidb36": "1",
        "kind": "new",
    }
    known["job_id"] = UUID(int=1)
    names = [part.split(">")[0].split(":")[-1] for part in pattern.split("<")[1:]]
    return {name: known.get(name, 1 if name.endswith("id") or name in {"pk", "number"} else "x") for name in names}


def all_posts(looking) -> list[tuple[str, str]]:
    found = []
    for pattern, name, _view in routes(get_resolver("scoreport.urls")):
        if name != "account_reset_password_from_key":
            found.append((name, reverse(name, kwargs=arguments(pattern, looking))))
    return found


def test_nothing_can_be_sent_while_one_looks(client_for, looking):
    staff = client_for("pat")
    before = Event.objects.count()
    refused = [(name, staff.post(path)) for name, path in all_posts(looking) if name not in STILL_SENT]
    assert len(refused) > 40
    assert [(name, answer.status_code) for name, answer in refused if answer.status_code != 403] == []
    assert all(b"changes nothing. End it first." in answer.content for _name, answer in refused)
    assert Event.objects.count() == before


def test_what_may_be_sent_all_the_same_exists(looking):
    assert {name for name, _path in all_posts(looking)} >= STILL_SENT


def test_nothing_is_taken_out_through_it(client_for, looking):
    staff = client_for("pat")
    assert staff.get("/managing/470001/log/").status_code == 200
    assert staff.get("/managing/470001/log/log.csv").status_code == 403
    assert "Download CSV" not in read(staff.get("/managing/470001/log/")).text
    report = read(staff.get(REPORT)).text
    assert "Roster" in report
    assert "Export" not in report
    assert "Saved views" not in report
