"""The organization of a page of Managing Access, once it is sure that the person may invite there."""

from typing import Any

from django.urls import NoReverseMatch, reverse

from scoreport import access
from scoreport.access import Permission
from scoreport.organizations.queries import organization
from scoreport.organizations.rules import OrganizationInfo
from scoreport.web.request import ScoreportRequest


def place_of(request: ScoreportRequest, address: str) -> OrganizationInfo:
    """Return the organization of an address; 404 for what is not theirs, 403 for what they may not manage."""
    place = organization(request.actor, address)
    access.require(request.actor, Permission.PEOPLE_GRANT, place.place)
    return place


def trail(place: OrganizationInfo) -> list[tuple[str, str]]:
    """Return the way to the pages of an organization."""
    try:
        return [(place.name, reverse("managing_access", args=[place.address]))]
    except NoReverseMatch:
        return [(place.name, reverse("managing_invitations", args=[place.address]))]


def common(place: OrganizationInfo, current: str) -> dict[str, Any]:
    """Return what every page of an organization shows: where it is, and which tab."""
    return {"place": place, "trail": trail(place), "current": current}
