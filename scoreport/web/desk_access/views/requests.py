"""Who asks for a code, and the answer: a code by mail, or a sentence."""

from typing import Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from scoreport.access import Permission
from scoreport.approvals.actions import ApprovalNeeded
from scoreport.approvals.rules import ApprovalInfo, ApprovalKind
from scoreport.organizations import code_delivery
from scoreport.organizations.actions.code_approvals import ask_to_send
from scoreport.organizations.actions.codes import NoContact
from scoreport.organizations.actions.requests import (
    AnsweredAlready,
    AskedByStaff,
    NothingSaid,
    decline_code,
    send_code,
)
from scoreport.organizations.queries import UnknownOrganization
from scoreport.organizations.queries.codes import contact_of
from scoreport.organizations.queries.managers import managers_of
from scoreport.organizations.queries.requests import code_request, code_requests
from scoreport.organizations.rules.requests import AnswerState, RequestInfo
from scoreport.web import page
from scoreport.web.desk_access import approvals
from scoreport.web.desk_access.forms import DeclineForm, GrantForm, ListForm, ReasonForm
from scoreport.web.desk_access.words import contact_problem
from scoreport.web.entry import words
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

PER_PAGE: Final = 25
_GRANTS: Final = ("send", "contact", "ask")


@rule(Permission.ACCESS_CODE_ISSUE)
@require_safe
def queue(request: ScoreportRequest) -> HttpResponse:
    """List the requests that wait, the oldest first, or those that were answered."""
    asked = ListForm(request.GET).asked()
    is_open = asked["show"] != "answered"
    total = code_requests(request.actor, is_open=is_open, first=0, limit=1)[1]
    pager = page.pager(request, number=asked["page"], size=PER_PAGE, total=total)
    found, _total = code_requests(request.actor, is_open=is_open, first=max(0, pager.first - 1), limit=PER_PAGE)
    here = reverse("access_code_requests")
    context = {
        "entries": [(info, words.state_label(info.state), words.TAGS[info.state]) for info in found],
        "groups": [(_("Open"), here, is_open), (_("Answered"), f"{here}?show=answered", not is_open)],
        "is_open": is_open,
        "pager": pager,
    }
    return page.render(request, "access_codes/requests.html", context)


@rule(Permission.ACCESS_CODE_ISSUE)
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: ScoreportRequest, request_id: int) -> HttpResponse:
    """Show a request beside what is on file, and answer it."""
    info = code_request(request.actor, request_id)
    chosen = request.POST.get("answer") if request.method == "POST" else None
    grant = GrantForm(request.POST if chosen in _GRANTS else None, auto_id="grant_%s")
    decline = DeclineForm(request.POST if chosen == "decline" else None)
    is_done = (chosen in _GRANTS and _granted(request, info, grant, str(chosen))) or (
        chosen == "decline" and _declined(request, info, decline)
    )
    if is_done:
        return HttpResponseRedirect(reverse("access_code_requests"))
    contact = contact_of(request.actor, info.organization, at=request.at) if info.organization else None
    context = {
        "info": info,
        "state": words.state_label(info.state),
        "tag_kind": words.TAGS[info.state],
        "is_open": info.state is AnswerState.OPEN,
        "managers": managers_of(info.organization, request.at) if info.organization else (),
        "contact": contact.recipient if contact else None,
        "why_no_email": contact_problem(info.organization, contact) if info.organization and contact else "",
        "is_contact": contact is not None and contact.recipient is not None and contact.recipient.email == info.email,
        "request_shown": approvals.shown(_own_request(request, info)),
        "grant": grant,
        "reason_form": ReasonForm(),
        "decline": decline,
    }
    return page.render(request, "access_codes/request.html", context)


def _own_request(request: ScoreportRequest, info: RequestInfo) -> ApprovalInfo | None:
    """Return the person's own request to email a code to the person who asked for it."""
    wanted = code_delivery.by_email(request_id=info.id, to=info.email)
    return code_delivery.own_request(request.actor, ApprovalKind.CODE_DELIVERY, parameters=wanted, at=request.at)


def _granted(request: ScoreportRequest, info: RequestInfo, form: GrantForm, chosen: str) -> bool:
    """Send a code or ask for the approval that this needs, and tell whether the request is done with."""
    organization = None
    if info.organization is None:
        if not form.is_valid():
            return False
        organization = form.cleaned_data["organization"]
    try:
        if chosen == "ask":
            reason = request.POST.get("reason", "")[:1000]
            return approvals.ask(
                request,
                lambda: ask_to_send(
                    request.actor, request_id=info.id, organization=organization, reason=reason, at=request.at
                ),
            )
        issued = send_code(
            request.actor,
            request_id=info.id,
            organization=organization,
            to_contact=chosen == "contact",
            at=request.at,
        )
    except UnknownOrganization as refusal:
        form.add_error("organization", str(refusal))
        return False
    except (ApprovalNeeded, AskedByStaff, NoContact) as refusal:
        messages.error(request, _("No code was issued. %(why)s") % {"why": refusal})
        return False
    except AnsweredAlready as refusal:
        messages.warning(request, str(refusal))
        return True
    message = _("The code …%(hint)s was emailed to %(address)s.")
    messages.success(request, message % {"hint": issued.hint, "address": issued.sent_to})
    return True


def _declined(request: ScoreportRequest, info: RequestInfo, form: DeclineForm) -> bool:
    """Decline, and tell whether the request is done with."""
    if not form.is_valid():
        return False
    try:
        decline_code(request.actor, request_id=info.id, sentence=form.cleaned_data["sentence"], at=request.at)
    except NothingSaid as refusal:
        form.add_error("sentence", str(refusal))
        return False
    except AnsweredAlready as refusal:
        messages.warning(request, str(refusal))
        return True
    messages.success(request, _("The request was declined; %(person)s gets your sentence.") % {"person": info.person})
    return True
