"""What became of the invitations: sent again with one click, cancelled after a question."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from scoreport.access import Permission
from scoreport.organizations.actions import invitations as actions
from scoreport.organizations.queries import invitations as queries
from scoreport.organizations.rules import OrganizationInfo
from scoreport.organizations.rules.invitations import InvitationGroup, InvitationInfo, InvitationPage
from scoreport.web import page
from scoreport.web.formats import in_zone, moment
from scoreport.web.invitations import words
from scoreport.web.invitations.forms import FilterForm
from scoreport.web.invitations.place import common, place_of
from scoreport.web.part import part_of
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

PER_PAGE: Final = 25


@dataclass(frozen=True, slots=True)
class Row:
    """An invitation in the list."""

    info: InvitationInfo
    state: str
    tag: words.TagKind
    meaning: str


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the list that one may choose."""

    label: str
    url: str
    count: int
    current: bool


@rule(Permission.PEOPLE_GRANT)
@require_safe
def invitations(request: ScoreportRequest, address: str) -> HttpResponse:
    """Show the invitations to an organization and to those under it."""
    place = place_of(request, address)
    form = FilterForm(request.GET)
    group, search = form.group(), form.search()
    found = _found(request, place, group, search, 0)
    pager = page.pager(request, number=form.number(), size=PER_PAGE, total=found.total)
    if pager.number > 1:
        found = _found(request, place, group, search, pager.first - 1)
    context = {
        "rows": [
            Row(info, words.state_label(info.state), words.TAGS[info.state], words.state_meaning(info))
            for info in found.rows
        ],
        "groups": _groups(place, group, search, found.counts),
        "group": group.value,
        "search": search,
        "pager": pager,
        "here": reverse("managing_invitations", args=[place.address]),
        "several_places": any(info.organization.id != place.id for info in found.rows),
        **common(place, "invitations"),
    }
    is_part = part_of(request) == "invitations"
    return page.render(request, "invitations/list.html" if is_part else "invitations/outstanding.html", context)


def _found(
    request: ScoreportRequest, place: OrganizationInfo, group: InvitationGroup, search: str, first: int
) -> InvitationPage:
    return queries.invitations(
        request.actor, place.place, at=request.at, group=group, search=search, first=first, limit=PER_PAGE
    )


def _groups(
    place: OrganizationInfo, chosen: InvitationGroup, search: str, counts: dict[InvitationGroup, int]
) -> list[Group]:
    here = reverse("managing_invitations", args=[place.address])
    kept = {"q": search} if search else {}
    return [
        Group(words.group_label(each), f"{here}?{urlencode(kept | {'show': each.value})}", counts[each], each is chosen)
        for each in InvitationGroup
    ]


@rule(Permission.PEOPLE_GRANT)
@require_POST
def resend(request: ScoreportRequest, address: str, invitation_id: int) -> HttpResponse:
    """Send an invitation again."""
    place, info = _asked(request, address, invitation_id)
    try:
        info = actions.resend_invitation(request.actor, invitation_id=info.id, at=request.at)
    except actions.InvitationEnded as refusal:
        messages.warning(request, str(refusal))
    else:
        told = _("Sent again to %(email)s. The new link works until %(moment)s; the old one opens nothing any more.")
        expires_at = in_zone(info.expires_at, info.organization.time_zone)
        messages.success(request, told % {"email": info.email, "moment": moment(expires_at)})
    return HttpResponseRedirect(reverse("managing_invitations", args=[place.address]))


@rule(Permission.PEOPLE_GRANT)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: ScoreportRequest, address: str, invitation_id: int) -> HttpResponse:
    """Ask whether an invitation is to be cancelled, and cancel it."""
    place, info = _asked(request, address, invitation_id)
    back = HttpResponseRedirect(reverse("managing_invitations", args=[place.address]))
    if request.method == "POST":
        try:
            actions.cancel_invitation(request.actor, invitation_id=info.id, at=request.at)
        except actions.InvitationEnded as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("The invitation of %(email)s is cancelled.") % {"email": info.email})
        return back
    if not info.is_outstanding:
        messages.warning(request, _("This invitation was accepted or cancelled meanwhile."))
        return back
    return page.render(request, "invitations/cancel.html", {"info": info, **common(place, "invitations")})


def _asked(request: ScoreportRequest, address: str, invitation_id: int) -> tuple[OrganizationInfo, InvitationInfo]:
    """Return the organization of the page and an invitation to it, or to one under it."""
    place = place_of(request, address)
    info = queries.invitation(request.actor, invitation_id, request.at)
    if place.id not in info.organization.lineage:
        raise queries.UnknownInvitation(_("There is no such invitation."))
    return place, info
