"""Addresses of reports: program, organization and academic years stand in the path, all else in the query string.

So ``/reports/PROGRAM/111007/2025-2026/?exam=18`` can be read, sent to a colleague and opened again.
"""

from urllib.parse import urlencode

from scoreport.organizations.rules import OrganizationInfo
from scoreport.programs.rules import AcademicYear
from scoreport.reports.rules import RosterQuery, definitions
from scoreport.web.routes import path_of

ALL_YEARS = "all"


class ProgramConverter:
    """The short name of a program that has a report; any other one is no address."""

    regex = "[a-z][a-z0-9-]{0,30}"

    def to_python(self, value: str) -> str:
        if value not in {known.program.slug for known in definitions()}:
            raise ValueError(value)
        return value

    def to_url(self, value: str) -> str:
        return value


class OrganizationConverter:
    """An AI code or an operator's id, as :mod:`scoreport.organizations.intake` lets them in."""

    regex = r"[\w.:-]{1,64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class YearsConverter:
    """``2025-2026``, several of them with commas, or ``all``; none stands for all."""

    regex = r"all|[0-9]{4}-[0-9]{4}(?:,[0-9]{4}-[0-9]{4}){0,30}"

    def to_python(self, value: str) -> tuple[int, ...]:
        if value == ALL_YEARS:
            return ()
        return tuple(AcademicYear.parse(text).start for text in value.split(","))

    def to_url(self, value: tuple[int, ...]) -> str:
        return ",".join(AcademicYear(year).key for year in value) or ALL_YEARS


def parameters_of(query: RosterQuery, *, page: bool = True) -> dict[str, list[str]]:
    """Return what of a query stands behind the path: everything but the years."""
    return {name: values for name, values in query.to_params(page=page).items() if name != "year"}


def report_url(
    organization: OrganizationInfo, query: RosterQuery, *extra: int | str, name: str = "report", page: bool = True
) -> str:
    """Return the address of a report, or of a page under it, that shows what ``query`` asks for."""
    path = path_of(name, query.program, organization.address, query.years, *extra)
    parameters = urlencode(parameters_of(query, page=page), doseq=True)
    return f"{path}?{parameters}" if parameters else path
