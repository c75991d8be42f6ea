"""The institutions whose access somebody manages."""

from typing import Final

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from scoreport.access import Permission
from scoreport.organizations import queries
from scoreport.web import page
from scoreport.web.part import part_of
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule
from scoreport.web.search_form import SearchForm

PER_PAGE: Final = 25


@rule(Permission.ACCESS_READ)
@require_safe
def institutions(request: ScoreportRequest) -> HttpResponse:
    """List them, the highest first; whoever has one only goes on to it."""
    form = SearchForm(request.GET)
    found = queries.organizations_of(
        request.actor,
        permission=Permission.ACCESS_READ,
        search=form.words(),
        page=form.number(),
        per_page=PER_PAGE,
    )
    if found.total == 1 and not form.words():
        return HttpResponseRedirect(reverse("managing_access", args=[found.rows[0].address]))
    context = {
        "found": found,
        "q": form.words(),
        "pager": page.pager(request, number=found.page, size=PER_PAGE, total=found.total),
    }
    template = "managing/found.html" if part_of(request) == "found" else "managing/institutions.html"
    return page.render(request, template, context)
