"""A page as somebody reads it: its texts, its tables, its links. Made for tests, from the markup alone."""

import html
import re
from dataclasses import dataclass

from django.http import HttpResponse

_TAGS = re.compile(r"<[^>]+>")
_UNSEEN = re.compile(r'<span class="unseen">.*?</span>', re.DOTALL)


def text_of(markup: str) -> str:
    """Return the words of a piece of markup, without what only screen readers hear."""
    return " ".join(html.unescape(_TAGS.sub("", _UNSEEN.sub("", markup))).split())


@dataclass(frozen=True)
class Read:
    """An answer that was read."""

    markup: str

    @property
    def text(self) -> str:
        return text_of(self.markup)

    def part(self, element_id: str) -> "Read":
        """Return the element of an id, with everything in it."""
        start = self.markup.index(f'id="{element_id}"')
        begin = self.markup.rindex("<", 0, start)
        name = self.markup[begin + 1 :].split()[0]
        depth = 0
        for tag in re.finditer(rf"<(/?){name}\b", self.markup[begin:]):
            depth += -1 if tag[1] else 1
            if depth == 0:
                return Read(self.markup[begin : begin + tag.end()] + ">")
        raise AssertionError(element_id)

    def rows(self, css_class: str) -> list[list[str]]:
        """Return the cells of a table's body, as words."""
        table = re.search(rf'<table class="{css_class}".*?<tbody[^>]*>(.*?)</tbody>', self.markup, re.DOTALL)
        assert table, css_class
        return [
            [text_of(cell) for cell in re.findall(r"<t[hd]\b[^>]*>.*?</t[hd]>", row, re.DOTALL)]
            for row in re.findall(r"<tr\b[^>]*>.*?</tr>", table[1], re.DOTALL)
        ]

    def links(self, within: str = "") -> dict[str, str]:
        """Return addresses by the words of their links, of the page or of the element with an id."""
        markup = self.part(within).markup if within else self.markup
        found = re.findall(r'<a\b[^>]*?href="([^"]*)"[^>]*>(.*?)</a>', markup, re.DOTALL)
        return {text_of(words): html.unescape(address) for address, words in found}

    def figures(self) -> dict[str, str]:
        """Return the big numbers by their names."""
        markup = re.sub(r'<details class="hint">.*?</details>', "", self.markup, flags=re.DOTALL)
        pairs = re.findall(r'<dt>(.*?)</dt>\s*<dd class="figure">(.*?)</dd>', markup, re.DOTALL)
        return {text_of(name): text_of(value) for name, value in pairs}

    def fields(self, action_end: str) -> dict[str, list[str]]:
        """Return what the form whose action ends so would send, without its buttons."""
        forms = re.findall(r"<form\b.*?</form>", self.markup, re.DOTALL)
        form = next(form for form in forms if _action(form).endswith(action_end))
        found: dict[str, list[str]] = {}
        for tag in re.findall(r"<input\b[^>]*>", form):
            given = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
            if given.get("name") and (given.get("type") not in {"checkbox", "radio"} or " checked" in tag):
                found.setdefault(html.unescape(given["name"]), []).append(html.unescape(given.get("value", "")))
        found.pop("csrfmiddlewaretoken", None)
        return found


def _action(form: str) -> str:
    found = re.search(r'action="([^"]*)"', form)
    return html.unescape(found[1]) if found else ""


def read(response: HttpResponse) -> Read:
    """Read an answer."""
    return Read(response.content.decode())


def sought(pattern: str, markup: str) -> re.Match[str]:
    """Return the first match of what has to be there."""
    found = re.search(pattern, markup, re.DOTALL)
    assert found, pattern
    return found
