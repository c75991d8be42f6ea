"""The exams of a report, kept as they were written: dozens of charts, the same for everybody and for every filter."""

from functools import lru_cache

from django.conf import settings
from django.template import loader
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from scoreport.reports.rules import BANDS, ExamRow, Report, tail_label
from scoreport.web.reports.exam_rows import data_rows, exam_rows

# Exams that are shown before "all exams" is opened.
FIRST_EXAMS = 8


def exams_part(report: Report) -> SafeString:
    """Return the part of a report's page that shows its exams, in the reader's language."""
    # Whoever edits the template wants to see it.
    if report.is_masked:
        # Other readers' exams are kept; these are few and cheap.
        tails = {exam.code: tail_label(exam.tail, exam.percent or 0) for exam in report.exams}
        told = {"exams": report.exams, "tails": tails}
        return mark_safe(loader.render_to_string("reports/part_published.html", told))  # noqa: S308 - a template wrote it
    write = _written.__wrapped__ if settings.DEBUG else _written
    return write(report.exams, translation.get_language() or settings.LANGUAGE_CODE)


@lru_cache(maxsize=400)
def _written(exams: tuple[ExamRow, ...], language: str) -> SafeString:
    with translation.override(language):
        few = len(exams) <= FIRST_EXAMS + 2
        told = {
            "exams": exams,
            "first_rows": exam_rows(exams if few else exams[:FIRST_EXAMS]),
            "other_rows": "" if few else exam_rows(exams[FIRST_EXAMS:]),
            "headers": [_("Exam"), *(f"{low}–{high}" for low, high in BANDS)],
            "data": data_rows(exams),
        }
        return mark_safe(loader.render_to_string("reports/part_exams.html", told))  # noqa: S308 - a template wrote it
