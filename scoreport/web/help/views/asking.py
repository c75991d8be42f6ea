"""Asking: choose what about, see what answers at once, write the rest."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from scoreport.organizations.queries.managers import managers_of
from scoreport.support.actions import asking
from scoreport.support.actions.asking import TooManyRequests
from scoreport.support.attachments import BadFile
from scoreport.support.moving import WordsMissing
from scoreport.support.queries.requests import known_of
from scoreport.support.rules.files import MOST_FILES
from scoreport.support.rules.requests import Kind
from scoreport.web import page
from scoreport.web.body import accepts_body
from scoreport.web.help.forms import AskForm, WhereForm
from scoreport.web.help.gate import files_of, gated
from scoreport.web.help.where import ask_url, places_of, told
from scoreport.web.help.words import Subject, subject_of, subjects
from scoreport.web.jinja import url_or_none
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule


@rule.signed_in
@accepts_body("HELP_ATTACHMENT_BYTES", times=MOST_FILES)
@gated
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ScoreportRequest) -> HttpResponseBase:
    """Take a request; without a kind, ask for it, and name the access managers before anybody has to wait."""
    if request.method == "POST":
        return _take(request)
    where = WhereForm(request.GET).where()
    kind = Kind(where["kind"]) if "kind" in where else None
    if kind is None:
        return _choose(request, where)
    if kind is Kind.ACCESS_MANAGER and "anyway" not in where:
        return _managers(request, where)
    return _form(request, AskForm(subject_of(kind), initial=_initial(request, kind, where)), subject_of(kind))


def _choose(request: ScoreportRequest, where: dict[str, Any]) -> HttpResponse:
    kept = {name: value for name, value in where.items() if name != "kind"}
    offered = [(subject, ask_url(subject.kind, **kept)) for subject in subjects()]
    return page.render(request, "help/choose.html", {"offered": offered})


def _managers(request: ScoreportRequest, where: dict[str, Any]) -> HttpResponse:
    """Answer at once: the access managers of each place, the nearest first."""
    places = places_of(request.actor, where.get("organization", ""))
    found = []
    for place in places:
        managers = managers_of(place, request.at)
        # Access managers give themself what they need.
        is_one = request.actor.person_id in {manager.person_id for manager in managers}
        found.append((place, managers, "" if is_one else url_or_none("request_role", place.address)))
    context = {"places": found, "ask_url": ask_url(Kind.ACCESS_MANAGER, anyway=1, **_without_kind(where))}
    return page.render(request, "help/managers.html", context)


def _without_kind(where: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in where.items() if name not in {"kind", "anyway"}}


def _initial(request: ScoreportRequest, kind: Kind, where: dict[str, Any]) -> dict[str, Any]:
    known = known_of(request.actor)
    places = places_of(request.actor, where.get("organization", ""))
    named = f"{places[0].name} ({places[0].label})" if len(places) == 1 else ""
    return {
        "kind": kind.value,
        "once": secrets.token_urlsafe(16),
        "organization": where.get("organization", ""),
        "page": where.get("page", ""),
        "student": where.get("student"),
        "years": where.get("year", ""),
        "name": request.user.name if request.user.is_authenticated else "",
        "title": known.title,
        "institution": named or known.institution,
        "with_place": True,
    }


def _take(request: ScoreportRequest) -> HttpResponse:
    kind = request.POST.get("kind", "")
    if kind not in set(Kind):
        return _choose(request, {})
    subject = subject_of(Kind(kind))
    form = AskForm(subject, request.POST, request.FILES)
    if not form.is_valid():
        return _form(request, form, subject)
    try:
        number = asking.ask(
            request.actor,
            asking=form.asking(),
            once=form.cleaned_data["once"],
            files=files_of(request),
            at=request.at,
        )
    except BadFile as refusal:
        form.add_error("attachments", str(refusal))
    except WordsMissing as refusal:
        form.add_error("text", str(refusal))
    except TooManyRequests as refusal:
        form.add_error(None, str(refusal))
    else:
        messages.success(
            request,
            _("Your request has the number %(number)s. You get a mail when it is answered.") % {"number": number},
        )
        return HttpResponseRedirect(reverse("help_request", args=[number]))
    return _form(request, form, subject)


def _form(request: ScoreportRequest, form: AskForm, subject: Subject) -> HttpResponse:
    where = {name: form[name].value() for name in ("organization", "page", "student")}
    places = places_of(request.actor, str(where["organization"] or ""))
    place = places[0] if places and where["organization"] else None
    context = {
        "form": form,
        "subject": subject,
        "told": told({name: value or "" for name, value in where.items()}, place),
        "limit": settings.HELP_ATTACHMENT_BYTES,
        "kept_days": settings.HELP_ATTACHMENT_DAYS,
        "days": settings.HELP_DUE_BUSINESS_DAYS,
    }
    return page.render(request, "help/ask.html", context)
