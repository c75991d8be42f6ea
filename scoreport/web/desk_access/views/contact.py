"""The contact on file: who it is, and naming another one with the approval of a second member of program staff."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from scoreport.access import Permission
from scoreport.approvals.actions import ApprovalNeeded
from scoreport.approvals.rules import ApprovalInfo, ApprovalKind, ApprovalState
from scoreport.organizations import code_delivery
from scoreport.organizations.actions.contacts import ContactRefused, ask_contact, change_contact
from scoreport.organizations.queries import find
from scoreport.organizations.queries.codes import contact_of
from scoreport.organizations.rules import OrganizationInfo
from scoreport.web import page
from scoreport.web.desk_access import approvals
from scoreport.web.desk_access.forms import ContactForm
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule


@rule(Permission.ACCESS_CODE_ISSUE)
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: ScoreportRequest, address: str) -> HttpResponse:
    """Show the contact and the request to name another one; ask for it, or do what was approved."""
    info = find(address)
    asked = code_delivery.own_request(
        request.actor, ApprovalKind.CONTACT_CHANGE, parameters={}, organization=info.code, at=request.at
    )
    here = HttpResponseRedirect(reverse("access_codes_of", args=[info.address]))
    if request.method == "POST" and "apply" in request.POST:
        _apply(request, info, asked)
        return here
    form = ContactForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _asked(request, info, form):
        return here
    context = {
        "place": info,
        "contact": contact_of(request.actor, info, at=request.at).recipient,
        "form": form,
        "request_shown": approvals.shown(asked),
        "wanted": asked.parameters if asked else {},
    }
    return page.render(request, "access_codes/contact.html", context)


def _apply(request: ScoreportRequest, info: OrganizationInfo, asked: ApprovalInfo | None) -> None:
    if asked is None or asked.state is not ApprovalState.APPROVED:
        messages.error(request, _("Nothing was changed: a second member of program staff has to approve this first."))
        return
    name, email = str(asked.parameters["name"]), str(asked.parameters["email"])
    try:
        change_contact(request.actor, organization=info.address, name=name, email=email, at=request.at)
    except (ApprovalNeeded, ContactRefused) as refusal:
        messages.error(request, str(refusal))
        return
    message = _("%(name)s is the contact now. Codes can be emailed to a new address after 72 hours.")
    messages.success(request, message % {"name": name})


def _asked(request: ScoreportRequest, info: OrganizationInfo, form: ContactForm) -> bool:
    given = form.cleaned_data
    try:
        return approvals.ask(
            request,
            lambda: ask_contact(
                request.actor,
                organization=info.address,
                name=given["name"],
                email=given["email"],
                reason=given["reason"],
                at=request.at,
            ),
        )
    except ContactRefused as refusal:
        form.add_error("email", str(refusal))
        return False
