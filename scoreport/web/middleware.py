"""What happens around every page: who asks, when, whether they are still there, and what is refused."""

import datetime as dt
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.conf import settings
from django.contrib import auth, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from scoreport.access import ANONYMOUS, Actor, NotAllowed, NotFound, Refused
from scoreport.accounts import actions as accounts
from scoreport.accounts.hashing import TooManySignIns
from scoreport.accounts.limits import LimitsUnavailable
from scoreport.accounts.queries import gave_second_factor
from scoreport.lib import clock
from scoreport.organizations.queries import actor_of
from scoreport.web import errors, sessions
from scoreport.web.request import ScoreportRequest
from scoreport.web.signed_in import person_of

GetResponse = Callable[[HttpRequest], HttpResponseBase]

STARTED_KEY: Final = "scoreport_started_at"
SEEN_KEY: Final = "scoreport_seen_at"
# The page that asked for a second factor; the pages that set one up lead back to it.
BACK_KEY: Final = "scoreport_back"
# The page that a file was asked from with a sign-in that was too old, the file, and when that was.
DOWNLOAD_KEY: Final = "scoreport_download"
DEMO_SECOND_FACTOR_KEY: Final = "demo_second_factor"

# Tests say here what time it is. No client can: headers of a request arrive as HTTP_….
AT_KEY: Final = "scoreport.at"

# Writing the time of every click into the session would make every page a write.
_SEEN_EVERY_SECONDS: Final = 60


class ActorMiddleware:
    """Gives every request its instant and its actor, and ends sessions that are old or were left alone.

    The actor is asked for again with each request, so whatever was revoked, ended or suspended
    since opens nothing any more.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: ScoreportRequest) -> HttpResponseBase:
        at = request.META.get(AT_KEY)
        request.at = at if isinstance(at, dt.datetime) else clock.now()
        request.actor = ANONYMOUS
        if request.user.is_authenticated:
            request.actor = sessions.in_session(request, _actor(request, request.user.id))
            if reason := _session_over(request):
                return _end_session(request, reason)
            request.actor = sessions.in_session(request, request.actor)
            if request.user.language:
                translation.activate(request.user.language)
                request.LANGUAGE_CODE = request.user.language
        zone = request.actor.time_zone
        # What a page writes of times of day: a page about an organization has the organization's own zone.
        with timezone.override(clock.zone(zone) if zone else None):
            response = self.get_response(request)
        _begin_download(request, response)
        return response


def address_of(request: HttpRequest) -> str:
    """Return the client's address for the audit, as allauth trusts it; nothing where there is none."""
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:
        return ""


def nobody_at(request: HttpRequest) -> Actor:
    """Return nobody, at the address that they come from: someone who is signing in."""
    return Actor(kind=ANONYMOUS.kind, name=ANONYMOUS.name, address=address_of(request))


def _actor(request: ScoreportRequest, user_id: int) -> Actor:
    records = get_authentication_records(request, request.user)
    used = [number for record in records if record["method"] == "mfa" and isinstance(number := record.get("id"), int)]
    person = person_of(request)
    if person is not None and person.user.pk == user_id:
        given = not person.authenticators.isdisjoint(used)
    else:
        given = gave_second_factor(user_id, used)
    demo = settings.DEMO and request.session.get(DEMO_SECOND_FACTOR_KEY) is True
    return actor_of(
        user_id,
        second_factor=given or demo,
        signed_in_at=_signed_in_at(request, records, is_demo=demo),
        address=address_of(request),
        at=request.at,
        person=person,
    )


def _signed_in_at(request: ScoreportRequest, records: list[dict[str, Any]], *, is_demo: bool) -> dt.datetime | None:
    """Return when this session last proved who the person is; a demo's click on the sign-in page counts."""
    proofs = [float(record["at"]) for record in records]
    if is_demo and STARTED_KEY in request.session:
        proofs.append(float(request.session[STARTED_KEY]))
    return dt.datetime.fromtimestamp(max(proofs), tz=dt.UTC) if proofs else None


def _session_over(request: ScoreportRequest) -> str:
    """Return why the session ends now, or nothing; note that somebody is there.

    Trust decision 3: twelve hours overall and thirty minutes without a click (both are settings).
    """
    now = int(request.at.timestamp())
    started = request.session.setdefault(STARTED_KEY, now)
    seen = request.session.setdefault(SEEN_KEY, now)
    if now - started >= settings.SESSION_COOKIE_AGE:
        return "age"
    if now - seen >= settings.SESSION_IDLE_MINUTES * 60:
        return "idle"
    is_due = now - seen >= _SEEN_EVERY_SECONDS
    if not sessions.note(request, is_due=is_due):
        return "ended"
    if is_due:
        request.session[SEEN_KEY] = now
    if request.actor.second_factor and request.session.get(BACK_KEY) == request.get_full_path():
        del request.session[BACK_KEY]
    return ""


