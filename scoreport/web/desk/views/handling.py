"""Who handles a file, and how many rows one person sees in a day."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from scoreport.access import Permission
from scoreport.approvals.rules import ApprovalState
from scoreport.scores import actions, files
from scoreport.scores.actions import HandledAlready
from scoreport.scores.files import more_rows, shown_lately
from scoreport.web import page
from scoreport.web.desk import effects
from scoreport.web.desk.forms import ReasonForm
from scoreport.web.desk.limits import own_request
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule


@rule(Permission.SCORES_FILE_HANDLE)
@require_http_methods(["GET", "HEAD", "POST"])
def take_over(request: ScoreportRequest, file_id: int) -> HttpResponse:
    """Ask, then make the person the one who handles a file."""
    info = files.file(request.actor, file_id)
    if request.method != "POST":
        context = {
            "info": info,
            "title": _("Take over this file?"),
            "label": _("Take over"),
            "effects": effects.taking_over(info),
            "kind": "primary",
            "choices": [],
        }
        return page.render(request, "desk/confirm.html", context)
    try:
        actions.take_over(request.actor, file_id=info.id, at=request.at)
    except HandledAlready as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, _("You handle this file now."))
    return HttpResponseRedirect(reverse("desk_file", args=[info.id]))


@rule(Permission.SCORES_FILE_HANDLE)
@require_http_methods(["GET", "HEAD", "POST"])
def more(request: ScoreportRequest) -> HttpResponse:
    """Say how many rows the person has seen, and ask a second person for more."""
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        actions.ask_for_more_rows(request.actor, reason=form.cleaned_data["reason"], at=request.at)
        messages.success(request, _("Your request was sent. You get an email when it is answered."))
        return HttpResponseRedirect(reverse("desk_more_rows"))
    seen, limit = shown_lately(request.actor.person_id or 0, request.at)
    asked = own_request(request, more_rows())
    context = {
        "seen": seen,
        "limit": limit,
        "form": form,
        "asked": asked,
        "is_approved": asked is not None and asked.state is ApprovalState.APPROVED,
    }
    return page.render(request, "desk/more_rows.html", context)
