"""Where scores are stored, and what a checked row of a score file holds."""

from typing import Final

from scoreport.imports.versions import Store
from scoreport.scores.school_resolution import Schools

MISSING: Final = "missing"
"""Status of a staged row without a score that none can be pending of, until ``intake.status`` decides about it."""
_LINES: Final = 32
"""Bits that a line number has in ``store_order``."""

STORE: Final = Store(
    versions="scores_score",
    assertions="scores_scoreassertion",
    key=("program", "ticket"),
    # The wide row of the score, then what matching needs.
    staged=(
        ("line", "bigint"),
        # Where the row is to lie among the stored ones; see :func:`order`.
        ("store_order", "bigint"),
        ("program", "code"),
        ("ticket", "code"),
        ("row_hash", "bigint"),
        ("first_name", "text"),
        ("middle_initial", "text"),
        ("last_name", "text"),
        ("sort_first", "code"),
        ("sort_last", "code"),
        ("gender", "code"),
        ("ethnicity", "smallint"),
        ("birth_date", "date"),
        ("grade", "smallint"),
        ("ai_code", "code"),
        ("voucher_code", "code"),
        ("registered_on", "date"),
        ("tested_on", "date"),
        ("test_center_code", "code"),
        ("test_center_name", "code"),
        ("test_center_city", "code"),
        ("exam_code", "code"),
        ("exam_subject", "code"),
        ("score", "smallint"),
        ("scored_on", "date"),
        ("status", "code"),
        ("year", "smallint"),
        ("school_id", "bigint"),
        ("district_id", "bigint"),
        ("state_id", "bigint"),
        ("released_at", "instant"),
        ("is_hostile", "boolean"),
        ("fold_given", "code"),
        ("fold_last", "code"),
        ("fold_initial", "code"),
        ("place_code", "code"),
        ("record_key", "bigint"),
        ("name_birth_key", "bigint"),
        ("name_school_key", "bigint"),
        ("letters_key", "bigint"),
    ),
    staged_only=frozenset(
        {
            *("line", "store_order", "fold_given", "fold_last", "fold_initial", "place_code"),
            *("record_key", "name_birth_key", "name_school_key", "letters_key"),
        }
    ),
    order="store_order",
    header="registration_ticket_number",
)


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
