"""The rows of a report's exams as HTML: dozens of charts, for which a template takes longer than for all the rest."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Final

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.programs.rules import Measure
from scoreport.reports.rules import ExamRow, ReportDefinition
from scoreport.web.charts import bars
from scoreport.web.formats import writer

_WIDTH: Final = 156
_HEIGHT: Final = 36
_MISSING: Final = "–"


@dataclass(frozen=True, slots=True)
class Chart:
    """A measure whose distribution is drawn, under a name, with the cut that is drawn into it."""

    measure: Measure
    name: str
    cut: int | None


def charts_of(definition: ReportDefinition, cuts: Sequence[int | None]) -> list[Chart]:
    """Return what a report draws of each exam, the main measure first; ``cuts`` are those of its charted measures."""
    names = [str(definition.words.chart), *(str(measure.label) for measure in definition.charted[1:])]
    return [Chart(*each) for each in zip(definition.charted, names, cuts, strict=True)]


def exam_rows(exams: Sequence[ExamRow], definition: ReportDefinition, charts: Sequence[Chart]) -> SafeString:
    """Return a line for each exam, as reports/exams.html has its columns."""
    names = [escape(name) for name in (_("Takers"), _("Tests"), _("Mean"), str(definition.words.at_cut_column))]
    number = writer()
    lines = (_row(exam, names, [*_charts(exam, definition, charts, number)], number) for exam in exams)
    return mark_safe("".join(lines))  # noqa: S308 - every value is escaped below


def part_names(measure: Measure) -> list[str]:
    """Return the parts of a distribution as people read them: the names of levels, or the first and last value."""
    return [str(measure.label_of(low)) if low == high else f"{low}–{high}" for low, high in measure.ranges]


def data_rows(exams: Sequence[ExamRow], place: int) -> SafeString:
    """Return the numbers behind the charts of one measure, by its place: how many scores lie in each part."""
    number = writer()
    lines = (
        f'<tr><th scope="row">{escape(exam.title)}</th>'
        f"{''.join(f'<td class="n">{number(count)}</td>' for count in bands)}</tr>"
        for exam in exams
        if (bands := _bands(exam, place))
    )
    return mark_safe("\n".join(lines))  # noqa: S308 - the title is escaped, the others are numbers


def _bands(exam: ExamRow, place: int) -> tuple[int, ...]:
    """Return the distribution of a charted measure by its place; nothing where none of the exam was counted."""
    if not place:
        return exam.bands
    return exam.more[place - 1] if len(exam.more) >= place else ()


def _row(exam: ExamRow, names: Sequence[str], charts: Sequence[str], number: Callable[..., str]) -> str:
    takers, tests, mean, at_cut = names
    share = _share(exam.percent, number) if exam.percent is not None else _MISSING
    return (
        f'<tr role="row"><th role="rowheader" scope="row">{escape(exam.title)}{_apart(exam)}</th>'
        f'<td role="cell" class="n" data-label="{takers}">{_or_missing(exam.takers, number)}</td>'
        f'<td role="cell" class="n" data-label="{tests}">{_or_missing(exam.tests, number)}</td>'
        f'<td role="cell" class="n" data-label="{mean}">{_or_missing(exam.mean, number, 1)}</td>'
        f'<td role="cell" class="wide" data-label="{at_cut}">{share}</td>'
        f"{''.join(charts)}</tr>\n"
    )


def _apart(exam: ExamRow) -> str:
    """Say how many tests wait or are canceled."""
    told = ""
    if exam.waiting:
        words = ngettext("%(num)s score pending", "%(num)s scores pending", exam.waiting)
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


def _charts(
    exam: ExamRow, definition: ReportDefinition, charts: Sequence[Chart], number: Callable[..., str]
) -> Iterator[str]:
    """Yield the cells with the charts of an exam, each with a label that says what there is to see."""
    for place, chart in enumerate(charts):
        bands = _bands(exam, place)
        label = _by_parts(exam, chart, bands, number) if place else _of_main(exam, definition, number)
        drawn = _FRAME[0] + escape(label) + _FRAME[1] + _drawn(chart.measure, bands, chart.cut) if any(bands) else ""
        yield f'<td role="cell" class="chart" data-label="{escape(chart.name)}">{drawn or _MISSING}</td>'


def _of_main(exam: ExamRow, definition: ReportDefinition, number: Callable[..., str]) -> str:
    words = definition.words.chart_label(exam.tests or 0)
    return words % {"exam": exam.title, "tests": number(exam.tests or 0), "share": f"{number(exam.percent or 0)}%"}


def _by_parts(exam: ExamRow, chart: Chart, bands: Sequence[int], number: Callable[..., str]) -> str:
    parts = zip(part_names(chart.measure), bands, strict=True)
    return f"{exam.title}, {chart.name}: {', '.join(f'{name} {number(count)}' for name, count in parts)}"


_SIZE: Final = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
_FRAME: Final = (
    f'<svg class="histogram" {_SIZE} role="img" aria-label="',
    f'"><path class="floor" d="M0 {_HEIGHT - 0.5}H{_WIDTH}"/>',
)


@lru_cache(maxsize=2_000)
def _drawn(measure: Measure, counts: tuple[int, ...], cut: int | None) -> str:
    """Draw a distribution as components/chart.html does; its parts are of one width, whatever they hold."""
    place = len(counts) if cut is None else _place_of(measure, cut)
    drawn = bars(counts, least=0, most=len(counts), cut=place, width=_WIDTH, height=_HEIGHT)
    low = f'<path class="low" d="{drawn.low}"/>' if drawn.low else ""
    high = f'<path class="high" d="{drawn.high}"/>' if drawn.high else ""
    line = "" if cut is None else f'<path class="cut" d="M{drawn.cut} 0V{_HEIGHT}"/>'
    return f"{low}{high}{line}</svg>"


def _place_of(measure: Measure, value: int) -> float:
    """Return the position of a value in a distribution, in parts from the left edge."""
    place, (low, high) = next((place, ends) for place, ends in enumerate(measure.ranges) if value <= ends[1])
    return place + (value - low) / (high - low + 1)
