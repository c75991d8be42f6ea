"""The rows of a report's exams as HTML: dozens of charts, for which a template takes longer than for all the rest."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from html import escape
from typing import Final

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.programs.rules import CREDIT_GRANTING_SCORE
from scoreport.reports.rules import ExamRow
from scoreport.web.charts import bars
from scoreport.web.formats import writer

_WIDTH: Final = 156
_HEIGHT: Final = 36
_LEAST, _MOST = 20, 80
_MISSING: Final = "–"


def exam_rows(exams: Sequence[ExamRow]) -> SafeString:
    """Return a line for each exam, as reports/exams.html has its columns."""
    names = [escape(name) for name in (_("Takers"), _("Tests"), _("Mean"), _("At 50 or higher"), _("Scores 20–80"))]
    number = writer()
    return mark_safe("".join(_row(exam, names, number) for exam in exams))  # noqa: S308 - every value is escaped below


def data_rows(exams: Sequence[ExamRow]) -> SafeString:
    """Return the numbers behind the charts: how many scores of each exam lie in each band."""
    number = writer()
    lines = (
        f'<tr><th scope="row">{escape(exam.title)}</th>'
        f"{''.join(f'<td class="n">{number(count)}</td>' for count in exam.bands)}</tr>"
        for exam in exams
        if exam.bands
    )
    return mark_safe("\n".join(lines))  # noqa: S308 - the title is escaped, the others are numbers


def _row(exam: ExamRow, names: Sequence[str], number: Callable[..., str]) -> str:
    takers, tests, mean, at_cut, scores = names
    share = _share(exam.percent, number) if exam.percent is not None else _MISSING
    return (
        f'<tr role="row"><th role="rowheader" scope="row">{escape(exam.title)}{_apart(exam)}</th>'
        f'<td role="cell" class="n" data-label="{takers}">{_or_missing(exam.takers, number)}</td>'
        f'<td role="cell" class="n" data-label="{tests}">{_or_missing(exam.tests, number)}</td>'
        f'<td role="cell" class="n" data-label="{mean}">{_or_missing(exam.mean, number, 1)}</td>'
        f'<td role="cell" class="wide" data-label="{at_cut}">{share}</td>'
        f'<td role="cell" class="chart" data-label="{scores}">{_chart(exam, number)}</td></tr>\n'
    )


def _apart(exam: ExamRow) -> str:
    """Say how many tests wait or are canceled."""
    told = ""
    if exam.waiting:
        words = ngettext("%(num)s waits for its score", "%(num)s wait for their scores", exam.waiting)
        told += f' <small class="waits">{escape(words % {"num": exam.waiting})}</small>'
    if exam.canceled:
        words = ngettext("%(num)s canceled", "%(num)s canceled", exam.canceled)
        told += f' <small class="waits">{escape(words % {"num": exam.canceled})}</small>'
    return told


def _or_missing(value: float | None, number: Callable[..., str], places: int = 0) -> str:
    return _MISSING if value is None else number(value, places)


def _share(percent: float, number: Callable[..., str]) -> str:
    """Draw a share as components/chart.html does."""
    return (
        '<span class="share"><svg class="bar" viewBox="0 0 100 8" width="100" height="8" preserveAspectRatio="none"'
        ' aria-hidden="true" focusable="false"><rect class="track" width="100" height="8"/>'
        f'<rect class="fill" width="{round(percent, 1)}" height="8"/></svg>'
        f'<span class="share-number">{number(percent)}%</span></span>'
    )


def _chart(exam: ExamRow, number: Callable[..., str]) -> str:
    """Draw the bands of an exam as components/chart.html does, with a label that says what there is to see."""
    if not exam.tests:
        return _MISSING
    words = ngettext(
        "%(exam)s: %(tests)s score, %(share)s at 50 or higher",
        "%(exam)s: %(tests)s scores, %(share)s at 50 or higher",
        exam.tests,
    )
    told = {"exam": exam.title, "tests": number(exam.tests), "share": f"{number(exam.percent)}%"}
    return _FRAME[0] + escape(words % told) + _FRAME[1] + _drawn(exam.bands)


_SIZE: Final = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
_FRAME: Final = (
    f'<svg class="histogram" {_SIZE} role="img" aria-label="',
    f'"><path class="floor" d="M0 {_HEIGHT - 0.5}H{_WIDTH}"/>',
)


@lru_cache(maxsize=2_000)
def _drawn(counts: tuple[int, ...]) -> str:
    drawn = bars(counts, least=_LEAST, most=_MOST, cut=CREDIT_GRANTING_SCORE, width=_WIDTH, height=_HEIGHT)
    low = f'<path class="low" d="{drawn.low}"/>' if drawn.low else ""
    high = f'<path class="high" d="{drawn.high}"/>' if drawn.high else ""
    return f'{low}{high}<path class="cut" d="M{drawn.cut} 0V{_HEIGHT}"/></svg>'
