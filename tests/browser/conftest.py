"""One Chromium for all tests, and a server that lives in the time of the world."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from scoreport.web.middleware import AT_KEY

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 320, "height": 640}

# A machine that is busy with other tests may need long for a page; what never comes still fails.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def chromium(django_db_setup) -> Iterator[Browser]:
    """Start the browser of the system; each test gets a fresh profile of it.

    The database comes first: once Playwright's event loop runs in this thread, Django would set up another
    connection than the one that the live server shares.
    """
    names = (os.environ.get("CHROMIUM", ""), "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if name and (found := shutil.which(name))), None)
    assert path, "The browser tests need Chromium on the PATH."
    # Playwright runs an event loop in this thread, beside which Django would refuse to use its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def server(live_server):
    """Return the server of pages, which answers one request at a time.

    On SQLite its threads share the connection of the tests, and one's transaction would be the other's: a click while
    htmx still asks would be answered by an error that no installation has.
    """
    httpd = live_server.thread.httpd
    httpd.set_app(_one_at_a_time(httpd.get_app()))
    return live_server


def _one_at_a_time(app: Any) -> Any:
    lock = threading.Lock()

    def answer(environ: Any, start_response: Any) -> list[bytes]:
        with lock, closing(app(environ, start_response)) as response:
            return [b"".join(response)]

    return answer


@pytest.fixture
def site(server, at):
    """Return the address of a server to which it is always noon in Alder."""
    server.thread.httpd.base_environ[AT_KEY] = at
    return server.url


def _is_complaint(said: ConsoleMessage) -> bool:
    """Tell errors from the two lines that htmx writes when a later click takes back a request."""
    return said.type == "error" and not said.text.startswith(("htmx:afterRequest", "htmx:sendAbort"))


@dataclass
class Visitor:
    """A person in front of a browser."""

    site: str
    context: BrowserContext
    page: Page
    problems: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a page and wait until its scripts have run."""
        self.page.goto(self.site + path, wait_until="load")
        return self.page

    def watch(self) -> None:
        """Note whatever the browser complains about: errors of scripts, and what the page's policy refused."""
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda said: self.problems.append(said.text) if _is_complaint(said) else None)


@pytest.fixture
def visitor(chromium, site, client_for) -> Iterator[Callable[..., Visitor]]:
    """Return a function that puts a person of the world in front of a browser: ``visitor("amy")``; nobody: ``None``."""
    contexts: list[BrowserContext] = []
    visitors: list[Visitor] = []

    def make(name: str | None, *, second_factor: bool = True, **options) -> Visitor:
        context = chromium.new_context(**{"viewport": DESKTOP, "reduced_motion": "reduce", **options})
        contexts.append(context)
        if name is not None:
            cookie = client_for(name, second_factor=second_factor).cookies[settings.SESSION_COOKIE_NAME]
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site}])
        made = Visitor(site, context, context.new_page())
        made.watch()
        visitors.append(made)
        return made

    yield make
    for context in contexts:
        context.close()
    assert [problem for made in visitors for problem in made.problems] == []


def overflow(page: Page):
    """Return by how many pixels the page is wider than its window: there is nothing to scroll sideways."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def overlaps(page: Page):
    """Return pairs of texts in headings, buttons, labels and header cells that lie over each other, or are cut off."""
    return page.evaluate(
        """() => {
          const shown = (e) => e.checkVisibility({visibilityProperty: true, opacityProperty: true}) &&
            !e.closest('.unseen, [aria-hidden=true]') && getComputedStyle(e).clipPath === 'none';
          const all = [...document.querySelectorAll('h1,h2,h3,th,dt,dd,label,.button,summary,.tag,.crumbs li,nav a')]
            .filter((e) => shown(e) && e.getBoundingClientRect().width > 1 && !e.closest('.region, .hint'));
          const boxes = all.map((e) => [e, e.getBoundingClientRect()]);
          const found = [];
          for (let i = 0; i < boxes.length; i++) for (let k = i + 1; k < boxes.length; k++) {
            const [a, p] = boxes[i], [b, q] = boxes[k];
            if (a.contains(b) || b.contains(a) || a.closest('.panel') !== b.closest('.panel')) continue;
            const w = Math.min(p.right, q.right) - Math.max(p.left, q.left);
            const h = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
            if (w > 2 && h > 2) found.push(a.innerText.trim().slice(0, 30) + ' × ' + b.innerText.trim().slice(0, 30));
          }
          return found;
        }"""
    )


def small_targets(page: Page):
    """Return what one clicks on that is smaller than 24 by 24 pixels, but for words in sentences (WCAG 2.5.8)."""
    return page.evaluate(
        """() => [...document.querySelectorAll('a, button, summary, input, select, textarea')]
          .filter((e) => e.checkVisibility() && !e.closest('p, dd, label, .hint') && e.type !== 'hidden')
          .map((e) => [e, e.getBoundingClientRect()])
          .filter(([e, r]) => r.width > 1 && (r.width < 24 || r.height < 24) && !e.closest('.skip'))
          .filter(([e]) => !e.classList.contains('skip'))
          .map(([e, r]) => `${e.tagName} ${(e.innerText || e.name || '').slice(0, 30)}`
            + ` ${Math.round(r.width)}×${Math.round(r.height)}`)"""
    )
