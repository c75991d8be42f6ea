"""Signing in with one click as one of the made-up people, and the mailbox of them all."""

from typing import Final

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import auth
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from scoreport.accounts.queries import person
from scoreport.web import page
from scoreport.web.demo import mailbox as post
from scoreport.web.demo.forms import MailboxForm
from scoreport.web.demo.people import people
from scoreport.web.middleware import DEMO_SECOND_FACTOR_KEY
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

PER_PAGE: Final = 20


@rule.public
@require_POST
def sign_in(request: ScoreportRequest) -> HttpResponse:
    """Begin a session of a person of the story, as if a second factor had been given; everybody else is refused.

    It leads on to the page that asked for the sign-in, such as an invitation.
    """
    wanted = request.POST.get("person")
    email = next((offered.email for offered in people() if offered.key == wanted), None)
    if not settings.DEMO or email is None:
        raise Http404(_("There is nobody of this name in the demo."))
    user = auth.get_user_model().objects.get(pk=person(email).id)
    auth.logout(request)
    response: HttpResponse = perform_login(request, user, email_verification="none")
    request.session[DEMO_SECOND_FACTOR_KEY] = True
    return response


@rule.public
@require_safe
def mailbox(request: ScoreportRequest) -> HttpResponse:
    """Show the mails of the demo, the newest first; outside a demo there is no such page."""
    if not settings.DEMO:
        raise Http404(_("Mails are shown in a demo only."))
    to, number = MailboxForm(request.GET).asked()
    rows, total = post.mails(to=to, first=(number - 1) * PER_PAGE, limit=PER_PAGE)
    if not rows and total:
        rows, total = post.mails(to=to, first=0, limit=PER_PAGE)
        number = 1
    pager = page.pager(request, number=number, size=PER_PAGE, total=total)
    return page.render(request, "demo/mails.html", {"mails": rows, "to": to, "pager": pager})
