"""The one way to write a mail, and what is known later about those that came back."""

import datetime as dt

from django.conf import settings
from django.db import connection
from django.db.transaction import TransactionManagementError
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.lib.secrets import generate_token
from scoreport.outbox import delivery, tasks
from scoreport.outbox.contents import sealed
from scoreport.outbox.models import Mail
from scoreport.outbox.rules import MailKind, MailState, Value, is_complete


def post(
    actor: Actor, *, kind: MailKind, to: str, at: dt.datetime, language: str = "", about: str = "", **values: Value
) -> int:
    """Write a mail in the caller's transaction: it is sent after the commit, or never was; return its number.

    ``values`` are exactly those of :data:`scoreport.outbox.rules.NEEDS`, or TypeError is raised. ``language``
    is that of the reader ("": the installation's). ``about`` is what the mail belongs to, such as
    ``invitation:12``. Raises TransactionManagementError outside a transaction.
    """
    if not connection.in_atomic_block:
        message = "A mail is written in the transaction of what it tells of."
        raise TransactionManagementError(message)
    if not is_complete(kind, frozenset(values)):
        message = f"The mail {kind.value} was given {sorted(values)}; see scoreport.outbox.rules.NEEDS."
        raise TypeError(message)
    mail = Mail.objects.create(
        kind=kind.value,
        to=to,
        language=language or settings.LANGUAGE_CODE,
        about=about,
        caused_by=actor.name,
        sealed=sealed(values),
        message_id=delivery.new_message_id(generate_token()),
        created_at=at,
        next_try_at=at,
    )
    tasks.deliver_mail.enqueue(mail.pk)
    return mail.pk


def bounced(actor: Actor, *, message_id: str, reason: str) -> bool:
    """Note that a mail came back; tells whether it was one of ours. For the operator's mail server."""
    access.require(actor, Permission.MAIL_HANDLE)
    found = Mail.objects.filter(message_id=message_id).exclude(state=MailState.BOUNCED)
    return bool(found.update(state=MailState.BOUNCED, sealed="", reason=reason))


def withdraw(actor: Actor, *, about: str) -> int:
    """Send nothing any more that waits about something that was taken back; return how many mails that were.

    Like :func:`post`, it belongs to the caller's transaction.
    """
    waiting = Mail.objects.filter(about=about, state=MailState.WAITING)
    reason = _("Taken back by %(person)s before it was sent.") % {"person": actor.name}
    return waiting.update(state=MailState.GIVEN_UP, sealed="", reason=reason)


def resume(actor: Actor, *, at: dt.datetime) -> int:
    """Enqueue again the mails whose task was lost; return how many. Called when a worker starts."""
    access.require(actor, Permission.MAIL_HANDLE)
    late = delivery.overdue(at)
    for mail_id in late:
        tasks.deliver_mail.enqueue(mail_id)
    return len(late)
