"""The rules of reports: columns, queries of the roster, what a report says, and what it keeps to itself."""

from scoreport.reports.rules.columns import ALL_COLUMNS, COLUMNS, RosterColumn, Style
from scoreport.reports.rules.exports import ExportLimits
from scoreport.reports.rules.parameters import parse
from scoreport.reports.rules.report import (
    ClepReport,
    Correction,
    ExamRow,
    FilterOptions,
    Format,
    Hidden,
    Option,
    RosterPage,
    RosterRow,
    SavedViewInfo,
    StudentReport,
    StudentResult,
    Summary,
    Waiting,
    empty_sentence,
    hidden_label,
    waiting_sentence,
)
from scoreport.reports.rules.roster import BANDS, PAGE_SIZE, PROGRAM, Parsed, Result, RosterQuery
from scoreport.reports.rules.suppression import suppress

__all__ = [
    "ALL_COLUMNS",
    "BANDS",
    "COLUMNS",
    "PAGE_SIZE",
    "PROGRAM",
    "ClepReport",
    "Correction",
    "ExamRow",
    "ExportLimits",
    "FilterOptions",
    "Format",
    "Hidden",
    "Option",
    "Parsed",
    "Result",
    "RosterColumn",
    "RosterPage",
    "RosterQuery",
    "RosterRow",
    "SavedViewInfo",
    "StudentReport",
    "StudentResult",
    "Style",
    "Summary",
    "Waiting",
    "empty_sentence",
    "hidden_label",
    "parse",
    "suppress",
    "waiting_sentence",
]
