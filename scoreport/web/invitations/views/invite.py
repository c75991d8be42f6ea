"""One person is invited."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from scoreport.access import Permission
from scoreport.organizations import invitees
from scoreport.organizations.actions import invitations as actions
from scoreport.organizations.queries import UnknownOrganization
from scoreport.organizations.queries.invitations import organizations_to_invite_to
from scoreport.organizations.rules import OrganizationInfo
from scoreport.web import page
from scoreport.web.formats import in_zone, moment
from scoreport.web.invitations.forms import MOST_OFFERED, PersonForm
from scoreport.web.invitations.place import common, place_of
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule


def options_of(request: ScoreportRequest, place: OrganizationInfo) -> dict[str, Any]:
    """Return what the forms offer at a place: itself and what is under it, and the last day."""
    return {
        "places": organizations_to_invite_to(request.actor, place.place, limit=MOST_OFFERED),
        "last_day": invitees.frame_of(place, request.at).last_day,
    }


@rule(Permission.PEOPLE_GRANT)
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: ScoreportRequest, address: str) -> HttpResponse:
    """Ask for one person, and invite them."""
    place = place_of(request, address)
    if request.method != "POST":
        return _page(request, place, PersonForm(**options_of(request, place)))
    form = PersonForm(request.POST, **options_of(request, place))
    if not form.is_valid():
        return _page(request, place, form)
    given = form.cleaned_data
    try:
        info = actions.invite(
            request.actor,
            organization=given["organization"],
            email=given["email"],
            name=given["name"],
            roles=form.chosen_roles(),
            ends_on=given["ends_on"],
            at=request.at,
        )
    except (actions.NotInvitable, actions.NothingToInvite, UnknownOrganization) as refusal:
        form.add_error("organization" if isinstance(refusal, UnknownOrganization) else "email", str(refusal))
        return _page(request, place, form)
    told = _("%(email)s is invited. The link works until %(moment)s.")
    expires_at = in_zone(info.expires_at, info.organization.time_zone)
    messages.success(request, told % {"email": info.email, "moment": moment(expires_at)})
    return HttpResponseRedirect(reverse("managing_invitations", args=[place.address]))


def _page(request: ScoreportRequest, place: OrganizationInfo, form: PersonForm) -> HttpResponse:
    return page.render(request, "invitations/invite.html", {"form": form, **common(place, "invite")})
