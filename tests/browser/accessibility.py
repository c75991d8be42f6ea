"""What axe finds wrong with a page: once in a process for each structure of a page in one dress.

A structure is the page without its words: elements, their roles, classes and states, and where there is any text. The
same page of another school, or of a longer list, has the same one. In dark, on a page that axe has seen in light at
the same width, only colors can be otherwise, so only the rules about them run.
"""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# WCAG 2.2 AA, and what axe knows beyond it to be good practice.
EVERYTHING: dict[str, Any] = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
COLORS: dict[str, Any] = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}

# Equal elements beside each other, such as the rows of a table, count as two.
_STRUCTURE = """() => {
  const telling = new RegExp('^(class|role|type|lang|style|scope|open|hidden|disabled|checked|'
    + 'aria-(?!label$|labelledby|describedby|controls))');
  const attributes = (e) => [...e.attributes].map(({name, value}) =>
    name + (telling.test(name) ? '=' + value.replace(/\\d+/g, '0') : value.trim() ? '+' : '')).sort().join(' ');
  const of = (e) => {
    const parts = [];
    for (const node of e.childNodes) {
      const part = node.nodeType === 1 ? of(node) : node.nodeType === 3 && node.data.trim() ? 'text' : '';
      if (part && (part !== parts.at(-1) || part !== parts.at(-2))) parts.push(part);
    }
    return `<${e.tagName} ${attributes(e)} ${e.checkVisibility() ? '' : 'unseen'}>${parts.join()}</>`;
  };
  return [innerWidth, matchMedia('(prefers-color-scheme: dark)').matches, of(document.documentElement)];
}"""
_RUN = """(options) => axe.run(document, options).then(({violations}) => violations.flatMap(({id, nodes}) =>
  nodes.map(({target, failureSummary}) => ({id, target, summary: failureSummary}))))"""

_clean: set[tuple[int, bool, str]] = set()


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong, as sentences with the place; nothing for what it has looked at before."""
    width, is_dark, structure = page.evaluate(_STRUCTURE)
    if (width, is_dark, structure) in _clean:
        return []
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    seen_in_light = is_dark and (width, False, structure) in _clean
    found = [
        f"{problem['id']}: {problem['target']} – {problem['summary'].splitlines()[-1].strip()}"
        for problem in page.evaluate(_RUN, COLORS if seen_in_light else EVERYTHING)
        if not (problem["id"] == "target-size" and _is_half_scrolled(problem["target"][0]))
    ]
    if not found:
        _clean.add((width, is_dark, structure))
    return found


def _is_half_scrolled(target: str) -> bool:
    """Tell whether a target is a header of the roster, which moves under the score until it is scrolled out."""
    return target.startswith("#sort-")
