"""Ends stored sessions: what the browser still carries opens nothing from its next request on."""

from importlib import import_module
from typing import Any

from django.conf import settings

from scoreport.accounts.models import BrowserSession


def forget(key: str) -> None:
    """Delete one stored session, in the caller's transaction."""
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore
    store().delete(key)


def forget_all(user_id: int) -> None:
    """Delete every session of a person, in the caller's transaction, which records why."""
    rows = BrowserSession.objects.filter(user_id=user_id)
    for key in rows.values_list("key", flat=True):
        forget(key)
    rows.delete()
