"""Requests for a second person's approval: the list, and one request with its answer."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from scoreport.approvals import actions, queries
from scoreport.approvals.actions import AnsweredAlready
from scoreport.approvals.rules import ApprovalInfo, ApprovalState
from scoreport.web import page
from scoreport.web.approvals import labels
from scoreport.web.approvals.forms import AnswerForm
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule


@rule.signed_in
@require_safe
def overview(request: ScoreportRequest) -> HttpResponse:
    """List the requests that the person may answer, and those that they have made."""
    context = {
        "waiting": [_row(info) for info in queries.waiting(request.actor, at=request.at)],
        "own": [_row(info) for info in queries.own(request.actor, at=request.at)],
    }
    return page.render(request, "approvals/overview.html", context)


@rule.signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: ScoreportRequest, approval_id: int) -> HttpResponse:
    """Show a request, and approve, decline or withdraw it."""
    info = queries.approval(request.actor, approval_id, at=request.at)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        _answer(request, info, form.cleaned_data["sentence"])
        return HttpResponseRedirect(reverse("approvals"))
    is_open = info.state is ApprovalState.OPEN
    context = {
        "row": _row(info),
        "info": info,
        "form": form,
        "may_answer": is_open and queries.may_answer(request.actor, info),
        "may_withdraw": info.state in {ApprovalState.OPEN, ApprovalState.APPROVED}
        and info.requested_by_id == request.actor.person_id,
    }
    return page.render(request, "approvals/one.html", context)


def _answer(request: ScoreportRequest, info: ApprovalInfo, sentence: str) -> None:
    try:
        match request.POST.get("answer"):
            case "approve":
                actions.approve(request.actor, approval_id=info.id, sentence=sentence, at=request.at)
                messages.success(request, _("Approved. %(person)s was emailed.") % {"person": info.requested_by})
            case "decline":
                actions.decline(request.actor, approval_id=info.id, sentence=sentence, at=request.at)
                messages.success(request, _("Declined. %(person)s was emailed.") % {"person": info.requested_by})
            case "withdraw":
                actions.withdraw(request.actor, approval_id=info.id, at=request.at)
                messages.success(request, _("The request was withdrawn."))
            case _:
                messages.warning(request, _("Choose an answer."))
    except AnsweredAlready as refusal:
        messages.warning(request, str(refusal))


def _row(info: ApprovalInfo) -> dict[str, object]:
    """Describe a request for the templates."""
    return {
        "info": info,
        "kind": labels.kind_label(info.kind),
        "state": labels.state_label(info.state),
        "tag": labels.TAGS[info.state],
        "continue_url": labels.continue_url(info),
    }
