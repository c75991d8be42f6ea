"""Help and requests in a real browser: every page for those who see it, empty, full and wrong, in each dress."""

import pytest
from playwright.sync_api import expect

from scoreport.support.actions.answering import note
from scoreport.support.actions.asking import close
from scoreport.support.actions.canned import keep_answer
from scoreport.support.rules.requests import Kind
from scoreport.web.articles import ARTICLES
from tests.browser.conftest import PHONE, overflow, overlaps
from tests.browser.test_pages import look_at
from tests.support.asks import PDF, answered, ask, given
from tests.world import AT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEXTS = ("/help/", "/help/clep-report/", "/help/search/?q=code", "/help/search/?q=zzyzx", "/help/changes/")
ASKING = (
    "/help/requests/new/",
    "/help/requests/new/?kind=access-manager",
    "/help/requests/new/?kind=older-data&organization=470001&year=2019-2020&page=/reports/clep/470001/2025-2026/",
    "/help/requests/new/?kind=missing-scores",
    "/help/requests/",
)


def fill_everything(world):
    """Make requests in each state and answers to keep; return the number with the longest thread and a closed one."""
    amy, pat = world.actor("amy"), world.actor("pat")
    long = ask(
        amy, text="A long word:\n" + "x" * 300, institution="Alder High School, " * 9, organization="470001",
        page="/reports/clep/470001/2025-2026/", years="2019–2020", files=[given("a" * 70 + ".pdf", PDF)],
    )  # fmt: skip
    note(pat, number=long, text="She called, too.", at=AT)
    answered(pat, long, "Look at “Data as of”.", files=[given("answer.csv", b"a,b\n")])
    closed = ask(amy, once="2", kind=Kind.OTHER)
    close(amy, number=closed, at=AT)
    ask(world.actor("bea"), kind=Kind.OLDER_DATA, at=AT.replace(day=2))
    keep_answer(
        pat, title="Scores with essays", text="They arrive after two to three weeks. " * 9, language="en", at=AT
    )
    return long, closed


def test_texts_and_forms(world, visitor):
    look_at(visitor("amy"), (*TEXTS, *ASKING))
    look_at(visitor("nora"), ("/help/requests/new/?kind=access-manager",))
    look_at(visitor(None), ("/help/", "/help/sign-in/"))


def test_every_text_in_spanish(world, visitor):
    made = visitor("amy", viewport=PHONE)
    made.context.add_cookies([{"name": "language", "value": "es", "url": made.site}])
    for path in (*(f"/help/{article.slug}/" for article in ARTICLES), *TEXTS, *ASKING):
        page = made.open(path)
        assert page.evaluate("document.documentElement.lang") == "es"
        assert (path, overlaps(page), overflow(page)) == (path, [], 0)


def test_requests_of_a_person(world, visitor):
    long, closed = fill_everything(world)
    look_at(visitor("amy"), ("/help/requests/", f"/help/requests/{long}/", f"/help/requests/{closed}/"))


def test_the_desk(world, visitor):
    made = visitor("pat")
    look_at(made, ("/desk/requests/", "/desk/requests/answers/", "/desk/requests/answers/new/"))
    long, closed = fill_everything(world)
    queues = ("/desk/requests/", "/desk/requests/?state=answered", "/desk/requests/?q=amy", "/desk/requests/?q=zzz")
    look_at(made, (*queues, "/desk/requests/answers/"))
    look_at(made, (f"/desk/requests/{long}/", f"/desk/requests/{closed}/"))


def test_asking_and_answering_by_hand(world, visitor):
    """The whole form in a browser, with a file; then the answer with a kept one, without and with scripts."""
    keep_answer(world.actor("pat"), title="Essays", text="After two to three weeks.", language="en", at=AT)
    amy = visitor("amy", java_script_enabled=False)
    page = amy.open("/help/requests/new/?kind=report&organization=470001")
    page.get_by_label("Which number, exam or row").fill("The essays of May?")
    page.get_by_label("Files").set_input_files({"name": "screen.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Your request has the number").wait_for()
    number = page.url.rstrip("/").rpartition("/")[2]
    pat = visitor("pat", java_script_enabled=False)
    page = pat.open(f"/desk/requests/{number}/")
    page.get_by_label("Your answer").fill("Dear Amy,")
    page.get_by_label("Kept answer").select_option(label="Essays (en)")
    page.get_by_role("button", name="Put it into the box").click()
    expect(page.get_by_label("Your answer")).to_have_value("Dear Amy,\n\nAfter two to three weeks.")
    page.get_by_role("button", name="Send answer").click()
    page.get_by_text("The answer was sent").wait_for()
    page = amy.open(f"/help/requests/{number}/")
    expect(page.get_by_text("After two to three weeks.")).to_be_visible()
    with page.expect_download() as fetched:
        page.get_by_role("link", name="screen.pdf").click()
    assert fetched.value.suggested_filename == "screen.pdf"
