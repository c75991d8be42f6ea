"""Sending one mail: rendered at the last moment, tried again for days, never lost, never for what was rolled back."""

import datetime as dt
import smtplib
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from scoreport.lib import mail as post
from scoreport.lib.smtp import AnswerLost
from scoreport.outbox.contents import unsealed
from scoreport.outbox.models import Mail
from scoreport.outbox.rules import MailState, pause_after

# What a mail server says for good; everything from 400 to 499 may be otherwise in a minute (RFC 5321, 4.2.1).
_FOR_GOOD: Final = range(500, 600)
# All copies carry the same Message-ID, which most mail programs show once.
_MOST_COPIES: Final = 2


def deliver(mail_id: int, *, at: dt.datetime) -> dt.datetime | None:
    """Send a waiting mail; return when to try again, or None when there is nothing more to do.

    Whoever ends right after sending leaves the mail waiting; it is then sent again with the same Message-ID.
    """
    mail = Mail.objects.filter(pk=mail_id, state=MailState.WAITING).first()
    if mail is None:
        return None
    try:
        state, reason = _attempt(mail)
    except AnswerLost as error:
        state, reason = _unanswered(mail, str(error))
    if state is MailState.WAITING:
        return _later(mail, reason, at)
    _end(mail, state, sent_at=at if state is MailState.SENT else None, reason=reason)
    return None


def _attempt(mail: Mail) -> tuple[MailState, str]:
    """Try to send; tell what became of the mail (waiting: try again), and what the mail server said.

    Raises :class:`AnswerLost`.
    """
    try:
        subject, text = post.render(f"mail/{mail.kind}.txt", unsealed(mail.sealed), language=mail.language)
        post.send(to=mail.to, subject=subject, text=text, message_id=mail.message_id)
    except smtplib.SMTPRecipientsRefused as refusal:
        code, words = next(iter(refusal.recipients.values()))
        return MailState.BOUNCED if code in _FOR_GOOD else MailState.WAITING, _words(words)
    except smtplib.SMTPDataError as refusal:
        return MailState.BOUNCED if refusal.smtp_code in _FOR_GOOD else MailState.WAITING, _words(refusal.smtp_error)
    except AnswerLost:
        raise
    except OSError as error:  # What smtplib raises descends from it.
        return MailState.WAITING, str(error)
    return MailState.SENT, ""


def _unanswered(mail: Mail, reason: str) -> tuple[MailState, str]:
    """Try again once when a server got a mail and did not answer; the reader may then have it twice, never more."""
    lost = mail.answers_lost + 1
    Mail.objects.filter(pk=mail.pk).update(answers_lost=lost)
    if lost < _MOST_COPIES:
        return MailState.WAITING, reason
    return MailState.GIVEN_UP, _("The mail server got this email twice and didn’t say whether it will deliver it.")


def _words(said: bytes | str) -> str:
    return said if isinstance(said, str) else said.decode(errors="replace")


def _end(mail: Mail, state: MailState, *, sent_at: dt.datetime | None = None, reason: str = "") -> None:
    Mail.objects.filter(pk=mail.pk, state=MailState.WAITING).update(
        state=state, sealed="", sent_at=sent_at, reason=reason, tries=mail.tries + 1
    )


def _later(mail: Mail, reason: str, at: dt.datetime) -> dt.datetime | None:
    pause = pause_after(mail.tries + 1)
    if pause is None:
        _end(mail, MailState.GIVEN_UP, reason=reason)
        return None
    Mail.objects.filter(pk=mail.pk, state=MailState.WAITING).update(
        tries=mail.tries + 1, next_try_at=at + pause, reason=reason
    )
    return at + pause


def new_message_id(token: str) -> str:
    """Return the Message-ID of a mail, at the host of this installation."""
    host = settings.SITE_URL.partition("://")[2].partition("/")[0].partition(":")[0]
    return f"<{token}@{host or 'localhost'}>"


def overdue(at: dt.datetime) -> list[int]:
    """Return the mails that should have been tried by now and were not: their task was lost."""
    late = Mail.objects.filter(state=MailState.WAITING, next_try_at__lt=at - dt.timedelta(minutes=10))
    return list(late.order_by("id").values_list("pk", flat=True))
