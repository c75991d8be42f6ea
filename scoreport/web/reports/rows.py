"""The rows of a roster as HTML: they are most of a page, and a template takes its time for each of eight hundred cells.

One line a test. The cell that names the row leads to the student; a score at the cut has a dot and a spoken word;
a test that waits says when its score comes, a canceled one since when it is.
"""

import html
import re
from collections.abc import Sequence
from typing import Final

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from scoreport.reports.rules import RosterPage, RosterRow
from scoreport.web.formats import day

_PLAIN: Final = {
    "text": ("<td>", "</td>"),
    "name": ("<td>", "</td>"),
    "code": ('<td class="id">', "</td>"),
    "date": ("<td><time>", "</time></td>"),
    "exam": ('<td class="exam">', "</td>"),
}
"""What stands around the cells that show what they hold, by how they are written."""
_has_special = re.compile("""[&<>"']""").search


def escape(text: str) -> str:
    """Return a text with HTML's own characters escaped; few cells have one."""
    return html.escape(text) if _has_special(text) else text


def rows_part(roster: RosterPage, kinds: Sequence[str], students_path: str, query: str) -> SafeString:
    """Return the lines of a page; ``kinds`` says of each column how its cells are written."""
    words = f"{roster.query.definition.words.at_cut}:"
    high = f'<span class="level reached"><span class="unseen">{escape(words)} </span>', "</span>"
    written: list[str] = []
    for row in roster.rows:
        written.append("<tr>")
        for cell, kind in zip(row.cells, kinds, strict=True):
            if kind in _PLAIN:
                before, after = _PLAIN[kind]
                written += (before, escape(str(cell)) if cell else "", after)
            elif kind == "score":
                written += ('<td class="score">', _score(row, cell, high), "</td>")
            else:
                written.append(_leading(row, cell, kind, f"{students_path}{row.student}/{query}"))
        written.append("</tr>\n")
    return mark_safe("".join(written))  # noqa: S308 - every value in it is escaped above and below


def _leading(row: RosterRow, cell: object, kind: str, url: str) -> str:
    """Write the cell that leads to the student; a link that is only a part of the name says all of it."""
    css = ' class="name"' if kind == "last-name" else ""
    label = f' aria-label="{escape(row.name)}"' if kind != "leads" else ""
    return f'<th scope="row"{css}><a href="{escape(url)}"{label}>{escape(str(cell)) if cell else "–"}</a></th>'


def _score(row: RosterRow, cell: object, high: tuple[str, str]) -> str:
    if row.waiting:
        css = " overdue" if row.waiting.is_overdue else ""
        word = _("Overdue") if row.waiting.is_overdue else _("Pending")
        by = _("by %(day)s") % {"day": day(row.waiting.expected_to)}
        return f'<span class="waits{css}"><b>{escape(word)}</b> <small>{escape(by)}</small></span>'
    if row.canceled_on:
        word = escape(_("Canceled"))
        return f'<span class="waits canceled"><b>{word}</b> <small>{escape(day(row.canceled_on))}</small></span>'
    if cell is None:
        return "–"
    return f"{high[0]}{escape(str(cell))}{high[1]}" if row.at_cut else escape(str(cell))
