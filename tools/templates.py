"""Check, and with ``--fix`` mend, how our Jinja2 templates are laid out.

djlint lints the templates, but its formatter is not used: on conditional tags it loses the nesting, and it puts line
breaks inside inline elements, which the reader then sees as spaces. What is checked here never changes what is shown:
each template parses; one space inside ``{{ }}`` and ``{% %}``; no tabs, no trailing blanks, no double empty lines; and
an ``endif``, ``else`` or the like that begins a line stands under the tag that it belongs to.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "scoreport" / "web" / "templates"
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
TAG = re.compile(r"(\{#.*?#\})|(\{[{%][-+]?)[ \t]*(.*?)[ \t]*([-+]?[}%]\})", re.DOTALL)
STATEMENT = re.compile(r"\{%[-+]?\s*(?P<word>\w+)(?P<rest>.*?)%\}", re.DOTALL)
PAIRED = {"autoescape", "block", "call", "filter", "for", "if", "macro", "raw", "trans", "with"}
BETWEEN = {"elif", "else", "pluralize"}


def tidy(text: str) -> str:
    """Return the template with its blanks in order."""
    text = TAG.sub(lambda m: m[1] or f"{m[2]} {m[3]} {m[4]}", text)
    text = re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def crooked(text: str) -> Iterator[str]:
    """Yield what begins a line and stands elsewhere than the tag it belongs to."""
    # A comment may show a tag; it is blanked, not cut out, so that line numbers stay.
    text = COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
    opened: list[tuple[str, int | None]] = []
    for match in STATEMENT.finditer(text):
        word, line = match["word"], text.count("\n", 0, match.start()) + 1
        before = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        indent = None if before.strip() else len(before)
        closes = word.startswith("end")
        if (closes or word in BETWEEN) and opened:
            partner, expected = opened[-1]
            if None not in (indent, expected) and indent != expected:
                yield f"{line}: {word} is not under its {partner}"
            if closes:
                opened.pop()
        elif word in PAIRED or (word == "set" and "=" not in match["rest"]):
            opened.append((word, indent))


def problems(path: Path) -> list[str]:
    """List what is wrong with one template."""
    text = path.read_text(encoding="utf-8")
    try:
        Environment(autoescape=True, extensions=["jinja2.ext.i18n"]).parse(text)
    except TemplateSyntaxError as error:
        return [f"{error.lineno}: {error.message}"]
    odd = [n for n, line in enumerate(text.splitlines(), 1) if "\t" in line]
    found = [f"{line}: a tab" for line in odd]
    for number, (old, new) in enumerate(zip(text.split("\n"), tidy(text).split("\n"), strict=False), 1):
        if old != new:
            found.append(f"{number}: blanks; `make fix` mends them")
            break
    return [*found, *crooked(text)]


def main() -> int:
    paths = sorted(TEMPLATES.rglob("*.html")) + sorted(TEMPLATES.rglob("*.txt"))
    if "--fix" in sys.argv[1:]:
        for path in paths:
            path.write_text(tidy(path.read_text(encoding="utf-8")), encoding="utf-8")
        return 0
    lines = [f"{path.relative_to(ROOT)}:{problem}" for path in paths for problem in problems(path)]
    print("\n".join(lines) or f"{len(paths)} templates are laid out as they should be.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
