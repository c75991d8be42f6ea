"""Every page for every role, empty, full and wrong, in light, in dark and on the smallest phone: axe, width, targets.

Each page is loaded once for a role and then looked at in each dress.
"""

import re
from typing import Any

import pytest

from scoreport.downloads import files
from scoreport.downloads.actions import begin
from tests.browser.accessibility import violations
from tests.browser.conftest import DESKTOP, PHONE, overflow, overlaps, small_targets
from tests.downloads.prepared import stored
from tests.jobs.queue import in_each_state
from tests.reports import rosters
from tests.scores.files import check, load, row, text
from tests.world import AT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DRESSES = (("light", DESKTOP), ("dark", DESKTOP), ("light", PHONE), ("dark", PHONE))

REPORT = "/reports/clep/470001/2025-2026/"
FULL = {
    "amy": (
        "/", "/reports/", f"{REPORT}?q=a&exam=18&sort=-score", f"{REPORT}?q=nobody", "/reports/clep/470001/all/",
        "/reports/clep/470001/views/", "/organizations/", "/files/",
    ),
    "dan": (
        "/", "/reports/clep/D-ALDER/2026-2027/", "/reports/clep/D-ALDER/2026-2027,2025-2026,2024-2025,2023-2024/",
        "/organizations/?q=alder", "/organizations/?q=zzz",
    ),
    "sam": ("/reports/clep/ST/2025-2026/", "/organizations/?under=ST"),
    "sue": ("/", "/reports/clep/470001/2025-2026/"),
    "bea": ("/", "/reports/clep/470101/2025-2026/"),
    "max": ("/", "/organizations/"),
    "pat": ("/", "/desk/", "/desk/upload/", "/desk/waiting/", "/matching/"),
}  # fmt: skip
EMPTY = {
    "amy": ("/reports/clep/470001/2026-2027/", "/reports/clep/470001/views/", "/files/"),
    "sue": ("/reports/clep/470001/2026-2027/",),
    "nora": ("/", "/organizations/", "/files/"),
    "pat": ("/desk/", "/desk/waiting/", "/matching/"),
}
WRONG = {
    "amy": ("/no/such/page/", "/reports/clep/470101/2025-2026/", "/desk/"),
    "max": ("/reports/",),
    None: ("/account/login/", "/account/password/reset/"),
}
# The browser tells of a 404 or a 403 as of an error; here they are what is looked at.
EXPECTED = re.compile(r"the server responded with a status of 40[34]")


def look(made, path):
    """Open a page and look at it in each dress."""
    return dressed(made.open(path), path)


def dressed(page, path):
    """Look at the page that is open in each dress."""
    found = []
    for scheme, viewport in DRESSES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size(viewport)
        dress = f"{path} in {scheme} at {viewport['width']}"
        found += [f"{dress}: {problem}" for problem in violations(page)]
        if wide := overflow(page):
            found.append(f"{dress}: {wide} pixels too wide")
        found += [f"{dress}: {pair} overlap" for pair in overlaps(page)]
        found += [f"{dress}: too small: {target}" for target in small_targets(page)]
    return found


def look_at(made, paths):
    """Look at pages, and say all that is wrong with them at once."""
    found = [problem for path in paths for problem in look(made, path)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", FULL)
def test_full_pages(world, visitor, name):
    rosters.store(60)
    load(row("Q1", last_name="Li"), row("Q2", ai_code="000905"))
    check(text(row("N1"), row("N2", score="81")))
    made = visitor(name)
    look_at(made, FULL[name])


@pytest.mark.parametrize("name", EMPTY)
def test_empty_pages(world, visitor, name):
    made = visitor(name)
    look_at(made, EMPTY[name])


@pytest.mark.parametrize("name", WRONG)
def test_pages_that_say_no(world, visitor, name):
    made = visitor(name)
    look_at(made, WRONG[name])
    made.problems[:] = [problem for problem in made.problems if not EXPECTED.search(problem)]


def test_a_page_that_wants_a_second_factor(world, visitor):
    made = visitor("amy", second_factor=False)
    load(row("A"))
    look_at(made, ("/", REPORT, "/account/second-factor/"))


def test_a_student_with_everything(world, visitor):
    load(row("A", score="57"), row("B", exam_code="77", exam_subject="", score="64"))
    load(row("A", score="61"))
    made = visitor("amy")
    address = made.open(REPORT).locator("#results tbody a").first.get_attribute("href")
    look_at(made, [address])


def test_the_second_step_of_an_answer_and_its_undoing(world, visitor):
    """It is reached with the keyboard alone: a box, and the button below the list."""
    load(row("Q1", last_name="Li"), row("Q2", last_name="Li", ai_code="000905"))
    made = visitor("pat")
    page = made.open("/matching/")
    page.get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    page.locator("#several").get_by_role("button", name="Same student").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Are these the same student?").wait_for()
    assert dressed(page, "same student?") == []
    page.get_by_role("button", name="Yes, same student").press("Enter")
    page.get_by_text("1 question answered: same student.").wait_for()
    look_at(made, ("/matching/?state=answered",))


def test_a_roster_on_paper(world, visitor):
    rosters.store(60)
    made = visitor("amy")
    made.page.add_init_script("window.print = () => { document.body.dataset.printed = 'yes'; };")
    page = made.open(f"{REPORT}?q=a")
    page.get_by_text("Print", exact=True).first.click()
    page.get_by_role("button", name=re.compile(r"Print \d+ rows")).click()
    page.locator("body[data-printed=yes]").wait_for()
    assert dressed(page, "printout") == []
    page.emulate_media(media="print")
    assert page.locator(".on-paper").is_visible()
    assert not page.get_by_role("link", name="Back to the report").is_visible()


def test_files_in_each_state(world, visitor, at):
    amy = world.actor("amy")
    wanted: dict[str, Any] = {"kind": "clep-roster", "media_type": "text/csv", "rows_total": 10, "at": AT}
    states = [begin(amy, name=f"roster_{number}.csv", **wanted) for number in range(3)]
    files.finish(states[0].id, file=stored(b"score\n"), at=at)
    files.fail(states[1].id, reason="The disk was full. Nothing was lost.")
    made = visitor("amy")
    look_at(made, ("/files/", f"/files/{states[2].secret}/"))


def test_background_jobs_in_each_state(world, visitor, at):
    made = visitor("pat")
    look_at(made, ("/desk/jobs/",))
    in_each_state(at)
    look_at(made, ("/desk/jobs/",))


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_menu_of_the_report_is_accessible_when_open(world, visitor, viewport):
    rosters.store(60)
    made = visitor("dan", viewport=viewport)
    page = made.open("/reports/clep/D-ALDER/2025-2026/")
    count = page.locator("summary:visible").count()
    assert count >= 8
    for number in range(count):
        summary = page.locator("summary:visible").nth(number)
        summary.click()
        words = summary.inner_text()
        assert (words, violations(page)) == (words, [])
        assert (words, overflow(page)) == (words, 0)
        page.keyboard.press("Escape")
        if summary.locator("xpath=..").get_attribute("open") is not None:
            summary.click()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_labels_do_not_overlap_in_spanish(world, visitor, viewport):
    rosters.store(60)
    for name, paths in {**FULL, "nora": ("/",)}.items():
        made = visitor(name, viewport=viewport)
        made.context.add_cookies([{"name": "language", "value": "es", "url": made.site}])
        for path in paths:
            page = made.open(path)
            assert page.evaluate("document.documentElement.lang") == "es"
            assert (path, overlaps(page), overflow(page)) == (path, [], 0)
