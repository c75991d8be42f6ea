"""The report under the hand: filters without a jump, the keyboard, the back button, no JavaScript, paper."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.reports import rosters
from tests.scores.files import load, row

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ALL = "/reports/clep/D-ALDER/all/"


@pytest.fixture
def scores(world):
    """Load sixty tests."""
    rosters.store(60)


def count(page):
    return page.locator("#roster-count").inner_text()


def test_a_filter_is_applied_without_a_jump(scores, visitor):
    page = visitor("dan").open(ALL)
    every = count(page)
    page.locator("#id_q").scroll_into_view_if_needed()
    page.evaluate("window.stays = true")
    before = page.evaluate("scrollY")
    page.locator("#id_q").press_sequentially("abbott", delay=20)
    expect(page.locator(".active")).to_be_visible()
    assert count(page) != every
    assert page.locator("#id_q").evaluate("(e) => e === document.activeElement")
    assert page.evaluate("scrollY") == before
    page.wait_for_url("**?q=abbott")
    shown = page.locator("#results tbody tr").count()
    assert page.locator(".export summary").inner_text() == f"Export {shown} rows"
    page.locator(".active li a").first.click()
    expect(page.locator(".active")).to_have_count(0)
    expect(page.locator("#roster-count")).to_have_text(every)
    expect(page.locator("#id_q")).to_have_value("")
    assert page.locator(".export summary").inner_text() == f"Export {every.split()[0]} rows"
    assert page.evaluate("window.stays") is True


def test_several_exams_are_chosen_while_the_menu_stays_open(scores, visitor):
    page = visitor("dan").open(ALL)
    menu = page.locator(".pick", has=page.locator("#picked-exam"))
    menu.locator("summary").click()
    for number, words in ((0, "American Government"), (1, "2 of 6")):
        menu.locator("input").nth(number).check()
        expect(page.locator("#picked-exam")).to_have_text(words)
    assert menu.get_attribute("open") is not None
    expect(page.locator(".active li")).to_have_count(2)


def test_sorting_and_pages_keep_the_keyboard(scores, visitor):
    page = visitor("dan").open(ALL)
    page.locator("#sort-score").focus()
    page.keyboard.press("Enter")
    expect(page.locator("th.score")).to_have_attribute("aria-sort", "ascending")
    expect(page.locator("#sort-score")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("th.score")).to_have_attribute("aria-sort", "descending")
    page.go_back()
    expect(page.locator("th.score")).to_have_attribute("aria-sort", "ascending")
    expect(page.locator("h1")).to_have_text("CLEP report")


def test_a_page_number_leads_into_the_rows(world, visitor):
    rosters.store(160)
    page = visitor("dan").open(ALL)
    page.locator(".pager a", has_text="Next").click()
    expect(page.locator(".pager [aria-current]")).to_have_text("2")
    expect(page.locator("#results .region")).to_be_focused()


def test_the_whole_way_by_keyboard(scores, visitor):
    page = visitor("dan").open(ALL)
    page.locator("#id_q").focus()
    order = []
    for _ in range(8):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.innerText || document.activeElement.name"))
    assert [words.strip().splitlines()[0] for words in order][:4] == ["All 6", "Any", "All 11", "All 2"]
    page.locator(".export summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "csv"
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    assert waiting.value.suggested_filename == "clep_D-ALDER_2023-2027.csv"


def test_without_javascript_everything_works(scores, visitor):
    page = visitor("dan", java_script_enabled=False).open(ALL)
    page.locator("#id_q").fill("o")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#roster-count")).to_contain_text("of")
    expect(page.locator(".active li")).to_have_count(1)
    page.locator("#sort-score").click()
    expect(page.locator("th.score")).to_have_attribute("aria-sort", "ascending")
    expect(page.locator(".active li")).to_have_count(1)
    page.locator(".pick summary").first.click()
    page.locator(".pick input").first.check()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".active li")).to_have_count(2)
    expect(page.locator("th.score")).to_have_attribute("aria-sort", "ascending")
    page.get_by_role("link", name="Remove all filters").click()
    page.locator("#results tbody a").first.click()
    expect(page.get_by_role("heading", name="Tests and credit")).to_be_visible()


def test_the_score_stays_in_sight_on_a_phone(scores, visitor):
    page = visitor("dan", viewport=PHONE).open(ALL)
    for left in (0, 300, 5000):
        page.locator("#results .region").evaluate(f"(e) => (e.scrollLeft = {left})")
        box = page.locator("td.score").first.bounding_box()
        assert box is not None
        assert 0 <= box["x"] < box["x"] + box["width"] <= PHONE["width"]


def test_paper_shows_all_exams_and_no_controls(world, visitor):
    codes = ("18", "30", "80", "77", "76", "75", "11", "7", "87", "62", "26")
    load(*(row(f"T{code}", exam_code=code, exam_subject="") for code in codes))
    page = visitor("amy").open("/reports/clep/470001/2025-2026/")
    page.emulate_media(media="print")
    expect(page.locator(".exams tbody tr").last).to_be_visible()
    for hidden in ("header.top", ".export", "#filters input", ".pager ul", "th .sort"):
        expect(page.locator(hidden).first).to_be_hidden()


def test_a_file_becomes_ready_before_ones_eyes(world, visitor, run_tasks, settings):
    rosters.store(60)
    settings.EXPORT_AT_ONCE_ROWS = 5
    page = visitor("dan").open(ALL)
    page.locator(".export summary").click()
    page.get_by_role("button", name="CSV").click()
    page.wait_for_url("**/files/**")
    expect(page.get_by_text("Preparing")).to_be_visible()
    run_tasks()
    page.get_by_role("link", name="Download").wait_for(timeout=15_000)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download").click()
    assert waiting.value.suggested_filename.endswith(".csv")
