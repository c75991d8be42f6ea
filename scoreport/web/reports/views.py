"""The report of a program and the pages that hang under it."""

from dataclasses import replace

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from scoreport.access import NotAllowed, Permission, can
from scoreport.organizations import queries as organizations
from scoreport.people.queries import student_called
from scoreport.reports import actions, queries
from scoreport.reports.rules import PAGE_SIZE, Report
from scoreport.web import page
from scoreport.web.help.where import report_links, student_links
from scoreport.web.part import part_of
from scoreport.web.report_paths import last_program, report_path
from scoreport.web.reports.addresses import parameters_of, report_url
from scoreport.web.reports.asked import Asked, asked_of, switches_of
from scoreport.web.reports.exams import exams_part
from scoreport.web.reports.exporting import menu_of
from scoreport.web.reports.figures import figures_of, hidden_words, published_figures_of
from scoreport.web.reports.parts import filters_part, headers_part
from scoreport.web.reports.roster import active_filters, cell_kinds
from scoreport.web.reports.rows import rows_part
from scoreport.web.reports.student import about, figures_of_student
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

_PARTS = {"results": "reports/part_results.html", "roster": "reports/part_roster.html"}


@rule(Permission.SCORES_SUMMARY_READ)
@require_GET
def entry(request: ScoreportRequest) -> HttpResponse:
    """Go to the report of the organization and program that were chosen last, or else of the highest and first one."""
    found = organizations.organizations_of(request.actor, permission=Permission.SCORES_SUMMARY_READ, per_page=1)
    last = request.session.get(page.LAST_ORGANIZATION)
    if last is not None:
        try:
            return _redirect_to(request, organizations.organization(request.actor, last).address)
        except organizations.UnknownOrganization:
            del request.session[page.LAST_ORGANIZATION]
    if not found.rows:
        raise NotAllowed(_("There is no organization yet whose report you could open."))
    return _redirect_to(request, found.rows[0].address)


def _redirect_to(request: ScoreportRequest, address: str) -> HttpResponse:
    return HttpResponseRedirect(report_path(address, last_program(request)))


@rule(Permission.SCORES_SUMMARY_READ)
@require_GET
def report_now(request: ScoreportRequest, program: str, address: str) -> HttpResponse:
    """Go to the report of the running academic year, or of the years that a form has put together."""
    asked = asked_of(request, program, address)
    return HttpResponseRedirect(report_url(asked.organization, asked.query))


@rule(Permission.SCORES_SUMMARY_READ)
@require_GET
def report(request: ScoreportRequest, program: str, address: str, years: tuple[int, ...]) -> HttpResponse:
    """Show the report; htmx gets the part of the roster that a filter, an order or a page number changes."""
    asked = asked_of(request, program, address, years)
    part = part_of(request)
    if part in _PARTS:
        roster = actions.open_roster_part(
            request.actor, organization=asked.organization, query=asked.query, at=request.at
        )
        response = page.render(request, _PARTS[part], {"asked": asked, **_roster(request, asked, roster)})
        response.headers["HX-Push-Url"] = report_url(asked.organization, asked.query)
        return response
    opened = actions.open_report_page(request.actor, organization=asked.organization, query=asked.query, at=request.at)
    report = opened.report
    asked = _as_shown(asked, report)
    place = asked.organization.place
    switches = switches_of(request, asked, together=not report.is_masked)
    context = {
        "asked": asked,
        "report": report,
        "programs": switches.programs,
        "figures": published_figures_of(report) if report.is_masked else figures_of(report),
        "exams_part": exams_part(report),
        "hidden": hidden_words(report.threshold),
        "offered": queries.years_offered(asked.organization, request.at),
        "needs_second_factor": report.is_masked and can(request.actor, Permission.SCORES_ROSTER_READ, place),
        "notices": (*asked.notices, *report.notices),
        "help_links": report_links(
            asked.organization, _labels(report), request.path, finder=_missing_url(request, asked)
        ),
        **(_roster(request, asked, opened.roster) if opened.roster else {}),
    }
    return page.render(
        request,
        "reports/report.html",
        context,
        organization=switches.organization,
        organizations=switches.organizations,
        years=switches.years,
    )


def _missing_url(request: ScoreportRequest, asked: Asked) -> str:
    """Return the address of the missing score finder for this organization; nothing where the actor may not look."""
    if not can(request.actor, Permission.SCORES_CLAIM, asked.organization.place):
        return ""
    return f"{reverse('missing_scores')}?organization={asked.organization.address}"


def _labels(report: Report) -> str:
    """Write the years of a report in a line."""
    return ", ".join(year.label for year in sorted(report.years, key=lambda year: year.start))


def _as_shown(asked: Asked, report: Report) -> Asked:
    """Let the header and the links say the years that are shown where those that were asked for cannot be."""
    years = tuple(year.start for year in report.years)
    if asked.query.years == years or (asked.query.years == () and len(years) > 1):
        return asked
    return replace(asked, query=replace(asked.query, years=years))


def _roster(request: ScoreportRequest, asked: Asked, opened: actions.RosterPart) -> dict[str, object]:
    """Describe a roster and what stands around its rows."""
    shown, options = opened.page, opened.options
    base, _mark, rest = report_url(asked.organization, asked.query.with_(page=shown.page)).partition("?")
    return {
        "roster": shown,
        "headers_part": headers_part(asked),
        "rows_part": rows_part(shown, cell_kinds(shown), f"{base}students/", f"?{rest}" if rest else ""),
        "pager": page.pager(request, number=shown.page, size=PAGE_SIZE, total=shown.total),
        "options": options,
        "filters_part": filters_part(shown.query, options),
        "filters": active_filters(asked, options),
        "clear_url": report_url(asked.organization, asked.query.without_filters().with_()),
        "report_path": base,
        "parameters": parameters_of(asked.query, page=False),
        "saved_views": [(view, view.params == asked.query.to_params(page=False)) for view in opened.saved_views],
        "at_once": settings.EXPORT_AT_ONCE_ROWS,
        # Support access looks and takes nothing out; then there is no export.
        "export": menu_of(asked, shown, opened.limits),
        "may_keep": can(request.actor, Permission.REPORT_VIEW_KEEP, asked.organization.place),
    }


@rule(Permission.SCORES_ROSTER_READ)
@require_GET
def student(
    request: ScoreportRequest, program: str, address: str, years: tuple[int, ...], public_id: str
) -> HttpResponse:
    """Show one student's tests over all years; that it was opened is recorded."""
    asked = asked_of(request, program, address, years)
    called = student_called(public_id)
    if called.public_id != public_id:
        # Whoever may not see the student learns nothing from being led on.
        queries.student_page(request.actor, called.number, request.at, program=asked.query.program)
        return HttpResponseRedirect(
            report_url(asked.organization, asked.query, called.public_id, name="report_student")
        )
    report = actions.open_student(request.actor, student_id=called.number, program=asked.query.program, at=request.at)
    switches = switches_of(request, asked)
    return page.render(
        request,
        "reports/student.html",
        {
            "report": report,
            "figures": figures_of_student(report),
            "about": about(report),
            "back_url": report_url(asked.organization, asked.query),
            "help_links": student_links(asked.organization, public_id, request.path),
        },
        organization=switches.organization,
        organizations=switches.organizations,
        years=switches.years,
    )
