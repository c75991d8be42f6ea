"""The pages of invitations in each dress, and a mail scanner that runs scripts and sends every form it finds."""

import pytest
from playwright.sync_api import expect

from scoreport.organizations.actions.acceptances import accept_invitation
from scoreport.organizations.actions.invitations import cancel_invitation, resend_invitation
from scoreport.organizations.models import Invitation, Membership
from scoreport.outbox.actions import bounced
from scoreport.outbox.models import Mail
from tests.browser.conftest import DESKTOP, PHONE, overflow, overlaps
from tests.browser.test_pages import EXPECTED, look_at
from tests.organizations.invited import NEW, NORA, invited, token_of
from tests.world import AT, OPERATOR

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

INVITE = "/managing/470001/invite/"
LIST = "/managing/470001/invitations/"


@pytest.fixture
def link(world):
    """Return the address that the mail to Nora carries."""
    return f"/invitations/{token_of(invited(world.actor('max'), email=NORA))}/"


def history(world):
    """Store an invitation in each state."""
    manager = world.actor("max")
    waiting, lost, gone, taken, again = (
        invited(manager, email=f"{name}@juniper.example", name=name.title() if name != "open" else "")
        for name in ("open", "lost", "gone", "nora", "again")
    )
    mail = Mail.objects.get(about=f"invitation:{lost.id}")
    bounced(OPERATOR, message_id=mail.message_id, reason="550 5.1.1 no such mailbox here")
    cancel_invitation(manager, invitation_id=gone.id, at=AT)
    accept_invitation(world.actor("nora"), token=token_of(taken), at=AT)
    resend_invitation(manager, invitation_id=again.id, at=AT)
    return waiting


def test_pages_of_a_manager(world, visitor):
    info = history(world)
    made = visitor("max")
    look_at(made, (INVITE, f"{INVITE}several/", LIST, f"{LIST}?show=cancelled", f"{LIST}{info.id}/cancel/"))


def test_empty_pages_of_a_manager(world, visitor):
    look_at(visitor("max"), (LIST, f"{LIST}?q=zzz"))


def test_nothing_overlaps_in_spanish(world, visitor, link):
    for viewport in (DESKTOP, PHONE):
        made = visitor("max", viewport=viewport)
        made.context.add_cookies([{"name": "language", "value": "es", "url": made.site}])
        for path in (INVITE, f"{INVITE}several/", LIST, link):
            page = made.open(path)
            assert page.evaluate("document.documentElement.lang") == "es"
            assert (path, overlaps(page), overflow(page)) == (path, [], 0)


def test_a_list_from_the_paste_to_the_mails(world, visitor):
    made = visitor("max")
    page = made.open(f"{INVITE}several/")
    page.fill("#id_people", "Bo <bo@alder>")
    page.get_by_label("Summary Reports").check()
    page.get_by_role("button", name="Check the list").click()
    expect(page.locator("main")).to_contain_text("nobody was invited")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download all problems").click()
    assert download.value.suggested_filename == "problems.csv"
    page.fill("#id_people", "Bo <bo@alder.example>\nnora@juniper.example")
    page.get_by_label("Summary Reports").check()
    page.get_by_role("button", name="Check the list").click()
    page.get_by_role("button", name="Send 2 invitations").click()
    page.wait_for_url(f"**{LIST}")
    expect(page.locator("#messages")).to_contain_text("2 people are invited.")
    assert Mail.objects.count() == 2


def test_the_search_follows_the_group_that_is_shown(world, visitor):
    history(world)
    page = visitor("max").open(LIST)
    page.get_by_role("link", name="Cancelled 1").click()
    page.wait_for_url("**show=cancelled**")
    page.fill("#id_q", "gone")
    page.wait_for_url("**q=gone**")
    assert "show=cancelled" in page.url
    expect(page.locator("#invitations tbody tr")).to_have_count(1)
    page.fill("#id_q", "nobody")
    page.get_by_text("Nothing found").wait_for()


def test_pages_of_whoever_holds_the_link(world, visitor, link):
    for name in (None, "nora", "amy"):
        look_at(visitor(name), (link,))
    made = visitor(None)
    look_at(made, ("/invitations/no-such-link/",))
    made.problems[:] = [problem for problem in made.problems if not EXPECTED.search(problem)]


def test_a_scanner_that_sends_every_form_uses_nothing_up(world, visitor, link):
    made = visitor(None)
    page = made.open(link)
    count = page.locator("form").count()
    assert count >= 2
    for number in range(count):
        made.open(link)
        with page.expect_navigation():
            page.evaluate("number => document.forms[number].requestSubmit()", number)
    # Also by hand: the address of the page itself, as a form of its own would send it.
    made.open(link)
    token = page.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value")
    sent = made.context.request.post(made.site + link, form={"csrfmiddlewaretoken": token or ""}, max_redirects=0)
    assert sent.status == 302
    row = Invitation.objects.get()
    assert (row.accepted_at, row.opened_at) == (None, AT)
    assert not Membership.objects.filter(user_id=world.people["nora"].id).exists()

    # Its owner accepts afterwards, with one click.
    owner = visitor("nora", second_factor=False)
    page = owner.open(link)
    page.get_by_role("button", name="Accept the invitation").click()
    page.wait_for_url("**/")
    expect(page.locator("#messages")).to_contain_text("Welcome to Alder High School.")
    assert Invitation.objects.get().accepted_by == "Nora <nora@juniper.example>"


def test_the_scanner_finds_its_way_to_a_new_account_and_no_further(world, visitor):
    link = f"/invitations/{token_of(invited(world.actor('max'), email=NEW))}/"
    made = visitor(None)
    page = made.open(link)
    page.get_by_role("button", name="Create your account").click()
    page.wait_for_url("**/account/signup/**")
    assert Invitation.objects.get().accepted_at is None
