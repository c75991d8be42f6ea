"""The page of a roster that is made for paper: all of its rows, with what they are above them."""

from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from scoreport.access import Permission
from scoreport.programs.rules import AcademicYear
from scoreport.reports import actions, queries
from scoreport.reports.actions import TooLongToPrint
from scoreport.reports.export.limits import limits_of
from scoreport.reports.rules import RosterPage
from scoreport.web import page
from scoreport.web.reports.addresses import parameters_of, report_url
from scoreport.web.reports.asked import Asked, asked_of, switches_of
from scoreport.web.reports.exporting import choices_of
from scoreport.web.reports.roster import active_filters, cell_kinds, headers_on_paper
from scoreport.web.reports.rows import rows_part
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

ROWS_ON_PAPER = 20
"""About so many rows of a roster with all columns fit on a printed page."""


@rule(Permission.SCORES_EXPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def print_page(request: ScoreportRequest, program: str, address: str, years: tuple[int, ...]) -> HttpResponse:
    """Show all rows of the roster on a page for paper, or say how long it would be.

    A link to it leads to the report.
    """
    asked = asked_of(request, program, address, years)
    if request.method != "POST":
        return HttpResponseRedirect(report_url(asked.organization, asked.query))
    try:
        shown = actions.print_roster(request.actor, organization=asked.organization, query=asked.query, at=request.at)
    except TooLongToPrint as refusal:
        return _too_long(request, asked, refusal)
    return _render(request, asked, "reports/print.html", _printout(request, asked, shown))


def _printout(request: ScoreportRequest, asked: Asked, shown: RosterPage) -> dict[str, object]:
    options = queries.filter_options(request.actor, asked.organization, shown.query, request.at)
    filters = [one.label for one in active_filters(asked, options)]
    base, _mark, rest = report_url(asked.organization, asked.query).partition("?")
    return {
        "roster": shown,
        "headers": headers_on_paper(shown),
        "rows_part": rows_part(shown, cell_kinds(shown), f"{base}students/", f"?{rest}" if rest else ""),
        "years_label": ", ".join(AcademicYear(year).label for year in sorted(shown.query.years)),
        "filters": filters,
        "who": request.actor.name,
        "at": request.at,
    }


def _too_long(request: ScoreportRequest, asked: Asked, refusal: TooLongToPrint) -> HttpResponse:
    """Say how long the printout would be, and offer the same rows as a file."""
    query, _notices = queries.with_years(request.actor, asked.organization, asked.query, request.at)
    own = queries.own_of_roster(request.actor, asked.organization, query.program, request.at)
    limits = limits_of(request.actor, asked.organization, query, refusal.rows, request.at, own=own)
    context = {
        "sentence": str(refusal),
        "rows": refusal.rows,
        "sheets": -(-refusal.rows // ROWS_ON_PAPER),
        "choices": choices_of(asked, limits),
        "needs_approval": limits.needs_approval,
        "parameters": parameters_of(asked.query, page=False),
    }
    return _render(request, asked, "reports/print_too_long.html", context)


def _render(request: ScoreportRequest, asked: Asked, template: str, context: dict[str, object]) -> HttpResponse:
    switches = switches_of(request, asked)
    report = report_url(asked.organization, asked.query)
    return page.render(
        request,
        template,
        {"asked": asked, "report_url": report, "report_path": report.partition("?")[0], **context},
        organization=switches.organization,
        organizations=switches.organizations,
        years=switches.years,
    )
