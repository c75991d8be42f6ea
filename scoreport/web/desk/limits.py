"""What pages do where one person has seen enough rows for a day, or a list needs a second person."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from scoreport.approvals import queries
from scoreport.approvals.rules import ApprovalInfo, ApprovalKind, ApprovalState
from scoreport.scores.actions import TooManyRows
from scoreport.web.request import ScoreportRequest


def to_more_rows(request: ScoreportRequest, refusal: TooManyRows) -> HttpResponse:
    """Lead to the page on which a second person is asked for more rows."""
    messages.warning(request, str(refusal))
    url = reverse("desk_more_rows")
    return HttpResponseClientRedirect(url) if request.htmx else HttpResponseRedirect(url)


def own_request(request: ScoreportRequest, parameters: Mapping[str, str | int]) -> ApprovalInfo | None:
    """Return the person's open or approved request for exactly this, or None."""
    alive = {ApprovalState.OPEN, ApprovalState.APPROVED}
    for info in queries.own(request.actor, at=request.at):
        if info.kind is ApprovalKind.FILE_ROWS and info.state in alive and info.parameters == parameters:
            return info
    return None
