"""Second factors: what follows when one is added, removed or used, and the operator's way out when all are lost."""

import datetime as dt

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.accounts.actions.own import record_own
from scoreport.accounts.models import User
from scoreport.accounts.queries import owner_id, person
from scoreport.accounts.rules import PersonInfo
from scoreport.accounts.sessions import forget_all, record_end
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.lib.mail import render
from scoreport.outbox.actions import post
from scoreport.outbox.rules import MailKind


class NoSecondFactor(access.Refused):
    """The person has no second factor that could be reset."""


def second_factor_added(actor: Actor, *, kind: str, key: str, at: dt.datetime) -> None:
    """Record that a person set up an authenticator app or a passkey, and end their other sessions.

    A session from before knew only the password. ``key`` is that of the session in which it was set up.
    """
    _changed(actor, Verb.SECOND_FACTOR_ADDED, kind=kind, key=key, at=at)


def second_factor_removed(actor: Actor, *, kind: str, key: str, at: dt.datetime) -> None:
    """Record that a person gave one up, and end their other sessions, which may have been opened with it."""
    _changed(actor, Verb.SECOND_FACTOR_REMOVED, kind=kind, key=key, at=at)


def _changed(actor: Actor, verb: Verb, *, kind: str, key: str, at: dt.datetime) -> None:
    with transaction.atomic():
        ended = forget_all(owner_id(actor), but=key)
        record_own(actor, verb=verb, at=at, kind=kind)
        record_end(actor, ended, at)


def recovery_codes_made(actor: Actor, *, at: dt.datetime) -> None:
    """Record that a person made new recovery codes; the old ones no longer work."""
    with transaction.atomic():
        record_own(actor, verb=Verb.RECOVERY_CODES_MADE, at=at)


def recovery_code_used(actor: Actor, *, user_id: int, left: int, at: dt.datetime) -> None:
    """Record that one of a person's recovery codes stood in for their second factor, and email them about it.

    ``left`` is how many they still have. Nobody has signed in yet when the code is part of signing in, so the
    person is named beside the actor.
    """
    with transaction.atomic():
        user = User.objects.get(pk=user_id)
        with translation.override(user.language or settings.LANGUAGE_CODE):
            place = actor.address or _("unknown")
        record(
            actor, verb=Verb.RECOVERY_CODE_USED, at=at, subject_kind="person", subject=user.info.as_text,
            subject_id=user.pk, left=left,
        )  # fmt: skip
        _post(actor, user.info, "recovery-code-used", at=at, left=left, place=place)


def reset_second_factor(actor: Actor, *, email: str, at: dt.datetime) -> PersonInfo:
    """Remove every second factor and recovery code of a person who lost them all; return the person.

    Every session of theirs ends, the password stays, and they are emailed. Only the operator may, who has made sure
    who is asking. Raises :class:`scoreport.accounts.queries.UnknownPerson`, :class:`NoSecondFactor`.
    """
    access.require(actor, Permission.SECOND_FACTOR_RESET)
    info = person(email)
    with transaction.atomic():
        removed = Authenticator.objects.filter(user_id=info.id)
        kinds = sorted(removed.values_list("type", flat=True))
        if not kinds:
            raise NoSecondFactor(_("%(person)s has no two-step sign-in to reset.") % {"person": info.as_text})
        removed.delete()
        ended = forget_all(info.id)
        record(
            actor,
            verb=Verb.SECOND_FACTOR_RESET,
            at=at,
            subject_kind="person",
            subject=info.as_text,
            subject_id=info.id,
            kinds=tuple(kinds),
            sessions=len(ended),
        )
        _post(actor, info, "second-factor-reset", at=at)
    return info


def _post(actor: Actor, to: PersonInfo, template: str, *, at: dt.datetime, **values: str | int) -> None:
    """Write an email about a person's sign-in, in the caller's transaction and the person's language."""
    language = to.language or settings.LANGUAGE_CODE
    subject, text = render(f"account/notices/{template}.txt", {"seen": actor.local(at), **values}, language=language)
    post(actor, kind=MailKind.ACCOUNT_NOTICE, to=to.email, at=at, language=language, subject=subject, text=text)
