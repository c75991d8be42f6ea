"""The page that everyone lands on after sign-in."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from scoreport.access import Permission, Role, can
from scoreport.access.roles import SECOND_FACTOR
from scoreport.approvals import queries as approvals
from scoreport.approvals.rules import ApprovalInfo, ApprovalState
from scoreport.downloads.queries import downloads_of, news_of
from scoreport.downloads.rules import DownloadInfo, DownloadState
from scoreport.organizations import queries as organizations
from scoreport.organizations.queries.reviews import open_reviews_of
from scoreport.organizations.rules import OrganizationInfo
from scoreport.web import navigation, page
from scoreport.web.entry.offers import offers_for
from scoreport.web.help.where import general_links
from scoreport.web.report_paths import last_program, report_path
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

# Few people hold roles at more places than these; each costs a look-up.
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Belonging:
    """An organization on the dashboard, with what the person is there."""

    name: str
    detail: str
    report_url: str
    roles: tuple[str, ...]


@rule.signed_in
@require_GET
def dashboard(request: ScoreportRequest) -> HttpResponse:
    """Show the tools that the person has, and the organizations that gave them."""
    actor = request.actor
    news = news_of(actor, at=request.at)
    return page.render(
        request,
        "dashboard.html",
        {
            "tools": navigation.tools_for(actor),
            "offers": [(offer, False) for offer in offers_for(actor)],
            "organizations": _belongings(request),
            "ready_files": _ready_files(request) if news.ready_files else [],
            "reviews": open_reviews_of(actor),
            "approvals": len(approvals.waiting(actor, at=request.at)) if news.open_approvals else 0,
            "approved": _approved(request) if news.own_approved else [],
            "help_links": general_links(),
            "needs_second_factor": not actor.second_factor and any(can(actor, p) for p in SECOND_FACTOR),
        },
    )


@rule.signed_in
@require_GET
def stay(request: ScoreportRequest) -> HttpResponse:  # noqa: ARG001 - Django calls views with it
    """Answer nothing: that somebody asked keeps the session alive, as any page does."""
    return HttpResponse(status=204)


def _ready_files(request: ScoreportRequest) -> list[DownloadInfo]:
    """Return the files that were prepared while the person was elsewhere and that nobody has fetched yet."""
    found = downloads_of(request.actor, at=request.at)
    return [info for info in found if info.state is DownloadState.READY and not info.openings]


def _approved(request: ScoreportRequest) -> list[ApprovalInfo]:
    """Return the person's own requests that were approved and can be used."""
    return [info for info in approvals.own(request.actor, at=request.at) if info.state is ApprovalState.APPROVED]


def _belongings(request: ScoreportRequest) -> list[Belonging]:
    """Pair the organizations of the actor's own grants with the names of the roles there."""
    roles: dict[int, list[Role]] = {}
    for grant in request.actor.grants:
        if grant.place is not None:
            roles.setdefault(grant.place.id, []).append(grant.role)
    known = organizations.organizations_held(request.actor)
    places = [(known.get(number) or organizations.info(number), held) for number, held in list(roles.items())[:_SHOWN]]
    return [
        Belonging(info.name, info.label, _report_url(request, info), tuple(role.label for role in held))
        for info, held in places
    ]


def _report_url(request: ScoreportRequest, info: OrganizationInfo) -> str:
    may_open = can(request.actor, Permission.SCORES_SUMMARY_READ, info.place)
    return report_path(info.address, last_program(request)) if may_open else ""
