"""The files that were prepared for the person who asks: followed, fetched, tried again."""

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from scoreport.downloads import queries
from scoreport.downloads.actions import NotReady
from scoreport.downloads.rules import DownloadInfo, DownloadState
from scoreport.reports import actions as reports
from scoreport.web import page
from scoreport.web.part import part_of
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule


@rule.signed_in
@require_GET
def files(request: ScoreportRequest) -> HttpResponse:
    """List the person's files, the newest first."""
    found = queries.downloads_of(request.actor, at=request.at)
    return page.render(request, "downloads/files.html", {"files": [(info, job_of(info)) for info in found]})


@rule.signed_in
@require_GET
def file(request: ScoreportRequest, secret: str) -> HttpResponse:
    """Show one file until it can be fetched; htmx asks again and again for its row alone."""
    info = queries.download(request.actor, secret, at=request.at)
    template = "downloads/row.html" if part_of(request) else "downloads/file.html"
    return page.render(request, template, {"info": info, "work": job_of(info)})


@rule.signed_in
@require_GET
def content(request: ScoreportRequest, secret: str) -> HttpResponseBase:
    """Send the file to whoever may still have it; where it cannot be sent, its page says why."""
    try:
        opened = reports.open_export(request.actor, secret=secret, at=request.at)
    except NotReady as refusal:
        messages.warning(request, str(refusal))
        return HttpResponseRedirect(reverse("download", args=[secret]))
    response = FileResponse(opened.file, as_attachment=True, filename=opened.name, content_type=opened.media_type)
    # Django can ask a file on disk alone for its size.
    response.headers["Content-Length"] = str(opened.size)
    return response


@rule.signed_in
@require_POST
def again(request: ScoreportRequest, secret: str) -> HttpResponse:
    """Begin anew what failed."""
    try:
        reports.try_export_again(request.actor, secret=secret, at=request.at)
    except NotReady as refusal:
        messages.warning(request, str(refusal))
    return HttpResponseRedirect(reverse("download", args=[secret]))


def job_of(info: DownloadInfo) -> page.Job:
    """Turn a prepared file into the row that shows it."""
    return page.Job(
        id=info.id,
        title=info.name,
        state=info.state.value,
        poll_url=reverse("download", args=[info.secret]),
        done=info.rows_done,
        total=info.rows_total,
        url=reverse("download_content", args=[info.secret]),
        size=info.size,
        expires_at=info.expires_at,
        reason=info.reason,
        retry_url=reverse("download_again", args=[info.secret]) if info.state is DownloadState.FAILED else "",
    )
