"""Asking for the terms before a page of a tool that needs them accepted."""

from functools import wraps
from typing import Any

from django.http import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from scoreport.organizations import queries
from scoreport.organizations.queries.terms import must_accept
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import View


def with_terms(view: View) -> View:
    """Send whoever manages access here, and has not accepted the present terms, to the page that shows them.

    For views of an organization's ``address``; stands right under ``@rule(…)``. Others pass at once.
    """

    @wraps(view)
    def asked(request: ScoreportRequest, address: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if must_accept(request.actor, queries.organization(request.actor, address)):
            back = request.get_full_path() if request.method in {"GET", "HEAD"} else request.path
            return HttpResponseRedirect(f"{reverse('terms', args=[address])}?{urlencode({'next': back})}")
        return view(request, address, *args, **kwargs)

    return asked
