"""The organizations that a person's roles reach, found by a word or down the tree."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.organizations import queries
from scoreport.organizations.rules import OrganizationInfo
from scoreport.web import page
from scoreport.web.organizations.forms import SearchForm
from scoreport.web.part import part_of
from scoreport.web.report_paths import last_program, report_path
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

PER_PAGE = 25
PER_LEVEL = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """An organization in a list: where its report is, and what is under it."""

    info: OrganizationInfo
    report_url: str
    schools: int = 0
    browse_url: str = ""


@rule.signed_in
@require_GET
def organizations(request: ScoreportRequest) -> HttpResponse:
    """Find organizations: those that match ``q``, or those right below ``under``, or the highest ones."""
    form = SearchForm(request.GET)
    asked = form.asked()
    context = _search(request, asked.q, asked.page) if asked.q else _level(request, asked.under, asked.page)
    template = "organizations/found.html" if part_of(request) == "found" else "organizations/search.html"
    return page.render(request, template, {"q": asked.q, "under": asked.under, **context})


def _search(request: ScoreportRequest, words: str, number: int) -> dict[str, object]:
    found = queries.organizations_of(request.actor, search=words, page=number, per_page=PER_PAGE)
    return {
        "entries": [Entry(info, _report_url(request, info)) for info in found.rows],
        "trail": (),
        "pager": page.pager(request, number=found.page, size=PER_PAGE, total=found.total),
        "total": found.total,
    }


def _level(request: ScoreportRequest, under: str, number: int) -> dict[str, object]:
    branches = queries.tree(request.actor, under or None)
    pager = page.pager(request, number=number, size=PER_LEVEL, total=len(branches))
    entries = [
        Entry(
            branch.info,
            _report_url(request, branch.info),
            branch.schools,
            _browse_url(branch.info) if branch.children else "",
        )
        for branch in branches[max(0, pager.first - 1) : pager.last]
    ]
    return {"entries": entries, "trail": _trail(request.actor, under), "pager": pager, "total": len(branches)}


def _trail(actor: Actor, under: str) -> list[tuple[OrganizationInfo, str]]:
    """Return the organizations from the highest that the actor reaches down to ``under``."""
    if not under:
        return []
    here = queries.organization(actor, under)
    tops = {grant.place.id for grant in actor.grants if grant.place}
    everywhere = actor.is_trusted or any(grant.is_everywhere for grant in actor.grants)
    reached = [n for n, number in enumerate(here.lineage) if everywhere or number in tops]
    above = [queries.info(number) for number in here.lineage[min(reached) : -1]]
    return [(info, _browse_url(info)) for info in (*above, here)]


def _browse_url(info: OrganizationInfo) -> str:
    return f"{reverse('organization_search')}?under={info.code}"


def _report_url(request: ScoreportRequest, info: OrganizationInfo) -> str:
    """Return the address of an organization's report; nothing where the actor may not open it."""
    if not access.can(request.actor, Permission.SCORES_SUMMARY_READ, info.place):
        return ""
    return report_path(info.address, last_program(request))
