"""The report for readers of summaries: made of published counts, never of scores."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission, PlaceKind
from scoreport.organizations.queries import schools_under
from scoreport.organizations.rules import OrganizationInfo
from scoreport.reports.models import Publication, PublishedCount
from scoreport.reports.rules import ExamRow, Hidden, Summary, definition_of, share_of
from scoreport.reports.rules.suppression import OTHER_EXAMS, STEP, Count, least_shown

LEAST_TESTS_FOR_TAKERS: Final = 50
"""Tests from which on the number of students is shown: with fewer, it would say how many tests there are."""


@dataclass(frozen=True, slots=True)
class PublishedYear:
    """The figures of one academic year as readers of summaries see them."""

    summary: Summary
    exams: tuple[ExamRow, ...]
    refreshed_at: datetime | None


def published_years(
    actor: Actor, organization: OrganizationInfo, *, program: str, years: Collection[int]
) -> dict[int, PublishedYear]:
    """Return the published figures of an organization in a program by academic year.

    Raises :class:`scoreport.access.NotAllowed` without a role that opens reports there.
    """
    access.require(actor, Permission.SCORES_SUMMARY_READ, organization.place)
    rows = PublishedCount.objects.filter(counts_at(organization), program=program, year__in=years, tests__gt=0)
    counts: dict[int, dict[str, Count]] = {year: {} for year in years}
    for year, exam, tests, at_cut in rows.values_list("year", "exam_code").annotate(
        published=Sum("tests"), high=Sum("at_cut")
    ):
        counts[year][exam] = Count(tests, at_cut)
    found = Publication.objects.filter(program=program, organization_id=organization.id, year__in=years)
    publications = {publication.year: publication for publication in found}
    return {year: _year(program, counts[year], publications.get(year)) for year in years}


def counts_at(organization: OrganizationInfo) -> Q:
    """Return the filter for the published counts of an organization and of those under it."""
    match organization.kind:
        case PlaceKind.STATE:
            return Q(state_id=organization.id)
        case PlaceKind.DISTRICT:
            return Q(district_id=organization.id)
        case PlaceKind.SCHOOL:
            return Q(school_id=organization.id)
        case PlaceKind.OTHER:
            under = (school.id for school in schools_under(organization.place))
            return Q(school_id__in=[organization.id, *under])


def _year(program: str, counts: dict[str, Count], publication: Publication | None) -> PublishedYear:
    least = least_shown(settings.SMALL_GROUP_THRESHOLD)
    total = sum(counts.values(), Count())
    refreshed_at = publication.refreshed_at if publication else None
    if total.tests < least:
        return PublishedYear(Summary(None, None, None, None, None, Hidden.SMALL), (), refreshed_at)
    shown = {exam: count for exam, count in counts.items() if exam != OTHER_EXAMS and count.tests >= least}
    other = sum((count for exam, count in counts.items() if exam not in shown), Count())
    rows = sorted((_row(program, exam, count) for exam, count in shown.items()), key=lambda row: row.title)
    if other.tests:
        rows.append(_row(program, OTHER_EXAMS, other))
    percent, tail = share_of(total.at_cut, total.tests)
    takers = _takers(total.tests, publication.takers_percent if publication else 0)
    return PublishedYear(Summary(takers, total.tests, None, percent, None, tail=tail), tuple(rows), refreshed_at)


def _row(program: str, code: str, count: Count) -> ExamRow:
    exam = definition_of(program).program.exam_by_code(code)
    title = _("Other exams") if code == OTHER_EXAMS else exam.title if exam else code
    percent, tail = share_of(count.at_cut, count.tests)
    return ExamRow(code, title, None, count.tests, None, None, percent, (), None, tail=tail)


def _takers(tests: int, percent: int) -> int | None:
    if tests < LEAST_TESTS_FOR_TAKERS or not percent:
        return None
    return min(tests, STEP * round(tests * percent / 100 / STEP))
