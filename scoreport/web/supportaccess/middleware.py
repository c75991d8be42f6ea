"""While one of the program staff looks through support access: nothing is changed, and every page is in the log."""

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from scoreport.access import Role
from scoreport.organizations.actions.support import note_page
from scoreport.organizations.queries.support import held_by
from scoreport.organizations.rules.support import SupportInfo
from scoreport.web import errors
from scoreport.web.request import ScoreportRequest

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# What one may send all the same: to end it, to sign out, to prove a second factor again, to choose a language.
STILL_SENT: Final = frozenset(
    {
        "support_end",
        "account_logout",
        "account_reauthenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "set_language",
    }
)
# Parts of addresses that name things and open nothing; anything else could be a secret and is left out.
_TOLD: Final = frozenset({"public_id", "program", "address", "years", "kind"})


class SupportMiddleware:
    """Refuses whatever would change something, and records each page that was seen, in the same request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: ScoreportRequest) -> HttpResponseBase:
        held = _held(request)
        request.support = held
        response = self.get_response(request)
        if held is not None and request.method == "GET" and response.status_code == 200:  # noqa: PLR2004 - a page
            # What this raises keeps the page from being shown: nothing is seen that is not in the log.
            note_page(
                request.actor, support_id=held.id, path=told_path(request), asked=tuple(sorted(request.GET)),
                at=request.at,
            )  # fmt: skip
        return response

    def process_view(self, request: ScoreportRequest, *_view: Any) -> HttpResponseBase | None:
        """Refuse to change anything: support access is for looking."""
        name = request.resolver_match.url_name if request.resolver_match else ""
        if request.support is None or request.method in _SAFE or name in STILL_SENT:
            return None
        sentence = _("You look at %(organization)s through support access, which changes nothing. End it first.")
        return errors.refused(request, sentence % {"organization": request.support.organization.name}, status=403)


def _held(request: ScoreportRequest) -> SupportInfo | None:
    """Return what somebody looks through; it costs others no query."""
    actor = request.actor
    looks = any(grant.role is Role.SUPPORT for grant in actor.grants)
    return held_by(actor.person_id, request.at) if looks and actor.person_id is not None else None


def told_path(request: HttpRequest) -> str:
    """Return the path as the log tells it: without the tokens and secrets that some addresses carry."""
    match = request.resolver_match
    path = request.path
    for name, value in match.kwargs.items() if match else ():
        if isinstance(value, str) and name not in _TOLD:
            path = path.replace(value, "…")
    return path
