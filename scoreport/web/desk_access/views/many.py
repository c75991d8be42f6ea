"""Codes in bulk: who would get one is counted first, and issued by a second click."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from scoreport.access import Permission
from scoreport.organizations.actions.codes import issue_many
from scoreport.organizations.queries import UnknownOrganization
from scoreport.organizations.queries.codes import Standing, chosen
from scoreport.web import page
from scoreport.web.desk_access import letters, words
from scoreport.web.desk_access.forms import ManyForm
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
        return _issue(request, form.cleaned_data)
    context: dict[str, Any] = {"form": form, "found": None}
    if found is not None:
        context |= {
            "found": words.institutions(len(found)),
            "codes": words.codes(len(found)),
            "shown": [standing.info for standing in found[:_SHOWN]],
            "more": max(0, len(found) - _SHOWN),
            "by_mail": sum(standing.contact is not None for standing in found) if form.cleaned_data["send"] else 0,
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
            only_with_contact=given["contact"],
            at=request.at,
        )
    except UnknownOrganization as refusal:
        form.add_error("under", str(refusal))
        return None


def _issue(request: ScoreportRequest, given: dict[str, Any]) -> HttpResponse:
    issued = issue_many(
        request.actor,
        under=given["under"] or None,
        only_without_manager=given["without"],
        only_with_contact=given["contact"],
        send=given["send"],
        at=request.at,
    )
    sent = [one for one in issued if one.sent_to]
    if sent:
        messages.success(request, _("On their way by mail: %(codes)s.") % {"codes": words.codes(len(sent))})
    on_paper = [one for one in issued if not one.sent_to]
    if not on_paper:
        return HttpResponseRedirect(reverse("access_codes"))
    letters.keep(request.session, letters.letters_of(on_paper))
    return HttpResponseRedirect(reverse("access_codes_issued"))


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
    ticked = {name: "on" for name in ("without", "contact", "send") if given[name]}
    return {"count": "yes", "under": given["under"], **ticked}
