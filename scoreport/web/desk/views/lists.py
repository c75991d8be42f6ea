"""The lists of a file's rows: by pages for who handles the file, whole as CSV after a second person's approval."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from scoreport.access import Permission
from scoreport.approvals.actions import ApprovalNeeded
from scoreport.approvals.rules import ApprovalState
from scoreport.lib.tabular import csv_lines
from scoreport.scores import actions, files
from scoreport.scores.actions import SeenRows, TooManyRows, WholeList
from scoreport.scores.files import FileInfo, ListedRow, ListKind
from scoreport.scores.rules import RowAccess
from scoreport.web import page
from scoreport.web.desk import match_labels, words
from scoreport.web.desk.forms import PageForm, ReasonForm
from scoreport.web.desk.limits import own_request, to_more_rows
from scoreport.web.part import part_of
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

PER_PAGE: Final = 50
_NOTHING: Final = SeenRows([], [], 0)


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the lists of a file, above the rows."""

    label: str
    url: str
    count: int
    current: bool


@rule(Permission.SCORES_FILE_HANDLE)
@require_safe
def rows(request: ScoreportRequest, file_id: int, kind: str) -> HttpResponse:
    """Show one list of a file, fifty rows a page, or say why its rows are not shown."""
    info, chosen = _list_of(request, file_id, kind)
    is_listed = files.is_listed(info, chosen)
    allowed = files.row_access_of(request.actor, info, chosen, request.at)
    is_shown = is_listed and allowed in {RowAccess.PAGES, RowAccess.SAMPLE}
    number, seen = PageForm(request.GET).number(), _NOTHING
    if is_shown:
        try:
            seen = actions.see_rows(
                request.actor, file_id=info.id, kind=chosen, page=number, size=PER_PAGE, at=request.at
            )
        except TooManyRows as refusal:
            return to_more_rows(request, refusal)
    context = {
        "info": info,
        "kind": chosen.value,
        "title": words.list_title(chosen),
        "meaning": words.list_meaning(chosen, info),
        "rows": [(row, _reasons(row)) for row in seen.rows],
        "cells": seen.cells,
        "listed": is_listed,
        "why_not": "" if is_shown or not is_listed else words.not_shown(allowed, info),
        "note": words.shown_note(allowed, info, _count(info, chosen)) if is_shown else "",
        "pager": page.pager(request, number=number, size=PER_PAGE, total=seen.total),
        "lists": _tabs(info, chosen),
        "has_whole": is_listed and _count(info, chosen) > 0,
        "has_reasons": bool(seen.cells),
        "may_take_over": allowed is RowAccess.NOT_HANDLER,
    }
    return page.render(request, "desk/list.html" if part_of(request) == "list" else "desk/rows.html", context)


def _tabs(info: FileInfo, chosen: ListKind) -> list[Tab]:
    return [
        Tab(
            words.list_title(kind), reverse("desk_rows", args=[info.id, kind.value]), _count(info, kind), kind is chosen
        )
        for kind in ListKind
        if words.is_worth_a_line(kind, info)
    ]


@rule(Permission.SCORES_FILE_HANDLE)
@require_http_methods(["GET", "HEAD", "POST"])
def whole(request: ScoreportRequest, file_id: int, kind: str) -> HttpResponseBase:
    """Ask a second person for a whole list; once it is approved, send it as CSV with guarded cells."""
    info, chosen = _list_of(request, file_id, kind)
    if not files.is_listed(info, chosen) or not _count(info, chosen):
        raise Http404
    here = reverse("desk_rows_whole", args=[info.id, chosen.value])
    form = ReasonForm(request.POST if "reason" in request.POST else None)
    if request.method == "POST" and form.is_bound and form.is_valid():
        reason = form.cleaned_data["reason"]
        actions.ask_for_list(request.actor, file_id=info.id, kind=chosen, reason=reason, at=request.at)
        messages.success(request, _("Your request was sent. You get an email when it is answered."))
        return HttpResponseRedirect(here)
    if request.method == "POST" and not form.is_bound:
        try:
            return _as_csv(actions.download_list(request.actor, file_id=info.id, kind=chosen, at=request.at), chosen)
        except ApprovalNeeded as refusal:
            messages.warning(request, str(refusal))
            return HttpResponseRedirect(here)
    count = files.count_rows(request.actor, info, chosen)
    asked = own_request(request, files.whole_list(info.id, chosen.value, count))
    context = {
        "info": info,
        "title": words.list_title(chosen),
        "count": count,
        "form": form,
        "asked": asked,
        "is_approved": asked is not None and asked.state is ApprovalState.APPROVED,
        "rows_url": reverse("desk_rows", args=[info.id, chosen.value]),
    }
    return page.render(request, "desk/whole.html", context)


@rule(Permission.SCORES_FILE_HANDLE)
@require_GET
def reasons(request: ScoreportRequest, file_id: int) -> StreamingHttpResponse:
    """Send line, column and reason of each refused row as CSV, without students' data, for the sender of the file."""
    found = actions.download_reasons(request.actor, file_id=file_id, at=request.at)
    lines = ((cell.line, cell.column, cell.reason) for cell in found.cells)
    return _csv(("line", "column", "reason"), lines, f"file-{found.info.id}-reasons.csv")


def _as_csv(found: WholeList, kind: ListKind) -> StreamingHttpResponse:
    return _csv(*_table(found, kind), f"file-{found.info.id}-{kind.value}.csv")


def _csv(header: tuple[str, ...], lines: Iterator[tuple[object, ...]], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(csv_lines(header, lines), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _table(found: WholeList, kind: ListKind) -> tuple[tuple[str, ...], Iterator[tuple[object, ...]]]:
    """Return the header and the lines of a list as a file."""
    names = files.columns_of(found.info.program)
    match kind:
        case ListKind.REFUSED:
            return ("line", "column", "value", "reason"), (
                (cell.line, cell.column, cell.value, cell.reason) for cell in found.cells
            )
        case ListKind.CHANGED | ListKind.REVERTING:
            return ("line", names[0], "column", "before", "after"), (
                (row.line, row.ticket, *change) for row in found.rows for change in row.changes
            )
        case ListKind.UNMATCHED:
            return ("line", *names, "reason"), ((row.line, *row.values, " ".join(_reasons(row))) for row in found.rows)
        case _:
            return ("line", *names), ((row.line, *row.values) for row in found.rows)


def _reasons(row: ListedRow) -> list[str]:
    """Say why a row is unmatched: for its school, for its student, or for both."""
    said = [words.gap_sentence(row.gap)] if row.gap else []
    return said + ([match_labels.reason_sentence(row.doubt)] if row.doubt else [])


def _count(info: FileInfo, kind: ListKind) -> int:
    return words.count_of(kind, info)


def _list_of(request: ScoreportRequest, file_id: int, kind: str) -> tuple[FileInfo, ListKind]:
    if kind not in set(ListKind):
        raise Http404
    return files.file(request.actor, file_id), ListKind(kind)
