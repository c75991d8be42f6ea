"""Requests to a second member of program staff as the pages of access codes show them."""

from collections.abc import Callable

from django.contrib import messages
from django.urls import reverse
from django.utils.translation import gettext as _

from scoreport.approvals.actions import ReasonMissing
from scoreport.approvals.rules import ApprovalInfo, ApprovalState
from scoreport.organizations.queries.staff import program_staff
from scoreport.web.request import ScoreportRequest


def shown(info: ApprovalInfo | None) -> dict[str, object]:
    """Return what a page says of a request: whether it waits or is approved, and its address."""
    if info is None:
        return {"is_open": False, "is_approved": False, "url": ""}
    return {
        "is_open": info.state is ApprovalState.OPEN,
        "is_approved": info.state is ApprovalState.APPROVED,
        "url": reverse("approval", args=[info.id]),
        "number": info.id,
    }


def ask(request: ScoreportRequest, make: Callable[[], ApprovalInfo]) -> bool:
    """Ask for an approval and say who answers it; tell whether that was possible."""
    try:
        info = make()
    except ReasonMissing as refusal:
        messages.error(request, str(refusal))
        return False
    if len(program_staff(request.at)) > 1:
        message = _("Request %(number)s was emailed to the other program staff. You get an email with the answer.")
    else:
        message = _(
            "There is no second member of program staff. The operator can approve request %(number)s with the command"
            " “scoreport approvals approve %(number)s”."
        )
    messages.success(request, message % {"number": info.id})
    return True
