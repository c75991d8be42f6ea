"""How allauth meets the sign-in services of schools and districts: ours come from the organizations' own list."""

import time
from collections.abc import Mapping
from typing import Any, Final

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext as _

from scoreport.access import ANONYMOUS, Actor, Refused
from scoreport.lib import clock
from scoreport.lib.limited_http import LimitedSession
from scoreport.lib.time_limit import TimeLimit
from scoreport.organizations.actions import providers as actions
from scoreport.organizations.queries import providers as queries
from scoreport.organizations.rules.providers import Protocol, ProviderConnection
from scoreport.web import page
from scoreport.web.middleware import address_of
from scoreport.web.request import ScoreportRequest

# By which names services call a person's address and name (eduPerson, Microsoft, Google, plain).
_MAIL: Final = (
    "urn:oid:0.9.2342.19200300.100.1.3",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "email",
    "mail",
)
_GIVEN: Final = (
    "urn:oid:2.5.4.42",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
    "givenName",
    "firstName",
)
_SURNAME: Final = (
    "urn:oid:2.5.4.4",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
    "sn",
    "lastName",
)
# What names a person for ever comes first; the address is the last resort, a NameID may change with each sign-in.
_IDENTITY: Final = (
    "urn:oasis:names:tc:SAML:attribute:subject-id",
    "urn:oasis:names:tc:SAML:attribute:pairwise-id",
    "http://schemas.microsoft.com/identity/claims/objectidentifier",
    *_MAIL,
)
SERVICE_SECONDS: Final = 8.0
"""For all questions to a service that one page needs."""
_ENDS: Final = "scoreport_service_ends"
_OFFERS: Final = {Protocol.OPENID_CONNECT: "openid_connect", Protocol.SAML: "saml"}


class ServiceAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    """Decides who a service means by our own rules; allauth speaks the protocols and nothing else."""

    def list_apps(
        self, request: ScoreportRequest | None, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Return the services as allauth knows them; nothing of allauth's own tables is asked."""
        return [
            app
            for app in map(_app, queries.connections(request.at if request else clock.now()))
            if provider in {None, app.provider, app.provider_id} and client_id in {None, app.client_id}
        ]

    def get_requests_session(self) -> LimitedSession:
        """Return how a service is asked: everything for one page together takes a few seconds at most."""
        ends = self.request.__dict__.setdefault(_ENDS, time.monotonic() + SERVICE_SECONDS)
        return LimitedSession(TimeLimit(ends - time.monotonic()))

    def is_open_for_signup(self, _request: ScoreportRequest, _login: SocialLogin) -> bool:
        """Refuse: accounts of services are made by :meth:`pre_social_login`, which knows the domains."""
        return False

    def can_authenticate_by_email(self, _login: SocialLogin, _email: str) -> bool:
        """Refuse: likewise."""
        return False

    def is_email_verified(self, provider: Any, _email: str) -> bool:
        """Trust SAML, which has no word for it, for the domains of the service.

        OpenID Connect has to say so itself, or be of a tenant that the operator named (``web.account.openid``).
        """
        return bool(provider.app.provider == _OFFERS[Protocol.SAML])

    def populate_user(
        self, _request: ScoreportRequest, sociallogin: SocialLogin, data: Mapping[str, Any]
    ) -> AbstractBaseUser:
        """Take the name; whatever else the service tells of a person is not kept."""
        both = " ".join(str(data.get(part) or "") for part in ("first_name", "last_name"))
        sociallogin.user.name = str(data.get("name") or both)
        sociallogin.account.extra_data = {}
        user: AbstractBaseUser = sociallogin.user
        return user

    def pre_social_login(self, request: ScoreportRequest, sociallogin: SocialLogin) -> None:
        """Find out whom the service means, and refuse with a sentence where it may not say so."""
        asserted = next(iter(sociallogin.email_addresses), None)
        try:
            if sociallogin.state.get("process") != "login":
                raise actions.NotVouchedFor(
                    _("This answer belongs to no sign-in that was begun here. Please try again.")
                )
            person = actions.admit(
                Actor(kind=ANONYMOUS.kind, name=ANONYMOUS.name, address=address_of(request)),
                slug=sociallogin.account.provider,
                uid=sociallogin.account.uid,
                email=asserted.email if asserted else "",
                # Services write true, and some write "true"; anything else is no.
                is_verified=asserted is not None and str(asserted.verified).lower() == "true",
                name=sociallogin.user.name,
                at=request.at,
            )
        except Refused as refusal:
            told = {"sentence": str(refusal)}
            response = page.render(request, "account/service_refused.html", told, status=403)
            raise ImmediateHttpResponse(response) from refusal
        sociallogin.user = get_user_model().objects.get(pk=person.id)


def _app(one: ProviderConnection) -> SocialApp:
    """Return a service as allauth wants it; the row is never stored."""
    app = SocialApp(
        provider=_OFFERS[one.protocol], provider_id=one.slug, name=one.name, client_id=one.client_id, secret=one.secret
    )
    if one.protocol is Protocol.OPENID_CONNECT:
        app.settings = {
            "server_url": one.settings["server_url"],
            "oauth_pkce_enabled": True,
            "trusted_tenants": sorted(one.tenants),
        }
        return app
    app.client_id = one.slug
    app.settings = {
        "idp": {
            "entity_id": one.settings["entity_id"],
            "sso_url": one.settings["sso_url"],
            # allauth knows one certificate; scoreport.web.account.saml checks answers by all of them.
            "x509cert": one.certificates[0].x509 if one.certificates else "",
            "certificates": [certificate.x509 for certificate in one.certificates],
            "refusal": one.refusal,
        },
        "attribute_mapping": {
            "uid": list(_IDENTITY),
            "email": list(_MAIL),
            "first_name": list(_GIVEN),
            "last_name": list(_SURNAME),
        },
        "advanced": {
            "strict": True,
            "reject_idp_initiated_sso": True,
            "reject_deprecated_algorithm": True,
            # This site may have a name of one word in a network of its own.
            "allow_single_label_domains": True,
        },
    }
    return app
