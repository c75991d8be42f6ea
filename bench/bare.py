"""The floor of pages: Scoreport's own server in front of one view that reads a session and one row.

It is settings, addresses and view in one; ``DJANGO_SETTINGS_MODULE=bench.bare`` starts it.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path

from scoreport.settings import *  # noqa: F403 - the same database, sessions and keys

PATH = "/bare/"
ROOT_URLCONF = "bench.bare"
# Without the second one, which does nothing here, allauth refuses to start.
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]


def view(request: HttpRequest) -> HttpResponse:
    """Say who signed in, as far as the session knows, and what the first organization is called."""
    from scoreport.organizations.models import Organization

    name = Organization.objects.values_list("name", flat=True).get(code="S")
    return HttpResponse(f"<p>{request.session['_auth_user_id']} {name}</p>")


urlpatterns: list[Any] = [path(PATH.strip("/") + "/", view)]
