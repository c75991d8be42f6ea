"""What a request does when a part that Scoreport needs is down: it ends in time, and says so in a sentence."""

import errno
from collections.abc import Callable, Iterator
from typing import Final

from django.db import InterfaceError, OperationalError
from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _

from scoreport.lib import database_wait
from scoreport.lib.storage import StorageUnavailable, waiting

DATABASE_SECONDS: Final = 5.0
"""For all questions of one request together.

A request waits three more seconds at most for its connection, and one more to have the server stop.
"""

STORAGE_SECONDS: Final = 8.0
"""For all calls of one request to the object storage together; the way of large files is not counted."""

_STORAGE: Final = frozenset(
    {
        errno.EACCES,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EIO,
        errno.ENODEV,
        errno.ENOENT,
        errno.ENOSPC,
        errno.ENOTDIR,
        errno.EEXIST,
        errno.EPERM,
        errno.EROFS,
        errno.ESTALE,
    }
)
"""What a disk says that is full, read-only, broken or gone."""


def sentence(error: BaseException | None) -> str:
    """Return what to tell people about an error that comes from a part that is down; nothing for other errors."""
    if isinstance(error, OperationalError | InterfaceError):
        return _("Scoreport can’t reach its database. Nothing from this page was saved. Try again in a few minutes.")
    if isinstance(error, StorageUnavailable):
        return _(
            "Scoreport can’t reach its file storage. Nothing from this page was saved. Try again in a few minutes."
        )
    if isinstance(error, OSError) and error.errno in _STORAGE:
        return _(
            "Scoreport can’t use its disk. Nothing from this page was saved. Try again later. If it keeps happening,"
            " tell the people who run this site."
        )
    return ""


class DatabaseWaitMiddleware:
    """Limits how long a request waits for PostgreSQL, also while its answer is made piece by piece, and for files."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with database_wait.at_most(DATABASE_SECONDS), waiting.at_most(STORAGE_SECONDS):
            response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            response.streaming_content = _limited(iter(response))
        return response


def _limited(pieces: Iterator[bytes]) -> Iterator[bytes]:
    while True:
        with database_wait.at_most(DATABASE_SECONDS):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece
