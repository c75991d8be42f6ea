"""Making an answer in a thread, and sending it without one."""

import asyncio
import functools
import itertools
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final, cast
from wsgiref.types import StartResponse, WSGIApplication

from asgiref.typing import ASGISendCallable, HTTPResponseBodyEvent, HTTPResponseStartEvent
from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.csp import build_policy
from django.utils.translation import gettext as _

from scoreport.web import errors
from scoreport.web.middleware import PrivateResponseMiddleware

Environ = dict[str, Any]

PIECE_BYTES: Final = 65_536
# An answer that the program makes piece by piece lies in memory up to this, and beyond it in a file without a name.
_MEMORY_BYTES: Final = 1_000_000


@dataclass(slots=True)
class Reply:
    """An answer that is ready to be sent."""

    status: int
    headers: list[tuple[bytes, bytes]]
    content: IO[bytes]
    size: int

    @property
    def is_large(self) -> bool:
        """Whether a slow client could keep it for long."""
        return self.size > PIECE_BYTES


@dataclass(slots=True)
class FileWrapper:
    """What Django puts around a file that it answers with (PEP 3333), so that it is sent from where it lies."""

    filelike: IO[bytes]
    block_size: int = field(default=PIECE_BYTES)

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.filelike.read(self.block_size):
            yield piece

    def close(self) -> None:
        """Close the file, and with it the response that it belongs to."""
        self.filelike.close()


def make(application: WSGIApplication, environ: Environ, temp_dir: str | None) -> Reply:
    """Let a WSGI application answer, wholly: its thread is free as soon as the answer is made."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
        started[:] = [(status, headers)]

    environ["wsgi.file_wrapper"] = FileWrapper
    result = application(environ, cast("StartResponse", start_response))
    try:
        content, size = _content(result, temp_dir)
    finally:
        if close := getattr(result, "close", None):
            close()
    status, headers = started[0]
    encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    if size and not any(name == b"content-length" for name, _value in encoded):
        # With it, a client knows an answer that was cut.
        encoded.append((b"content-length", str(size).encode()))
    return Reply(int(status.split(" ", 1)[0]), encoded, content, size)


def _content(result: Iterable[bytes], temp_dir: str | None) -> tuple[IO[bytes], int]:
    if isinstance(result, FileWrapper) and (own := _own_file(result.filelike)):
        return own
    kept = SpooledTemporaryFile(max_size=_MEMORY_BYTES, dir=temp_dir)  # noqa: SIM115 - closed when it was sent
    for piece in result:
        kept.write(piece)
    size = kept.tell()
    kept.seek(0)
    return kept, size


def _own_file(file: IO[bytes]) -> tuple[IO[bytes], int] | None:
    """Open a file of the disk once more, so that the response can be closed before it is sent."""
    try:
        start = file.tell()
        own = os.fdopen(os.dup(file.fileno()), "rb")
    except (AttributeError, OSError):
        return None
    own.seek(start)
    return own, os.fstat(own.fileno()).st_size - start


async def send_reply(send: ASGISendCallable, reply: Reply, *, seconds: float) -> None:
    """Send an answer; who takes nothing of a large one for so many seconds gets no more of it."""
    loop = asyncio.get_running_loop()
    with reply.content as content:
        await send(HTTPResponseStartEvent(
            type="http.response.start", status=reply.status, headers=reply.headers, trailers=False
        ))  # fmt: skip
        if not reply.is_large:
            await send(_piece(content.read(), is_last=True))
            return
        left = reply.size
        while left > 0:
            data = await loop.run_in_executor(None, content.read, PIECE_BYTES)
            left = left - len(data) if data else 0
            try:
                async with asyncio.timeout(seconds or None):
                    await send(_piece(data, is_last=left == 0))
            except TimeoutError:
                return


def _piece(data: bytes, *, is_last: bool) -> HTTPResponseBodyEvent:
    return HTTPResponseBodyEvent(type="http.response.body", body=data, more_body=not is_last)


def refusal(status: int, language: str, *, is_page: bool = True) -> Reply:
    """Return the page that says why a request was not answered; no thread is needed for it."""
    headers, page = _refusal(status, "es" if language.lower().startswith("es") else "en", is_page=is_page)
    content = SpooledTemporaryFile(max_size=_MEMORY_BYTES)  # noqa: SIM115 - closed when it was sent
    content.write(page)
    content.seek(0)
    return Reply(status, [*headers], content, len(page))


def busy(language: str, *, is_page: bool) -> Reply:
    """Return the page for those who find the line full; a page asks for itself again, a form is for its person to send.

    Not all at the same moment: each waits another number of seconds.
    """
    reply = refusal(503, language, is_page=is_page)
    seconds = str(next(_PAUSES)).encode()
    reply.headers = [header for header in reply.headers if header[0] != b"retry-after"]
    reply.headers.append((b"retry-after", seconds))
    if is_page:
        reply.headers.append((b"refresh", seconds))
    return reply


_PAUSES: Final = itertools.cycle(range(5, 16))


@functools.cache
def _refusal(status: int, language: str, *, is_page: bool) -> tuple[tuple[tuple[bytes, bytes], ...], bytes]:
    with translation.override(language):
        sentences = {
            408: _("What you sent didn’t arrive in time. Check your connection and try again."),
            429: _("Too many requests came from your network at once. Wait a few seconds and try again."),
            503: _("Scoreport is busy right now. This page tries again by itself in a few seconds.")
            if is_page
            else _("Scoreport is busy right now, and nothing was saved. Wait a few seconds and try again."),
        }
        page = errors.refused(HttpRequest(), sentences[status], status=status)
    page.headers["Content-Length"] = str(len(page.content))
    page.headers["Content-Security-Policy"] = build_policy(cast("dict[str, list[str]]", settings.SECURE_CSP))
    page.headers["X-Content-Type-Options"] = "nosniff"
    for name, value in PrivateResponseMiddleware.HEADERS.items():
        page.headers[name] = value
    headers = tuple((name.lower().encode(), value.encode()) for name, value in page.headers.items())
    return headers, page.content
