"""The pages of missing scores, empty, full and wrong, in each dress; what is typed, found, claimed and decided."""

import os

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import violations
from tests.browser.conftest import overflow, overlaps, small_targets
from tests.browser.test_pages import DRESSES, look_at
from tests.scores.claimed import claim, confirm, undo
from tests.scores.files import check, load, row, text

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FRIDAY = {"date_registered": "2026-11-01", "date_tested": "2026-11-20", "date_scored": "2026-11-20"}


def store() -> None:
    """Store a student with a test for nearly every answer."""
    load(
        row("T1"),
        row("T2", ai_code="470003", exam_code="62"),
        row("T3", exam_code="77", exam_subject="", **FRIDAY),
        row("T4", exam_code="91", score="", date_scored=""),
        row("T5", exam_code="17", score="81"),
        row("T6", ai_code="000905", first_name="Bo", middle_initial=""),
    )
    load(row("T7", exam_code="74", date_of_birth="2008-05-04"))
    check(text(row("T8", exam_code="30")))


def look_here(page, name: str) -> list[str]:
    """Look at what the page shows now in each dress; keep pictures where a folder for them is named."""
    found = []
    for scheme, viewport in DRESSES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size(viewport)
        dress = f"{name} in {scheme} at {viewport['width']}"
        found += [f"{dress}: {problem}" for problem in violations(page)]
        found += [f"{dress}: {wide} pixels too wide" for wide in [overflow(page)] if wide]
        found += [f"{dress}: {pair} overlap" for pair in overlaps(page)]
        found += [f"{dress}: too small: {target}" for target in small_targets(page)]
        if folder := os.environ.get("PICTURES"):
            page.screenshot(path=f"{folder}/{name}-{scheme}-{viewport['width']}.png", full_page=True)
    return found


def ask(page, **typed: str) -> None:
    for name, value in typed.items():
        page.fill(f"[name={name}]", value)
    with page.expect_navigation():
        page.get_by_role("button", name="Find the score").click()


def test_the_finder_and_its_answers(world, visitor):
    store()
    undo_me = claim(world.actor("amy"), "T6")
    confirm(undo_me, actor=world.actor("pat"))
    undo(undo_me, actor=world.actor("pat"))
    claim(world.actor("amy"), "T6", reason="She mistyped it.")
    page = visitor("amy").open("/missing/?organization=470001")
    found = look_here(page, "finder")
    ask(page, first_name="Ana", last_name="Lopez", birth_date="2008-04-05")
    expect(page.locator(".hit")).to_have_count(6)
    found += look_here(page, "answers")
    with page.expect_navigation():
        page.get_by_role("link", name="Claim this test").first.click()
    found += look_here(page, "claim")
    page.fill("[name=reason]", "Her code has a wrong digit; we paid for the voucher.")
    with page.expect_navigation():
        page.get_by_role("button", name="Claim this test").click()
    expect(page.get_by_text("Program staff will decide; you get a mail")).to_be_visible()
    found += look_here(page, "claimed")
    ask(page, ticket="T9")
    found += look_here(page, "nothing")
    ask(page, ticket="T9", last_name="Lopez")
    found += look_here(page, "wrong")
    assert not found, "\n".join(found)


def test_the_queue_and_a_decision(world, visitor):
    store()
    amy, bea, pat = world.actor("amy"), world.actor("bea"), world.actor("pat")
    number = claim(amy, "T2", reason="Her code has a wrong digit.\nWe paid for the voucher.")
    claim(bea, "T2", school="BIRCH-HIGH")
    done = claim(amy, "T6")
    confirm(done, actor=pat)
    made = visitor("pat")
    look_at(
        made,
        ["/missing/", "/desk/claims/", "/desk/claims/?state=declined", f"/desk/claims/{done}/",
         f"/desk/claims/{done}/undo/"],
    )  # fmt: skip
    page = made.open("/desk/claims/")
    found = look_here(page, "queue")
    page = made.open(f"/desk/claims/{number}/")
    found += look_here(page, "case")
    page.get_by_role("button", name="Decide").click()
    expect(page.locator("[name=decision]:invalid").first).to_be_focused()
    page.get_by_label("Confirm: the test is this school's").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Decide").click()
    page = made.open(f"/desk/claims/{number}/")
    expect(page.get_by_role("heading", name="Decision")).to_be_visible()
    found += look_here(page, "decided")
    page = made.open(f"/desk/claims/{done}/undo/")
    found += look_here(page, "undo")
    assert not found, "\n".join(found)


def test_nothing_overlaps_in_spanish(world, visitor):
    store()
    number = claim(world.actor("amy"), "T2")
    for name, paths in (("amy", ("/missing/",)), ("pat", ("/desk/claims/", f"/desk/claims/{number}/"))):
        made = visitor(name)
        made.context.add_cookies([{"name": "language", "value": "es", "url": made.site}])
        for path in paths:
            page = made.open(path)
            assert (path, overlaps(page), overflow(page)) == (path, [], 0)
