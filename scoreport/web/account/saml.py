"""SAML, with less trust than allauth has: an answer is checked before anything of it is kept, and counts once.

The answer arrives by a form of another site, so without the cookies of the person's own session. What it says is kept
beside a cookie of its own until the browser, sent on by a redirect, is back with them.
"""

import binascii
import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.saml import views
from allauth.socialaccount.providers.saml.utils import build_saml_config, get_app_or_404
from allauth.socialaccount.sessions import LoginSession
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from lxml.etree import LxmlError
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.errors import OneLogin_Saml2_Error

from scoreport.access import ANONYMOUS, Actor, Refused
from scoreport.organizations.actions.providers import use_assertion
from scoreport.web.middleware import address_of
from scoreport.web.request import ScoreportRequest

# An answer of a service has some kilobytes, and it comes as an ordinary form.
MOST_BYTES: Final = 200_000
_FORM: Final = "application/x-www-form-urlencoded"
_SESSION: Final = "saml_acs_session"
_COOKIE: Final = "saml-acs-session"
_KEPT: Final = "statement"
# The browser comes back at once.
_KEPT_FOR: Final = dt.timedelta(minutes=5)
# By so much clocks may differ; then an answer that has ended is not taken any more.
_CLOCKS: Final = dt.timedelta(minutes=10)


class ServiceExpired(Refused):
    """What is known of the service has expired."""


class AnswerTooLarge(Refused):
    """The answer is not read: it is too large, or no form."""


class AnswerRefused(Refused):
    """The answer is not the service's own, is for someone else, or answers nothing."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a checked answer says of a person, in the way in which allauth's provider asks for it."""

    attributes: Mapping[str, list[str]]
    name_id: str | None
    name_id_format: str | None
    answers: str

    def get_attributes(self) -> Mapping[str, list[str]]:
        """Return what is said of the person."""
        return self.attributes

    def get_nameid(self) -> str | None:
        """Return the name of the person, which may be another one each time."""
        return self.name_id

    def get_nameid_format(self) -> str | None:
        """Return what kind of name it is."""
        return self.name_id_format


def login(request: ScoreportRequest, slug: str) -> HttpResponseBase:
    """Send someone to a service. Raises :class:`ServiceExpired`."""
    _require_current(get_app_or_404(request, slug))
    answer: HttpResponseBase = views.login(request, organization_slug=slug)
    return answer


def receive(request: ScoreportRequest, slug: str) -> HttpResponseBase:
    """Check an answer and keep what it says; nothing of any other is stored.

    Raises :class:`AnswerRefused`, :class:`AnswerTooLarge`, :class:`ServiceExpired`, and
    :class:`scoreport.organizations.actions.providers.AssertionUsed`.
    """
    app = get_app_or_404(request, slug)
    _require_current(app)
    length = str(request.META.get("CONTENT_LENGTH") or 0)
    if request.content_type != _FORM or not length.isdigit() or int(length) > MOST_BYTES:
        raise AnswerTooLarge(_("The answer of the sign-in service is too large, or is not a form. Please try again."))
    auth = _checked(request, app, slug)
    statement = _statement(auth, app)
    until = auth.get_last_assertion_not_on_or_after()
    ends_at = max(request.at, dt.datetime.fromtimestamp(until, dt.UTC)) if until else request.at
    actor = Actor(kind=ANONYMOUS.kind, name=ANONYMOUS.name, address=address_of(request))
    assertion = auth.get_last_assertion_id()
    use_assertion(actor, slug=slug, assertion=assertion, ends_at=ends_at + _CLOCKS, at=request.at)
    return _kept(request, slug, statement)


def finish(request: ScoreportRequest, slug: str) -> HttpResponseBase:
    """Sign in whom a checked answer means. Raises :class:`AnswerRefused`, or PermissionDenied where nobody asked."""
    provider = get_app_or_404(request, slug).get_provider(request)
    session = LoginSession(request, _SESSION, _COOKIE)
    kept = session.store.get(_KEPT)
    session.delete()
    if not kept or kept["slug"] != slug or kept["until"] <= request.at.timestamp():
        raise AnswerRefused(_("This answer belongs to no sign-in that was begun here. Please try again."))
    statement = Statement(**kept["said"])
    login = provider.sociallogin_from_response(request, statement)
    # The browser that asked has it in its session, once.
    login.state = provider.unstash_redirect_state(request, statement.answers)
    answer: HttpResponseBase = complete_social_login(request, login)
    return answer


def _require_current(app: SocialApp) -> None:
    if refusal := app.settings["idp"]["refusal"]:
        raise ServiceExpired(refusal)


def _checked(request: ScoreportRequest, app: SocialApp, slug: str) -> OneLogin_Saml2_Auth:
    """Return an answer whose signature, audience, address and times were checked."""
    config = build_saml_config(request, app.settings, slug)
    config["idp"]["x509certMulti"] = {"signing": list(app.settings["idp"]["certificates"])}
    asked = {
        "https": "on" if request.is_secure() else "off",
        "http_host": request.get_host(),
        "script_name": request.META.get("SCRIPT_NAME", ""),
        "path_info": request.path_info,
        "get_data": {},
        "post_data": {"SAMLResponse": request.POST.get("SAMLResponse", "")},
    }
    try:
        auth = OneLogin_Saml2_Auth(asked, config)
        # Which request it answers is looked at when the browser is back.
        auth.process_response(request_id=None)
        is_right = not auth.get_errors() and auth.is_authenticated()
    except (OneLogin_Saml2_Error, LxmlError, binascii.Error, ValueError):
        is_right = False
    if not is_right or not auth.get_last_assertion_id() or not auth.get_last_response_in_response_to():
        raise AnswerRefused(
            _("The answer of the sign-in service could not be checked, so you are not signed in. Please try again.")
        )
    return auth


def _statement(auth: OneLogin_Saml2_Auth, app: SocialApp) -> Statement:
    """Return what we ask for of an answer; what else the service says about a person is not kept."""
    wanted = {name for names in app.settings["attribute_mapping"].values() for name in names}
    return Statement(
        attributes={name: list(values) for name, values in auth.get_attributes().items() if name in wanted},
        name_id=auth.get_nameid(),
        name_id_format=auth.get_nameid_format(),
        answers=auth.get_last_response_in_response_to(),
    )


def _kept(request: ScoreportRequest, slug: str, statement: Statement) -> HttpResponse:
    answer = HttpResponseRedirect(reverse("saml_finish_acs", args=[slug]))
    # A new one each time, whatever cookie came along.
    request.COOKIES.pop(_COOKIE, None)
    session = LoginSession(request, _SESSION, _COOKIE)
    session.store[_KEPT] = {"slug": slug, "until": (request.at + _KEPT_FOR).timestamp(), "said": asdict(statement)}
    session.store.set_expiry(int(_KEPT_FOR.total_seconds()))
    session.save(answer)
    answer.cookies[_COOKIE]["httponly"] = True
    return answer
