"""The queue of claims: two records side by side, and a decision with a sentence."""

import pytest

from scoreport.audit.queries import events_of
from scoreport.scores.models import AttributionRequest, ClepResult
from scoreport.scores.rules import ClaimState
from tests.scores.claimed import claim, confirm
from tests.scores.files import load, row
from tests.scores.files import undo as undo_file
from tests.web.pages import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def number(world) -> int:
    """Return the number of an open claim of Alder High, of a test that names no school."""
    load(row("T1", ai_code="", first_name="Anna", voucher_code="V-77"))
    return claim(world.actor("amy"), "T1", reason="She left the code empty.\nAsk <us>.")


def state(number: int) -> str:
    return AttributionRequest.objects.get(pk=number).state


def test_side_by_side_and_confirmed(client_for, number):
    pat = client_for("pat")
    listed = read(pat.get("/desk/claims/"))
    page = read(pat.get(listed.links()[f"Claim {number}: Alder High School"]))
    assert "Lopez, AnaLopez, Anna" in page.text
    assert "470001none told" in page.text
    assert "Both have one date of birth." in page.text
    assert "The row names no school." in page.text
    assert "V-77" in page.text
    assert "57" not in page.text
    done = pat.post(f"/desk/claims/{number}/", {"decision": "confirmed", "sentence": ""}, follow=True)
    assert "The school's report shows the test now" in read(done).text
    assert state(number) == ClaimState.CONFIRMED
    assert ClepResult.objects.get(ticket="T1").school_id is not None
    assert events_of(verb="scores:claim:viewed", subject=str(number))


def test_declined_with_a_sentence_that_the_school_reads(client_for, number):
    pat = client_for("pat")
    page = pat.post(f"/desk/claims/{number}/", {"decision": "declined", "sentence": " "})
    assert "Say in a sentence why" in read(page).text
    assert "Choose one of the two." in read(pat.post(f"/desk/claims/{number}/", {})).text
    assert state(number) == ClaimState.OPEN
    pat.post(f"/desk/claims/{number}/", {"decision": "declined", "sentence": "Another birth date."})
    assert state(number) == ClaimState.DECLINED
    assert "Another birth date." in read(client_for("amy").get("/missing/")).text


def test_undone_on_a_page_of_its_own(client_for, world, number):
    confirm(number, actor=world.actor("pat"))
    pat = client_for("pat")
    page = read(pat.get(f"/desk/claims/{number}/"))
    assert read(pat.get(page.links()["Undo"])).text.count("as they were before") == 1
    assert state(number) == ClaimState.CONFIRMED
    assert "This field is required" in read(pat.post(f"/desk/claims/{number}/undo/", {"sentence": ""})).text
    done = pat.post(f"/desk/claims/{number}/undo/", {"sentence": "Two Annas."}, follow=True)
    assert "Everything is as it was before" in read(done).text
    assert state(number) == ClaimState.UNDONE
    assert ClepResult.objects.get(ticket="T1").school_id is None
    again = pat.post(f"/desk/claims/{number}/undo/", {"sentence": "Again."}, follow=True)
    assert "Only a confirmed claim can be undone." in read(again).text


def test_somebody_else_was_faster(client_for, world, number):
    confirm(number, actor=world.actor("pat"))
    late = client_for("pat").post(f"/desk/claims/{number}/", {"decision": "declined", "sentence": "No."}, follow=True)
    assert "Somebody else decided about this claim meanwhile" in read(late).text
    assert state(number) == ClaimState.CONFIRMED


def test_the_queue_by_state(client_for, world, number):
    load(row("T2", ai_code=""))
    confirm(claim(world.actor("amy"), "T2"), actor=world.actor("pat"))
    pat = client_for("pat")
    assert [cells[0] for cells in read(pat.get("/desk/claims/")).rows("stacks worklist")] == [
        f"Claim {number}: Alder High School"
    ]
    confirmed = read(pat.get("/desk/claims/?state=confirmed"))
    assert len(confirmed.rows("stacks worklist")) == 1
    assert "No claim is in this state now." in read(pat.get("/desk/claims/?state=undone")).text
    part = pat.get("/desk/claims/?state=declined", headers={"HX-Request": "true", "HX-Target": "claims"})
    assert read(part).markup.lstrip().startswith('<div id="claims">')


def test_a_claim_whose_test_is_gone(client_for, world):
    file = load(row("T1", ai_code=""))
    number = claim(world.actor("amy"), "T1")
    undo_file(file)
    pat = client_for("pat")
    assert "No file has this test anymore" in read(pat.get(f"/desk/claims/{number}/")).text
    done = pat.post(f"/desk/claims/{number}/", {"decision": "confirmed", "sentence": ""}, follow=True)
    assert "nothing to assign" in read(done).text
    assert "no longer on file" in read(client_for("amy").get("/missing/")).text


def test_rivals_point_at_each_other(client_for, world, number):
    other = claim(world.actor("bea"), "T1", school="BIRCH-HIGH")
    assert f"Claim {other}" in read(client_for("pat").get(f"/desk/claims/{number}/")).links()


@pytest.mark.parametrize("name", ["amy", "bea", "dan", "sam", "max", "sue", "fay", "nora"])
def test_nobody_but_staff_decides(client_for, world, number, name):
    client = client_for(name)
    for address in ("/desk/claims/", f"/desk/claims/{number}/", f"/desk/claims/{number}/undo/"):
        assert client.get(address).status_code == 403
        assert client.post(address, {"decision": "confirmed", "sentence": "Mine."}).status_code in {403, 405}
    assert state(number) == ClaimState.OPEN
