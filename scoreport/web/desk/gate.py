"""Uploads end at the limit: what comes beyond it is read past and never written anywhere."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest


class SizeGate(FileUploadHandler):
    """Stands before the handlers that keep files; a file above the limit is dropped and its name remembered."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.too_large: list[str] = []
        self._size = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin to count."""
        super().new_file(*args, **kwargs)
        self._size = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002 - the handler's interface
        """Hand bytes on to the next handler while they are within the limit."""
        self._size += len(raw_data)
        if self._size > settings.MAX_UPLOAD_BYTES:
            self.too_large.append(self.file_name or "")
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Keep nothing itself."""
