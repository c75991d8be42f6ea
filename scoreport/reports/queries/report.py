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
from scoreport.reports.queries.years import with_years
from scoreport.reports.rules import PROGRAM, ClepReport, ExamRow, RosterQuery, Summary, empty_sentence, suppress
from scoreport.scores import queries as scores
from scoreport.scores.queries import ExamFigures, Figures


def clep_report(actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime) -> ClepReport:
    """Return the figures of an organization's years; filters of the query do not touch them.

    A reader who may not see individuals gets one year, without what would tell of fewer than the threshold.
    Raises :class:`scoreport.access.NotAllowed` without a role that opens reports there.
    """
    access.require(actor, Permission.SCORES_SUMMARY_READ, organization.place)
    query, notices = with_years(actor, organization, query, at)
    masked = is_masked(actor, organization)
    years = query.years
    if masked and len(years) > 1:
        years = years[:1]
        notices = (*notices, _("With the Summary Reports role, a report shows one academic year."))
    figures = _Figures(actor, organization, at, years, masked=masked)
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
        # In the order of their sizes, hidden rows would tell theirs by their places.
        exams=tuple(sorted(exams, key=lambda row: (0 if masked else -(row.tests or 0), row.title))),
        data_as_of=scores.data_as_of(PROGRAM),
        is_masked=masked,
        threshold=settings.SMALL_GROUP_THRESHOLD,
        empty=empty_sentence(organization.kind, shown, today) if summary.is_empty else "",
        notices=notices,
    )


def is_masked(actor: Actor, organization: OrganizationInfo) -> bool:
    """Tell whether somebody may see aggregates of an organization only (now: a second factor may be missing)."""
    try:
        access.require(actor, Permission.SCORES_ROSTER_READ, organization.place)
    except NotAllowed:
        return True
    return False


class _Figures:
    """The figures of an organization's years, as the reader may see them."""

    def __init__(
        self, actor: Actor, organization: OrganizationInfo, at: datetime, years: tuple[int, ...], *, masked: bool
    ) -> None:
        self._actor = actor
        self._organization = organization
        self._at = at
        self._years = years
        self._masked = masked
        place = organization.place
        self._by_year = scores.figures(actor, place, at, program=PROGRAM, years={*years, years[0] - 1})

    def of_year(self, year: int) -> Summary:
        """Return the summary of one year, the one before the first included."""
        return self._year(year)[0] if self._masked else _summary(self._by_year[year])

    def together(self) -> tuple[Summary, tuple[ExamRow, ...]]:
        """Return summary and exams of all the years."""
        if len(self._years) == 1:
            return self._year(self._years[0])
        return self._several()

    def _year(self, year: int) -> tuple[Summary, tuple[ExamRow, ...]]:
        summary, rows = _summary(self._by_year[year]), _exams(self._by_exam(year))
        return suppress(summary, rows, threshold=settings.SMALL_GROUP_THRESHOLD) if self._masked else (summary, rows)

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
    names = ("tests", "at_cut", "score_sum", "waiting")
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
    )


def _change(before: Summary | None, now: Summary) -> float | None:
    """Return by how many points the share at the cut changed, from the figures that are shown."""
    if before is None or before.percent is None or now.percent is None:
        return None
    return round(now.percent - before.percent, 1)
