"""Mails to be sent: written in the transaction of what they tell of, so that none tells of what did not happen."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from scoreport.lib.fields import CodeText
from scoreport.outbox.rules import MailKind, MailState


class Mail(models.Model):
    """One mail to one address.

    ``sealed`` holds its values, encrypted, because links and codes are among them; it is emptied when the
    mail was sent. ``answers_lost`` counts how often a mail server got the mail and did not say whether it took it.
    ``about`` says what it belongs to, such as ``invitation:12``. ``message_id`` is the one
    that travels, also when a mail is sent twice after a crash.
    """

    kind = CodeText(choices=[(k.value, k.value) for k in MailKind])
    to = CodeText()
    language = CodeText()
    about = CodeText(blank=True, default="")
    caused_by = models.TextField(blank=True, default="")
    sealed = models.TextField(blank=True, default="")
    message_id = CodeText()
    created_at = models.DateTimeField()
    state = CodeText(choices=[(s.value, s.value) for s in MailState], default=MailState.WAITING.value)
    tries = models.SmallIntegerField(default=0)
    answers_lost = models.SmallIntegerField(default=0, db_default=0)
    next_try_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message_id"], name="mail_message_once"),
            models.CheckConstraint(
                condition=Q(state=MailState.WAITING.value) | Q(sealed=""), name="mail_keeps_no_secrets"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "next_try_at"], name="mail_state"),
            models.Index(fields=["about"], name="mail_about"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.message_id}"
