"""Getting in and the desk of access codes: every page, with something on it and with nothing."""

import re

import pytest
from playwright.sync_api import expect

from scoreport.access import Role
from scoreport.organizations.actions.codes import revoke
from scoreport.organizations.actions.requests import ask_code, ask_role, decline_code
from scoreport.organizations.models import AccessRequest
from tests.browser.conftest import DESKTOP, PHONE, overflow, overlaps
from tests.browser.test_pages import look_at
from tests.organizations.entering import WRONG, code_for, may_print, use, with_contact
from tests.world import AT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WHY = "I am the new principal, and nobody who managed access before works here any more."


@pytest.fixture
def busy(world):
    """Store codes in each state, and requests in each."""
    with_contact("ALDER-EARLY")
    pat, nora, fay = world.actor("pat"), world.actor("nora"), world.actor("fay")
    revoke(pat, organization="000905", code=code_for(pat).id, at=AT)
    use(fay, code_for(pat).code)
    code_for(pat, send=True)
    ask_code(nora, organization=None, institution="Cedar Falls High School", title="Principal", why=WHY, at=AT)
    declined = ask_code(nora, organization="470101", title="Principal", why=WHY, at=AT)
    decline_code(pat, request_id=declined, sentence="Ask your district first, please.", at=AT)
    ask_code(nora, organization="470001", title="Principal", why=WHY, at=AT)
    ask_role(nora, organization="470001", role=Role.DETAILED_REPORTS, title="Counselor", why=WHY, at=AT)


def test_getting_in(world, visitor, busy):
    number = AccessRequest.objects.filter(user__name="Nora", state="open").latest("id").pk
    look_at(
        visitor("nora"),
        (
            "/",
            "/tools/",
            "/tools/managing-access/",
            "/tools/managing-access/?q=alder",
            "/tools/managing-access/?q=zzz",
            "/tools/managing-access/470001/",
            "/tools/score-reports/470001/",
            "/tools/score-reports/470101/",
            "/tools/request-code/",
            "/tools/request-code/?institution=470001",
            f"/tools/requests/{number}/withdraw/",
        ),
    )


def test_nothing_asked_for_and_nobody_to_ask(world, visitor):
    look_at(visitor("fay"), ("/", "/tools/", "/tools/managing-access/000905/", "/tools/score-reports/000905/"))


def test_the_desk(world, visitor, busy):
    numbers = AccessRequest.objects.filter(asked_for="code").order_by("id").values_list("pk", flat=True)
    look_at(
        visitor("pat"),
        (
            "/access-codes/",
            "/access-codes/?q=zzz",
            "/access-codes/at/000905/",
            "/access-codes/at/470101/",
            "/access-codes/at/000905/contact/",
            "/access-codes/many/?count=yes&without=on&how=email",
            "/access-codes/many/?count=yes&without=on&how=paper",
            "/access-codes/requests/",
            "/access-codes/requests/?show=answered",
            *(f"/access-codes/requests/{number}/" for number in numbers),
            "/access-codes/issued/",
        ),
    )


def test_the_terms(world, visitor):
    look_at(visitor("max"), ("/terms/470001/",))


def test_a_code_from_the_desk_to_the_tool(world, visitor):
    """The search runs while one types, the letter is shown once, a wrong code says what to do, the right one opens."""
    desk = visitor("pat")
    may_print(world.actor("pat"))
    page = desk.open("/access-codes/at/000905/")
    page.get_by_role("button", name="Issue and print").click()
    code = page.locator(".letter-code").inner_text()
    page.emulate_media(media="print")
    expect(page.locator(".letter")).to_be_visible()
    expect(page.get_by_text("This page is shown once")).to_be_hidden()
    page.emulate_media(media="screen")
    page.reload()
    expect(page.get_by_text("No new codes")).to_be_visible()

    made = visitor("nora")
    page = made.open("/")
    page.get_by_role("link", name=re.compile("^Get access.*Managing Access")).click()
    page.get_by_label("Name, town, ZIP code or AI code").press_sequentially("early")
    page.get_by_role("link", name="Alder Early College").click()
    for entered, told in ((WRONG, "works for one institution only"), (code[:-1], "this one has 15")):
        page.get_by_label("Access code").fill(entered)
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("alert").filter(has_text=told)).to_be_visible()
    page.get_by_label("Access code").fill(code.lower())
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("I have read the terms").check()
    page.get_by_role("button", name="Accept and get access").click()
    expect(page.get_by_text("You manage access at Alder Early College now.")).to_be_visible()


def test_what_was_typed_before_the_scripts_ran_is_searched_for(world, visitor):
    """A click after the page is there comes too late for it on a slow machine."""
    made = visitor("nora")
    made.context.add_init_script(
        """document.addEventListener("readystatechange", () => {
          const box = document.getElementById("id_q");
          if (box && document.readyState === "interactive") box.value = "early";
        });"""
    )
    page = made.open("/tools/managing-access/")
    expect(page.get_by_role("link", name="Alder Early College")).to_be_visible()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_labels_do_not_overlap_in_spanish(world, visitor, busy, viewport):
    pages = {
        "nora": ("/", "/tools/", "/tools/managing-access/470001/", "/tools/score-reports/470001/"),
        "pat": (
            "/access-codes/",
            "/access-codes/at/000905/",
            "/access-codes/many/?count=yes&how=paper",
            "/access-codes/at/000905/contact/",
        ),
    }
    for name, paths in pages.items():
        made = visitor(name, viewport=viewport)
        made.context.add_cookies([{"name": "language", "value": "es", "url": made.site}])
        for path in paths:
            page = made.open(path)
            assert (path, overlaps(page), overflow(page)) == (path, [], 0)
