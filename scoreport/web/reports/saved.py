"""Saved views: what a report shows, kept under a name, with a link that colleagues can open."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from scoreport.access import Permission
from scoreport.organizations import queries as organizations
from scoreport.reports import actions, queries
from scoreport.reports.actions import ViewNameMissing, ViewNameTaken
from scoreport.reports.rules import definition_of, parse
from scoreport.web import page
from scoreport.web.report_paths import report_path
from scoreport.web.reports.addresses import report_url
from scoreport.web.reports.asked import asked_of
from scoreport.web.reports.forms import ViewNameForm
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule


@rule(Permission.SCORES_SUMMARY_READ)
@require_POST
def save(request: ScoreportRequest, program: str, address: str, years: tuple[int, ...]) -> HttpResponse:
    """Keep what the report shows now; then show it again."""
    asked = asked_of(request, program, address, years)
    form = ViewNameForm(request.POST)
    name = form.cleaned_data["name"] if form.is_valid() else ""
    try:
        view = actions.save_view(
            request.actor, organization=asked.organization, name=name, query=asked.query, at=request.at
        )
        messages.success(request, _("The view “%(name)s” is saved.") % {"name": view.name})
    except (ViewNameTaken, ViewNameMissing) as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(report_url(asked.organization, asked.query))


@rule(Permission.SCORES_SUMMARY_READ)
@require_GET
def follow(request: ScoreportRequest, slug: str) -> HttpResponse:
    """Open a view by its link; what the reader sees there is what their own roles allow."""
    view = queries.saved_view(request.actor, slug)
    parsed = parse(view.params, program=view.program, default_year=queries.year_now(view.organization, request.at))
    return HttpResponseRedirect(report_url(view.organization, parsed.query))


@rule(Permission.SCORES_SUMMARY_READ)
@require_GET
def manage(request: ScoreportRequest, program: str, address: str) -> HttpResponse:
    """List the person's own views of a program's report, to rename and delete them and to copy their links."""
    organization = organizations.organization(request.actor, address)
    return page.render(
        request,
        "reports/views.html",
        {
            "organization": organization,
            "definition": definition_of(program),
            "views": [
                (view, request.build_absolute_uri(reverse("report_view", args=[view.slug])))
                for view in queries.saved_views(request.actor, organization, program=program)
            ],
        },
        organization=page.Choice(
            organization.name,
            report_path(organization.address, program),
            current=True,
            detail=organization.label,
            key=organization.address,
        ),
    )


@rule(Permission.SCORES_SUMMARY_READ)
@require_POST
def rename(request: ScoreportRequest, program: str, address: str, view_id: int) -> HttpResponse:
    """Give a view another name."""
    organizations.organization(request.actor, address)
    form = ViewNameForm(request.POST)
    name = form.cleaned_data["name"] if form.is_valid() else ""
    try:
        actions.rename_view(request.actor, view_id=view_id, name=name, at=request.at)
    except (ViewNameTaken, ViewNameMissing) as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(reverse("report_views", args=[program, address]))


@rule(Permission.SCORES_SUMMARY_READ)
@require_POST
def delete(request: ScoreportRequest, program: str, address: str, view_id: int) -> HttpResponse:
    """Forget a view; its link opens nothing any more."""
    organizations.organization(request.actor, address)
    actions.delete_view(request.actor, view_id=view_id, at=request.at)
    messages.success(request, _("The view is deleted."))
    return HttpResponseRedirect(reverse("report_views", args=[program, address]))
