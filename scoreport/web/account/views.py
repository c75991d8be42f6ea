"""One's own account: name and sessions, and the code that shows an address to be one's own."""

from allauth.account.views import email_verification_sent, login
from allauth.core.ratelimit import consume_or_429
from allauth.mfa.base.views import index as allauth_index
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from scoreport.accounts import actions, queries
from scoreport.accounts.queries import UnknownSession
from scoreport.web import page
from scoreport.web import sessions as own
from scoreport.web.account.forms import AccountForm
from scoreport.web.middleware import BACK_KEY
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

_METHODS = ["GET", "HEAD", "POST"]


@rule.signed_in
@require_http_methods(_METHODS)
def account(request: ScoreportRequest) -> HttpResponse:
    """Show whose account it is, and change the name."""
    person = queries.person_by_id(queries.owner_id(request.actor))
    form = AccountForm(request.POST or None, initial={"name": person.name})
    if request.method == "POST" and form.is_valid():
        actions.rename(request.actor, name=form.cleaned_data["name"], at=request.at)
        messages.success(request, _("Your name is saved."))
        return redirect("account")
    return page.render(request, "account/account.html", {"form": form, "person": person})


@rule.signed_in
@require_safe
def address(_request: ScoreportRequest) -> HttpResponseRedirect:
    """Lead to the account, which shows its address; an address is not changed by oneself."""
    return redirect("account")


@rule.public
def verify(request: ScoreportRequest) -> HttpResponseBase:
    """Take the code that was mailed to somebody who makes an account."""
    if request.user.is_authenticated:
        return redirect("dashboard")
    answer: HttpResponseBase = email_verification_sent(request)
    return answer


@rule.public
def sign_in(request: ScoreportRequest) -> HttpResponseBase:
    """Sign in. Tries are limited by address; a browser in which the person has signed in before has its own limit."""
    device = own.known_device(request, request.POST.get("login", "")) if request.method == "POST" else None
    action = "sign_in" if device is None else "sign_in_known_device"
    refusal: HttpResponseBase | None = consume_or_429(request, action=action, key=str(device))
    answer: HttpResponseBase = refusal or login(request)
    return answer


@rule.signed_in
def second_factor(request: ScoreportRequest) -> HttpResponseBase:
    """Show how one proves who one is; ``next`` is the page of ours that wants more proof and is led back to."""
    target = request.GET.get("next", "")
    if target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        request.session[BACK_KEY] = target
    answer: HttpResponseBase = allauth_index(request)
    return answer


@rule.signed_in
@require_safe
def sessions(request: ScoreportRequest) -> HttpResponse:
    """List where the person is signed in."""
    rows = queries.sessions_of(request.actor, current=own.current_id(request), at=request.at)
    has_others = any(not row.is_current for row in rows)
    return page.render(request, "account/sessions.html", {"rows": rows, "has_others": has_others})


@rule.signed_in
@require_http_methods(_METHODS)
def end(request: ScoreportRequest, session_id: int) -> HttpResponse:
    """End one of the sessions."""
    info = queries.session_of(request.actor, session_id, current=own.current_id(request))
    if request.method == "POST":
        try:
            actions.end_session(request.actor, session_id=info.id, at=request.at)
        except UnknownSession:
            messages.info(request, _("This session had ended already."))
        else:
            messages.success(request, _("The session is ended. Whoever used it has to sign in again."))
        return redirect("account_sessions")
    title = _("End the session of %(device)s?") % {"device": info.device.as_text}
    told = [
        _("It opens nothing from the next click on; whoever uses it has to sign in again."),
        _("If you do not know this device, change your password as well."),
    ]
    return _confirm(request, title, _("End the session"), told)


@rule.signed_in
@require_http_methods(_METHODS)
def end_others(request: ScoreportRequest) -> HttpResponse:
    """End every session but this one."""
    if request.method == "POST":
        key = request.session.session_key or ""
        count = actions.end_other_sessions(request.actor, key=key, at=request.at)
        own.keep_this(request)
        told = ngettext("%(count)s other session is ended.", "%(count)s other sessions are ended.", count)
        messages.success(request, told % {"count": count})
        return redirect("account_sessions")
    effects = [_("They open nothing from the next click on. You stay signed in here.")]
    return _confirm(request, _("End all other sessions?"), _("End all others"), effects)


def _confirm(request: ScoreportRequest, title: str, label: str, effects: list[str]) -> HttpResponse:
    context = {"title": title, "label": label, "effects": effects}
    return page.render(request, "account/end_session.html", context)
