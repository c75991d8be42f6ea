"""Ends stored sessions: what the browser still carries opens nothing from its next request on."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.db.models import F

from scoreport.accounts.models import BrowserSession, User


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
