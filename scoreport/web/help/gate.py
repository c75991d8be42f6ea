"""Files of requests end at their limit; and they leave as files, whatever is in them."""

from functools import wraps

from django.conf import settings
from django.http import FileResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from scoreport.support.actions.files import OpenedFile
from scoreport.support.attachments import BadFile, Given, too_large
from scoreport.web.desk.gate import SizeGate
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import View

# What a browser may do with the file if it opens it after all: nothing.
_SANDBOX = "default-src 'none'; sandbox"


def gated(view: View) -> View:
    """Put the gate before the body is read; the token, which stands in the body, is checked right after that."""
    protected = csrf_protect(view)

    @wraps(view)
    def guarded(request: ScoreportRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        request.upload_handlers.insert(0, SizeGate(request, settings.HELP_ATTACHMENT_BYTES))
        return protected(request, *args, **kwargs)

    return csrf_exempt(guarded)


def files_of(request: ScoreportRequest) -> list[Given]:
    """Return the files that came; raises :class:`scoreport.support.attachments.BadFile` for one above the limit."""
    gate = next(handler for handler in request.upload_handlers if isinstance(handler, SizeGate))
    uploads = request.FILES.getlist("attachments")
    for name in gate.too_large:
        raise BadFile(too_large(name))
    return [Given(upload.name or "", upload.chunks()) for upload in uploads]


def as_file(opened: OpenedFile) -> HttpResponseBase:
    """Send a file to be saved, never to be shown: no browser renders what somebody else has sent."""
    response = FileResponse(opened.file, as_attachment=True, filename=opened.name, content_type=opened.media_type)
    # Django can ask a file on disk alone for its size.
    response.headers["Content-Length"] = str(opened.size)
    response.headers["Content-Security-Policy"] = _SANDBOX
    return response
