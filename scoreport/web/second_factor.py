"""A password alone never replaces a second factor: people who have one give it again before their sign-in changes.

allauth asks for some proof before some of its pages. This asks for the second factor before all of them, except
those that are named here, so that a page which a later allauth brings is shut until someone names it.
"""

from collections.abc import Callable
from typing import Any, Final

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.http import urlencode

from scoreport.accounts.queries import gave_second_factor, has_second_factor
from scoreport.lib import clock
from scoreport.web.middleware import redirect
from scoreport.web.request import ScoreportRequest

# Pages of allauth that change nothing about how a person with a second factor signs in, or that ask for it themselves.
OPEN: Final = frozenset(
    {
        "account_inactive",
        "account_logout",
        "account_reauthenticate",
        # Setting a password needs the link that was mailed; signing in with it needs the second factor.
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "account_signup",
        "mfa_authenticate",
        "mfa_list_webauthn",
        "mfa_login_webauthn",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
    }
)


def gave_recently(request: HttpRequest) -> bool:
    """Tell whether this session gave a second factor of its person within ``ACCOUNT_REAUTHENTICATION_TIMEOUT``.

    Signing in with it counts, and so does a recovery code; a password does not.
    """
    since = clock.now().timestamp() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    used = [
        record["id"]
        for record in get_authentication_records(request, request.user)
        if record["method"] == "mfa" and record["at"] > since and isinstance(record.get("id"), int)
    ]
    return request.user.pk is not None and gave_second_factor(request.user.pk, used)


def is_missing(request: HttpRequest) -> bool:
    """Tell whether someone who has a second factor has yet to give it in this session, or gave it too long ago."""
    return request.user.is_authenticated and has_second_factor(request.user.pk) and not gave_recently(request)


class SecondFactorMiddleware:
    """Asks people who have a second factor for it before a page of allauth may change how they sign in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: ScoreportRequest, view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponseBase | None:
        """Lead to the page that asks for the second factor, and from there back; what was sent is sent again."""
        name = request.resolver_match.url_name if request.resolver_match else None
        if not view.__module__.startswith("allauth.") or name in OPEN or not is_missing(request):
            return None
        first = get_adapter().get_reauthentication_methods(request.user)[0]
        return redirect(request, f"{first['url']}?{urlencode({'next': request.get_full_path()})}")
