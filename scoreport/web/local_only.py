"""Where DEMO and DEBUG are allowed: on this machine only, and only with a database that was made for it.

A demo signs anybody in with one click, and error pages of development show data. Settings are easily copied to a real
installation, so that the database itself has to say what it is for (:mod:`scoreport.lib.purpose`).
"""

import ipaddress
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponseBase, HttpResponseForbidden
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Refused
from scoreport.accounts.queries import anybody
from scoreport.lib.purpose import Purpose, demo_organizations, purpose
from scoreport.organizations.queries import organizations_of

_USERS_TABLE: Final = "accounts_user"
# What proxies write: a request that came through one came from elsewhere.
_FORWARDED: Final = (
    "HTTP_FORWARDED",
    "HTTP_VIA",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)


class NotLocal(Refused):
    """DEMO or DEBUG is on where people's data could be seen by others."""


def require(*, host: str = "127.0.0.1") -> None:
    """Return when pages may be served at ``host`` with these settings and this database. Raises :class:`NotLocal`."""
    problems = [*problems_of_host(host), *problems_of_settings(), *problems_of_database(is_served=True)]
    if problems:
        raise NotLocal("\n".join(problems))


def mode() -> str:
    """Return the setting that opens this installation, or nothing."""
    return "DEMO" if settings.DEMO else "DEBUG" if settings.DEBUG else ""


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address can be reached from this machine only."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def problems_of_host(host: str) -> Iterator[str]:
    """Say why pages may not be served at an address."""
    if mode() and not is_loopback(host):
        message = _("With %(setting)s=yes pages are served on 127.0.0.1 only, not on %(host)s.")
        yield message % {"setting": mode(), "host": host}


def problems_of_settings() -> Iterator[str]:
    """Say which settings would let others in: a public address, other host names, a proxy in front."""
    if not mode():
        return
    host = urlsplit(settings.SITE_URL).hostname or ""
    if not is_loopback(host):
        message = _("%(setting)s=yes needs a SITE_URL on this machine, and it is %(address)s.")
        yield message % {"setting": mode(), "address": settings.SITE_URL}
    others = [name for name in settings.ALLOWED_HOSTS if not is_loopback(name) and name != host]
    if others:
        message = _("%(setting)s=yes answers on this machine only, and ALLOWED_HOSTS names %(hosts)s.")
        yield message % {"setting": mode(), "hosts": ", ".join(others)}
    if settings.TRUST_PROXY:
        message = _("%(setting)s=yes answers on this machine only, and TRUST_PROXY says that a proxy is in front.")
        yield message % {"setting": mode()}


def problems_of_database(*, is_served: bool = False) -> Iterator[str]:
    """Say why this database may not be opened like this; an empty one may, unless pages are to be served from it."""
    # Without either setting nothing is opened, and a database that is down is the pages' own matter.
    made_for = purpose() if mode() else None
    if settings.DEMO and made_for is not Purpose.DEMO and (is_served or not _is_empty()):
        yield _(
            "DEMO=yes opens only a database that scoreport demo has built, and this one was not."
            " Set DEMO=no, or a SCOREPORT_DATA_DIR and DATABASE_URL of the demo's own."
        )
    elif settings.DEMO and is_served and _has_other_organizations():
        yield _("DEMO=yes is for the demo's own organizations, and this database holds others. Set DEMO=no.")
    elif settings.DEBUG and not settings.DEMO and made_for is None and not _is_empty():
        yield _(
            "DEBUG=yes opens only a database that was set up with DEBUG=yes while it was empty, and this one holds"
            " people or organizations. Set DEBUG=no, or a SCOREPORT_DATA_DIR and DATABASE_URL for development."
        )


def require_no_demo() -> None:
    """Return unless the database is a demo's and DEMO is off. Raises :class:`NotLocal`.

    People of a demo have roles, and its mark would open to everybody what is loaded beside them.
    """
    if not settings.DEMO and purpose() is Purpose.DEMO:
        raise NotLocal(_("This database was built by scoreport demo. Set DEMO=yes, or use another database."))


def _is_empty() -> bool:
    if _USERS_TABLE not in connection.introspection.table_names():
        return True
    return not anybody() and not organizations_of(access.command("check"), per_page=1).total


def _has_other_organizations() -> bool:
    known = demo_organizations()
    found = organizations_of(access.command("check"), per_page=len(known) + 1)
    return found.total > len(known) or any(row.code not in known for row in found.rows)


class LocalOnlyMiddleware:
    """Refuses every request that does not come from this machine itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not _is_address_here(request.META.get("REMOTE_ADDR", "")) or any(
            name in request.META for name in _FORWARDED
        ):
            sentence = _("DEMO or DEBUG is on here, so this server answers its own machine only.")
            response = HttpResponseForbidden(sentence, content_type="text/plain; charset=utf-8")
            response["Cache-Control"] = "no-store, private"
            return response
        return self.get_response(request)


def _is_address_here(address: str) -> bool:
    return address != "localhost" and is_loopback(address)
