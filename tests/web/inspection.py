"""What every HTML answer has to keep to: strict markup, names for everything, no inline code, no foreign host.

It reads the page as it was sent, so it costs a millisecond and runs on each GET of a test; what only a browser can
know (contrast, focus, reading order) is axe's part, in tests/browser.
"""

from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser

from django.http import HttpResponse, HttpResponseBase

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
BLOCKS = {"details", "div", "dl", "fieldset", "form", "h1", "h2", "h3", "nav", "ol", "p", "section", "table", "ul"}
PARENTS = {
    "li": {"ul", "ol"},
    "dt": {"dl", "div"},
    "dd": {"dl", "div"},
    "tr": {"thead", "tbody", "tfoot"},
    "th": {"tr"},
    "td": {"tr"},
    "thead": {"table"},
    "tbody": {"table"},
    "option": {"select", "optgroup", "datalist"},
    "summary": {"details"},
    "legend": {"fieldset"},
}
UNLABELLED = {"hidden", "submit", "button", "reset", "image"}
REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls", "for", "list", "form")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Element:
    """An open element while the page is read."""

    def __init__(self, tag: str, attrs: dict[str, str], line: int) -> None:
        self.tag = tag
        self.attrs = attrs
        self.line = line
        self.words: list[str] = []

    def is_named(self) -> bool:
        given = self.attrs.get("aria-label") or self.attrs.get("aria-labelledby") or self.attrs.get("title")
        return bool(given or "".join(self.words).strip())


