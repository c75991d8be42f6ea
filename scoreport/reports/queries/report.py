"""The summary and the exams of a report."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime

from django.conf import settings
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, NotAllowed, Permission, PlaceKind
from scoreport.lib.clock import instant_year_earlier, local_date, year_earlier
from scoreport.organizations.rules import OrganizationInfo
from scoreport.programs.rules import AcademicYear, Program
from scoreport.reports.queries.exams import WITH_TOTALS, figures_by_exam
from scoreport.reports.queries.further import further_bands
from scoreport.reports.queries.published import published_years
from scoreport.reports.queries.years import with_years
from scoreport.reports.rules import ExamRow, Report, RosterQuery, Summary, definition_of, empty_sentence
from scoreport.scores import queries as scores
from scoreport.scores.queries import ExamFigures, Figures, Revision


def report_of(actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime) -> Report:
    """Return the figures of an organization's years; filters of the query do not touch them.

    A reader who may not see individuals gets what is published of one year (decision 35).
    Raises :class:`scoreport.access.NotAllowed` without a role that opens reports there.
    """
    access.require(actor, Permission.SCORES_SUMMARY_READ, organization.place)
    query, notices = with_years(actor, organization, query, at)
    if is_masked(actor, organization):
        return _published_report(actor, organization, query, notices, at)
    years = query.years
    shown = tuple(AcademicYear(year) for year in years)
    today = local_date(at, organization.time_zone)
    running = _running(shown, today)
    revised = scores.revision(query.program)
    figures = _Figures(actor, organization, query, at, revised, is_running=running is not None)
    summary, exams = figures.together()
    more = further_bands(actor, organization, query, at)
    summary = replace(summary, overdue=figures.overdue() if summary.waiting else 0)
    before = figures.year_before()
    return Report(
        program=query.program,
        organization=organization,
        years=shown,
        summary=summary,
        before=before,
        before_until=year_earlier(today) if before and running else None,
        change_in_points=_change(before, summary),
        by_year=tuple((year, figures.of_year(year.start)) for year in shown) if len(shown) > 1 else (),
        exams=tuple(replace(row, more=more[row.code]) if row.code in more else row for row in _most_tests_first(exams)),
        data_as_of=revised.as_of,
        is_masked=False,
        threshold=settings.SMALL_GROUP_THRESHOLD,
        empty=empty_sentence(query.definition.words, organization.kind, shown, today) if summary.is_empty else "",
        notices=notices,
        running=running,
        rows=figures.rows(),
    )


def _most_tests_first(exams: Sequence[ExamRow]) -> list[ExamRow]:
    return sorted(exams, key=lambda row: (-(row.tests or 0), row.title))


def _running(years: tuple[AcademicYear, ...], today: date) -> AcademicYear | None:
    """Return the one of some years that is not over yet, or nothing."""
    return next((year for year in years if year.contains(today)), None)


def _published_report(
    actor: Actor, organization: OrganizationInfo, query: RosterQuery, notices: tuple[str, ...], at: datetime
) -> Report:
    """Return what is published of the first year and, to compare with, of the year before.

    A year that is running has nothing to compare with. What was published by the same date one year earlier depends on
    when people opened reports then, and counts as of any other date would show single results by subtraction.
    """
    year = AcademicYear(query.years[0])
    if len(query.years) > 1:
        notices = (*notices, _("With the Summary Reports role, a report shows one academic year."))
    today = local_date(at, organization.time_zone)
    years = summary_years(organization, query, at)
    published = published_years(actor, organization, program=query.program, years=years)
    now, before = published[year.start], published.get(year.start - 1)
    return Report(
        program=query.program,
        organization=organization,
        years=(year,),
        summary=now.summary,
        before=before.summary if before else None,
        before_until=None,
        change_in_points=_change(before.summary, now.summary) if before else None,
        by_year=(),
        exams=now.exams,
        data_as_of=now.refreshed_at,
        is_masked=True,
        threshold=settings.SMALL_GROUP_THRESHOLD,
        # Whether there is no test or a few is not published, so a year is empty only before it begins.
        empty=empty_sentence(query.definition.words, organization.kind, (year,), today)
        if year.first_day > today
        else "",
        notices=notices,
        running=_running((year,), today),
    )


def summary_years(organization: OrganizationInfo, query: RosterQuery, at: datetime) -> tuple[int, ...]:
    """Return the academic years that a report for readers of summaries needs: one and, once it is over, the one before.

    The years of the query are spelled out.
    """
    year = query.years[0]
    return (year,) if AcademicYear(year).contains(local_date(at, organization.time_zone)) else (year, year - 1)


def is_masked(actor: Actor, organization: OrganizationInfo) -> bool:
    """Tell whether somebody may see aggregates of an organization only (now: a second factor may be missing)."""
    try:
        access.require(actor, Permission.SCORES_ROSTER_READ, organization.place)
    except NotAllowed:
        return True
    return False


class _Figures:
    """The exact figures of an organization's years and, of a single year, of the one before to compare with.

    While a year is ``is_running``, the year before counts what was released by the same date one year earlier.
    """

    def __init__(
        self,
        actor: Actor,
        organization: OrganizationInfo,
        query: RosterQuery,
        at: datetime,
        revised: Revision,
        *,
        is_running: bool,
    ) -> None:
        self._actor = actor
        self._organization = organization
        self._at = at
        self._program = query.program
        self._years = years = query.years
        self._revised = revised
        self._exams_of_school: dict[int, Mapping[str, ExamFigures]] = {}
        self._overdue_at_school = 0
        self._is_running = is_running
        is_whole = len(years) == 1 and not is_running
        self._by_year = self._counted({*years, years[0] - 1} if is_whole else years, at)

    def _counted(self, years: Collection[int], at: datetime) -> Mapping[int, Figures]:
        place = self._organization.place
        if place.kind is not PlaceKind.SCHOOL:
            return scores.figures(self._actor, place, at, program=self._program, years=years)
        found = {}
        for year in years:
            school = scores.school_year(
                self._actor,
                place,
                at,
                program=self._program,
                year=year,
                today=local_date(self._at, self._organization.time_zone),
                revised=self._revised,
                with_exams=year in self._years,
            )
            found[year] = school.together
            if year in self._years:
                self._exams_of_school[year] = school.exams
                self._overdue_at_school += school.overdue
        return found

    def rows(self) -> int:
        """Return how many tests the years have, whatever is known of their scores: as many rows has the roster."""
        counted = [self._by_year[year] for year in self._years]
        return sum(figures.tests + figures.waiting + figures.canceled for figures in counted)

    def overdue(self) -> int:
        """Return how many of the tests that wait should have had their scores by now, as their rows say."""
        if self._organization.kind is PlaceKind.SCHOOL:
            return self._overdue_at_school
        known, ask = definition_of(self._program).program, (self._actor, self._organization.place, self._at)
        before = known.release.overdue_before(local_date(self._at, self._organization.time_zone))
        codes = known.codes_with_readers
        return scores.count_pending(*ask, program=self._program, years=self._years, codes=codes, tested_before=before)

    def of_year(self, year: int) -> Summary:
        """Return the summary of one of the years."""
        return _summary(self._by_year[year])

    def year_before(self) -> Summary | None:
        """Return the summary of the year before; nothing where several years stand together.

        What waited or was canceled by a date is not counted: only releases are stored with their instants.
        """
        if len(self._years) > 1:
            return None
        year = self._years[0] - 1
        if not self._is_running:
            return self.of_year(year)
        counted = self._counted([year], instant_year_earlier(self._at, self._organization.time_zone))
        return replace(_summary(counted[year]), waiting=None, canceled=None)

    def together(self) -> tuple[Summary, tuple[ExamRow, ...]]:
        """Return summary and exams of all the years."""
        if len(self._years) == 1:
            year = self._years[0]
            return self.of_year(year), self._exams(self._by_exam(year))
        return self._several()

    def _by_exam(self, year: int) -> Mapping[str, ExamFigures]:
        if year in self._exams_of_school:
            return self._exams_of_school[year]
        ask, together = (self._actor, self._organization, self._at), self._by_year[year]
        return figures_by_exam(*ask, program=self._program, year=year, together=together)

    def _several(self) -> tuple[Summary, tuple[ExamRow, ...]]:
        """Add several years up. A student who tests in two of them is one taker, so takers are counted anew.

        That means to go through all tests, so it is left out where it takes seconds: for a state, and by exam
        where there are totals.
        """
        kind, ask = self._organization.kind, (self._actor, self._organization.place, self._at)
        takers = None
        if kind is not PlaceKind.STATE:
            takers = scores.takers(*ask, program=self._program, years=self._years)
        together = _sum_of([self._by_year[year] for year in self._years])
        summary = replace(_summary(together), takers=takers)
        if kind not in WITH_TOTALS:
            return summary, self._exams(scores.figures_by_exam(*ask, program=self._program, years=self._years))
        parts = [self._by_exam(year) for year in self._years]
        codes = sorted({code for part in parts for code in part})
        exams = {code: _sum_of_exam([part[code] for part in parts if code in part]) for code in codes}
        return summary, tuple(replace(row, takers=None) for row in self._exams(exams))

    def _exams(self, figures: Mapping[str, ExamFigures]) -> tuple[ExamRow, ...]:
        known = definition_of(self._program).program
        return tuple(_exam(known, code, counted) for code, counted in figures.items())


def _sum_of(parts: Sequence[Figures]) -> Figures:
    """Add figures up; the takers are nobody's then."""
    names = ("tests", "at_cut", "value_sum", "waiting", "canceled")
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


def _exam(known: Program, code: str, figures: ExamFigures) -> ExamRow:
    exam = known.exam_by_code(code)
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
