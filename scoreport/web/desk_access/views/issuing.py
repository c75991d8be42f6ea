"""Issuing a code and taking one out of use; new codes on paper are shown once."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from scoreport.access import Permission
from scoreport.approvals.actions import ApprovalNeeded
from scoreport.lib.clock import local_date
from scoreport.organizations.actions.code_approvals import ask_to_print
from scoreport.organizations.actions.codes import CodeIsUsed, NoContact, issue, revoke
from scoreport.organizations.queries import find
from scoreport.organizations.queries.codes import UnknownCode, codes_of
from scoreport.organizations.rules import OrganizationInfo
from scoreport.web import page
from scoreport.web.desk_access import approvals, letters
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule


@rule(Permission.ACCESS_CODE_ISSUE)
@require_POST
def issue_one(request: ScoreportRequest, address: str) -> HttpResponse:
    """Issue a code: by email, or on the page that shows it once; or ask for the approval that paper needs."""
    info = find(address)
    here = HttpResponseRedirect(reverse("access_codes_of", args=[info.address]))
    by = request.POST.get("by")
    if by == "ask":
        reason = request.POST.get("reason", "")[:1000]
        approvals.ask(
            request, lambda: ask_to_print(request.actor, organization=info.address, reason=reason, at=request.at)
        )
        return here
    if by not in {"mail", "print"}:
        messages.error(request, _("No code was issued: choose how it gets there."))
        return here
    return _issued(request, info, is_printed=by == "print") or here


def _issued(request: ScoreportRequest, info: OrganizationInfo, *, is_printed: bool) -> HttpResponse | None:
    """Issue a code, and return the page that shows it; None when it was emailed, or was not issued."""
    try:
        issued = issue(
            request.actor,
            organization=info.address,
            send=not is_printed,
            replace="replace" in request.POST,
            at=request.at,
        )
    except (ApprovalNeeded, NoContact) as refusal:
        messages.error(request, _("No code was issued. %(why)s") % {"why": refusal})
        return None
    if issued.sent_to:
        message = _("The code …%(hint)s was emailed to %(address)s.")
        messages.success(request, message % {"hint": issued.hint, "address": issued.sent_to})
        return None
    letters.keep(request.session, letters.letters_of([issued]))
    return HttpResponseRedirect(reverse("access_codes_issued"))


@rule(Permission.ACCESS_CODE_ISSUE)
@require_GET
def issued(request: ScoreportRequest) -> HttpResponse:
    """Show new codes as letters to print; they are kept nowhere, so the page has nothing to show the next time."""
    context = {"letters": letters.take(request.session), "day": local_date(request.at, settings.TIME_ZONE)}
    return page.render(request, "access_codes/issued.html", context)


@rule(Permission.ACCESS_CODE_ISSUE)
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_one(request: ScoreportRequest, address: str, code_id: int) -> HttpResponse:
    """Take a code out of use; asked on a page of its own."""
    info = find(address)
    code = next((one for one in codes_of(request.actor, info) if one.id == code_id), None)
    if code is None:
        raise UnknownCode(_("There is no such code."))
    here = HttpResponseRedirect(reverse("access_codes_of", args=[info.address]))
    if request.method != "POST" and (code.used_at or code.revoked_at):
        return here
    if request.method == "POST":
        try:
            revoke(request.actor, organization=info.address, code=code.id, at=request.at)
        except CodeIsUsed as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("The code …%(hint)s was revoked.") % {"hint": code.hint})
        return here
    return page.render(request, "access_codes/revoke.html", {"place": info, "code": code})
