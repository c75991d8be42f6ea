"""In which order the rows of a score file are stored, and how one without a score is marked until it is decided on."""

from typing import Final

from scoreport.scores.school_resolution import Schools

MISSING: Final = "missing"
"""Status of a staged row without a score that none can be pending of, until ``intake.status`` decides about it."""
_LINES: Final = 32
"""Bits that a line number has in ``store_order``."""


def order(schools: Schools) -> dict[int | None, int]:
    """Return what a row's ``store_order`` begins with, by its school: the line of the file fills the lower half.

    Reports read by district and school, so scores and students are stored in this order: those of a state's districts
    one after the other, those of unknown schools last, as they stand in PostgreSQL's indexes, which then grow at their
    ends. One number sorts many times faster than the ids it stands for.
    """
    refs = {ref.school_id: ref for ref in (*schools.by_code.values(), *schools.placed.values())}
    placed = sorted(refs.values(), key=lambda ref: (ref.state_id or 0, ref.district_id or 0, ref.school_id))
    ranks = [*(ref.school_id for ref in placed), None]
    return {school_id: rank << _LINES for rank, school_id in enumerate(ranks)}


def line_of(store_order: int) -> int:
    """Return the line of the row that is to be stored there."""
    return store_order & ((1 << _LINES) - 1)
