"""Entering an access code: the code, then the terms, then the tool."""

import json

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from scoreport.lib.secrets import decrypt, encrypt
from scoreport.organizations.actions.redeeming import CodeRefused, ManagesAlready, RequestedAlready, check_code, redeem
from scoreport.organizations.actions.terms import TermsChanged
from scoreport.organizations.queries import find
from scoreport.organizations.queries.institutions import institution
from scoreport.organizations.queries.managers import nearest_managers
from scoreport.organizations.rules.terms import VERSION
from scoreport.web import page
from scoreport.web.entry.forms import AcceptForm, CodeForm
from scoreport.web.jinja import url_or_none
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

_METHODS = ["GET", "HEAD", "POST"]
_REFUSALS = (CodeRefused, ManagesAlready, RequestedAlready)
# A code that was found right waits here, encrypted, while its owner reads the terms.
_KEY = "scoreport_code"
_PURPOSE = "a code on its way to the terms"


@rule.signed_in
@require_http_methods(_METHODS)
def enter(request: ScoreportRequest, address: str) -> HttpResponse:
    """Take the code of an institution; a right one leads to the terms and is not used yet."""
    place = institution(address)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        try:
            check_code(request.actor, organization=address, code=code, at=request.at)
        except _REFUSALS as refusal:
            form.add_error("code", str(refusal))
        else:
            request.session[_KEY] = encrypt(json.dumps([place.address, code]), _PURPOSE)
            return HttpResponseRedirect(reverse("redeem_code", args=[place.address]))
    context = {"place": place, "form": form, "managers": nearest_managers(find(place.address), request.at)}
    return page.render(request, "entry/code.html", context)


@rule.signed_in
@require_http_methods(_METHODS)
def accept(request: ScoreportRequest, address: str) -> HttpResponse:
    """Show the terms; whoever accepts them uses the code up and has the tool."""
    place = institution(address)
    code = _kept(request, place.address)
    if not code:
        return HttpResponseRedirect(reverse("enter_code", args=[place.address]))
    form = AcceptForm(request.POST if request.method == "POST" else None, initial={"version": VERSION})
    if request.method == "POST" and form.is_valid():
        return _redeem(request, place.address, code, form.cleaned_data["version"])
    context = {
        "place": place,
        "form": form,
        "terms": f"legal/terms-{VERSION}.html",
        "managers": nearest_managers(find(place.address), request.at),
    }
    return page.render(request, "entry/accept.html", context)


def _redeem(request: ScoreportRequest, address: str, code: str, version: str) -> HttpResponse:
    try:
        done = redeem(request.actor, organization=address, code=code, terms=version, at=request.at)
    except TermsChanged as refusal:
        messages.warning(request, str(refusal))
        return HttpResponseRedirect(reverse("redeem_code", args=[address]))
    except _REFUSALS as refusal:
        del request.session[_KEY]
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("enter_code", args=[address]))
    del request.session[_KEY]
    names = {"organization": done.organization.name}
    if done.ends_on is None:
        message = _(
            "Your code was accepted. An access manager of %(organization)s has to confirm this before you get access."
            " They were emailed, and you get an email with their answer."
        )
        messages.success(request, message % names)
        return HttpResponseRedirect(reverse("get_access"))
    message = _("You manage access at %(organization)s now. You find the tool under “My tools and services”.")
    messages.success(request, message % names)
    return HttpResponseRedirect(url_or_none("managing_access", address) or reverse("dashboard"))


def _kept(request: ScoreportRequest, address: str) -> str:
    """Return the code that was found right for this institution in this session; nothing when there is none."""
    try:
        kept_for, code = json.loads(decrypt(request.session.get(_KEY, ""), _PURPOSE))
    except ValueError:
        return ""
    return str(code) if kept_for == address else ""
