"""What every page of an organization's vouchers has around it, and the reason why a button is disabled."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from django.http import HttpResponse

from scoreport.access import NotAllowed, Permission, Refused
from scoreport.organizations.queries import highest_organizations
from scoreport.organizations.rules import OrganizationInfo
from scoreport.vouchers.queries import VoucherYear
from scoreport.web import page
from scoreport.web.page import Choice
from scoreport.web.request import ScoreportRequest
from scoreport.web.routes import path_of

PROGRAM: Final = "clep"


def refusal_of(check: Callable[[], object]) -> str:
    """Return why an act is refused, in a sentence; nothing where the person can supply what is missing."""
    try:
        check()
    except NotAllowed as refusal:
        return "" if refusal.needs_second_factor or refusal.needs_fresh_sign_in else str(refusal)
    except Refused as refusal:
        return str(refusal)
    return ""


def render(
    request: ScoreportRequest,
    template: str,
    organization: OrganizationInfo,
    context: Mapping[str, Any],
    *,
    shown: VoucherYear | None = None,
) -> HttpResponse:
    """Answer with a page about an organization's vouchers; ``shown`` fills the header's academic years.

    The header leads to the other organizations whose orders the person may see.
    """
    offered = shown.offered if shown else ()
    years = [Choice(year.label, f"?year={year.key}", current=bool(shown and year == shown.year)) for year in offered]
    whole = {"organization": organization, "year_query": year_query(shown), **context}
    found = highest_organizations(request.actor, permission=Permission.VOUCHERS_READ, most=page.OFFERED)
    others = [replace(page.choice_of(info, "vouchers_summary"), current=info.id == organization.id) for info in found]
    chosen = page.choice_of(organization, "vouchers_summary")
    page.chrome_of(request).find_url = path_of("vouchers")
    return page.render(request, template, whole, organization=chosen, organizations=others, years=years)


def year_query(shown: VoucherYear | None) -> str:
    """Return what an address says of the academic year that is shown; nothing for the running one."""
    return f"?year={shown.year.key}" if shown and not shown.is_running else ""
