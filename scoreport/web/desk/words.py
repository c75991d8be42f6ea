"""The desk's sentences: states, lists, reasons and events in words."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.audit.rules import EventInfo, Verb
from scoreport.imports.problems import FileCause, offers, repair_label
from scoreport.imports.rules import FileState
from scoreport.people.rules import CaseState
from scoreport.scores.files import FileInfo, ListKind, SchoolGap
from scoreport.scores.rules import SAMPLE_ROWS, RowAccess
from scoreport.web.formats import day, number

_EXAMPLES = 5

TagKind = Literal["done", "waiting", "warning", "problem", "info", "neutral"]

TAGS: dict[FileState, TagKind] = {
    FileState.RECEIVED: "waiting",
    FileState.CHECKING: "waiting",
    FileState.CHECKED: "info",
    FileState.ACCEPTING: "waiting",
    FileState.ACCEPTED: "done",
    FileState.UNDOING: "waiting",
    FileState.UNDONE: "neutral",
    FileState.DISCARDED: "neutral",
    FileState.FAILED: "problem",
}


def state_label(state: FileState) -> str:
    """Return a state as people read it."""
    return {
        FileState.RECEIVED: _("Received"),
        FileState.CHECKING: _("Being checked"),
        FileState.CHECKED: _("To accept"),
        FileState.ACCEPTING: _("Being accepted"),
        FileState.ACCEPTED: _("Accepted"),
        FileState.UNDOING: _("Being undone"),
        FileState.UNDONE: _("Undone"),
        FileState.DISCARDED: _("Discarded"),
        FileState.FAILED: _("Cannot be read"),
    }[state]


def file_state(info: FileInfo) -> tuple[str, TagKind]:
    """Return the state of a file as people read it, and its tag; a file that a repair makes readable asks for it."""
    if info.state is FileState.FAILED and offers(info.causes):
        return _("Needs a repair"), "warning"
    return state_label(info.state), TAGS[info.state]


def list_title(kind: ListKind) -> str:
    """Return the name of a list."""
    return {
        ListKind.NEW: _("New"),
        ListKind.CHANGED: _("Changed"),
        ListKind.REVERTING: _("Returning"),
        ListKind.DOUBLED: _("On file under another ticket"),
        ListKind.SAME: _("The same"),
        ListKind.UNMATCHED: _("Unmatched"),
        ListKind.REFUSED: _("Refused"),
    }[kind]


def count_of(kind: ListKind, info: FileInfo) -> int:
    """Return how many rows a list has; rows that were held are among the refused ones once a file is accepted."""
    held = info.held if kind is ListKind.REFUSED and info.accepted_at is not None else 0
    return int(getattr(info, kind.value)) + held


def is_worth_a_line(kind: ListKind, info: FileInfo) -> bool:
    """Tell whether a list is shown: those of rows that could make things worse only where there are any."""
    return kind not in {ListKind.REVERTING, ListKind.DOUBLED} or bool(getattr(info, kind.value))


def _held_meaning(info: FileInfo) -> dict[ListKind, str]:
    """Say what became of rows that could make things worse."""
    held = _("They were held, and are listed among the refused rows.")
    returning = _("Rows that return to values which a later file replaced.")
    doubled = _("Tests that were on file under another ticket: same student, exam and day.")
    accepted = _("You or a colleague chose to accept them.")
    return {
        ListKind.REVERTING: f"{returning} {accepted if info.accepts_reverting else held}",
        ListKind.DOUBLED: f"{doubled} {accepted if info.accepts_doubles else held}",
    }


def list_meaning(kind: ListKind, info: FileInfo) -> str:
    """Return what a list holds and what becomes of its rows."""
    if info.accepted_at is not None:
        return {
            ListKind.NEW: _("Tests that were not on file. They were added."),
            ListKind.CHANGED: _(
                "Tests that were on file with other values. The new values count, and the history shows the old ones."
            ),
            **_held_meaning(info),
            ListKind.SAME: _("Tests that were on file exactly like this. Nothing changed."),
            ListKind.UNMATCHED: _("Included above, but the school or student couldn't be confirmed. They are on file."),
            ListKind.REFUSED: _("Rows that break a rule of the layout, or were held. They were left out."),
        }[kind]
    return {
        ListKind.NEW: _("Tests that are not on file yet. They will be added."),
        ListKind.CHANGED: _(
            "Tests that are on file with other values. The new values will count, and the history shows the old ones."
        ),
        ListKind.REVERTING: _(
            "Rows that return to values which a later file replaced. They are held unless you choose to accept them."
        ),
        ListKind.DOUBLED: _(
            "Tests that are on file under another ticket: same student, exam and day. They are held unless you"
            " choose to accept them."
        ),
        ListKind.SAME: _("Tests that are on file exactly like this. Nothing will change."),
        ListKind.UNMATCHED: _(
            "Included above, but we couldn't confirm the school or student. They're saved for review."
        ),
        ListKind.REFUSED: _("Rows that break a rule of the layout. They will be left out."),
    }[kind]


def not_shown(allowed: RowAccess, info: FileInfo) -> str:
    """Say why the rows of a list are not shown, and what to do."""
    if allowed is RowAccess.NOT_HANDLER:
        if info.handled_by:
            return _("Only the person who handles this file sees its rows: %(person)s.") % {"person": info.handled_by}
        return _("Only the person who handles a file sees its rows, and nobody handles this one yet.")
    if allowed is RowAccess.EXPIRED:
        days = settings.PROBLEM_ROWS_DAYS
        return ngettext(
            "Rows are shown for %(count)s day after a file was accepted or checked. That time is over.",
            "Rows are shown for %(count)s days after a file was accepted or checked. That time is over.",
            days,
        ) % {"count": number(days)}
    return _("This file is accepted, so its new and unchanged rows aren't shown.")


def shown_note(allowed: RowAccess, info: FileInfo, count: int) -> str:
    """Say how much of a list is shown and until when, and that schools see it."""
    since = info.accepted_at or info.checked_at
    until = since + timedelta(days=settings.PROBLEM_ROWS_DAYS) if since else None
    said = []
    if allowed is RowAccess.SAMPLE and count > SAMPLE_ROWS:
        said.append(
            _("These are the first %(some)s of %(count)s rows.") % {"some": number(SAMPLE_ROWS), "count": number(count)}
        )
    if until:
        said.append(_("You can see these rows until %(day)s.") % {"day": day(localdate(until))})
    said.append(_("The schools concerned see in their access log that you looked."))
    return " ".join(said)


def gap_sentence(gap: SchoolGap) -> str:
    """Say why a row belongs to no school."""
    return {
        SchoolGap.BLANK: _("No AI code: the row names no school."),
        SchoolGap.NO_SCHOOL_CODE: _("This AI code means “no high school code”."),
        SchoolGap.UNKNOWN_CODE: _("No school here has this AI code."),
    }[gap]


def answer_label(state: CaseState) -> str:
    """Return the answer to a question of identity."""
    return {
        CaseState.OPEN: _("Open"),
        CaseState.SAME: _("Same student"),
        CaseState.DIFFERENT: _("Different students"),
    }[state]


def _seen_rows(event: EventInfo, title: str) -> str:
    shown = event.facts.detail.get("shown")
    if not isinstance(shown, int):
        return _("Looked at the list “%(list)s”") % {"list": title}
    return ngettext(
        "Looked at %(count)s row of the list “%(list)s”", "Looked at %(count)s rows of the list “%(list)s”", shown
    ) % {"count": number(shown), "list": title}


@dataclass(frozen=True, slots=True)
class CauseInWords:
    """One thing that was noticed over a file, and the button that repairs it."""

    sentence: str
    place: str
    examples: tuple[str, ...]
    preview: tuple[tuple[str, str], ...]
    kind: str
    button: str
    is_repaired: bool


def cause(one: FileCause) -> CauseInWords:
    """Return what was noticed over a file as its page shows it."""
    lines = ", ".join(map(str, one.lines)) + (", …" if one.rows > len(one.lines) else "")
    place = ", ".join(
        part
        for part in (
            rows(one.rows) if one.rows else "",
            ngettext("line %(lines)s", "lines %(lines)s", len(one.lines)) % {"lines": lines}
            if one.lines and one.rows
            else "",
            ", ".join(one.columns),
        )
        if part
    )
    preview = tuple(dict.fromkeys(pair for repair in one.repairs for pair in repair.preview))[:_EXAMPLES]
    return CauseInWords(
        sentence=one.sentence,
        place=place,
        examples=() if preview else one.examples,
        preview=preview,
        kind=one.offer.value if one.offer else "",
        button=repair_label(one.offer) if one.offer else "",
        is_repaired=one.is_repaired,
    )


def event_sentence(event: EventInfo) -> str:
    """Say what somebody did with a file."""
    rows = event.facts.detail.get("rows")
    title = list_title(ListKind(rows)) if isinstance(rows, str) and rows in set(ListKind) else ""
    sentences = {
        Verb.FILE_RECEIVED: _("Uploaded"),
        Verb.FILE_CHECKED: _("Checked"),
        Verb.FILE_FAILED: _("Could not be read"),
        Verb.FILE_ACCEPTED: _("Accepted"),
        Verb.FILE_UNDONE: _("Undone"),
        Verb.FILE_DISCARDED: _("Discarded"),
        Verb.FILE_ROWS_VIEWED: _seen_rows(event, title),
        Verb.FILE_ROWS_EXPORTED: _("Downloaded the list “%(list)s”") % {"list": title},
        Verb.FILE_REASONS_EXPORTED: _("Downloaded the reasons for refused rows, without students' data"),
        Verb.FILE_TAKEN_OVER: _("Took the file over"),
        Verb.FILE_REPAIR_CHOSEN: _("Chose a repair: %(repairs)s") % {"repairs": event.facts.detail.get("repairs", "")},
    }
    return next((said for verb, said in sentences.items() if verb.value == event.facts.verb), event.facts.verb)


def rows(count: int) -> str:
    """Write a number of rows."""
    return ngettext("%(count)s row", "%(count)s rows", count) % {"count": number(count)}
