"""Which layout the files of a program have. To add a program, add its layout here."""

from typing import Final

from django.utils.translation import gettext as _

from scoreport.access import NotFound
from scoreport.scores.intake.clep import ClepScores1
from scoreport.scores.intake.layouts import Layout

_LAYOUTS: Final[dict[str, Layout]] = {"clep": ClepScores1()}


class UnknownProgram(NotFound):
    """No layout is known for files of this program."""


def layout_of(program: str) -> Layout:
    """Return the layout that files of a program have now. Raises :class:`UnknownProgram`."""
    if program not in _LAYOUTS:
        message = _("There is no score file layout for the program “%(program)s”. Known programs: %(known)s.")
        raise UnknownProgram(message % {"program": program, "known": ", ".join(sorted(_LAYOUTS))})
    return _LAYOUTS[program]