def _end_session(request: ScoreportRequest, reason: str) -> HttpResponseBase:
    accounts.signed_out(request.actor, at=request.at, reason=reason, session_id=sessions.current_id(request))
    auth.logout(request)
    told = {
        "ended": _("This session was ended from another one. Sign in again to go on."),
        "age": _("You were signed out because your session was old. Sign in again to go on."),
        "idle": _("You were signed out because nobody used this page for a while. Sign in again to go on."),
    }
    messages.info(request, told[reason])
    # Only a page can be come back to; what was sent with a form is not sent again.
    target = {"next": request.get_full_path()} if request.method == "GET" else {}
    return redirect(request, f"{resolve_url(settings.LOGIN_URL)}?{urlencode(target)}".rstrip("?"))


class RefusalMiddleware:
    """Turns the refusals of the domain into answers, in this one place."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: ScoreportRequest, exception: Exception) -> HttpResponseBase | None:
        """Answer a refusal; what is none is an error of ours and stays one."""
        return answer_to(request, exception) if isinstance(exception, Refused) else None


def answer_to(request: ScoreportRequest, refusal: Refused) -> HttpResponseBase:
    """Return the page for a refusal: 404, 403, 503 or 409."""
    match refusal:
        case NotFound():
            # The same page as for an address that does not exist, so that nothing can be learned from it.
            return errors.not_found(request, Http404())
        case NotAllowed():
            return _not_allowed(request, refusal)
        case TooManySignIns() | LimitsUnavailable():
            return errors.refused(request, str(refusal), status=503)
        case _:
            return errors.refused(request, str(refusal), status=409)


def _not_allowed(request: ScoreportRequest, refusal: NotAllowed) -> HttpResponseBase:
    """Lead to what is missing where the person can supply it; refuse everything else."""
    if refusal.needs_second_factor:
        messages.info(request, str(refusal))
        if request.method == "GET":
            request.session[BACK_KEY] = request.get_full_path()
        return redirect(request, resolve_url("mfa_index"))
    if refusal.needs_fresh_sign_in:
        return _confirm_sign_in(request, str(refusal))
    return errors.refused(request, str(refusal), status=403)


def _confirm_sign_in(request: ScoreportRequest, sentence: str) -> HttpResponseBase:
    """Ask the person to confirm who they are, then lead back to the page that they came from.

    That page then fetches the file that a link was for; a form is sent again by the person. A person with neither a
    password nor a second factor here confirms by signing in again at their sign-in service.
    """
    back = _came_from(request)
    needs_sign_in = not get_reauthentication_flows(request.user)
    if needs_sign_in:
        auth.logout(request)
    if request.method == "GET":
        request.session[DOWNLOAD_KEY] = [back, request.get_full_path(), request.at.timestamp()]
    messages.info(request, sentence)
    page = settings.LOGIN_URL if needs_sign_in else "account_reauthenticate"
    return redirect(request, f"{resolve_url(page)}?{urlencode({'next': back})}")


def _begin_download(request: ScoreportRequest, response: HttpResponseBase) -> None:
    """Let a page fetch the file that was asked from it, once, as soon as the person has confirmed who they are."""
    if (
        not request.user.is_authenticated
        or DOWNLOAD_KEY not in request.session
        or response.status_code != HTTPStatus.OK
    ):
        return
    page, file, asked_at = request.session[DOWNLOAD_KEY]
    proved_at = request.actor.signed_in_at
    if request.get_full_path() != page or proved_at is None or proved_at.timestamp() < asked_at:
        return
    del request.session[DOWNLOAD_KEY]
    if request.at.timestamp() - asked_at < settings.FRESH_SIGN_IN_MINUTES * 60:
        response.headers["Refresh"] = f"1; url={file}"


def _came_from(request: HttpRequest) -> str:
    """Return the page of ours that a form or a link was on, or the dashboard."""
    parts = urlsplit(request.headers.get("Referer", ""))
    is_ours = parts.netloc == request.get_host()
    return urlunsplit(("", "", parts.path, parts.query, "")) if is_ours else resolve_url(settings.LOGIN_REDIRECT_URL)


def redirect(request: HttpRequest, url: str) -> HttpResponseBase:
    """Send the whole page elsewhere; htmx by itself would put the other page into the middle of this one."""
    by_htmx = bool(getattr(request, "htmx", False))
    return HttpResponseClientRedirect(url) if by_htmx else HttpResponseRedirect(url)


class PrivateResponseMiddleware:
    """Says on every page that it is nobody else's: no cache keeps it, no sensor is asked for, no robot lists it.

    Files of the program itself (style sheets, fonts) are answered before it and may be kept.
    """

    HEADERS: Final = {
        "Cache-Control": "no-store, private",
        "Permissions-Policy": (
            "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), encrypted-media=(),"
            " fullscreen=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(),"
            " picture-in-picture=(), publickey-credentials-get=(self), publickey-credentials-create=(self),"
            " screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()"
        ),
        "X-Robots-Tag": "noindex, nofollow, noarchive",
    }

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in self.HEADERS.items():
            response.headers[name] = value
        return response
