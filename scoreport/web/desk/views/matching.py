"""The queue of questions of identity: both records side by side, for a person to say whether they are one student."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from scoreport.access import Permission
from scoreport.people import queries as people
from scoreport.people.rules import Reason
from scoreport.scores import actions
from scoreport.web import page
from scoreport.web.desk import match_labels
from scoreport.web.desk.forms import QueueForm
from scoreport.web.desk.limits import to_more_rows
from scoreport.web.desk.questions import questions_of
from scoreport.web.part import part_of
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

PER_PAGE: Final = 10


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice above the queue."""

    label: str
    url: str
    count: int
    current: bool


@rule(Permission.PEOPLE_MATCH)
@require_safe
def queue(request: ScoreportRequest) -> HttpResponse:
    """Show the open questions, or the answered ones."""
    form = QueueForm(request.GET)
    is_open, reason = form.is_open(), form.chosen_reason()
    counts = people.count_cases(request.actor, is_open=is_open)
    total = sum(counts.values()) if reason is None else counts.get(reason, 0)
    pager = page.pager(request, number=form.number(), size=PER_PAGE, total=total)
    found, _total = people.cases(
        request.actor, is_open=is_open, reason=reason, first=max(0, pager.first - 1), limit=PER_PAGE
    )
    if found:
        try:
            actions.note_questions_seen(request.actor, case_ids=[case.id for case in found], at=request.at)
        except actions.TooManyRows as refusal:
            return to_more_rows(request, refusal)
    context = {
        "questions": questions_of(request.actor, found),
        "is_open": is_open,
        "filters": _filters(is_open=is_open, reason=reason, counts=counts),
        "states": _states(request, is_open=is_open),
        "pager": pager,
        "kept": form.kept(),
    }
    return page.render(request, "desk/queue.html" if part_of(request) == "queue" else "desk/matching.html", context)


def _states(request: ScoreportRequest, *, is_open: bool) -> list[Filter]:
    here = reverse("matching")
    waiting = sum(people.count_cases(request.actor, is_open=True).values())
    answered = sum(people.count_cases(request.actor, is_open=False).values())
    return [
        Filter(_("Open"), here, waiting, is_open),
        Filter(_("Answered"), f"{here}?state=answered", answered, not is_open),
    ]


def _filters(*, is_open: bool, reason: Reason | None, counts: dict[Reason, int]) -> list[Filter]:
    """Offer the reasons that occur, and all of them together."""
    state = {} if is_open else {"state": "answered"}

    def url(**more: str) -> str:
        query = urlencode(state | more)
        return reverse("matching") + (f"?{query}" if query else "")

    every = Filter(_("All reasons"), url(), sum(counts.values()), reason is None)
    return [every] + [
        Filter(match_labels.reason_label(each), url(reason=each.value), counts.get(each, 0), each is reason)
        for each in Reason
        if each in counts or each is reason
    ]
