"""The page that the link of an invitation leads to. Opening it uses nothing up; one accepts by a click."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from scoreport.accounts.queries import people_by_email
from scoreport.organizations.actions.acceptances import InvitationElsewhere, accept_invitation, open_invitation
from scoreport.organizations.actions.invitations import InvitationEnded
from scoreport.organizations.queries.invitations import landing
from scoreport.organizations.rules.invitations import Landing, Standing, masked
from scoreport.web import page
from scoreport.web.account.forms import INVITED_ADDRESS
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule


@rule.public
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: ScoreportRequest, token: str) -> HttpResponse:
    """Show who invites to what; accept by POST, which needs a session of the invited person."""
    here = reverse("invitation", args=[token])
    if request.method == "POST":
        return _accept(request, token, here)
    if request.method == "HEAD":
        found = landing(request.actor, token, request.at)
    else:
        found = open_invitation(request.actor, token=token, at=request.at)
    return _page(request, token, found, here)


def _accept(request: ScoreportRequest, token: str, here: str) -> HttpResponse:
    try:
        info = accept_invitation(request.actor, token=token, at=request.at)
    except (InvitationElsewhere, InvitationEnded):
        # The page says why, in the same words as to anybody who only opens it.
        return HttpResponseRedirect(here)
    told = _("Welcome to %(organization)s. Your tools are here from now on.")
    messages.success(request, told % {"organization": info.organization.name})
    return HttpResponseRedirect(reverse("dashboard"))


def _page(request: ScoreportRequest, token: str, found: Landing, here: str) -> HttpResponse:
    if found.invitation is None:
        return _closed(request, is_replaced=found.standing is Standing.REPLACED)
    info = found.invitation
    context = {
        "info": info,
        "standing": found.standing.value,
        "person": page.chrome_of(request).person,
        "invited": masked(info.email),
        "here": here,
        "sign_in_url": f"{reverse('account_login')}?{urlencode({'next': here})}",
        "account_url": reverse("invitation_account", args=[token]),
    }
    return page.render(request, "invitations/landing.html", context)


def _closed(request: ScoreportRequest, *, is_replaced: bool) -> HttpResponse:
    """Answer alike for what never was, what has ended and what was taken back: byte for byte."""
    if is_replaced:
        title = _("There is a newer invitation")
        told = _("This invitation was sent again, and only the newest link works. Look for the latest mail.")
    else:
        title = _("This link opens nothing any more")
        told = _(
            "Invitations work for seven days and once. Ask the access manager who invited you to send it again;"
            " it is one click for them. If you accepted it before, sign in."
        )
    status = 410 if is_replaced else 404
    return render(request, "invitations/closed.html", {"title": title, "message": told}, status=status)


@rule.public
@require_POST
def account(request: ScoreportRequest, token: str) -> HttpResponse:
    """Lead to a new account with the address filled in. Whose the address is, a code that is mailed there shows."""
    here = reverse("invitation", args=[token])
    found = landing(request.actor, token, request.at)
    if found.standing is not Standing.OPEN or found.invitation is None or request.actor.person_id is not None:
        return HttpResponseRedirect(here)
    email = found.invitation.email
    target = {"next": here}
    if email in people_by_email([email]):
        messages.info(request, _("There is an account with this e-mail address already. Sign in to it."))
        return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode(target)}")
    request.session[INVITED_ADDRESS] = email
    return HttpResponseRedirect(f"{reverse('account_signup')}?{urlencode(target)}")
