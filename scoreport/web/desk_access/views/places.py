"""Institutions and their codes: who has none, and what became of those that were issued."""

from dataclasses import dataclass
from typing import Final

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from scoreport.access import Permission
from scoreport.approvals.rules import ApprovalKind
from scoreport.lib.clock import local_date
from scoreport.organizations import code_delivery
from scoreport.organizations.queries import find
from scoreport.organizations.queries.codes import codes_of, contact_of, standings
from scoreport.organizations.queries.managers import managers_of
from scoreport.organizations.queries.requests import code_requests
from scoreport.organizations.rules import OrganizationInfo
from scoreport.organizations.rules.codes import CodeInfo, CodeState, Tool, state_of
from scoreport.outbox.queries import newest_about
from scoreport.web import page
from scoreport.web.desk_access import approvals, words
from scoreport.web.desk_access.forms import EmailForm, ListForm, ReasonForm
from scoreport.web.part import part_of
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

PER_PAGE: Final = 25


@dataclass(frozen=True, slots=True)
class Line:
    """A code in the list of its institution."""

    info: CodeInfo
    state: str
    tag: words.TagKind
    problem: str
    revoke_url: str


@rule(Permission.ACCESS_CODE_ISSUE)
@require_safe
def overview(request: ScoreportRequest) -> HttpResponse:
    """Find institutions, all or those without an access manager of their own."""
    asked = ListForm(request.GET).asked()
    found = standings(
        request.actor,
        search=asked["q"],
        only_without_manager=asked["only"] == "without",
        at=request.at,
        page=asked["page"],
        per_page=PER_PAGE,
    )
    context = {
        "q": asked["q"],
        "only": asked["only"],
        "choices": [("", _("All institutions")), ("without", _("Without an access manager"))],
        "rows": [(row, reverse("access_codes_of", args=[row.info.address])) for row in found.rows],
        "pager": page.pager(request, number=found.page, size=PER_PAGE, total=found.total),
        "open_requests": code_requests(request.actor, is_open=True, first=0, limit=1)[1],
    }
    template = "access_codes/found.html" if part_of(request) == "found" else "access_codes/overview.html"
    return page.render(request, template, context)


@rule(Permission.ACCESS_CODE_ISSUE)
@require_safe
def place(request: ScoreportRequest, address: str) -> HttpResponse:
    """Show the codes of an institution, its contact and its access managers, and how to issue a code."""
    info = find(address)
    contact = contact_of(request.actor, info, at=request.at)
    asked = code_delivery.own_request(
        request.actor,
        ApprovalKind.CODE_DELIVERY,
        parameters=code_delivery.on_paper(Tool.MANAGING_ACCESS),
        organization=info.code,
        at=request.at,
    )
    context = {
        "place": info,
        "contact": contact.recipient,
        "why_no_email": words.contact_problem(info, contact),
        "managers": managers_of(info, request.at),
        "lines": _lines(request, info),
        "email_form": EmailForm(auto_id="email_%s"),
        "print_form": EmailForm(auto_id="print_%s"),
        "reason_form": ReasonForm(),
        "request_shown": approvals.shown(asked),
    }
    return page.render(request, "access_codes/place.html", context)


def _lines(request: ScoreportRequest, info: OrganizationInfo) -> list[Line]:
    found = codes_of(request.actor, info)
    mails = newest_about(f"access-code:{code.id}" for code in found)
    today = local_date(request.at, info.time_zone)
    lines = []
    for code in found:
        state = state_of(year=code.year, revoked_at=code.revoked_at, used_at=code.used_at, today=today)
        mail = mails.get(f"access-code:{code.id}")
        is_open = state is CodeState.OPEN
        lines.append(
            Line(
                info=code,
                state=words.state_label(state),
                tag=words.TAGS[state],
                problem=words.mail_problem(mail.state) if mail and is_open else "",
                revoke_url=reverse("access_code_revoke", args=[info.address, code.id]) if is_open else "",
            )
        )
    return lines
