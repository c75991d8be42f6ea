"""What people read when something is not there, not theirs, or not working.

The pages use neither session nor database, so they answer whatever is broken; and the page for
"not yours" is the page for "does not exist", byte for byte.
"""
# ruff: noqa: ARG001 - Django hands over what these pages must not depend on

import sys

from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.urls import reverse
from django.utils.translation import gettext as _

from scoreport.web import outage


def _page(*, status: int, title: str, message: str, action_url: str = "", action_label: str = "") -> HttpResponse:
    told = {
        "status": status,
        "title": title,
        "message": message,
        "action_url": action_url,
        "action_label": action_label,
    }
    return HttpResponse(loader.render_to_string("errors/error.html", told), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that nobody's browser sends."""
    return _page(
        status=400,
        title=_("This request cannot be read"),
        message=_("Something in the address or in what was sent is not as it should be. Go back and try again."),
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django itself refuses; what a rule of ours refuses is told by :func:`refused`."""
    return refused(request, _("You may not open this page."), status=403)


def refused(request: HttpRequest, message: str, *, status: int) -> HttpResponse:
    """Answer with the sentence of a refusal, under a title for its status."""
    titles = {
        403: _("You may not do this"),
        408: _("That took too long"),
        409: _("This is not possible now"),
        413: _("That’s too large"),
        429: _("Too many requests at once"),
        503: _("Too many people at once"),
    }
    response = _page(status=status, title=titles[status], message=message)
    if status in {429, 503}:
        response.headers["Retry-After"] = "30"
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer for what does not exist, and for what belongs to others."""
    return _page(
        status=404,
        title=_("There is nothing here"),
        message=_("The address may be wrong, or the page may belong to an organization that you have no role in."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer when the fault is ours, or when a part that we need is down (:mod:`scoreport.web.outage`)."""
    if down := outage.sentence(sys.exception()):
        response = _page(status=503, title=_("Not available right now"), message=down)
        response.headers["Retry-After"] = "30"
        return response
    return _page(
        status=500,
        title=_("Something went wrong on our side"),
        message=_("Nothing that you entered was stored by this request. Try again in a moment."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token does not fit: the page was open for long, or cookies are switched off."""
    return _page(
        status=403,
        title=_("This page is too old"),
        message=_(
            "It was open while you signed in or out elsewhere, or your browser sends no cookies."
            " Open it again and repeat the last step."
        ),
        action_url=reverse("account_login"),
        action_label=_("Go to sign-in"),
    )
