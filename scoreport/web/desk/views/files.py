"""The work list of score files, and one file from its arrival to its end."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from scoreport.access import Permission
from scoreport.audit.rules import EventInfo
from scoreport.imports.rules import FileState, may_move
from scoreport.programs.catalog import PROGRAMS
from scoreport.scores import files
from scoreport.scores.files import FileInfo, ListKind
from scoreport.scores.rules import RowAccess
from scoreport.web import page
from scoreport.web.desk import words
from scoreport.web.desk.forms import PageForm
from scoreport.web.formats import day, number
from scoreport.web.part import part_of
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

PER_PAGE: Final = 25

WORKING: Final = frozenset({FileState.RECEIVED, FileState.CHECKING, FileState.ACCEPTING, FileState.UNDOING})
GROUPS: Final[Mapping[str, frozenset[FileState]]] = {
    "": frozenset(FileState),
    "decide": frozenset({FileState.CHECKED, FileState.FAILED}),
    "working": WORKING,
    "accepted": frozenset({FileState.ACCEPTED}),
    "aside": frozenset({FileState.UNDONE, FileState.DISCARDED}),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the work list."""

    info: FileInfo
    state: str
    tag: words.TagKind


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the work list that one may choose."""

    label: str
    url: str
    count: int
    current: bool


@dataclass(frozen=True, slots=True)
class ListLink:
    """One of the lists of a file: how many rows, what they are, where to see them."""

    kind: ListKind
    title: str
    meaning: str
    count: int
    url: str
    whole_url: str


@rule(Permission.SCORES_FILE_HANDLE)
@require_safe
def desk(request: ScoreportRequest) -> HttpResponse:
    """Show the files, newest first, and how much waits for its release."""
    chosen = request.GET.get("show", "")
    states = GROUPS.get(chosen, GROUPS[""])
    counts = files.count_by_state(request.actor)
    pager = page.pager(
        request, number=PageForm(request.GET).number(), size=PER_PAGE, total=sum(counts[state] for state in states)
    )
    found, _total = files.files_of(request.actor, states=states, first=max(0, pager.first - 1), limit=PER_PAGE)
    context = {
        "entries": [Entry(info, *words.file_state(info)) for info in found],
        "groups": _groups(chosen, counts),
        "pager": pager,
        "any": any(counts.values()),
    }
    if part_of(request) == "files":
        return page.render(request, "desk/files.html", context)
    return page.render(request, "desk/desk.html", context | {"figures": _figures(request)})


def _groups(chosen: str, counts: Mapping[FileState, int]) -> list[Group]:
    labels = {
        "": _("All files"),
        "decide": _("To decide"),
        "working": _("In progress"),
        "accepted": _("Accepted"),
        "aside": _("Set aside"),
    }
    current = chosen if chosen in GROUPS else ""
    here = reverse("desk")
    return [
        Group(label, f"{here}?show={key}" if key else here, sum(counts[state] for state in GROUPS[key]), key == current)
        for key, label in labels.items()
    ]


def _figures(request: ScoreportRequest) -> list[page.Figure]:
    """Count what waits: scores for their release day, essays for their readers."""
    slugs = [known.slug for known in PROGRAMS]
    coming = [one for slug in slugs for one in files.coming(request.actor, request.at, program=slug)]
    unread = [one for slug in slugs for one in files.unread(request.actor, program=slug)]
    overdue = sum(files.overdue_essays(request.actor, request.at, program=slug, limit=0)[1] for slug in slugs)
    next_day = min((one.released_on for one in coming), default=None)
    return [
        page.Figure(
            _("Scores waiting for their release"),
            number(sum(one.tests for one in coming)),
            note=_("The next ones on %(day)s") % {"day": day(next_day)} if next_day else _("Everything is released"),
        ),
        page.Figure(
            _("Essays with their readers"),
            number(sum(one.tests for one in unread)),
            note=_("Expected two to three weeks after the test"),
        ),
        page.Figure(_("Overdue essays"), number(overdue), note=_("Older than three weeks")),
    ]


@rule(Permission.SCORES_FILE_HANDLE)
@require_safe
def file(request: ScoreportRequest, file_id: int) -> HttpResponse:
    """Show one file; htmx asks again and again for the row that says how far the work is."""
    info = files.file(request.actor, file_id)
    if part_of(request).startswith("job-"):
        if info.state not in WORKING:
            return HttpResponseClientRefresh()
        return page.render(request, "desk/job.html", {"work": _job(info)})
    twin = files.twin_of(request.actor, info)
    state, tag = words.file_state(info)
    context = {
        "info": info,
        "state": state,
        "tag": tag,
        "work": _job(info) if info.state in WORKING else None,
        "lists": _lists(request, info),
        "is_handler": info.handled_by_id is not None and info.handled_by_id == request.actor.person_id,
        "sees_examples": files.sees_examples(request.actor, info, request.at),
        "twin": twin,
        "causes": [words.cause(one) for one in info.causes],
        "may": {act.value: may_move(info.state, act) for act in FileState},
        "history": [_described(event) for event in files.history(request.actor, file_id)],
    }
    return page.render(request, "desk/file.html", context)


def _lists(request: ScoreportRequest, info: FileInfo) -> list[ListLink]:
    if info.checked_at is None or info.state is FileState.CHECKING:
        return []
    return [_list(request, info, kind) for kind in ListKind if words.is_worth_a_line(kind, info)]


def _list(request: ScoreportRequest, info: FileInfo, kind: ListKind) -> ListLink:
    count = words.count_of(kind, info)
    is_listed = count > 0 and files.is_listed(info, kind)
    allowed = files.row_access_of(request.actor, info, kind, request.at)
    is_shown = is_listed and allowed in {RowAccess.PAGES, RowAccess.SAMPLE}
    return ListLink(
        kind=kind,
        title=words.list_title(kind),
        meaning=words.list_meaning(kind, info),
        count=count,
        url=reverse("desk_rows", args=[info.id, kind.value]) if is_shown else "",
        whole_url=reverse("desk_rows_whole", args=[info.id, kind.value]) if is_listed else "",
    )


def _job(info: FileInfo) -> page.Job:
    titles = {
        FileState.ACCEPTING: _("Storing the rows of “%(name)s”"),
        FileState.UNDOING: _("Undoing “%(name)s”"),
    }
    checking = info.state is FileState.CHECKING
    return page.Job(
        id=info.id,
        title=titles.get(info.state, _("Checking “%(name)s”")) % {"name": info.name},
        state="preparing",
        poll_url=reverse("desk_file", args=[info.id]),
        done=info.rows_done if checking else 0,
        total=info.rows_total if checking else None,
    )


def _described(event: EventInfo) -> tuple[EventInfo, str]:
    return event, words.event_sentence(event)
