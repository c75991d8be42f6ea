"""Reads of people who sign in. They carry no student data; who may do what is asked elsewhere."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from scoreport.access import Actor, NotAllowed, NotFound
from scoreport.accounts.models import BrowserSession, KnownDevice, User
from scoreport.accounts.rules import PersonInfo, SessionInfo, normalized_email
from scoreport.lib.secrets import digests

DEVICE_PURPOSE: Final = "device"
_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class UnknownPerson(NotFound):
    """Nobody with this address has an account."""


class UnknownSession(NotFound):
    """The acting person has no such session."""


def person(email: str) -> PersonInfo:
    """Return the person with an e-mail address in any spelling; raises :class:`UnknownPerson`."""
    user = User.objects.filter(email=normalized_email(email)).first()
    if user is None:
        raise UnknownPerson(_("Nobody with the e-mail address %(email)s has an account.") % {"email": email})
    return user.info


def known_person(email: str) -> PersonInfo | None:
    """Return the person with an email address in any spelling, or None."""
    user = User.objects.filter(email=normalized_email(email)).first()
    return user.info if user else None


def person_by_id(user_id: int) -> PersonInfo:
    """Return the person with an id; raises :class:`UnknownPerson`."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise UnknownPerson(_("There is no such person."))
    return user.info


def last_sign_ins(actor: Actor, people: Iterable[int]) -> dict[int, dt.datetime | None]:
    """Return when each of these people signed in last, for whatever purpose; for the operator's commands only.

    Raises :class:`scoreport.access.NotAllowed`.
    """
    if not actor.is_trusted:
        raise NotAllowed(_("Only the operator can see when people signed in."))
    return dict(User.objects.filter(pk__in=set(people)).values_list("pk", "last_login"))


def addresses() -> frozenset[str]:
    """Return the e-mail addresses of everybody who has an account."""
    return frozenset(User.objects.values_list("email", flat=True))


def anybody() -> bool:
    """Tell whether anybody has an account."""
    return User.objects.exists()


def people_by_email(emails: Iterable[str]) -> dict[str, PersonInfo]:
    """Return who has an account, by address in its stored spelling."""
    return {user.email: user.info for user in User.objects.filter(email__in=set(emails))}


def verified_addresses(user_id: int) -> frozenset[str]:
    """Return the addresses that a person has shown to be theirs, in the spelling that is stored."""
    found = EmailAddress.objects.filter(user_id=user_id, user__is_active=True, verified=True)
    return frozenset(normalized_email(email) for email in found.values_list("email", flat=True))


def has_password(user_id: int) -> bool:
    """Tell whether a person has set a password."""
    user = User.objects.filter(pk=user_id).first()
    return user is not None and user.has_usable_password()


def has_verified_email(user_id: int) -> bool:
    """Tell whether a person has shown that the address they sign in with is theirs."""
    found: bool = EmailAddress.objects.filter(user_id=user_id, primary=True, verified=True).exists()
    return found


def has_second_factor(user_id: int) -> bool:
    """Tell whether a person has set up an authenticator app or a passkey."""
    found: bool = Authenticator.objects.filter(user_id=user_id, type__in=_FACTORS).exists()
    return found


def has_authenticator_app(user_id: int) -> bool:
    """Tell whether a person has set up an authenticator app."""
    found: bool = Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.TOTP).exists()
    return found


def gave_second_factor(user_id: int, authenticator_ids: Sequence[int]) -> bool:
    """Tell whether one of the authenticators that a session remembers still belongs to the person.

    One that was removed since, because it was lost or stolen, opens nothing any more.
    """
    if not authenticator_ids:
        return False
    kept: bool = Authenticator.objects.filter(user_id=user_id, pk__in=authenticator_ids).exists()
    return kept


def known_device(email: str, token: str) -> int | None:
    """Return the number of the device in which the person with this address has signed in before; None for others.

    ``token`` is what the browser's own cookie carries.
    """
    rows = KnownDevice.objects.filter(user__email=normalized_email(email), digest__in=digests(token, DEVICE_PURPOSE))
    return rows.values_list("pk", flat=True).first()


def owner_id(actor: Actor) -> int:
    """Return the number of the acting person; raises NotAllowed when nobody has signed in."""
    if actor.person_id is None:
        raise NotAllowed(_("Sign in to see your own account."))
    return actor.person_id


def own_sessions(actor: Actor) -> QuerySet[BrowserSession]:
    """Return the rows of the acting person's sessions, over or not; for this package."""
    return BrowserSession.objects.filter(user_id=owner_id(actor))


def sessions_of(actor: Actor, *, current: int | None, at: dt.datetime) -> tuple[SessionInfo, ...]:
    """Return where the acting person is signed in at ``at``: this session first, then the latest used.

    A session that was left alone for too long, or is too old, has ended, whether or not anybody has noticed.
    """
    rows = own_sessions(actor).filter(
        seen_at__gt=at - dt.timedelta(minutes=settings.SESSION_IDLE_MINUTES),
        started_at__gt=at - dt.timedelta(seconds=settings.SESSION_COOKIE_AGE),
    )
    found = [_session(row, current) for row in rows.order_by("-seen_at", "-id")]
    return tuple(sorted(found, key=lambda one: not one.is_current))


def session_of(actor: Actor, session_id: int, *, current: int | None) -> SessionInfo:
    """Return one session of the acting person; raises :class:`UnknownSession`."""
    row = own_sessions(actor).filter(pk=session_id).first()
    if row is None:
        raise UnknownSession(_("There is no such session, or it has ended already."))
    return _session(row, current)


def _session(row: BrowserSession, current: int | None) -> SessionInfo:
    return SessionInfo(
        id=row.pk,
        device=row.device,
        address=row.address,
        started_at=row.started_at,
        seen_at=row.seen_at,
        is_current=row.pk == current,
    )
