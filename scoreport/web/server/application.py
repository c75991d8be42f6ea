"""The application that the web server calls: it waits for what a client sends, and only then takes a thread."""

import functools
import io
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope
from asgiref.wsgi import WsgiToAsgiInstance

from scoreport.web.body import ALLOWED_KEY, PREFLIGHT_KEY, SMALL_BYTES
from scoreport.web.server.body import Body, ClientGone, TooSlow
from scoreport.web.server.limits import Limits, LineFull, Slots, Threads, TooManyRequests, address_of
from scoreport.web.server.reply import Environ, Reply, busy, make, refusal, send_reply


class Front:
    """Answers requests by a WSGI application.

    A body of more than 64 kB is read only after the application was asked, with the headers alone, whether it takes
    it from the client that sends it (:class:`scoreport.web.body.BodyMiddleware` answers that).
    """

    def __init__(self, pages: WSGIApplication, limits: Limits, *, threads: int) -> None:
        self._pages = pages
        self._limits = limits
        self._threads = Threads(threads, waiting=limits.requests_waiting)
        # Apart, so that clients who send or take slowly do not use up what others from their address need.
        self._slow = Slots(limits.requests_per_address)
        self._working = Slots(limits.requests_per_address)

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        address = address_of(scope, trust_proxy=self._limits.trust_proxy)
        with Body(scope, receive, self._limits) as body:
            try:
                reply = await self._reply(scope, address, body)
            except ClientGone:
                return
            if not body.is_complete:
                reply.headers.append((b"connection", b"close"))
            await self._send(scope, address, send, reply)
            if not body.is_complete and reply.status != 408:  # noqa: PLR2004 - nothing more comes from such a client
                await body.drop_rest()

    async def _reply(self, scope: HTTPScope, address: str, body: Body) -> Reply:
        try:
            if not body.is_complete:
                with self._slow.hold(address):
                    refused = await self._take(scope, address, body)
                if refused:
                    return refused
            body.file.seek(0)
            return await self._ask(scope, address, body, {"wsgi.input": body.file})
        except TooSlow:
            return refusal(408, _language(scope))
        except TooManyRequests:
            return refusal(429, _language(scope))
        except LineFull:
            return busy(_language(scope), is_page=scope["method"] == "GET")

    async def _take(self, scope: HTTPScope, address: str, body: Body) -> Reply | None:
        """Read the body; return an answer when it is not to be read, or not to its end."""
        if (body.declared or 0) <= SMALL_BYTES:
            await body.read(SMALL_BYTES)
        if body.is_complete and body.received <= SMALL_BYTES:
            return None
        asked: Environ = {PREFLIGHT_KEY: True, "wsgi.input": io.BytesIO()}
        refused = await self._ask(scope, address, body, asked)
        allowed = asked.get(ALLOWED_KEY)
        if allowed is None:
            return refused
        refused.content.close()
        await body.read(allowed, rate=self._limits.upload_rate)
        if body.received <= allowed:
            return None
        # It came in chunks, without its length, and is too long. The application says so.
        return await self._ask(scope, address, body, {PREFLIGHT_KEY: True, "wsgi.input": io.BytesIO()})

    async def _ask(self, scope: HTTPScope, address: str, body: Body, environ: Environ) -> Reply:
        environ.update(_environ(scope, body) | environ)
        work = functools.partial(make, self._pages, environ, self._limits.temp_dir)
        if scope["path"] in _ASIDE:
            return await self._threads.run_aside(work)
        with self._working.hold(address):
            return await self._threads.run(address, work)

    async def _send(self, scope: HTTPScope, address: str, send: ASGISendCallable, reply: Reply) -> None:
        seconds = self._limits.seconds
        if not reply.is_large:
            await send_reply(send, reply, seconds=seconds)
            return
        try:
            with self._slow.hold(address):
                await send_reply(send, reply, seconds=seconds)
        except TooManyRequests:
            reply.content.close()
            await send_reply(send, refusal(429, _language(scope)), seconds=seconds)


def _environ(scope: HTTPScope, body: Body) -> Environ:
    """Return what PEP 3333 wants to know of a request, with the length that its body really has."""
    # "X_Forwarded_For" would become the same name as "X-Forwarded-For", which only the proxy may write.
    headers = [(name, value) for name, value in scope["headers"] if b"_" not in name and name not in _ABOUT_BODY]
    bridge: Any = WsgiToAsgiInstance
    instance = bridge(None)
    instance.scope = {**scope, "headers": headers}
    environ: Environ = instance.build_environ(instance.scope, body.file)
    # As it was sent: the scope has it as text, in which bytes that are no UTF-8 are lost.
    environ["PATH_INFO"] = unquote_to_bytes(scope["raw_path"] or b"/").decode("latin-1")
    if body.length:
        environ["CONTENT_LENGTH"] = str(body.length)
    return environ


_ASIDE = frozenset({"/health/live", "/health/ready"})
_ABOUT_BODY = frozenset({b"content-length", b"transfer-encoding"})


def _language(scope: HTTPScope) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"accept-language"), "")