class Inspector(HTMLParser):
    """Reads a page and notes what is wrong with it, each with its line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.open: list[Element] = []
        self.count: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.references: list[tuple[str, str, int]] = []
        self.labels: set[str] = set()
        self.controls: list[tuple[str, int]] = []
        self.headings: list[int] = []
        self.language = ""
        self.title = ""
        self.is_document = False

    def note(self, text: str) -> None:
        self.problems.append(f"line {self.getpos()[0]}: {text}")

    def handle_decl(self, decl: str) -> None:
        self.is_document = decl.lower() == "doctype html"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._begin(tag, attrs)
        if tag not in VOID and not self._within("svg"):
            self.note(f"<{tag}/> closes itself, which HTML does not know")
        self._finish(self.open.pop())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._begin(tag, attrs)
        if tag in VOID:
            self._finish(self.open.pop())

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1].tag != tag:
            self.note(f"</{tag}> closes {self.open[-1].tag if self.open else 'nothing'}")
            if not any(element.tag == tag for element in self.open):
                return
        while self.open:
            element = self.open.pop()
            self._finish(element)
            if element.tag == tag:
                return

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.words.append(data)

    def _within(self, *tags: str) -> bool:
        return any(element.tag in tags for element in self.open)

    def _begin(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if len(given) != len(attrs):
            self.note(f"<{tag}> has an attribute twice")
        self._place(tag)
        self.open.append(Element(tag, given, self.getpos()[0]))
        self.count[tag] += 1
        self._attributes(tag, given)
        self._control(tag, given)

    def _place(self, tag: str) -> None:
        parent = self.open[-1].tag if self.open else ""
        if parent and tag in PARENTS and parent not in PARENTS[tag]:
            self.note(f"<{tag}> stands in <{parent}>")
        if tag in BLOCKS and self._within("p"):
            self.note(f"<{tag}> stands in <p>")
        if tag in {"a", "button"} and self._within("a", "button", "summary"):
            self.note(f"<{tag}> stands in another control")
        if tag == "form" and self._within("form"):
            self.note("<form> stands in <form>")

    def _attributes(self, tag: str, given: dict[str, str]) -> None:
        for name, value in given.items():
            if name == "style" or name.startswith(("on", "hx-on")):
                self.note(f"<{tag}> has {name}")
            if name in {"href", "src", "action", "hx-get", "hx-post"} and _is_foreign(value):
                self.note(f"<{tag}> leads to {value[:60]}")
            if name in REFERENCES:
                self.references += [(name, wanted, self.getpos()[0]) for wanted in value.split()]
        if "id" in given:
            self.ids[given["id"]] += 1
        self._meaning(tag, given)

    def _meaning(self, tag: str, given: dict[str, str]) -> None:
        if tag == "style" or (tag == "script" and not given.get("src") and given.get("type") != "application/json"):
            self.note(f"<{tag}> is written into the page")
        if tag == "img" and "alt" not in given:
            self.note("<img> has no alt")
        if tag == "th" and "scope" not in given:
            self.note("<th> has no scope")
        if given.get("tabindex", "0") not in {"0", "-1"}:
            self.note(f"<{tag}> changes the order of Tab")

    def _control(self, tag: str, given: dict[str, str]) -> None:
        if tag == "form" and given.get("method", "get").lower() == "post":
            self.count["forms that post"] += 1
        if given.get("name") == "csrfmiddlewaretoken":
            self.count["tokens"] += 1
        if tag == "html":
            self.language = given.get("lang", "")
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append(int(tag[1]))
        if tag == "label":
            self.labels.add(given.get("for", ""))
        if tag in {"input", "select", "textarea"} and given.get("type") not in UNLABELLED:
            named = self._within("label") or "aria-label" in given or "aria-labelledby" in given
            if not named:
                self.controls.append((given.get("id", ""), self.getpos()[0]))

    def _finish(self, element: Element) -> None:
        if element.tag in {"a", "button", "summary", "label", "legend", "h1", "h2", "h3", "th", "option", "caption"}:
            empty_option = element.tag == "option" and not element.attrs.get("value")
            if not element.is_named() and not empty_option:
                self.problems.append(f"line {element.line}: <{element.tag}> says nothing")
        if element.tag == "title" and not self._within("svg"):
            self.title = "".join(element.words).strip()

    def finished(self) -> list[str]:
        """Return what is wrong, after the whole page was read."""
        self.close()
        self.problems += [f"line {e.line}: <{e.tag}> is never closed" for e in self.open]
        self.problems += [f"the id {name!r} stands {n} times" for name, n in self.ids.items() if n > 1]
        self.problems += [
            f"line {line}: {name} points to {wanted!r}, which is not there"
            for name, wanted, line in self.references
            # A part of a page may point to what stands around it.
            if self.is_document and wanted not in self.ids
        ]
        if self.count["tokens"] < self.count["forms that post"]:
            self.problems.append("a form posts without a token")
        self.problems += [f"line {n}: a control without a label" for i, n in self.controls if i not in self.labels]
        if self.is_document:
            self.problems += self._of_document()
        return self.problems

    def _of_document(self) -> Iterator[str]:
        if not self.language:
            yield "<html> has no lang"
        if not self.title or self.title.startswith("–"):
            yield "the page has no title"
        for tag in ("h1", "main", "title"):
            if self.count[tag] != 1:
                yield f"<{tag}> stands {self.count[tag]} times"
        for before, after in zip([0, *self.headings], self.headings, strict=False):
            if after > before + 1:
                yield f"<h{after}> follows <h{before}>"


def _is_foreign(address: str) -> bool:
    return "://" in address or address.startswith(("//", "javascript:"))


def problems_of(html: str) -> list[str]:
    """Return what is wrong with the markup of a page, or of a part of one."""
    inspector = Inspector()
    inspector.feed(html)
    found = inspector.finished()
    found += [f"left over: {rest!r}" for rest in ("{{", "{%", "%(", "Undefined", "&lt;Proxy") if rest in html]
    return found


def inspect(response: HttpResponseBase) -> None:
    """Raise AssertionError with all that is wrong with an answer's headers and, if it is HTML, with its markup."""
    found = [f"{name}: {response.headers.get(name)}" for name, v in HEADERS.items() if response.headers.get(name) != v]
    if "no-store" not in response.headers.get("Cache-Control", ""):
        found.append("a cache may keep it")
    if response.headers.get("Content-Type", "").startswith("text/html") and isinstance(response, HttpResponse):
        policy = response.headers.get("Content-Security-Policy", "")
        if "default-src 'none'" not in policy or "unsafe" in policy:
            found.append(f"its policy is {policy!r}")
        text = response.content.decode()
        if text:
            found += problems_of(text)
    assert found == [], "\n".join(found)
