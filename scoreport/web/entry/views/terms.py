"""The terms and conditions again, for whoever manages access and has not accepted the present version."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from scoreport.access import Permission
from scoreport.organizations import queries
from scoreport.organizations.actions.terms import TermsChanged, accept
from scoreport.organizations.queries.terms import own_place
from scoreport.organizations.rules.terms import VERSION
from scoreport.web import page
from scoreport.web.entry.forms import AcceptForm
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule


@rule(Permission.PEOPLE_GRANT)
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: ScoreportRequest, address: str) -> HttpResponse:
    """Show the terms and take their acceptance, then go on to ``next``."""
    place = queries.organization(request.actor, address)
    form = AcceptForm(request.POST if request.method == "POST" else None, initial={"version": VERSION})
    if request.method == "POST" and form.is_valid():
        try:
            accept(request.actor, organization=address, version=form.cleaned_data["version"], at=request.at)
        except TermsChanged as refusal:
            messages.warning(request, str(refusal))
            return HttpResponseRedirect(request.get_full_path())
        messages.success(request, _("You have accepted the terms and conditions."))
        return HttpResponseRedirect(_next(request))
    # Whoever manages a district accepts for the district, also where a page of one of its schools asks for it.
    held = own_place(request.actor, place)
    context = {
        "place": queries.infos([held])[held] if held else place,
        "form": form,
        "terms": f"legal/terms-{VERSION}.html",
        "here": request.get_full_path(),
    }
    return page.render(request, "entry/terms.html", context)


def _next(request: ScoreportRequest) -> str:
    """Return the page of ours that asked for the terms."""
    target = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(target, allowed_hosts=None, require_https=request.is_secure())
    return target if ours and target.startswith("/") else reverse("dashboard")
