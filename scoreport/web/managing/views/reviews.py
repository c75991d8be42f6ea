"""The yearly review on one screen: keep or drop, saved as often as one likes, finished once."""

from collections import Counter

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from scoreport.access import NotAllowed, NotFound, Permission, Refused
from scoreport.organizations.actions.reviews import NoOpenReview, decide, finish_review
from scoreport.organizations.holding import latest_end
from scoreport.organizations.queries.reviews import last_review, open_review, reviewed_roles
from scoreport.organizations.rules.reviews import ReviewedRole
from scoreport.web.entry.terms import with_terms
from scoreport.web.formats import day, number
from scoreport.web.managing.forms import decisions_of
from scoreport.web.managing.frame import Frame, frame_of, render, way_back
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

_METHODS = ["GET", "HEAD", "POST"]


@rule(Permission.PEOPLE_GRANT)
@require_http_methods(_METHODS)
@with_terms
def review(request: ScoreportRequest, address: str) -> HttpResponse:
    """Show every role that waits, and keep what was chosen so far."""
    frame = frame_of(request, address)
    found = open_review(request.actor, frame.organization)
    rows = reviewed_roles(request.actor, found, request.at) if found else []
    if request.method == "POST":
        return _save(request, frame, rows)
    context = {
        "review": found,
        "last": None if found else last_review(request.actor, frame.organization),
        "rows": rows,
        "decided": sum(row.keep is not None for row in rows),
        "ends_on": latest_end(frame.organization, request.at),
    }
    return render(request, "managing/review.html", frame, context)


def _save(request: ScoreportRequest, frame: Frame, rows: list[ReviewedRole]) -> HttpResponse:
    """Keep the choices; whoever wants to finish goes on to the page that asks once more."""
    here = frame.organization.address
    chosen = decisions_of(request.POST, [row.role.id for row in rows])
    try:
        decide(request.actor, organization=here, decisions=chosen, at=request.at)
    except NoOpenReview as refusal:
        messages.warning(request, str(refusal))
        return HttpResponseRedirect(reverse("access_review", args=[here]))
    if request.POST.get("then") == "finish":
        return HttpResponseRedirect(reverse("access_review_finish", args=[here]))
    left = len(rows) - len(chosen)
    told = ngettext("Saved. %(count)s role still waits.", "Saved. %(count)s roles still wait.", left)
    messages.success(request, told % {"count": number(left)} if left else _("Saved. Every role is decided."))
    return HttpResponseRedirect(reverse("access_review", args=[here]))


@rule(Permission.PEOPLE_GRANT)
@require_http_methods(_METHODS)
@with_terms
def finish(request: ScoreportRequest, address: str) -> HttpResponse:
    """Say what will happen to whom, and do it."""
    frame = frame_of(request, address)
    back = reverse("access_review", args=[address])
    found = open_review(request.actor, frame.organization)
    if request.method == "POST" or found is None:
        return _finish(request, frame, back)
    rows = reviewed_roles(request.actor, found, request.at)
    counts = Counter(row.keep for row in rows)
    if counts[None]:
        told = ngettext(
            "%(count)s role still waits for a decision. Choose keep or drop for it, then finish.",
            "%(count)s roles still wait for a decision. Choose keep or drop for each, then finish.",
            counts[None],
        )
        messages.warning(request, told % {"count": number(counts[None])})
        return HttpResponseRedirect(back)
    context: dict[str, object] = {
        "title": _("Finish the review?"),
        "label": _("Finish the review"),
        "kind": "danger" if counts[False] else "primary",
        "subject": _("Review of %(year)s") % {"year": found.year},
        "facts": [],
        "effects": _effects(request, frame, rows),
        "back": back,
        "tab": "review",
        "fields": {},
    }
    return render(request, "managing/confirm.html", frame, context)


def _effects(request: ScoreportRequest, frame: Frame, rows: list[ReviewedRole]) -> list[str]:
    """Name everybody who loses something; count those who keep it."""
    kept = sum(bool(row.keep) for row in rows)
    told = [
        _("%(person)s, %(email)s: %(role)s is revoked at once.")
        % {"person": row.role.name, "email": row.role.email, "role": row.role.role.label}
        for row in rows
        if not row.keep
    ]
    if kept:
        message = ngettext(
            "%(count)s role is kept and lasts until %(day)s.", "%(count)s roles are kept and last until %(day)s.", kept
        )
        told.append(message % {"count": number(kept), "day": day(latest_end(frame.organization, request.at))})
    return [*told, _("Those whose access changes are told by mail.")]


def _finish(request: ScoreportRequest, frame: Frame, back: str) -> HttpResponse:
    try:
        done = finish_review(request.actor, organization=frame.organization.address, at=request.at)
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(back)
    told = _("The review is finished. Kept: %(kept)s. Revoked: %(dropped)s.")
    messages.success(request, told % {"kept": number(done.kept), "dropped": number(done.dropped)})
    return way_back(request, frame, frame.url)
