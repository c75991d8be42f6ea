"""Reads of mails. They tell who was written to and whether it arrived, never what stood in a mail."""

from collections.abc import Iterable

from scoreport.outbox.models import Mail
from scoreport.outbox.rules import MailInfo, MailKind, MailState


def newest_about(subjects: Iterable[str]) -> dict[str, MailInfo]:
    """Return the newest mail about each of these subjects, such as ``invitation:12``; unscoped."""
    found = Mail.objects.filter(about__in=list(subjects)).order_by("id")
    return {mail.about: mail_info(mail) for mail in found}


def mail_info(mail: Mail) -> MailInfo:
    """Return a mail without its row."""
    return MailInfo(
        id=mail.pk,
        kind=MailKind(mail.kind),
        to=mail.to,
        state=MailState(mail.state),
        reason=mail.reason,
        created_at=mail.created_at,
        sent_at=mail.sent_at,
    )
