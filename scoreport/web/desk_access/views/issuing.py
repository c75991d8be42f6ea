"""Issuing a code and taking one out of use; new codes are shown once."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from scoreport.access import Permission
from scoreport.lib.clock import local_date
from scoreport.organizations.actions.codes import CodeIsUsed, issue, revoke
from scoreport.organizations.queries import find
from scoreport.organizations.queries.codes import UnknownCode, codes_of, contact_of
from scoreport.web import page
from scoreport.web.desk_access import letters
from scoreport.web.desk_access.forms import IssueForm
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule


@rule(Permission.ACCESS_CODE_ISSUE)
@require_POST
def issue_one(request: ScoreportRequest, address: str) -> HttpResponse:
    """Issue a code: by mail, or for the page that shows it once."""
    info = find(address)
    contact = contact_of(request.actor, info)
    form = IssueForm(request.POST, contact=contact.email if contact else "")
    here = HttpResponseRedirect(reverse("access_codes_of", args=[info.address]))
    if not form.is_valid():
        messages.error(request, _("No code was issued: choose how it gets there."))
        return here
    issued = issue(
        request.actor,
        organization=info.address,
        send=form.cleaned_data["by"] == "mail",
        replace=form.cleaned_data["replace"],
        at=request.at,
    )
    if issued.sent_to:
        told = _("The code …%(hint)s is on its way to %(address)s.")
        messages.success(request, told % {"hint": issued.hint, "address": issued.sent_to})
        return here
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
