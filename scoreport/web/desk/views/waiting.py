"""What waits for its release and when, and which essays are overdue; counts and tickets, no names."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from scoreport.access import Permission
from scoreport.programs.catalog import PROGRAMS
from scoreport.scores import files
from scoreport.scores.actions import TooManyRows, see_overdue_essays
from scoreport.scores.files import Coming
from scoreport.web import page
from scoreport.web.desk.forms import PageForm
from scoreport.web.desk.limits import to_more_rows
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

PER_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class ReleaseDay:
    """What is released on one day."""

    day: date
    tests: int
    exams: tuple[Coming, ...]


@rule(Permission.SCORES_FILE_HANDLE)
@require_safe
def waiting(request: ScoreportRequest) -> HttpResponse:
    """Show the days to come with what they release, the essays with their readers, and those that are overdue."""
    program = PROGRAMS[0]
    number = PageForm(request.GET).number()
    _none, overdue = files.overdue_essays(request.actor, request.at, program=program.slug, limit=0)
    pager = page.pager(request, number=number, size=PER_PAGE, total=overdue)
    first = max(0, pager.first - 1)
    try:
        essays = see_overdue_essays(request.actor, program=program.slug, first=first, limit=PER_PAGE, at=request.at)
    except TooManyRows as refusal:
        return to_more_rows(request, refusal)
    coming = files.coming(request.actor, request.at, program=program.slug)
    context = {
        "days": _by_day(coming),
        "coming": sum(one.tests for one in coming),
        "unread": files.unread(request.actor, program=program.slug),
        "policy": program.release,
        "essays": essays,
        "pager": pager,
    }
    return page.render(request, "desk/waiting.html", context)


def _by_day(coming: list[Coming]) -> list[ReleaseDay]:
    days = []
    for day, some in groupby(coming, key=lambda one: one.released_on):
        exams = tuple(some)
        days.append(ReleaseDay(day, sum(one.tests for one in exams), exams))
    return days
