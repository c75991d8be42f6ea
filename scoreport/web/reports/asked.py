"""Which report is asked for, and the header's switches around it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from scoreport.access import Permission
from scoreport.organizations import queries as organizations
from scoreport.organizations.rules import OrganizationInfo
from scoreport.programs.rules import AcademicYear
from scoreport.reports import queries
from scoreport.reports.rules import RosterQuery, definitions, parse
from scoreport.web import page
from scoreport.web.report_paths import remember_program
from scoreport.web.reports.addresses import report_url
from scoreport.web.request import ScoreportRequest


@dataclass(frozen=True, slots=True)
class Asked:
    """An organization that the person's roles reach, and what of its report they want to see."""

    organization: OrganizationInfo
    query: RosterQuery
    notices: tuple[str, ...]


def asked_of(request: ScoreportRequest, program: str, address: str, years: tuple[int, ...] | None = None) -> Asked:
    """Read a request; the ``years`` of the path count, and without any those of the query string.

    Raises :class:`scoreport.organizations.queries.UnknownOrganization`.
    """
    organization = organizations.organization(request.actor, address)
    sent = request.GET if request.method == "GET" else request.POST
    parameters = dict(sent.lists())
    if years is not None:
        parameters["year"] = [AcademicYear(year).key for year in years] or ["all"]
    parsed = parse(parameters, program=program, default_year=queries.year_now(organization, request.at))
    return Asked(organization, parsed.query, parsed.notices)


@dataclass(frozen=True, slots=True)
class Switches:
    """What the header offers on a page of a report."""

    organization: page.Choice
    organizations: list[page.Choice]
    years: list[page.Choice]
    programs: list[page.Choice]


def switches_of(request: ScoreportRequest, asked: Asked, *, together: bool = True) -> Switches:
    """Offer the report of other organizations in the same years, and of the same one in other years and programs.

    Without ``together`` only one year at a time is offered.

    Filters are not carried over: another year has other exams and, above a school, other rows.
    """
    remember_program(request, asked.query.program)
    found = organizations.highest_organizations(
        request.actor, permission=Permission.SCORES_SUMMARY_READ, most=page.OFFERED
    )
    offered = queries.years_offered(asked.organization, request.at)
    years = [_year_choice(asked, year.label, (year.start,)) for year in offered]
    return Switches(
        organization=_organization_choice(asked, asked.organization),
        organizations=[_organization_choice(asked, info) for info in found],
        years=[*years, *_several(asked), _year_choice(asked, _("All years"), ())] if together else years,
        programs=_other_programs(asked),
    )


def _other_programs(asked: Asked) -> list[page.Choice]:
    """Return the reports of other programs, of the same organization and years."""
    others = (known for known in definitions() if known.program.slug != asked.query.program)
    return [
        page.Choice(
            str(known.words.title),
            report_url(asked.organization, RosterQuery(known.program.slug, years=asked.query.years)),
        )
        for known in others
    ]


def _organization_choice(asked: Asked, info: OrganizationInfo) -> page.Choice:
    url = report_url(info, RosterQuery(asked.query.program, years=asked.query.years))
    return page.Choice(info.name, url, info.id == asked.organization.id, info.label, info.address, info.time_zone)


def _year_choice(asked: Asked, label: str, years: tuple[int, ...]) -> page.Choice:
    url = report_url(asked.organization, RosterQuery(asked.query.program, years=years))
    return page.Choice(label, url, asked.query.years == years)


def _several(asked: Asked) -> list[page.Choice]:
    """Return the choice that says which of several years are shown, where a person put them together."""
    years = asked.query.years
    label = ", ".join(AcademicYear(year).label for year in sorted(years))
    return [_year_choice(asked, label, years)] if len(years) > 1 else []
