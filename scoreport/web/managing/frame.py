"""What every page of Managing Access has around it: the institution, and what the person may do there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from scoreport import access
from scoreport.access import Permission
from scoreport.organizations import queries
from scoreport.organizations.rules import OrganizationInfo
from scoreport.web import page
from scoreport.web.page import Choice
from scoreport.web.request import ScoreportRequest


@dataclass(frozen=True, slots=True)
class Frame:
    """An institution whose access somebody looks at or manages; without ``may_grant`` they only look."""

    organization: OrganizationInfo
    may_grant: bool

    @property
    def url(self) -> str:
        """The page of its users."""
        return reverse("managing_access", args=[self.organization.address])


def frame_of(request: ScoreportRequest, address: str, *, permission: Permission = Permission.PEOPLE_GRANT) -> Frame:
    """Return the frame of a page; raises what is refused.

    :class:`scoreport.organizations.queries.UnknownOrganization` for what no role of the person reaches, and
    :class:`scoreport.access.NotAllowed`.
    """
    organization = queries.organization(request.actor, address)
    access.require(request.actor, permission, organization.place)
    return Frame(organization, access.can(request.actor, Permission.PEOPLE_GRANT, organization.place))


def way_back(request: ScoreportRequest, frame: Frame, back: str) -> HttpResponseRedirect:
    """Lead back to a page of the institution; whoever has just given up their own role there, to the dashboard."""
    person = request.actor.person_id
    if person is None:
        return HttpResponseRedirect(back)
    now = queries.actor_of(person, second_factor=request.actor.second_factor, at=request.at)
    may = access.can(now, Permission.PEOPLE_GRANT, frame.organization.place)
    return HttpResponseRedirect(back if may else reverse("dashboard"))


def render(
    request: ScoreportRequest, template: str, frame: Frame, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Answer with a page of Managing Access."""
    here = frame.organization
    chosen = Choice(here.name, frame.url, current=True, detail=here.label, key=here.address, time_zone=here.time_zone)
    whole = {"organization": here, "may_grant": frame.may_grant, **context}
    return page.render(request, template, whole, organization=chosen, status=status)
