"""The summary and the exams of a CLEP report."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, NotAllowed, Permission, PlaceKind
from scoreport.lib.clock import local_date
from scoreport.organizations.rules import OrganizationInfo
from scoreport.programs.catalog import program
from scoreport.programs.rules import AcademicYear
from scoreport.reports.queries.exams import WITH_TOTALS, figures_by_exam
from scoreport.reports.queries.published import published_years
from scoreport.reports.queries.years import with_years
from scoreport.reports.rules import PROGRAM, ClepReport, ExamRow, RosterQuery, Summary, empty_sentence
from scoreport.scores import queries as scores
from scoreport.scores.queries import ExamFigures, Figures


def clep_report(actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime) -> ClepReport:
    """Return the figures of an organization's years; filters of the query do not touch them.

    A reader who may not see individuals gets what is published of one year (decision 35).
    Raises :class:`scoreport.access.NotAllowed` without a role that opens reports there.
    """
    access.require(actor, Permission.SCORES_SUMMARY_READ, organization.place)
    query, notices = with_years(actor, organization, query, at)
    if is_masked(actor, organization):
        return _published_report(actor, organization, query, notices, at)
    years = query.years
    figures = _Figures(actor, organization, at, years)
    summary, exams = figures.together()
    before = figures.of_year(years[0] - 1) if len(years) == 1 else None
    shown = tuple(AcademicYear(year) for year in years)
    today = local_date(at, organization.time_zone)
    return ClepReport(
        organization=organization,
        years=shown,
        summary=summary,
        before=before,
        change_in_points=_change(before, summary),
        by_year=tuple((year, figures.of_year(year.start)) for year in shown) if len(shown) > 1 else (),
        exams=tuple(sorted(exams, key=lambda row: (-(row.tests or 0), row.title))),
        data_as_of=scores.data_as_of(PROGRAM),
        is_masked=False,
        threshold=settings.SMALL_GROUP_THRESHOLD,
        empty=empty_sentence(organization.kind, shown, today) if summary.is_empty else "",
        notices=notices,
    )


def _published_report(
    actor: Actor, organization: OrganizationInfo, query: RosterQuery, notices: tuple[str, ...], at: datetime
) -> ClepReport:
    """Return what is published of the first year and, to compare with, of the year before."""
    year = AcademicYear(query.years[0])
    if len(query.years) > 1:
        notices = (*notices, _("With the Summary Reports role, a report shows one academic year."))
    published = published_years(actor, organization, summary_years(query))
    now, before = published[year.start], published[year.start - 1]
    today = local_date(at, organization.time_zone)
    return ClepReport(
        organization=organization,
        years=(year,),
        summary=now.summary,
        before=before.summary,
        change_in_points=_change(before.summary, now.summary),
        by_year=(),
        exams=now.exams,
        data_as_of=now.refreshed_at,
        is_masked=True,
        threshold=settings.SMALL_GROUP_THRESHOLD,
        # Whether there is no test or a few is not published, so a year is empty only before it begins.
        empty=empty_sentence(organization.kind, (year,), today) if year.first_day > today else "",
        notices=notices,
    )


def summary_years(query: RosterQuery) -> tuple[int, int]:
    """Return the academic years that a report for readers of summaries needs: one and the one before."""
    return query.years[0], query.years[0] - 1


def is_masked(actor: Actor, organization: OrganizationInfo) -> bool:
    """Tell whether somebody may see aggregates of an organization only (now: a second factor may be missing)."""
    try:
        access.require(actor, Permission.SCORES_ROSTER_READ, organization.place)
    except NotAllowed:
        return True
    return False


class _Figures:
    """The exact figures of an organization's years."""

    def __init__(self, actor: Actor, organization: OrganizationInfo, at: datetime, years: tuple[int, ...]) -> None:
        self._actor = actor
        self._organization = organization
        self._at = at
        self._years = years
        place = organization.place
        self._by_year = scores.figures(actor, place, at, program=PROGRAM, years={*years, years[0] - 1})

    def of_year(self, year: int) -> Summary:
        """Return the summary of one year, the one before the first included."""
        return _summary(self._by_year[year])

    def together(self) -> tuple[Summary, tuple[ExamRow, ...]]:
        """Return summary and exams of all the years."""
        if len(self._years) == 1:
            year = self._years[0]
            return self.of_year(year), _exams(self._by_exam(year))
        return self._several()

    def _by_exam(self, year: int) -> Mapping[str, ExamFigures]:
        return figures_by_exam(self._actor, self._organization, self._at, year=year, together=self._by_year[year])

    def _several(self) -> tuple[Summary, tuple[ExamRow, ...]]:
        """Add several years up. A student who tests in two of them is one taker, so takers are counted anew.

        That means to go through all tests, so it is left out where it takes seconds: for a state, and by exam
        where there are totals.
        """
        kind, ask = self._organization.kind, (self._actor, self._organization.place, self._at)
        takers = None
        if kind is not PlaceKind.STATE:
            takers = scores.takers(*ask, program=PROGRAM, years=self._years)
        together = _sum_of([self._by_year[year] for year in self._years])
        summary = replace(_summary(together), takers=takers)
        if kind not in WITH_TOTALS:
            return summary, _exams(scores.figures_by_exam(*ask, program=PROGRAM, years=self._years))
        parts = [self._by_exam(year) for year in self._years]
        codes = sorted({code for part in parts for code in part})
        exams = {code: _sum_of_exam([part[code] for part in parts if code in part]) for code in codes}
        return summary, tuple(replace(row, takers=None) for row in _exams(exams))


def _sum_of(parts: Sequence[Figures]) -> Figures:
    """Add figures up; the takers are nobody's then."""
    names = ("tests", "at_cut", "score_sum", "waiting", "canceled")
    return Figures(0, *(sum(getattr(part, name) for part in parts) for name in names))


def _sum_of_exam(parts: Sequence[ExamFigures]) -> ExamFigures:
    """Add the figures of one exam up; the takers are nobody's then."""
    bands = tuple(map(sum, zip(*(part.bands for part in parts), strict=True)))
    return ExamFigures(**asdict(_sum_of(parts)), bands=bands)


def _summary(figures: Figures) -> Summary:
    return Summary(
        takers=figures.takers,
        tests=figures.tests,
        at_cut=figures.at_cut,
        percent=figures.percent_at_cut,
        waiting=figures.waiting,
        canceled=figures.canceled,
    )


def _exams(figures: Mapping[str, ExamFigures]) -> tuple[ExamRow, ...]:
    return tuple(_exam(code, counted) for code, counted in figures.items())


def _exam(code: str, figures: ExamFigures) -> ExamRow:
    exam = program(PROGRAM).exam_by_code(code)
    return ExamRow(
        code=code,
        title=exam.title if exam else code,
        takers=figures.takers,
        tests=figures.tests,
        at_cut=figures.at_cut,
        mean=figures.mean,
        percent=figures.percent_at_cut,
        bands=figures.bands,
        waiting=figures.waiting,
        canceled=figures.canceled,
    )


def _change(before: Summary | None, now: Summary) -> float | None:
    """Return by how many points the share at the cut changed, from the figures that are shown."""
    if before is None or before.percent is None or now.percent is None or before.tail or now.tail:
        return None
    return round(now.percent - before.percent, 1)
