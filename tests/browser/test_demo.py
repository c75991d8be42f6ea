"""The demo's own pages in a real browser: the sign-in page with its people, and the mailbox, empty and full."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from scoreport.cli.demo import ground
from scoreport.cli.demo.people import PEOPLE
from scoreport.lib.mail import send
from tests.browser.test_pages import look_at
from tests.cli.test_demo import demo

__all__ = ["demo"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_people_and_the_mailbox_of_a_demo(demo, visitor):
    ground.write_people()
    made = visitor(None)
    look_at(made, [reverse("demo_mails")])
    for number in range(25):
        send(
            to=PEOPLE[0].email,
            subject=f"Mail {number} of Alder High School",
            text=f"Open this page:\n{demo.SITE_URL}/files/{'a' * 80}/\n\nIt is for you only.\n",
            message_id=f"<{number}@test>",
        )
    look_at(made, [reverse("account_login"), reverse("demo_mails"), f"{reverse('demo_mails')}?page=2"])
    page = made.open(reverse("demo_mails"))
    page.get_by_role("link", name=PEOPLE[0].email).first.click()
    expect(page.get_by_text(f"Mails to {PEOPLE[0].email}")).to_be_visible()
