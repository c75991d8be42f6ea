"""Codes in bulk: who would get one is counted first, and issued by a second click."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from scoreport.access import Permission
from scoreport.approvals.actions import ApprovalNeeded
from scoreport.approvals.rules import ApprovalInfo, ApprovalKind
from scoreport.organizations import code_delivery
from scoreport.organizations.actions.code_approvals import ask_to_print_many
from scoreport.organizations.actions.codes import issue_many
from scoreport.organizations.queries import UnknownOrganization
from scoreport.organizations.queries.codes import Standing, chosen
from scoreport.organizations.rules.codes import Tool
from scoreport.web import page
from scoreport.web.desk_access import approvals, letters, words
from scoreport.web.desk_access.forms import ManyForm, ReasonForm
from scoreport.web.formats import number
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

MOST: Final = 500
"""So many in one request of a browser; the command has no such limit."""
_SHOWN: Final = 20


@rule(Permission.ACCESS_CODE_ISSUE)
@require_http_methods(["GET", "HEAD", "POST"])
def many(request: ScoreportRequest) -> HttpResponse:
    """Ask for whom, count them, and issue the codes by POST."""
    given = request.POST if request.method == "POST" else request.GET
    form = ManyForm(given if "count" in given else None)
    found = _chosen(request, form) if form.is_bound and form.is_valid() else None
    if request.method == "POST" and found and len(found) <= MOST:
        done = _asked(request, form.cleaned_data) if "ask" in request.POST else _issue(request, form.cleaned_data)
        if done:
            return done
    context: dict[str, Any] = {"form": form, "found": None}
    if found is not None:
        context |= {
            "found": words.institutions(len(found)),
            "codes": words.codes(len(found)),
            "shown": [standing.info for standing in found[:_SHOWN]],
            "more": max(0, len(found) - _SHOWN),
            "is_paper": form.cleaned_data["how"] == "paper",
            "reason_form": ReasonForm(),
            "request_shown": approvals.shown(_own_request(request, form.cleaned_data, found)),
            "replaced": sum(standing.open_codes for standing in found),
            "possible": 0 < len(found) <= MOST,
            "why_not": _why_not(len(found)),
            "fields_again": _sent_again(form),
        }
    return page.render(request, "access_codes/many.html", context)


def _chosen(request: ScoreportRequest, form: ManyForm) -> tuple[Standing, ...] | None:
    given = form.cleaned_data
    try:
        return chosen(
            request.actor,
            under=given["under"] or None,
            only_without_manager=given["without"],
            only_with_contact=given["how"] == "email",
            at=request.at,
        )
    except UnknownOrganization as refusal:
        form.add_error("under", str(refusal))
        return None


def _issue(request: ScoreportRequest, given: dict[str, Any]) -> HttpResponse | None:
    """Issue the codes; None when a second person has to approve that first."""
    is_email = given["how"] == "email"
    try:
        issued = issue_many(
            request.actor,
            under=given["under"] or None,
            only_without_manager=given["without"],
            only_with_contact=is_email,
            send=is_email,
            at=request.at,
        )
    except ApprovalNeeded as refusal:
        messages.error(request, _("No code was issued. %(why)s") % {"why": refusal})
        return None
    if is_email:
        messages.success(request, _("%(codes)s emailed.") % {"codes": words.codes(len(issued))})
        return HttpResponseRedirect(reverse("access_codes"))
    letters.keep(request.session, letters.letters_of(issued))
    return HttpResponseRedirect(reverse("access_codes_issued"))


def _asked(request: ScoreportRequest, given: dict[str, Any]) -> HttpResponse | None:
    """Ask for the approval to print the codes."""
    is_done = approvals.ask(
        request,
        lambda: ask_to_print_many(
            request.actor,
            under=given["under"] or None,
            only_without_manager=given["without"],
            reason=request.POST.get("reason", "")[:1000],
            at=request.at,
        ),
    )
    return HttpResponseRedirect(reverse("access_codes")) if is_done else None


def _own_request(request: ScoreportRequest, given: dict[str, Any], found: tuple[Standing, ...]) -> ApprovalInfo | None:
    """Return the person's own request to print exactly these codes."""
    wanted = code_delivery.many_on_paper(
        Tool.MANAGING_ACCESS, found, only_without_manager=given["without"], only_with_contact=False, send=False
    )
    return code_delivery.own_request(request.actor, ApprovalKind.CODE_DELIVERY, parameters=wanted, at=request.at)


def _why_not(count: int) -> str:
    if count > MOST:
        message = _(
            "That is more than the %(most)s that a page can issue at once. Choose a part of them, or use the command"
            " “scoreport access-code bulk”."
        )
        return message % {"most": number(MOST)}
    return _("No institution is chosen by this. Choose another organization, or fewer conditions.") if not count else ""


def _sent_again(form: ManyForm) -> dict[str, str]:
    """Return what was chosen, for the form that issues the codes."""
    given = form.cleaned_data
    ticked = {"without": "on"} if given["without"] else {}
    return {"count": "yes", "under": given["under"], "how": given["how"], **ticked}
