"""Reads of scores and of claims for missing ones; :func:`visible_scores` is the only door to a score."""

from typing import TYPE_CHECKING

from scoreport.scores.queries.claiming import (
    ClaimCase,
    ClaimInfo,
    RowSide,
    UnknownClaim,
    claim_case,
    claims,
    claims_of,
    count_claims,
    exam_of_ticket,
)
from scoreport.scores.queries.reading import (
    SCORE_ORDER,
    Figures,
    Masked,
    RecordTests,
    Wording,
    at_place,
    count_tests_of_records,
    data_as_of,
    figures,
    figures_by_exam,
    released,
    scored_between,
    takers,
    visible_scores,
    waiting,
    wordings,
)

if TYPE_CHECKING:
    from scoreport.scores.queries.reading import VisibleScores as VisibleScores

__all__ = [
    "SCORE_ORDER",
    "ClaimCase",
    "ClaimInfo",
    "Figures",
    "Masked",
    "RecordTests",
    "RowSide",
    "UnknownClaim",
    "Wording",
    "at_place",
    "claim_case",
    "claims",
    "claims_of",
    "count_claims",
    "count_tests_of_records",
    "data_as_of",
    "exam_of_ticket",
    "figures",
    "figures_by_exam",
    "released",
    "scored_between",
    "takers",
    "visible_scores",
    "waiting",
    "wordings",
]
