"""Which tools there are to get, for which institution, and what became of one's requests."""

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from scoreport.organizations.queries.institutions import Institution, institutions
from scoreport.organizations.queries.requests import requests_of
from scoreport.organizations.rules.requests import AnswerState, RequestInfo
from scoreport.web import page
from scoreport.web.entry import words
from scoreport.web.entry.forms import SearchForm
from scoreport.web.entry.offers import OFFERS, has, offer
from scoreport.web.part import part_of
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

_NEXT = {"managing-access": "enter_code", "score-reports": "request_role"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A request of one's own, in words; ``withdraw_url`` while it is open."""

    info: RequestInfo
    wish: str
    state: str
    tag: words.TagKind
    withdraw_url: str


@rule.signed_in
@require_safe
def tools(request: ScoreportRequest) -> HttpResponse:
    """List the tools that there are, and what the person asked for."""
    context = {
        "offers": [(one, has(request.actor, one)) for one in OFFERS],
        "entries": [_entry(info) for info in requests_of(request.actor)],
    }
    return page.render(request, "entry/tools.html", context)


@rule.signed_in
@require_safe
def find(request: ScoreportRequest, tool: str) -> HttpResponse:
    """Find the institution for which somebody wants a tool."""
    chosen = offer(tool)
    if chosen is None:
        raise Http404
    typed = SearchForm(request.GET).words()
    found, are_more = institutions(typed)
    context = {
        "offer": chosen,
        "q": typed,
        "found": [(one, _next(tool, one)) for one in found],
        "are_more": are_more,
        "request_url": f"{reverse('request_code')}?{urlencode({'name': typed})}",
    }
    template = "entry/found.html" if part_of(request) == "found" else "entry/find.html"
    return page.render(request, template, context)


def _next(tool: str, one: Institution) -> str:
    return reverse(_NEXT[tool], args=[one.address])


def _entry(info: RequestInfo) -> Entry:
    is_open = info.state is AnswerState.OPEN
    return Entry(
        info=info,
        wish=words.wish(info),
        state=words.state_label(info.state),
        tag=words.TAGS[info.state],
        withdraw_url=reverse("withdraw_request", args=[info.id]) if is_open else "",
    )
