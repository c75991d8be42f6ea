"""Keeping small groups out of figures for people who may not see individuals; pure.

A row of fewer test takers than the threshold is hidden. The summary is the sum of the rows, so further rows are
hidden until nobody can work a small one out by subtraction: for each small row at least three numbers must be
possible. When no row is left to hide, the summary goes too. (trust.md, decision 8; the engine that also links
schools, districts and subgroups stands on the same two functions.)
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from scoreport.reports.rules.report import ExamRow, Hidden, Summary

LEAST_POSSIBLE: Final = 3
"""How many numbers must be possible for what is hidden."""


def suppress(summary: Summary, exams: tuple[ExamRow, ...], *, threshold: int) -> tuple[Summary, tuple[ExamRow, ...]]:
    """Return the summary and its exams without what would tell of fewer than ``threshold`` test takers.

    Takes complete figures of one academic year. Rows without released scores are left out, and what waits by exam.
    """
    exams = tuple(row for row in exams if row.takers)
    hidden = _hidden_rows(summary, exams, threshold)
    if 0 < (summary.takers or 0) < threshold:
        summary = _without_figures(summary, Hidden.SMALL)
    elif hidden and not _is_protected(summary, exams, hidden, threshold):
        summary = _without_figures(summary, Hidden.RELATED)
    # A test that waits is a test taker too.
    if summary.waiting is not None and 0 < summary.waiting < threshold:
        summary = replace(summary, waiting=None)
    return summary, tuple(_masked(row, hidden.get(row.code, Hidden.NO)) for row in exams)


def _hidden_rows(summary: Summary, exams: tuple[ExamRow, ...], threshold: int) -> dict[str, Hidden]:
    """Return which rows must be hidden, and why: the small ones, then the next smallest ones as far as needed."""
    hidden = {row.code: Hidden.SMALL for row in exams if (row.takers or 0) < threshold}
    others = sorted((row for row in exams if row.code not in hidden), key=lambda row: (row.tests or 0, row.code))
    for row in others:
        if _is_protected(summary, exams, hidden, threshold):
            break
        hidden[row.code] = Hidden.RELATED
    return hidden


def _is_protected(summary: Summary, exams: tuple[ExamRow, ...], hidden: Mapping[str, Hidden], threshold: int) -> bool:
    """Tell whether each small row could still be one of several numbers for a reader of everything else.

    The reader knows that a small row has 1 to ``threshold - 1`` takers and, as nearly everybody takes an exam once
    a year, as many tests; that another hidden row has at least ``threshold``; that all tests add up to the
    summary; and that the summary's takers are no more than the rows' takers together.
    """
    shown = [row for row in exams if row.code not in hidden]
    tests = (summary.tests or 0) - sum(row.tests or 0 for row in shown)
    takers = (summary.takers or 0) - sum(row.takers or 0 for row in shown)
    small = sum(1 for why in hidden.values() if why is Hidden.SMALL)
    related = len(hidden) - small
    if not small:
        return True
    most = threshold - 1
    # What the other hidden rows can hold at least and, without a related one, at most.
    least_others = (small - 1) + related * threshold
    most_others = (small - 1) * most if not related else max(tests, takers)
    highest = min(most, tests - least_others)
    lowest = max(1, tests - most_others if not related else 1, takers - most_others)
    return highest - lowest + 1 >= LEAST_POSSIBLE


def _without_figures(summary: Summary, why: Hidden) -> Summary:
    return replace(summary, takers=None, tests=None, at_cut=None, percent=None, hidden=why)


def _masked(row: ExamRow, why: Hidden) -> ExamRow:
    if why is Hidden.NO:
        return replace(row, waiting=None)
    return ExamRow(row.code, row.title, None, None, None, None, None, (), None, why)
