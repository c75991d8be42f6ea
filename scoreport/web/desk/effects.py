"""What an act on a file will do, in sentences for the page that asks for confirmation."""

from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.scores.files import FileInfo, UndoPreview
from scoreport.web.formats import day, number


def _counted(*parts: tuple[str, int]) -> list[str]:
    """Return the sentences whose number is not zero, with the number."""
    return [sentence % {"count": number(count)} for sentence, count in parts if count]


def accepting(info: FileInfo) -> list[str]:
    """Say what accepting a checked file will do."""
    stored = _counted(
        (ngettext("%(count)s test is added.", "%(count)s tests are added.", info.new), info.new),
        (
            ngettext("%(count)s test gets new values.", "%(count)s tests get new values.", info.changed),
            info.changed,
        ),
        (ngettext("%(count)s test stays as it is.", "%(count)s tests stay as they are.", info.same), info.same),
    )
    held = _counted(
        (
            ngettext(
                "%(count)s row returns to values which a later file replaced."
                " It is held unless you tick the box below.",
                "%(count)s rows return to values which a later file replaced."
                " They are held unless you tick the box below.",
                info.reverting,
            ),
            info.reverting,
        ),
        (
            ngettext(
                "%(count)s test is on file under another ticket. It is held unless you tick the box below.",
                "%(count)s tests are on file under another ticket. They are held unless you tick the box below.",
                info.doubled,
            ),
            info.doubled,
        ),
    )
    return [
        *(stored or [_("No test is added or changed.")]),
        *held,
        *_special(info),
        _("Schools see each score from its release day on. You can undo the file later."),
    ]


def _special(info: FileInfo) -> list[str]:
    """Say which of the rows cancel a score, are uncertain, or are left out."""
    return _counted(
        (
            ngettext(
                "%(count)s test is canceled: reports show it without a score.",
                "%(count)s tests are canceled: reports show them without a score.",
                info.canceled,
            ),
            info.canceled,
        ),
        (
            ngettext(
                "We couldn't confirm the school or student of %(count)s row. It's saved for review.",
                "We couldn't confirm the school or student of %(count)s rows. They're saved for review.",
                info.unmatched,
            ),
            info.unmatched,
        ),
        (
            ngettext("%(count)s refused row is left out.", "%(count)s refused rows are left out.", info.refused),
            info.refused,
        ),
    )


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


def undo_preview(preview: UndoPreview) -> list[str]:
    """Say what undoing an accepted file will do."""
    return [
        *_counted(
            (
                ngettext(
                    "%(count)s test is removed: no other file has it.",
                    "%(count)s tests are removed: no other file has them.",
                    preview.gone,
                ),
                preview.gone,
            ),
            (
                ngettext(
                    "%(count)s test returns to the values of an earlier file.",
                    "%(count)s tests return to the values of an earlier file.",
                    preview.returned,
                ),
                preview.returned,
            ),
            (
                ngettext(
                    "%(count)s test stays as it is: another file has the same values, or a later one corrected it.",
                    "%(count)s tests stay as they are: another file has the same values, or a later one corrected"
                    " them.",
                    preview.unchanged,
                ),
                preview.unchanged,
            ),
        ),
        _("Everything is then as if the file had never been loaded, and reports show it at once."),
        _("To undo this, upload the file again."),
    ]
