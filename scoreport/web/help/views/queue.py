"""The requests that wait for program staff, late ones first."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from scoreport.access import Permission
from scoreport.support.queries import desk
from scoreport.support.queries.desk import Counts, QueueQuery
from scoreport.support.rules.requests import Kind, RequestState
from scoreport.web import page
from scoreport.web.help import words
from scoreport.web.help.forms import QueueForm
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

PER_PAGE: Final = 25


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice above the queue."""

    label: str
    url: str
    count: int
    current: bool


@rule(Permission.HELP_ANSWER)
@require_safe
def queue(request: ScoreportRequest) -> HttpResponse:
    """Show the requests of a state, or those that a search finds in any."""
    form = QueueForm(request.GET)
    asked, number = form.asked(), form.number()
    query = QueueQuery(
        state=RequestState(asked.get("state", RequestState.OPEN.value)),
        whose=asked.get("whose", ""),
        kind=Kind(asked["kind"]) if "kind" in asked else None,
        search=asked.get("q", ""),
    )
    first = (number - 1) * PER_PAGE
    rows, total = desk.queue(request.actor, query, at=request.at, first=first, limit=PER_PAGE)
    counts = desk.counts(request.actor, at=request.at)
    context = {
        "rows": [(info, words.kind_label(info.kind), *words.desk_tag(info)) for info in rows],
        "states": _states(asked, counts, is_search=bool(query.search)),
        "whose": _whose(asked, counts) if query.state is RequestState.OPEN and not query.search else [],
        "kinds": [("", _("All kinds")), *((subject.kind.value, subject.label) for subject in words.subjects())],
        "asked": asked,
        "counts": counts,
        "total": total,
        "pager": page.pager(request, number=number, size=PER_PAGE, total=total),
    }
    return page.render(request, "desk/requests/queue.html", context)


def _url(asked: dict[str, str], **changes: str) -> str:
    query = urlencode({name: value for name, value in (asked | changes).items() if value})
    return reverse("desk_requests") + (f"?{query}" if query else "")


def _states(asked: dict[str, str], counts: Counts, *, is_search: bool) -> list[Choice]:
    chosen = RequestState(asked.get("state", RequestState.OPEN.value))
    kept = {"kind": asked.get("kind", "")}
    return [
        Choice(
            words.state_label(state),
            _url(kept, state="" if state is RequestState.OPEN else state.value),
            counts.states[state],
            state is chosen and not is_search,
        )
        for state in RequestState
    ]


def _whose(asked: dict[str, str], counts: Counts) -> list[Choice]:
    labels = (
        ("", _("Everybody’s"), counts.states[RequestState.OPEN]),
        ("mine", _("Mine"), counts.mine),
        ("nobody", _("Not assigned"), counts.unassigned),
    )
    return [
        Choice(label, _url(asked, whose=whose), count, asked.get("whose", "") == whose)
        for whose, label, count in labels
    ]
