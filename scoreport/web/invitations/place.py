"""The organization of a page of Managing Access, once it is sure that the person may invite there."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Permission
from scoreport.organizations.queries import organization
from scoreport.organizations.rules import OrganizationInfo
from scoreport.web.jinja import url_or_none
from scoreport.web.request import ScoreportRequest


def place_of(request: ScoreportRequest, address: str) -> OrganizationInfo:
    """Return the organization of an address; 404 for what is not theirs, 403 for what they may not manage."""
    place = organization(request.actor, address)
    access.require(request.actor, Permission.PEOPLE_GRANT, place.place)
    return place


def trail(place: OrganizationInfo) -> list[tuple[str, str]]:
    """Return the way to the pages of an organization, as far as this installation serves it."""
    users = url_or_none("managing_access", place.address) or reverse("managing_invitations", args=[place.address])
    top = url_or_none("managing")
    return [*([(_("Managing access"), top)] if top else []), (place.name, users)]


def common(place: OrganizationInfo, current: str) -> dict[str, Any]:
    """Return what every page of an organization shows: where it is, and which tab."""
    return {"place": place, "trail": trail(place), "current": current}
