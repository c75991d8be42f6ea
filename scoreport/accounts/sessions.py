"""Ends stored sessions: what the browser still carries opens nothing from its next request on."""

import datetime as dt
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import translation

from scoreport.access import Actor
from scoreport.accounts.models import BrowserSession, User
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb


def forget(key: str) -> None:
    """Delete one stored session, in the caller's transaction."""
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore
    store().delete(key)


def forget_all(user_id: int, *, but: str = "") -> list[BrowserSession]:
    """End every session of a person, in the caller's transaction, which records why; return those that were listed.

    ``but`` is the key of a session that goes on; its delivery gives it the new epoch (``update_session_auth_hash``).
    Sessions that are on no list end as well, because their epoch is over: one whose browser signed in and has asked
    for no page yet, or one that begins at this moment.
    """
    User.objects.filter(pk=user_id).update(session_epoch=F("session_epoch") + 1)
    rows = [row for row in BrowserSession.objects.filter(user_id=user_id) if row.key != but]
    for row in rows:
        forget(row.key)
    BrowserSession.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return rows


def record_end(actor: Actor, rows: list[BrowserSession], at: dt.datetime) -> None:
    """Record that a person's sessions were ended from elsewhere, if there were any."""
    if not rows:
        return
    with translation.override("en"):
        devices = [f"{row.device.as_text}, {row.address}" for row in rows]
    record(
        actor, verb=Verb.SESSION_ENDED, at=at, subject_kind="person", subject=actor.name,
        subject_id=actor.person_id or "", sessions=tuple(devices),
    )  # fmt: skip
