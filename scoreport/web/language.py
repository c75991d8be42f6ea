"""Choosing the language of the pages."""

from django.http import HttpResponse
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as django_set_language

from scoreport.accounts import actions
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule


@rule.public
@require_POST
def set_language(request: ScoreportRequest) -> HttpResponse:
    """Keep the choice in this browser, and for whoever has signed in in all of theirs."""
    actions.choose_language(request.actor, language=request.POST.get("language", ""))
    response: HttpResponse = django_set_language(request)
    return response
