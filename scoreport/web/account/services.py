"""Signing in through the service of one's school or district.

allauth speaks OpenID Connect and SAML; these views stand before its own. A sign-in begins with a form that asks for
an address, so that nobody learns which schools have a service, and goes on by a link: a form that leads to another
host is what our own policy for pages forbids.
"""

from typing import Any, Final

from allauth.decorators import rate_limit
from allauth.socialaccount.providers.saml.utils import build_saml_config, get_app_or_404
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from scoreport.access import Refused
from scoreport.organizations.queries import providers
from scoreport.organizations.rules.providers import Protocol, domain_of
from scoreport.web import page
from scoreport.web.account import openid, saml
from scoreport.web.account.forms import ServiceForm
from scoreport.web.body import accepts_body
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

# Which service the person has asked for with the form, so that no link of somebody else's begins a sign-in.
CHOSEN: Final = "scoreport_sign_in_service"


@rule.public
@require_http_methods(["GET", "HEAD", "POST"])
@rate_limit(action="sign_in_service")  # type: ignore[untyped-decorator]  # allauth carries no types
def find(request: ScoreportRequest) -> HttpResponse:
    """Ask for an address and find the service that speaks for its domain."""
    form = ServiceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        offer = providers.offer_for(email)
        if offer is not None:
            request.session[CHOSEN] = offer.slug
            return redirect(_with_next(request, "sign_in_service_go"))
        sentence = _(
            "No school or district has set up a sign-in service for addresses at %(domain)s."
            " Sign in with your password."
        )
        form.add_error("email", sentence % {"domain": domain_of(email)})
    return page.render(request, "account/service_find.html", {"form": form, "next": _next(request)})


@rule.public
@require_safe
def go(request: ScoreportRequest) -> HttpResponse:
    """Offer the way to the service that was found."""
    offer = providers.offer(request.session.get(CHOSEN, ""))
    if offer is None:
        return redirect(_with_next(request, "sign_in_service"))
    name = "openid_connect_login" if offer.protocol is Protocol.OPENID_CONNECT else "saml_login"
    target = _with_next(request, name, offer.slug)
    return page.render(request, "account/service_go.html", {"offer": offer, "target": target})


@rule.public
@require_safe
def cancelled(request: ScoreportRequest) -> HttpResponse:
    """Answer somebody who turned back at the service."""
    return page.render(request, "socialaccount/login_cancelled.html")


# --- OpenID Connect ------------------------------------------------------------------------------


@rule.public
@require_safe
def oidc_login(request: ScoreportRequest, provider_id: str) -> HttpResponseBase:
    """Send somebody who asked for it to the service."""
    if not _was_asked_for(request, provider_id):
        return redirect("sign_in_service")
    return openid.login(request, provider_id)


@rule.public
@require_safe
def oidc_callback(request: ScoreportRequest, provider_id: str) -> HttpResponseBase:
    """Take what the service answers."""
    return openid.callback(request, provider_id)


# --- SAML ----------------------------------------------------------------------------------------


@rule.public
@require_safe
def saml_login(request: ScoreportRequest, organization_slug: str) -> HttpResponseBase:
    """Send somebody who asked for it to the service."""
    if not _was_asked_for(request, organization_slug):
        return redirect("sign_in_service")
    try:
        return saml.login(request, organization_slug)
    except Refused as refusal:
        return _refused(request, str(refusal))


@rule.public
@accepts_body(saml.MOST_BYTES)
@csrf_exempt  # It comes from the service's own page; the signature and the request it answers are checked instead.
@require_POST
@rate_limit(action="saml_response")  # type: ignore[untyped-decorator]  # allauth carries no types
def saml_acs(request: ScoreportRequest, organization_slug: str) -> HttpResponseBase:
    """Check what the service sends, and keep what it says until the browser comes back with its own cookies."""
    try:
        return saml.receive(request, organization_slug)
    except saml.AnswerRefused as refusal:
        return _refused(request, str(refusal), status=401)
    except Refused as refusal:
        return _refused(request, str(refusal))


@rule.public
@require_safe
def saml_finish(request: ScoreportRequest, organization_slug: str) -> HttpResponseBase:
    """Sign in whom the service means, where this browser has asked for it."""
    try:
        return saml.finish(request, organization_slug)
    except saml.AnswerRefused as refusal:
        return _refused(request, str(refusal), status=401)
    except PermissionDenied:
        sentence = _("This answer belongs to no sign-in that was begun here. Please try again.")
        return _refused(request, sentence)


@rule.public
@require_safe
def saml_metadata(request: ScoreportRequest, organization_slug: str) -> HttpResponse:
    """Tell the administrator's service about this site."""
    app = get_app_or_404(request, organization_slug)
    config = build_saml_config(request, app.settings, organization_slug)
    # Sessions end here or by themselves; the service does not end them.
    del config["sp"]["singleLogoutService"]
    metadata = OneLogin_Saml2_Settings(settings=config, sp_validation_only=True).get_sp_metadata()
    return HttpResponse(metadata, content_type="application/samlmetadata+xml")


@rule.public
def saml_logout(_request: ScoreportRequest, organization_slug: str) -> HttpResponse:
    """Answer that there is nothing: allauth wants the address to have a name, and we end no session from outside."""
    raise Http404(organization_slug)


def _was_asked_for(request: ScoreportRequest, slug: str) -> bool:
    """Tell whether the form led here; of the address nothing but the page to come back to is kept."""
    target = _next(request)
    request.GET = QueryDict(urlencode({"next": target}) if target else "")
    return bool(request.session.get(CHOSEN) == slug)


def _refused(request: ScoreportRequest, sentence: str, *, status: int = 403) -> HttpResponse:
    return page.render(request, "account/service_refused.html", {"sentence": sentence}, status=status)


def _next(request: ScoreportRequest) -> str:
    return request.POST.get("next") or request.GET.get("next", "")


def _with_next(request: ScoreportRequest, name: str, *args: Any) -> str:
    """Return an address that knows where the person wanted to go; allauth looks whether that is one of ours."""
    target = _next(request)
    return reverse(name, args=args) + (f"?{urlencode({'next': target})}" if target else "")
