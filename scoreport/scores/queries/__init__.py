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
from scoreport.scores.queries.figures import ExamFigures, Figures, figures, figures_by_exam, takers
from scoreport.scores.queries.groups import ExamAtSchool, counts_by_school_and_exam, tests_by_organization
from scoreport.scores.queries.history import ScoreVersion, versions
from scoreport.scores.queries.pending import count_pending
from scoreport.scores.queries.reading import (
    IS_CANCELED,
    Masked,
    at_cut,
    at_place,
    below_cut,
    canceled,
    columns_shown,
    data_as_of,
    not_canceled,
    released,
    scored_between,
    shown_as,
    unreleased,
    value_order,
    visible_of_every_program,
    visible_rows,
    visible_scores,
    waiting,
)
from scoreport.scores.queries.records import RecordTests, count_tests_of_students, record_tests
from scoreport.scores.queries.schools import Revision, SchoolYear, revision, school_year
from scoreport.scores.queries.students import (
    SchoolPlaces,
    StudentRow,
    count_students,
    has_changed_rows,
    rows_of_student,
    schools_of_student,
    students_of_file,
    years_of_student,
)
from scoreport.scores.queries.withdrawals import (
    TestInfo,
    UnknownWithdrawal,
    WithdrawalInfo,
    withdrawal,
    withdrawals,
)

if TYPE_CHECKING:
    from scoreport.scores.queries.reading import VisibleScores as VisibleScores

__all__ = [
    "IS_CANCELED",
    "ClaimCase",
    "ClaimInfo",
    "ExamAtSchool",
    "ExamFigures",
    "Figures",
    "Masked",
    "RecordTests",
    "Revision",
    "RowSide",
    "SchoolPlaces",
    "SchoolYear",
    "ScoreVersion",
    "StudentRow",
    "TestInfo",
    "UnknownClaim",
    "UnknownWithdrawal",
    "WithdrawalInfo",
    "at_cut",
    "at_place",
    "below_cut",
    "canceled",
    "claim_case",
    "claims",
    "claims_of",
    "columns_shown",
    "count_claims",
    "count_pending",
    "count_students",
    "count_tests_of_students",
    "counts_by_school_and_exam",
    "data_as_of",
    "exam_of_ticket",
    "figures",
    "figures_by_exam",
    "has_changed_rows",
    "not_canceled",
    "record_tests",
    "released",
    "revision",
    "rows_of_student",
    "school_year",
    "schools_of_student",
    "scored_between",
    "shown_as",
    "students_of_file",
    "takers",
    "tests_by_organization",
    "unreleased",
    "value_order",
    "versions",
    "visible_of_every_program",
    "visible_rows",
    "visible_scores",
    "waiting",
    "withdrawal",
    "withdrawals",
    "years_of_student",
]
