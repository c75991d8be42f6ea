"""Which academic years a report offers, and which of those that were asked for it shows."""

from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from scoreport.access import Actor
from scoreport.lib.clock import local_date
from scoreport.organizations.rules import OrganizationInfo
from scoreport.programs.rules import AcademicYear, offered_years
from scoreport.reports.rules import RosterQuery


def year_now(organization: OrganizationInfo, at: datetime) -> int:
    """Return the academic year that runs where the organization is, by its first calendar year."""
    return AcademicYear.of(local_date(at, organization.time_zone)).start


def years_offered(organization: OrganizationInfo, at: datetime) -> tuple[AcademicYear, ...]:
    """Return the running year, the past three and those that the operator opened, the newest first."""
    return offered_years(local_date(at, organization.time_zone), settings.OLDER_ACADEMIC_YEARS)


def with_years(
    actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime
) -> tuple[RosterQuery, tuple[str, ...]]:
    """Return a query whose years are all offered and spelled out, with a sentence about each that is not.

    The operator at the command line may open any year.
    """
    offered = [year.start for year in years_offered(organization, at)]
    if actor.is_trusted and query.years:
        return query, ()
    years = tuple(year for year in query.years if year in offered)
    notices = tuple(
        _("The academic year %(year)s is not offered here.") % {"year": AcademicYear(year).label}
        for year in query.years
        if year not in offered
    )
    return replace(query, years=years or (tuple(offered[:1]) if query.years else tuple(offered))), notices
