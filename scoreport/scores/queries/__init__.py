"""Reads of scores and of claims for missing ones; :func:`visible_scores` is the only door to a score."""

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

__all__ = [
    "SCORE_ORDER",
    "Figures",
    "Masked",
    "RecordTests",
    "Wording",
    "at_place",
    "count_tests_of_records",
    "data_as_of",
    "figures",
    "figures_by_exam",
    "released",
    "scored_between",
    "takers",
    "visible_scores",
    "waiting",
    "wordings",
]
