"""OpenID Connect, with less trust than allauth has: what a service says of a person is always checked by its keys."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import Http404, HttpResponseBase
from requests import RequestException

from scoreport.web.request import ScoreportRequest

_ALGORITHMS: Final = frozenset({"ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"})
# Clocks are off by seconds.
_LEEWAY_SECONDS: Final = 60


class CarefulAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth carries no types
    """Wants a signed statement for us, of the same person as everything else that the service tells."""

    def complete_login(self, request: ScoreportRequest, app: SocialApp, token: Any, **kwargs: Any) -> SocialLogin:
        """Return whom the service means; raises OAuth2Error for a statement that is missing, forged or another's."""
        statement = kwargs["response"].get("id_token")
        if not statement:
            message = "The service sent no statement (id_token)."
            raise OAuth2Error(message)
        claims = self._decode_id_token(app, statement)
        told = self._fetch_user_info(token.token) if "userinfo_endpoint" in self.openid_config else claims
        # OpenID Connect Core 1.0, 5.3.2: what is said of another person must not be used.
        if told.get("sub") != claims["sub"]:
            message = "The service speaks of two people at once."
            raise OAuth2Error(message)
        merged = claims | told
        if "email_verified" not in told and merged.get("email") != claims.get("email"):
            # What was checked is the address of the statement, and this is another one.
            merged["email_verified"] = False
        if _is_of_trusted_tenant(app, claims, merged):
            merged["email_verified"] = True
        return self.get_provider().sociallogin_from_response(request, {"userinfo": merged})

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(id_token)
            if header.get("alg") not in _ALGORITHMS:
                message = "The statement is signed in a way that is not accepted here."
                raise OAuth2Error(message)
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key=self._key(header.get("kid")),
                algorithms=[header["alg"]],
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=_LEEWAY_SECONDS,
                options={"require": ["aud", "exp", "iat", "iss", "sub"]},
            )
        except jwt.PyJWTError as error:
            message = "The statement is not the service's own."
            raise OAuth2Error(message) from error
        return claims

    def _key(self, name: str | None) -> jwt.PyJWK:
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        keys = jwt.PyJWKSet.from_dict(answer.json()).keys
        if name is None and len(keys) == 1:
            return keys[0]
        found = next((key for key in keys if key.key_id == name), None)
        if found is None:
            message = "The service has no such key."
            raise OAuth2Error(message)
        return found


def _is_of_trusted_tenant(app: SocialApp, claims: Mapping[str, Any], merged: Mapping[str, Any]) -> bool:
    """Tell whether the operator trusts the addresses of the tenant that signed the statement.

    Microsoft Entra ID says nothing of ``email_verified``. Its signed statement names the tenant twice, in ``tid`` and
    in its issuer, and the address has to be the one of that statement. What is said to be not verified never is.
    """
    tenant = str(claims.get("tid", "")).lower()
    issuer = urlsplit(str(claims["iss"]))
    return (
        tenant in app.settings.get("trusted_tenants", ())
        and issuer.path.strip("/").split("/")[0].lower() == tenant
        and "email_verified" not in merged
        and bool(claims.get("email"))
        and claims["email"] == merged.get("email")
    )


def login(request: ScoreportRequest, slug: str) -> HttpResponseBase:
    """Send somebody to a service."""
    return _run(OAuth2LoginView, request, slug)


def callback(request: ScoreportRequest, slug: str) -> HttpResponseBase:
    """Take what a service answers."""
    return _run(OAuth2CallbackView, request, slug)


def _run(view: Any, request: ScoreportRequest, slug: str) -> HttpResponseBase:
    adapter = CarefulAdapter(request, slug)
    try:
        answer: HttpResponseBase = view.adapter_view(adapter)(request)
    except SocialApp.DoesNotExist as error:
        raise Http404(slug) from error
    except (AttributeError, KeyError, OSError, RequestException, TypeError, ValueError) as error:
        # The service is down, or answers something else than its protocol, which may be of any type.
        failed: HttpResponseBase = render_authentication_error(request, adapter.get_provider(), exception=error)
        return failed
    return answer
