"""The lists of a file's rows: on the screen by pages, and whole as CSV."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_safe

from scoreport.access import Permission, require_fresh_sign_in
from scoreport.lib.tabular import csv_lines
from scoreport.scores import files
from scoreport.scores.actions import note_rows_seen
from scoreport.scores.files import COLUMNS, FileInfo, ListedRow, ListKind
from scoreport.web import page
from scoreport.web.desk import words
from scoreport.web.desk.forms import PageForm
from scoreport.web.part import part_of
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

PER_PAGE: Final = 50
_NAMES: Final = tuple(column for column, _stored in COLUMNS)


@rule(Permission.SCORES_FILE_HANDLE)
@require_safe
def rows(request: ScoreportRequest, file_id: int, kind: str) -> HttpResponse:
    """Show one list of a file, fifty rows a page."""
    info, chosen = _asked(request, file_id, kind)
    total = files.count_rows(request.actor, info, chosen) if files.is_listed(info, chosen) else 0
    pager = page.pager(request, number=PageForm(request.GET).number(), size=PER_PAGE, total=total)
    first = max(0, pager.first - 1)
    refused = chosen is ListKind.REFUSED
    counts = {each: int(getattr(info, each.value)) for each in ListKind}
    context = {
        "info": info,
        "kind": chosen.value,
        "title": words.list_title(chosen),
        "meaning": words.list_meaning(chosen, info),
        "rows": [] if refused else _shown(request, info, chosen, first),
        "cells": files.refused(request.actor, info, first=first, limit=PER_PAGE) if refused else [],
        "listed": files.is_listed(info, chosen),
        "pager": pager,
        "lists": [
            (words.list_title(each), reverse("desk_rows", args=[info.id, each.value]), counts[each], each is chosen)
            for each in ListKind
        ],
        "csv_url": reverse("desk_rows_csv", args=[info.id, chosen.value]) if total else "",
    }
    note_rows_seen(request.actor, file_id=info.id, rows=chosen.value, as_file=False, at=request.at)
    return page.render(request, "desk/list.html" if part_of(request) == "list" else "desk/rows.html", context)


def _shown(request: ScoreportRequest, info: FileInfo, kind: ListKind, first: int) -> list[tuple[ListedRow, list[str]]]:
    found = files.rows(request.actor, info, kind, first=first, limit=PER_PAGE)
    return [(row, _reasons(row)) for row in found]


@rule(Permission.SCORES_FILE_HANDLE)
@require_GET
def as_csv(request: ScoreportRequest, file_id: int, kind: str) -> StreamingHttpResponse:
    """Send one list of a file whole, as CSV with guarded cells."""
    info, chosen = _asked(request, file_id, kind)
    if not files.is_listed(info, chosen):
        raise Http404
    require_fresh_sign_in(request.actor, within=timedelta(minutes=settings.FRESH_SIGN_IN_MINUTES), at=request.at)
    header, lines = _table(request, info, chosen)
    note_rows_seen(request.actor, file_id=info.id, rows=chosen.value, as_file=True, at=request.at)
    response = StreamingHttpResponse(csv_lines(header, lines), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="file-{info.id}-{chosen.value}.csv"'
    return response


def _table(
    request: ScoreportRequest, info: FileInfo, kind: ListKind
) -> tuple[tuple[str, ...], Iterator[tuple[object, ...]]]:
    """Return the header and the lines of a list as a file."""
    match kind:
        case ListKind.REFUSED:
            cells = files.all_refused(request.actor, info)
            return ("line", "column", "value", "reason"), (
                (cell.line, cell.column, cell.value, cell.reason) for cell in cells
            )
        case ListKind.CHANGED:
            found = files.all_rows(request.actor, info, kind)
            return ("line", "registration_ticket_number", "column", "before", "after"), (
                (row.line, row.value("registration_ticket_number"), *change) for row in found for change in row.changes
            )
        case ListKind.UNMATCHED:
            found = files.all_rows(request.actor, info, kind)
            return ("line", *_NAMES, "reason"), ((row.line, *row.values, " ".join(_reasons(row))) for row in found)
        case _:
            found = files.all_rows(request.actor, info, kind)
            return ("line", *_NAMES), ((row.line, *row.values) for row in found)


def _reasons(row: ListedRow) -> list[str]:
    """Say why a row is unmatched: for its school, for its student, or for both."""
    told = [words.gap_sentence(row.gap)] if row.gap else []
    return told + ([words.doubt_sentence(row.doubt)] if row.doubt else [])


def _asked(request: ScoreportRequest, file_id: int, kind: str) -> tuple[FileInfo, ListKind]:
    if kind not in set(ListKind):
        raise Http404
    return files.file(request.actor, file_id), ListKind(kind)
