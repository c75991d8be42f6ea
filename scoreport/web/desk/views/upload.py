"""Files come in: several at once, each with its own answer."""

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from scoreport.access import Permission
from scoreport.scores.actions import FileTooLarge, receive_file
from scoreport.web import page
from scoreport.web.body import accepts_body
from scoreport.web.desk.forms import UploadForm
from scoreport.web.desk.gate import gated, too_large
from scoreport.web.formats import filesize
from scoreport.web.part import part_of
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule


@rule(Permission.SCORES_FILE_HANDLE)
@accepts_body("MAX_UPLOAD_BYTES")
@gated()
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: ScoreportRequest) -> HttpResponseBase:
    """Take score files; each is kept as it came and checked in the background."""
    if request.method != "POST":
        return _page(request, UploadForm(initial={"program": "clep"}))
    form = UploadForm(request.POST, request.FILES)
    valid = form.is_valid()
    dropped = too_large(request)
    for name in dropped:
        form.add_error("uploads", _too_large(name))
    if dropped or not valid:
        return _page(request, form)
    kept = [number for file in form.cleaned_data["uploads"] if (number := _receive(request, form, file))]
    if form.errors and not kept:
        return _page(request, form)
    target = reverse("desk_file", args=kept) if len(kept) == 1 else reverse("desk")
    if len(kept) > 1:
        told = ngettext("%(count)d file is being checked.", "%(count)d files are being checked.", len(kept))
        messages.success(request, told % {"count": len(kept)})
    return HttpResponseClientRedirect(target) if part_of(request) == "upload" else HttpResponseRedirect(target)


def _receive(request: ScoreportRequest, form: UploadForm, file: UploadedFile[bytes]) -> int | None:
    try:
        return receive_file(
            request.actor,
            program=form.cleaned_data["program"],
            name=file.name or "",
            chunks=file.chunks(),
            at=request.at,
        )
    except FileTooLarge as refusal:
        form.add_error("uploads", str(refusal))
        return None


def _too_large(name: str) -> str:
    message = _("“%(name)s” is larger than %(limit)s, which is as much as this installation takes. Split it.")
    return message % {"name": name, "limit": filesize(settings.MAX_UPLOAD_BYTES)}


def _page(request: ScoreportRequest, form: UploadForm) -> HttpResponse:
    template = "desk/upload_form.html" if part_of(request) == "upload" else "desk/upload.html"
    return page.render(request, template, {"form": form, "limit": settings.MAX_UPLOAD_BYTES})
