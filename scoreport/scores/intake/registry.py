"""Which layout the files of a program have, and what checks their rows."""

from typing import Final

from scoreport.programs.catalog import program as program_of
from scoreport.programs.catalog.clep.layouts import CLEP_SCORES
from scoreport.scores.intake import clep
from scoreport.scores.intake.layouts import ScoreLayout

_LAYOUTS: Final[dict[str, ScoreLayout]] = {
    "clep": ScoreLayout(CLEP_SCORES, clep.TICKET_COLUMN, clep.ClepChecker, clep.about, "score", clep.NO_SCORE),
}


def layout_of(program: str) -> ScoreLayout:
    """Return the layout that files of a program have now. Raises :class:`scoreport.programs.catalog.UnknownProgram`."""
    return _LAYOUTS[program_of(program).slug]
