"""Uploads end at the limit: what comes beyond it is read past and never written anywhere."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import View


class SizeGate(FileUploadHandler):
    """Stands before the handlers that keep files; a file above the limit is dropped and its name remembered."""

    def __init__(self, request: HttpRequest, limit: int | None = None) -> None:
        super().__init__(request)
        self._limit = settings.MAX_UPLOAD_BYTES if limit is None else limit
        self.too_large: list[str] = []
        self._limit = settings.MAX_UPLOAD_BYTES if limit is None else limit
        self._size = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin to count."""
        super().new_file(*args, **kwargs)
        self._size = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002 - the handler's interface
        """Hand bytes on to the next handler while they are within the limit."""
        self._size += len(raw_data)
        if self._size > self._limit:
            self.too_large.append(self.file_name or "")
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Keep nothing itself."""


def gated(limit: int | None = None) -> Callable[[View], View]:
    """Put the gate before the body is read; the token, which stands in the body, is checked right after that.

    Without ``limit`` it is that of the installation.
    """

    def decorate(view: View) -> View:
        protected = csrf_protect(view)

        @wraps(view)
        def guarded(request: ScoreportRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            request.upload_handlers.insert(0, SizeGate(request, limit))
            return protected(request, *args, **kwargs)

        return csrf_exempt(guarded)

    return decorate


def too_large(request: HttpRequest) -> list[str]:
    """Return the names of the files of a gated request that were dropped."""
    return next(handler for handler in request.upload_handlers if isinstance(handler, SizeGate)).too_large
