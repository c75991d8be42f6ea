"""The product's addresses, and views that do nothing but refuse or count."""

from django.http import HttpResponse
from django.urls import include, path

from scoreport.access import NotAllowed, Permission, Refused
from scoreport.accounts.hashing import TooManySignIns
from scoreport.organizations import queries
from scoreport.urls import handler400, handler403, handler404, handler500
from scoreport.web.rule import rule

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

REFUSALS = {
    "second-factor": NotAllowed("A second factor is needed.", needs_second_factor=True),
    "not-allowed": NotAllowed("Only program staff may do this."),
    "not-now": Refused("The file was accepted already."),
    "too-many": TooManySignIns("Wait a minute."),
}


@rule.signed_in
def refuse(request, kind):
    raise REFUSALS[kind]


@rule.signed_in
def fail(request):
    raise RuntimeError


@rule.signed_in
def place(request, code):
    return HttpResponse(queries.organization(request.actor, code).code, content_type="text/plain")


@rule(Permission.SCORES_ROSTER_READ)
def roster(request):
    return HttpResponse(request.actor.name, content_type="text/plain")


@rule.public
def public(request):
    return HttpResponse(request.actor.name, content_type="text/plain")


def forgotten(request):
    return HttpResponse("Nobody said who may see this.", content_type="text/plain")


urlpatterns = [
    path("refuse/<str:kind>/", refuse),
    path("fail/", fail),
    path("place/<str:code>/", place),
    path("roster/", roster),
    path("public/", public),
    path("forgotten/", forgotten),
    path("", include("scoreport.web.urls")),
]
