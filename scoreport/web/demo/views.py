"""Signing in with one click, as one of the made-up people."""

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import auth
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from scoreport.accounts.queries import person
from scoreport.web.demo.people import people
from scoreport.web.middleware import DEMO_SECOND_FACTOR_KEY
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule


@rule.public
@require_POST
def sign_in(request: ScoreportRequest) -> HttpResponse:
    """Begin a session of a person of the story, as if a second factor had been given; everybody else is refused."""
    wanted = request.POST.get("person")
    email = next((offered.email for offered in people() if offered.key == wanted), None)
    if not settings.DEMO or email is None:
        raise Http404(_("There is nobody of this name in the demo."))
    user = auth.get_user_model().objects.get(pk=person(email).id)
    auth.logout(request)
    response: HttpResponse = perform_login(request, user, email_verification="none")
    request.session[DEMO_SECOND_FACTOR_KEY] = True
    return response
