"""The exams of a report, kept as they were written: dozens of charts, the same for everybody and for every filter."""

from functools import lru_cache

from django.conf import settings
from django.template import loader
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from scoreport.reports.rules import BANDS, ClepReport, ExamRow, tail_label
from scoreport.web.formats import number
from scoreport.web.reports.figures import hidden_words

# Exams that are shown before "all exams" is opened.
FIRST_EXAMS = 8


def exams_part(report: ClepReport) -> SafeString:
    """Return the part of a report's page that shows its exams, in the reader's language."""
    # Whoever edits the template wants to see it.
    if report.is_masked:
        # Other readers' exams are kept; these are few and cheap.
        tails = {exam.code: tail_label(exam.tail, exam.percent or 0) for exam in report.exams}
        told = {"exams": report.exams, "tails": tails}
        return mark_safe(loader.render_to_string("reports/part_published.html", told))  # noqa: S308 - a template wrote it
    write = _written.__wrapped__ if settings.DEBUG else _written
    return write(report.exams, report.threshold, translation.get_language() or settings.LANGUAGE_CODE)


@lru_cache(maxsize=128)
def _written(exams: tuple[ExamRow, ...], threshold: int, language: str) -> SafeString:
    with translation.override(language):
        told = {
            "exams": exams,
            "first": FIRST_EXAMS,
            "hidden": hidden_words(threshold),
            "distribution": _distribution(exams),
        }
        return mark_safe(loader.render_to_string("reports/part_exams.html", told))  # noqa: S308 - a template wrote it


def _distribution(exams: tuple[ExamRow, ...]) -> tuple[list[str], list[list[str]]]:
    """Return the numbers behind the charts: how many scores of each exam lie in each band."""
    headers = [_("Exam"), *(f"{low}–{high}" for low, high in BANDS)]
    return headers, [[exam.title, *map(number, exam.bands)] for exam in exams if exam.bands]
