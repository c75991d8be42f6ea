"""How much a request may send: 64 kB, or what its view declares beside its rule.

More than 64 kB are read only from someone who is signed in and has the permission of the view (unless the view is
public). Nothing is read, and nothing reaches the disk, before that is known.
"""

import io
from collections.abc import Callable
from typing import BinaryIO, Final, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Permission
from scoreport.web import errors
from scoreport.web.formats import filesize
from scoreport.web.middleware import answer_to, redirect
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import Audience, View, rule_of

SMALL_BYTES: Final = 65_536
"""What every view takes. A form is rarely a tenth of it."""

# The server asks with the first, before it reads a body, and finds the answer under the second. No client can set
# them: headers of a request arrive as HTTP_….
PREFLIGHT_KEY: Final = "scoreport.body.preflight"
ALLOWED_KEY: Final = "scoreport.body.allowed"

_GUARD_KEY: Final = "scoreport.body.guard"
_ATTRIBUTE: Final = "scoreport_body_limit"


def accepts_body(limit: int | str, *, times: int = 1) -> Callable[[View], View]:
    """Declare that a view takes up to ``limit`` bytes, or as many as the setting of this name says.

    ``times`` says how many files of this size it takes. What a form adds to its files comes on top.
    """

    def decorate(view: View) -> View:
        setattr(view, _ATTRIBUTE, (limit, times))
        return view

    return decorate


def body_limit(view: Callable[..., object]) -> int:
    """Return how many bytes a view takes."""
    limit, times = getattr(view, _ATTRIBUTE, (0, 0))
    size: int = getattr(settings, limit) if isinstance(limit, str) else limit
    return size * times + SMALL_BYTES


class _GuardedStream(io.IOBase):
    """The body of a request, closed until someone says how much of it may be read."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self.allowed = 0

    def read(self, size: int | None = -1) -> bytes:
        """Read up to ``size`` bytes; raises RequestDataTooBig beyond what is allowed."""
        return self._count(self._stream.read(self._most(size)))

    def readline(self, size: int | None = -1) -> bytes:
        """Read a line of up to ``size`` bytes; raises RequestDataTooBig beyond what is allowed."""
        return self._count(self._stream.readline(self._most(size)))

    def _most(self, size: int | None) -> int:
        return self.allowed + 1 if size is None or size < 0 else min(size, self.allowed + 1)

    def _count(self, data: bytes) -> bytes:
        self.allowed -= len(data)
        if self.allowed < 0:
            message = "The body of the request is longer than its view takes."
            raise RequestDataTooBig(message)
        return data


class BodyMiddleware:
    """Stands outermost: keeps the body closed until the view is known, and who asks, and opens it up to their limit."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Close the body."""
        guarded = _GuardedStream(request._stream)  # noqa: SLF001 - Django has no other door to it
        request.META[_GUARD_KEY] = guarded
        request._stream = cast("BinaryIO", guarded)  # noqa: SLF001 - likewise
        return self.get_response(request)

    def process_view(
        self, request: ScoreportRequest, view: View, _args: object, _kwargs: object
    ) -> HttpResponseBase | None:
        """Open the body, or refuse it. This runs before the check of the form's token, which reads the body."""
        length, limit = _length(request), body_limit(view)
        if length > SMALL_BYTES and (refused := _refusal(request, view, length, limit)):
            return refused
        if request.META.get(PREFLIGHT_KEY):
            request.META[ALLOWED_KEY] = limit
            return HttpResponse(status=204)
        request.META[_GUARD_KEY].allowed = limit
        return None


def _length(request: HttpRequest) -> int:
    sent = str(request.META.get("CONTENT_LENGTH") or "")
    return int(sent) if sent.isdigit() else 0


def _refusal(request: ScoreportRequest, view: View, length: int, limit: int) -> HttpResponseBase | None:
    """Return why a large body is not read, or None."""
    declared = rule_of(view)
    name = declared.name if declared else ""
    if name != Audience.PUBLIC.value:
        if not request.user.is_authenticated:
            return redirect(request, redirect_to_login("").url)
        if name in set(Permission):
            try:
                access.require(request.actor, Permission(name))
            except access.Refused as refusal:
                return answer_to(request, refusal)
    if length <= limit:
        return None
    sentence = _("This page takes up to %(limit)s at once, and you sent %(size)s. Send a smaller file, or split it.")
    message = sentence % {"limit": filesize(limit - SMALL_BYTES or SMALL_BYTES), "size": filesize(length)}
    if request.htmx:
        # The script of the page shows it above the form, which stays as it is.
        return HttpResponse(message, status=413, content_type="text/plain; charset=utf-8")
    return errors.refused(request, message, status=413)
