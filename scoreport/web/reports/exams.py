"""The exams of a report, kept as they were written: dozens of charts, the same for everybody and for every filter."""

from functools import lru_cache

from django.conf import settings
from django.template import loader
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from scoreport.reports.rules import ExamRow, Report, ReportDefinition, tail_label
from scoreport.web.reports.exam_rows import charts_of, data_rows, exam_rows, part_names

# Exams that are shown before "all exams" is opened.
FIRST_EXAMS = 8


def exams_part(report: Report) -> SafeString:
    """Return the part of a report's page that shows its exams, in the reader's language."""
    definition = report.definition
    # Whoever edits the template wants to see it.
    if report.is_masked:
        # Other readers' exams are kept; these are few and cheap.
        tails = {exam.code: tail_label(exam.tail, exam.percent or 0) for exam in report.exams}
        context = {"exams": report.exams, "tails": tails, "words": definition.words}
        return mark_safe(loader.render_to_string("reports/part_published.html", context))  # noqa: S308 - a template wrote it
    write = _written.__wrapped__ if settings.DEBUG else _written
    # A cut that rose is drawn as it is in the newest of the years.
    last_day = max(report.years).last_day
    cuts = tuple(measure.cut(last_day) for measure in definition.charted)
    return write(definition, report.exams, cuts, translation.get_language() or settings.LANGUAGE_CODE)


@lru_cache(maxsize=400)
def _written(
    definition: ReportDefinition, exams: tuple[ExamRow, ...], cuts: tuple[int | None, ...], language: str
) -> SafeString:
    with translation.override(language):
        few = len(exams) <= FIRST_EXAMS + 2
        charts = charts_of(definition, cuts)
        context = {
            "exams": exams,
            "words": definition.words,
            "chart_names": [chart.name for chart in charts],
            "first_rows": exam_rows(exams if few else exams[:FIRST_EXAMS], definition, charts),
            "other_rows": "" if few else exam_rows(exams[FIRST_EXAMS:], definition, charts),
            "data": [
                (chart.name, [_("Exam"), *part_names(chart.measure)], data_rows(exams, place))
                for place, chart in enumerate(charts)
            ],
        }
        return mark_safe(loader.render_to_string("reports/part_exams.html", context))  # noqa: S308 - a template wrote it
