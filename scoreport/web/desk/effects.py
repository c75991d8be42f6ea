"""What an act will do, in sentences, told before anybody confirms it."""

from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.scores.files import FileInfo, UndoPreview
from scoreport.web.desk.words import tests
from scoreport.web.formats import day, number


def accepting(info: FileInfo) -> list[str]:
    """Say what accepting a checked file will do."""
    told = [
        _("%(new)s are added, %(changed)s get new values, %(same)s stay as they are.")
        % {"new": tests(info.new), "changed": tests(info.changed), "same": tests(info.same)}
    ]
    if info.reverting:
        message = ngettext(
            "%(count)s row returns to values which a later file replaced. It is held unless you tick the box below.",
            "%(count)s rows return to values which a later file replaced. They are held unless you tick the box below.",
            info.reverting,
        )
        told.append(message % {"count": number(info.reverting)})
    if info.doubled:
        message = ngettext(
            "%(count)s test is on file under another ticket. It is held unless you tick the box below.",
            "%(count)s tests are on file under another ticket. They are held unless you tick the box below.",
            info.doubled,
        )
        told.append(message % {"count": number(info.doubled)})
    if info.canceled:
        message = ngettext(
            "%(count)s test is canceled: reports show it without a score.",
            "%(count)s tests are canceled: reports show them without a score.",
            info.canceled,
        )
        told.append(message % {"count": number(info.canceled)})
    if info.unmatched:
        message = ngettext(
            "The school or the student of %(count)s row is uncertain. It is kept, and the question stays open.",
            "The school or the student of %(count)s rows is uncertain. They are kept, and the questions stay open.",
            info.unmatched,
        )
        told.append(message % {"count": number(info.unmatched)})
    if info.refused:
        message = ngettext("%(count)s refused row is left out.", "%(count)s refused rows are left out.", info.refused)
        told.append(message % {"count": number(info.refused)})
    told.append(_("Schools see each score from its release day on. You can undo the file later."))
    return told


def same_bytes(twin: FileInfo | None) -> list[str]:
    """Say that the same bytes were accepted already."""
    if twin is None or twin.accepted_at is None:
        return []
    message = _("These are the same bytes as file %(number)d (%(name)s), which was accepted on %(day)s.")
    return [message % {"number": twin.id, "name": twin.name, "day": day(localdate(twin.accepted_at))}]


def choices(info: FileInfo) -> list[tuple[str, str]]:
    """Return what can be accepted besides: the name of a box, and what it says."""
    return [
        *([("reverting", _("Accept the rows that return to earlier values"))] if info.reverting else []),
        *([("doubles", _("Accept the tests that are on file under another ticket"))] if info.doubled else []),
    ]


def taking_over(info: FileInfo) -> list[str]:
    """Say what taking over a file does."""
    before = (
        _("%(person)s handles the file now, and won't see its rows after this.") % {"person": info.handled_by}
        if info.handled_by
        else _("Nobody handles the file now.")
    )
    return [
        before,
        _("You see the rows that need a look. Each look is recorded in the access log of the schools concerned."),
        _("That you took the file over is recorded with the file."),
    ]


def undo_preview(outlook: UndoPreview) -> list[str]:
    """Say what taking an accepted file back will do."""
    gone = ngettext(
        "%(count)s test goes: no other file tells of it.",
        "%(count)s tests go: no other file tells of them.",
        outlook.gone,
    )
    returned = ngettext(
        "%(count)s test returns to what an earlier file says of it.",
        "%(count)s tests return to what an earlier file says of them.",
        outlook.returned,
    )
    unchanged = ngettext(
        "%(count)s test stays as it is: another file says the same, or a later one corrected it.",
        "%(count)s tests stay as they are: another file says the same, or a later one corrected them.",
        outlook.unchanged,
    )
    parts = ((gone, outlook.gone), (returned, outlook.returned), (unchanged, outlook.unchanged))
    return [
        *(sentence % {"count": number(count)} for sentence, count in parts if count),
        _("Everything is then as if the file had never been loaded, and reports show it at once."),
        _("To undo this, upload the file again."),
    ]
