"""People who find their way through the pages by what they read, and look at each page as they get there."""

import re
import time
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import urlsplit

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import violations
from tests.browser.conftest import Visitor, overflow

PASSWORD = "correct horse battery"
NARROW = {"width": 360, "height": 740}

# A page is the same page for every institution, number, and secret in its address.
_PARTICULAR = re.compile(r"(?<=/)(?:[A-Z0-9-]*\d[A-Z0-9-]*|D-[A-Z]+|[\w-]{20,})(?=/)")
_SECONDS_PER_CODE = 30


def link_in(mail: EmailMessage) -> str:
    """Return the path of the first link in a mail."""
    links: list[str] = re.findall(r"https?://[^/\s]+(/\S*)", mail.get_content())
    assert links, mail.get_content()
    return links[0]


@dataclass
class Person:
    """Somebody in front of a browser; ``seen`` are the pages that were found to be accessible."""

    visitor: Visitor
    seen: set[tuple[str, str]] = field(default_factory=set)

    @property
    def page(self) -> Page:
        """What is in the browser now."""
        return self.visitor.page

    @property
    def path(self) -> str:
        """Where the browser is."""
        return urlsplit(self.page.url).path

    @property
    def is_narrow(self) -> bool:
        """Whether this is a phone, on which the tools of the header are in a menu."""
        size = self.page.viewport_size
        return size is not None and size["width"] < 700

    def look(self) -> None:
        """Check a page where it is seen for the first time: nothing that axe finds, nothing to scroll sideways."""
        place = (_PARTICULAR.sub("…", self.path), self.page.locator("h1").inner_text())
        if place not in self.seen:
            self.seen.add(place)
            assert (place, violations(self.page), overflow(self.page)) == (place, [], 0)

    def go(self, path: str) -> None:
        """Type an address, or follow a link of a mail."""
        self.visitor.open(path)
        self.look()

    def leave_by(self, element: Locator) -> None:
        """Click what leads to another page, and look at that."""
        # A click before the page's own scripts have run, or while htmx asks, can be lost on a busy machine.
        self.page.wait_for_load_state("load")
        expect(self.page.locator(".htmx-request, .htmx-settling")).to_have_count(0)
        with self.page.expect_navigation(wait_until="load"):
            element.click()
        self.look()

    def follow(self, words: str | re.Pattern[str], *, within: str = "main") -> None:
        """Click the link that reads so."""
        self.leave_by(self.page.locator(within).get_by_role("link", name=words).first)

    def press(self, words: str, *, within: str = "main") -> None:
        """Press the button that reads so."""
        self.leave_by(self.page.locator(within).get_by_role("button", name=words).first)

    def fill(self, **values: str) -> None:
        """Fill in fields by their names in the form."""
        for name, value in values.items():
            self.page.locator(f"main [name={name}]:not([type=hidden])").fill(value)

    def tick(self, *words: str) -> None:
        """Tick boxes, or choose options, by what stands beside them."""
        for label in words:
            self.page.get_by_label(label).check()

    def reads(self, *words: str | re.Pattern[str]) -> None:
        """Find sentences on the page."""
        for sentence in words:
            expect(
                self.page.locator("main, #messages").get_by_text(sentence).filter(visible=True).first
            ).to_be_visible()

    def reads_nowhere(self, words: str) -> None:
        """Find that a sentence is not on the page."""
        expect(self.page.locator("main").get_by_text(words)).to_have_count(0)

    def home(self) -> None:
        """Go to the dashboard by the mark at the top."""
        self.follow("Scoreport", within="header.top")
        self.reads("My tools and services")

    def tool(self, name: str) -> None:
        """Open a tool from the dashboard."""
        self.home()
        self.leave_by(self.page.locator(".card.tool").get_by_role("link", name=name, exact=True))

    def find(self, words: str, name: str) -> None:
        """Look for an institution while typing, and choose it; the others are gone from the list by then."""
        self.page.get_by_role("searchbox").fill("")
        self.page.get_by_role("searchbox").press_sequentially(words)
        expect(self.page.locator("#found").locator("li, tbody tr")).to_have_count(1)
        # What was asked for by the last letters may still come, and would put another list under the click.
        self.page.wait_for_load_state("networkidle")
        self.follow(name)

    def sign_up(self, name: str, email: str, mail_of, *, known: bool = False) -> None:
        """Create an account on the page that asks for it, with the code that arrives by mail."""
        self.fill(name=name, password1=PASSWORD)
        if known:
            expect(self.page.locator("[name=email]")).to_have_value(email)
        else:
            self.fill(email=email)
        self.press("Create the account")
        self.reads(f"We sent a message to {email}")
        (code,) = re.findall(r"(?m)^\s*([A-Z0-9]{3,}-[A-Z0-9-]+|\d{6})\s*$", mail_of(email).get_content())
        self.fill(code=code)
        self.press("Continue")

    def account(self, link: str) -> None:
        """Follow a link of the menu of one's account."""
        menu = self.page.locator("header details.menu.narrow" if self.is_narrow else "header details.account")
        menu.locator("summary").click()
        self.leave_by(menu.get_by_role("link", name=link))

    def add_app(self) -> None:
        """Set up an authenticator app, from the page about second factors; the password is asked for once more."""
        self.follow("Set up the app")
        self.fill(password=PASSWORD)
        self.press("Confirm")
        secret = self.page.locator("code.secret").inner_text()
        self.fill(code=format_hotp_value(hotp_value(secret, int(time.time()) // _SECONDS_PER_CODE)))
        self.press("Switch on")
        self.reads("recovery code")

    def accept_terms(self, button: str = "Accept") -> None:
        """Accept the terms for the institution."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Terms and conditions")
        self.tick("I have read the terms")
        self.press(button)
