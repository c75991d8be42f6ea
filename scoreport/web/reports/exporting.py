"""Exports of the roster: what the page says about them before, the file itself, and the approval of a large one."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from scoreport.access import Permission
from scoreport.approvals.actions import ApprovalNeeded, ReasonMissing
from scoreport.downloads.actions import TooManyOpen
from scoreport.downloads.rules import OPEN_JOBS
from scoreport.reports import actions
from scoreport.reports.export.limits import plan_of
from scoreport.reports.rules import ExportLimits, Format, RosterPage
from scoreport.web import page
from scoreport.web.reports.addresses import parameters_of, report_url
from scoreport.web.reports.asked import Asked, asked_of
from scoreport.web.reports.forms import ExportForm, ReasonForm
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule


@dataclass(frozen=True, slots=True)
class FormatChoice:
    """One kind of file in the menu: exported at once, or with a link to its request for approval."""

    format: Format
    label: str
    approval_url: str = ""
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class ExportMenu:
    """The export menu of a roster: the rows that are left, and the kinds of files or why there are none now."""

    limits: ExportLimits
    choices: tuple[FormatChoice, ...]
    refused: str = ""


def menu_of(asked: Asked, shown: RosterPage, limits: ExportLimits | None) -> ExportMenu | None:
    """Describe the export menu of a roster; nothing for people who may not export it."""
    if limits is None:
        return None
    refused = ""
    if not shown.total:
        refused = _("There is no row to export.")
    elif limits.has_too_many_open and shown.total > settings.EXPORT_AT_ONCE_ROWS:
        refused = _("%(count)d files are being prepared for you. Wait until one of them is ready.") % {
            "count": OPEN_JOBS
        }
    return ExportMenu(limits, choices_of(asked, limits), refused)


def choices_of(asked: Asked, limits: ExportLimits) -> tuple[FormatChoice, ...]:
    """Return the kinds of files that a roster can be exported as, each with what it needs."""
    return tuple(_choice(asked, limits, kind) for kind in Format)


def _choice(asked: Asked, limits: ExportLimits, kind: Format) -> FormatChoice:
    label = {Format.CSV: _("CSV"), Format.XLSX: _("Excel workbook (XLSX)")}[kind]
    if not limits.needs_approval or kind in limits.approved:
        return FormatChoice(kind, label)
    if kind in limits.asked:
        return FormatChoice(kind, label, reverse("approval", args=[limits.asked[kind]]), is_asked=True)
    return FormatChoice(kind, label, _approval_url(asked, kind))


def _approval_url(asked: Asked, kind: Format) -> str:
    url = report_url(asked.organization, asked.query, name="report_export_approval", page=False)
    return f"{url}{'&' if '?' in url else '?'}format={kind.value}"


@rule(Permission.SCORES_EXPORT)
@require_POST
def export(request: ScoreportRequest, program: str, address: str, years: tuple[int, ...]) -> HttpResponseBase:
    """Send what the roster shows as a file; a large one is prepared on a page of its own."""
    asked = asked_of(request, program, address, years)
    form = ExportForm(request.POST)
    if not form.is_valid():
        return HttpResponseRedirect(report_url(asked.organization, asked.query))
    kind = form.cleaned_data["format"]
    try:
        made = actions.export_roster(
            request.actor, organization=asked.organization, query=asked.query, file_format=kind, at=request.at
        )
    except ApprovalNeeded:
        return HttpResponseRedirect(_approval_url(asked, kind))
    except TooManyOpen as refusal:
        messages.warning(request, str(refusal))
        return HttpResponseRedirect(reverse("downloads"))
    if made.download is not None:
        return HttpResponseRedirect(reverse("download", args=[made.download.secret]))
    response = StreamingHttpResponse(made.chunks or (), content_type=made.media_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, made.name)
    return response


@rule(Permission.SCORES_EXPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def approval(request: ScoreportRequest, program: str, address: str, years: tuple[int, ...]) -> HttpResponse:
    """Ask a second person to approve an export that has more rows than are left for the day."""
    asked = asked_of(request, program, address, years)
    sent = request.POST if request.method == "POST" else request.GET
    chosen = ExportForm(sent)
    if not chosen.is_valid():
        return HttpResponseRedirect(report_url(asked.organization, asked.query))
    kind = chosen.cleaned_data["format"]
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _ask(request, asked, kind, form.cleaned_data["reason"])
    plan = plan_of(request.actor, asked.organization, asked.query, kind, request.at)
    context = {
        "asked": asked,
        "plan": plan,
        "form": form,
        "kind": kind.value,
        "parameters": parameters_of(asked.query, page=False),
        "report_url": report_url(asked.organization, asked.query),
    }
    return page.render(request, "reports/export_approval.html", context)


def _ask(request: ScoreportRequest, asked: Asked, kind: Format, reason: str) -> HttpResponse:
    try:
        info = actions.ask_for_export(
            request.actor,
            organization=asked.organization,
            query=asked.query,
            file_format=kind,
            reason=reason,
            at=request.at,
        )
    except ReasonMissing as refusal:
        messages.warning(request, str(refusal))
        return HttpResponseRedirect(_approval_url(asked, kind))
    messages.success(request, _("Your request was sent. You get an email when it is answered."))
    return HttpResponseRedirect(reverse("approval", args=[info.id]))
