"""Where a person stands: what a link to the form carries, and what the form says of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.http import urlencode
from django.utils.translation import gettext as _

from scoreport.access import Actor, NotFound
from scoreport.organizations import queries as organizations
from scoreport.organizations.rules import OrganizationInfo
from scoreport.support.rules.requests import Kind, local_path
from scoreport.web.routes import path_of

# Few people hold roles at more places than these.
_MOST_PLACES = 5


@dataclass(frozen=True, slots=True)
class Link:
    """A way to ask from a page, with where the person stands in its address."""

    label: str
    url: str


def ask_url(kind: Kind, **where: str | int) -> str:
    """Return the address of the form for a kind, with where the person stands."""
    query = urlencode({"kind": kind.value, **{name: value for name, value in where.items() if value}})
    return f"{path_of('help_ask')}?{query}"


def general_links() -> list[Link]:
    """Return what can be asked from the dashboard."""
    return [
        Link(_("Who is our access manager?"), ask_url(Kind.ACCESS_MANAGER)),
        Link(_("Something is missing"), ask_url(Kind.MISSING_SCORES)),
        Link(_("Older data"), ask_url(Kind.OLDER_DATA)),
        Link(_("Ask something else"), path_of("help_ask")),
        Link(_("My requests"), path_of("help_requests")),
    ]


def report_links(organization: OrganizationInfo, year: str, path: str, *, finder: str = "") -> list[Link]:
    """Return what can be asked from a report; ``finder`` is where the reader can look for a score themself."""
    where: dict[str, str | int] = {"organization": organization.address, "year": year, "page": path}
    return [
        Link(_("Ask about this report"), ask_url(Kind.REPORT, **where)),
        Link(_("A student or score is missing?"), finder or ask_url(Kind.MISSING_SCORES, **where)),
        Link(_("Older data"), ask_url(Kind.OLDER_DATA, organization=organization.address, page=path)),
    ]


def student_links(organization: OrganizationInfo, student_id: int, path: str) -> list[Link]:
    """Return what can be asked from a student's page; only the number of the record comes along."""
    where: dict[str, str | int] = {"organization": organization.address, "page": path, "student": student_id}
    return [
        Link(_("Ask about this page"), ask_url(Kind.REPORT, **where)),
        Link(_("A name, a birth date or a school is wrong"), ask_url(Kind.CORRECTION, **where)),
        Link(_("A test is missing"), ask_url(Kind.MISSING_SCORES, **where)),
    ]


def places_of(actor: Actor, address: str) -> list[OrganizationInfo]:
    """Return the organization of an address, if the actor's roles reach it, or else those of the actor's own roles."""
    if address:
        try:
            return [organizations.organization(actor, address)]
        except NotFound:
            pass
    own = {grant.place.id: None for grant in actor.grants if grant.place}
    found = organizations.infos(list(own)[:_MOST_PLACES])
    return [found[number] for number in own if number in found]


def told(where: Mapping[str, Any], place: OrganizationInfo | None) -> list[str]:
    """Say what the form knows of where the person stood, so that they can leave it out."""
    lines = [place.name] if place else []
    if path := local_path(str(where.get("page", ""))):
        lines.append(_("the page %(path)s") % {"path": path})
    if student := where.get("student"):
        lines.append(_("the student record %(number)s (its number, not the name)") % {"number": student})
    return lines
