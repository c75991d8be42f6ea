"""Asking for access: program staff for a code, an access manager for a role."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from scoreport.access import Refused
from scoreport.organizations.actions import requests as asking
from scoreport.organizations.queries import find
from scoreport.organizations.queries.institutions import institution
from scoreport.organizations.queries.managers import nearest_managers
from scoreport.organizations.queries.requests import own_request
from scoreport.web import page
from scoreport.web.entry import words
from scoreport.web.entry.forms import AskCodeForm, AskRoleForm
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

_METHODS = ["GET", "HEAD", "POST"]
# What the person can put right on the page that they are on.
_SHOWN = (
    asking.AskedAlready,
    asking.HasRole,
    asking.NobodyToAsk,
    asking.NothingSaid,
    asking.TooManyRequests,
)


@rule.signed_in
@require_http_methods(_METHODS)
def request_code(request: ScoreportRequest) -> HttpResponse:
    """Ask program staff for a code, for ``institution`` (an address) or for one that is not on file."""
    address = request.GET.get("institution", "")
    place = institution(address) if address else None
    initial = {"institution": request.GET.get("name", "")[:200]}
    form = AskCodeForm(request.POST if request.method == "POST" else None, known=place is not None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        where: dict[str, Any] = {"organization": place.address if place else None}

        def ask() -> None:
            asking.ask_code(
                request.actor,
                **where,
                institution=given.get("institution", ""),
                title=given["title"],
                why=given["why"],
                at=request.at,
            )

        if _asked(request, form, ask):
            return HttpResponseRedirect(reverse("get_access"))
    context = {
        "place": place,
        "form": form,
        "managers": nearest_managers(find(place.address), request.at) if place else (),
        "here": request.get_full_path(),
    }
    return page.render(request, "entry/request_code.html", context)


@rule.signed_in
@require_http_methods(_METHODS)
def request_role(request: ScoreportRequest, address: str) -> HttpResponse:
    """Name the access managers of an institution, and ask them for a role."""
    place = institution(address)
    form = AskRoleForm(request.POST if request.method == "POST" else None, initial={"role": request.GET.get("role")})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def ask() -> None:
            asking.ask_role(
                request.actor,
                organization=place.address,
                role=given["role"],
                title=given["title"],
                why=given["why"],
                at=request.at,
            )

        if _asked(request, form, ask):
            return HttpResponseRedirect(reverse("get_access"))
    managers = nearest_managers(find(place.address), request.at)
    return page.render(request, "entry/request_role.html", {"place": place, "form": form, "managers": managers})


@rule.signed_in
@require_http_methods(_METHODS)
def withdraw(request: ScoreportRequest, request_id: int) -> HttpResponse:
    """Take back what one asked for; asked on a page of its own."""
    info = own_request(request.actor, request_id)
    if request.method == "POST":
        try:
            asking.withdraw(request.actor, request_id=info.id, at=request.at)
        except asking.AnsweredAlready as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("The request was withdrawn."))
        return HttpResponseRedirect(reverse("get_access"))
    return page.render(request, "entry/withdraw.html", {"info": info, "wish": words.wish(info)})


def _asked(request: ScoreportRequest, form: forms.Form, ask: Callable[[], None]) -> bool:
    """Ask, and tell whether it was taken; what was refused stands above the form."""
    try:
        ask()
    except Refused as refusal:
        if not isinstance(refusal, _SHOWN):
            raise
        form.add_error(None, str(refusal))
        return False
    messages.success(request, _("Your request was sent. You see here what becomes of it, and get the answer by mail."))
    return True
