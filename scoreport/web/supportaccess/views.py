"""Support access: who may look at an institution, now and before; allowing, beginning and ending it."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from scoreport.access import Permission
from scoreport.organizations import queries as organizations
from scoreport.organizations.actions import support as actions
from scoreport.organizations.queries.support import open_to_staff, support, support_access
from scoreport.organizations.rules.support import SupportInfo, SupportState
from scoreport.web import page
from scoreport.web.formats import in_zone, moment
from scoreport.web.report_paths import last_program, report_path
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule
from scoreport.web.supportaccess.forms import AllowForm

_METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One leave to look, as the two lists show it."""

    info: SupportInfo
    state: str
    tag: str
    note: str
    may_end: bool
    may_begin: bool
    report_url: str


@rule(Permission.PEOPLE_GRANT)
@require_safe
def managing(request: ScoreportRequest, address: str) -> HttpResponse:
    """Show to whom the institution opened itself, and let them end it."""
    organization = organizations.organization(request.actor, address)
    found = support_access(request.actor, organization.place)
    entries = [_entry(request, info) for info in found]
    context = {
        "organization": organization,
        "alive": [entry for entry in entries if entry.may_end],
        "over": [entry for entry in entries if not entry.may_end],
        "days": settings.PROBLEM_ROWS_DAYS,
    }
    header = page.choice_of(organization, "managing_support")
    return page.render(request, "supportaccess/managing.html", context, organization=header)


@rule(Permission.PEOPLE_GRANT)
@require_http_methods(_METHODS)
def allow(request: ScoreportRequest, address: str) -> HttpResponse:
    """Let one of the program staff look; the page says before what that means."""
    organization = organizations.organization(request.actor, address)
    # Who may not give it here is told so before they fill in anything.
    support_access(request.actor, organization.place, limit=1)
    form = AllowForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        given = actions.allow(
            request.actor, organization=organization.address, ticket=told["ticket"], reason=told["reason"],
            hours=told["hours"], at=request.at,
        )  # fmt: skip
        sentence = _("Until %(moment)s support may look at %(organization)s. You can end it here at any time.")
        ends_at = in_zone(given.ends_at, organization.time_zone)
        messages.success(request, sentence % {"organization": organization.name, "moment": moment(ends_at)})
        return HttpResponseRedirect(reverse("managing_support", args=[organization.address]))
    context = {"organization": organization, "form": form}
    header = page.choice_of(organization, "managing_support")
    return page.render(request, "supportaccess/allow.html", context, organization=header)


@rule(Permission.SUPPORT_BEGIN)
@require_safe
def desk(request: ScoreportRequest) -> HttpResponse:
    """Show program staff which institutions let them look, and what they have begun."""
    entries = [_entry(request, info) for info in open_to_staff(request.actor, request.at)]
    return page.render(request, "supportaccess/desk.html", {"entries": entries})


@rule(Permission.SUPPORT_BEGIN)
@require_http_methods(_METHODS)
def begin(request: ScoreportRequest, support_id: int) -> HttpResponse:
    """Ask, and begin: from the next page on everything shows what the institution sees."""
    info = support(request.actor, support_id)
    if request.method == "POST":
        begun = actions.begin(request.actor, support_id=info.id, at=request.at)
        return HttpResponseRedirect(report_path(begun.organization.address, last_program(request)))
    if info.state(request.at) is not SupportState.WAITING:
        messages.warning(request, _("This support access is over, or begun already."))
        return HttpResponseRedirect(reverse("desk_support"))
    return page.render(request, "supportaccess/begin.html", {"info": info})


@rule.signed_in
@require_POST
def end(request: ScoreportRequest, support_id: int) -> HttpResponse:
    """End it with one click, from either side."""
    ended = actions.end(request.actor, support_id=support_id, at=request.at)
    sentence = _("Support access to %(organization)s has ended.")
    messages.success(request, sentence % {"organization": ended.organization.name})
    if ended.staff_id == request.actor.person_id:
        return HttpResponseRedirect(reverse("desk_support"))
    return HttpResponseRedirect(reverse("managing_support", args=[ended.organization.address]))


def _entry(request: ScoreportRequest, info: SupportInfo) -> Entry:
    state = info.state(request.at)
    label, tag = {
        SupportState.WAITING: (_("Not begun yet"), "waiting"),
        SupportState.OPEN: (_("Open now"), "warning"),
        SupportState.OVER: (_("Over"), "neutral"),
    }[state]
    note = ""
    if state is SupportState.OVER:
        note = _("Ended by %(person)s") % {"person": info.ended_by} if info.ended_by else _("Ended by itself")
    is_mine = info.staff_id == request.actor.person_id
    return Entry(
        info=info,
        state=label,
        tag=tag,
        note=note,
        may_end=state is not SupportState.OVER,
        may_begin=not is_mine,
        report_url=report_path(info.organization.address, last_program(request)),
    )
