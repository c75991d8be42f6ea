"""Which layout the files of a program have. To add a program, add its layout here."""

from typing import Final

from scoreport.programs.catalog import program as program_of
from scoreport.scores.intake.clep import ClepScores1
from scoreport.scores.intake.layouts import Layout

_LAYOUTS: Final[dict[str, Layout]] = {"clep": ClepScores1()}


def layout_of(program: str) -> Layout:
    """Return the layout that files of a program have now. Raises :class:`scoreport.programs.catalog.UnknownProgram`."""
    return _LAYOUTS[program_of(program).slug]
