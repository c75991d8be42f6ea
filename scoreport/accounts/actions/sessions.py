"""Sessions and devices: where a person is signed in, how that ends, and that a new device is told of."""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from scoreport.access import Actor
from scoreport.accounts.actions.own import record_own
from scoreport.accounts.models import BrowserSession, KnownDevice, User
from scoreport.accounts.queries import DEVICE_PURPOSE, UnknownSession, own_sessions, owner_id
from scoreport.accounts.rules import device_of
from scoreport.accounts.sessions import forget, forget_all, record_end
from scoreport.audit.rules import Verb
from scoreport.lib.secrets import digest, digests
from scoreport.outbox.actions import post
from scoreport.outbox.rules import MailKind


def signed_in(actor: Actor, *, at: dt.datetime) -> None:
    """Record that a person signed in."""
    with transaction.atomic():
        record_own(actor, verb=Verb.SIGNED_IN, at=at)


def signed_out(actor: Actor, *, at: dt.datetime, reason: str, session_id: int | None = None) -> None:
    """Record that a session ended, and why: by its person, after idling, by its age."""
    with transaction.atomic():
        if session_id is not None:
            own_sessions(actor).filter(pk=session_id).delete()
        record_own(actor, verb=Verb.SIGNED_OUT, at=at, reason=reason)


def device_seen(actor: Actor, *, token: str, user_agent: str, at: dt.datetime) -> None:
    """Note in which browser the acting person signed in, and tell them by mail when it is a new one.

    ``token`` is what the browser's own cookie carries. The first browser of all is not told of: it is the one
    in which the account began.
    """
    device = device_of(user_agent)
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=owner_id(actor))
        known = KnownDevice.objects.filter(user=user)
        if known.filter(digest__in=digests(token, DEVICE_PURPOSE)).update(last_seen_at=at):
            return
        is_first = not known.exists()
        row = KnownDevice.objects.create(
            user=user,
            digest=digest(token, DEVICE_PURPOSE),
            browser=device.browser,
            system=device.system,
            first_seen_at=at,
            last_seen_at=at,
        )
        if not is_first:
            language = user.language or settings.LANGUAGE_CODE
            with translation.override(language):
                words, place = device.as_text, actor.address or _("unknown")
            post(
                actor,
                kind=MailKind.NEW_DEVICE,
                to=user.email,
                at=at,
                language=language,
                about=f"device:{row.pk}",
                device=words,
                place=place,
                seen=actor.local(at),
            )
        with translation.override("en"):
            words = device.as_text
        record_own(actor, verb=Verb.DEVICE_SEEN, at=at, device=words)


def begin_session(actor: Actor, *, key: str, user_agent: str, at: dt.datetime) -> int:
    """List a session among those of the acting person; return its number. Rows of sessions long over are let go."""
    device = device_of(user_agent)
    with transaction.atomic():
        own_sessions(actor).filter(started_at__lte=at - dt.timedelta(seconds=settings.SESSION_COOKIE_AGE)).delete()
        row, _made = BrowserSession.objects.get_or_create(
            key=key,
            defaults={
                "user_id": owner_id(actor),
                "browser": device.browser,
                "system": device.system,
                "address": actor.address,
                "started_at": at,
                "seen_at": at,
            },
        )
    return row.pk


def keep_session(actor: Actor, *, session_id: int, key: str, at: dt.datetime) -> bool:
    """Note that a session is in use, under its present key; False when it was ended from elsewhere."""
    rows = own_sessions(actor).filter(pk=session_id)
    return bool(rows.update(key=key, seen_at=at, address=actor.address))


def end_session(actor: Actor, *, session_id: int, at: dt.datetime) -> None:
    """End one session of the acting person; it opens nothing from its next request on.

    Raises :class:`scoreport.accounts.queries.UnknownSession`.
    """
    with transaction.atomic():
        row = own_sessions(actor).filter(pk=session_id).first()
        # Of two that end it at once, one is told that it has ended already.
        if row is None or not BrowserSession.objects.filter(pk=row.pk).delete()[0]:
            raise UnknownSession(_("There is no such session, or it has ended already."))
        forget(row.key)
        record_end(actor, [row], at)


def end_other_sessions(actor: Actor, *, key: str, at: dt.datetime) -> int:
    """End every session of the acting person but the one stored under ``key``; return how many were listed."""
    with transaction.atomic():
        rows = forget_all(owner_id(actor), but=key)
        record_end(actor, rows, at)
    return len(rows)
