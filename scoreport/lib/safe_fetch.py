"""Fetches a small file from an address that an operator gave: encrypted, capped, timed, and from no private network."""

import ipaddress
import socket
import ssl
import threading
import time
from contextlib import suppress
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from typing import Final
from urllib.parse import urljoin, urlsplit

from django.utils.translation import gettext as _

_SECONDS: Final = 10.0
"""For everything together: names, connection, redirects and the last byte."""
_REDIRECTS: Final = 3
_PIECE: Final = 64 * 1024


class FetchRefused(Exception):
    """The file was not fetched; the message says why."""


def fetch(url: str, *, most_bytes: int, allow_private: bool = False, context: ssl.SSLContext | None = None) -> bytes:
    """Return what lies at an https address. Raises :class:`FetchRefused`.

    The name is looked up once, and the connection goes to the address that was looked at, so that a name cannot point
    elsewhere a moment later. Redirects are followed on the same host only. ``context`` is for tests.
    """
    deadline = time.monotonic() + _SECONDS
    host = urlsplit(url).hostname
    for _turn in range(_REDIRECTS + 1):
        try:
            content, target = _ask(url, most_bytes, deadline, allow_private=allow_private, context=context)
        except (OSError, HTTPException, ValueError) as error:
            message = _("%(url)s could not be fetched: %(reason)s")
            raise FetchRefused(message % {"url": url, "reason": str(error) or type(error).__name__}) from error
        if target is None:
            return content
        url = urljoin(url, target)
        if urlsplit(url).hostname != host:
            message = _("%(host)s redirects to another host, %(other)s, which is not followed. Give its own address.")
            raise FetchRefused(message % {"host": host, "other": urlsplit(url).hostname})
    raise FetchRefused(_("%(url)s redirects again and again.") % {"url": url})


def _ask(
    url: str, most_bytes: int, deadline: float, *, allow_private: bool, context: ssl.SSLContext | None
) -> tuple[bytes, str | None]:
    """Return the content, or where it is said to be."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
        message = _("%(url)s cannot be fetched. The address must begin with https:// and must not name an account.")
        raise FetchRefused(message % {"url": url})
    port = parts.port or 443
    address = _address(parts.hostname, port, allow_private=allow_private)
    connection = _PinnedConnection(parts.hostname, port, address, _left(deadline), context)
    # However slowly bytes come one by one, the end comes.
    timer = threading.Timer(_left(deadline), connection.abort)
    timer.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers={"Accept": "application/samlmetadata+xml, application/xml, */*;q=0.1"})
        response = connection.getresponse()
        if response.status in {301, 302, 303, 307, 308}:
            return b"", response.headers.get("Location", "")
        if response.status != 200:  # noqa: PLR2004 - it is what HTTP calls it
            raise FetchRefused(_("%(url)s answers with %(status)d.") % {"url": url, "status": response.status})
        content = _read(response, most_bytes)
        _left(deadline)
        return content, None
    finally:
        timer.cancel()
        connection.close()


class _PinnedConnection(HTTPSConnection):
    """Connects to one address, and wants the certificate of the name that was looked up."""

    def __init__(self, host: str, port: int, address: str, seconds: float, context: ssl.SSLContext | None) -> None:
        self._tls = context or ssl.create_default_context()
        super().__init__(host, port, timeout=seconds, context=self._tls)
        self._address = address
        self._open: socket.socket | None = None

    def connect(self) -> None:
        """Connect past the names."""
        plain = socket.create_connection((self._address, self.port), self.timeout)
        tls = self._tls.wrap_socket(plain, server_hostname=self.host, do_handshake_on_connect=False)
        # The connection lets go of an answer without a length, and it can still drip.
        self.sock = self._open = tls
        tls.do_handshake()

    def abort(self) -> None:
        """End the conversation from another thread, whatever it waits for."""
        if self._open is not None:
            with suppress(OSError):
                self._open.shutdown(socket.SHUT_RDWR)


def _address(host: str, port: int, *, allow_private: bool) -> str:
    """Look a name up. Raises :class:`FetchRefused` where any of its addresses is of a private network."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    private = [address for address in found if not _is_public(address)]
    if private and not allow_private:
        message = _("%(host)s has the address %(address)s, which is in a private network.")
        raise FetchRefused(message % {"host": host, "address": private[0]})
    return found[0]


def _is_public(address: str) -> bool:
    one = ipaddress.ip_address(address.partition("%")[0])
    mapped = one.ipv4_mapped if isinstance(one, ipaddress.IPv6Address) else None
    return (mapped or one).is_global and not (mapped or one).is_multicast


def _read(response: HTTPResponse, most_bytes: int) -> bytes:
    """Return the content, up to a size."""
    content = bytearray()
    while piece := response.read1(_PIECE):
        content += piece
        if len(content) > most_bytes:
            raise FetchRefused(_("The file is larger than %(most)d bytes.") % {"most": most_bytes})
    return bytes(content)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError(_("it took too long"))
    return left
