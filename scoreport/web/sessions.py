"""The list of a person's sessions, kept beside the sessions themselves, and the cookie by which a browser is known."""

import datetime as dt
from dataclasses import replace
from typing import Final

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse

from scoreport.access import Actor
from scoreport.accounts import actions, queries
from scoreport.lib.secrets import generate_token
from scoreport.web.request import ScoreportRequest

ROW_KEY: Final = "scoreport_session"
DEVICE_COOKIE: Final = "device"
_SALT: Final = "scoreport.device"
# Browsers keep no cookie for longer.
_DEVICE_DAYS: Final = 400


def current_id(request: ScoreportRequest) -> int | None:
    """Return the number of this session in the list, or None while it has none."""
    row = request.session.get(ROW_KEY)
    return row["id"] if isinstance(row, dict) else None


def in_session(request: ScoreportRequest, actor: Actor) -> Actor:
    """Return the actor with the number of this session, which the events of the actor carry."""
    return replace(actor, session_id=current_id(request))


def begin(request: ScoreportRequest, actor: Actor) -> Actor:
    """List the session of someone who is signing in, and return the actor in it."""
    if not request.session.session_key:
        request.session.create()
    key = request.session.session_key or ""
    number = actions.begin_session(actor, key=key, user_agent=user_agent_of(request), at=request.at)
    request.session[ROW_KEY] = {"id": number, "key": key}
    return in_session(request, actor)


def note(request: ScoreportRequest, *, is_due: bool) -> bool:
    """Keep the list of sessions true; False when this session was ended from elsewhere.

    An ended session is deleted, so most often nobody gets here with one. A request that ran meanwhile may have
    given it another key and so saved it; it ends here.
    """
    if request.actor.person_id is None:
        return True  # Suspended in this very moment: there is nobody whose session it could be.
    key, row = request.session.session_key or "", request.session.get(ROW_KEY)
    if not isinstance(row, dict):
        number = actions.begin_session(request.actor, key=key, user_agent=user_agent_of(request), at=request.at)
        request.session[ROW_KEY] = {"id": number, "key": key}
        return True
    if row["key"] == key and not is_due:
        return True
    if not actions.keep_session(request.actor, session_id=row["id"], key=key, at=request.at):
        return False
    if row["key"] != key:
        request.session[ROW_KEY] = {"id": row["id"], "key": key}
    return True


def user_agent_of(request: ScoreportRequest) -> str:
    """Return what the browser calls itself."""
    return str(request.headers.get("User-Agent", ""))


def known_device(request: ScoreportRequest, email: str) -> int | None:
    """Return the number of the device if the person with this address has signed in with this browser before."""
    token = request.get_signed_cookie(DEVICE_COOKIE, default="", salt=_SALT)
    return queries.known_device(email, token) if token and email else None


def keep_this(request: ScoreportRequest) -> None:
    """Let this session go on while all others of its person ended."""
    if request.user.is_authenticated:
        request.user.refresh_from_db(fields=["session_epoch"])
        update_session_auth_hash(request, request.user)


def remember_device(request: ScoreportRequest, response: HttpResponse, actor: Actor) -> None:
    """Note in which browser somebody signed in, and let the browser keep what it will be known by."""
    token = request.get_signed_cookie(DEVICE_COOKIE, default="", salt=_SALT) or generate_token()
    actions.device_seen(actor, token=token, user_agent=user_agent_of(request), at=request.at)
    response.set_signed_cookie(
        DEVICE_COOKIE,
        token,
        salt=_SALT,
        max_age=dt.timedelta(days=_DEVICE_DAYS),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
