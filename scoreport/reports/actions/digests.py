"""The daily email about exports, as the operator asks for it: now, or every hour by the worker."""

from datetime import datetime

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.organizations.upkeep import pending
from scoreport.reports import digest, tasks


def email_digests(actor: Actor, *, at: datetime) -> int:
    """Email access managers the exports of the days that were not told yet; return how many emails were written.

    Raises :class:`scoreport.access.NotAllowed` for everybody but the operator.
    """
    access.require(actor, Permission.MAIL_HANDLE)
    return digest.send(actor, at)


def schedule_digests(actor: Actor, *, at: datetime) -> bool:
    """Have the worker look now and then every hour; tell whether no run waited already."""
    access.require(actor, Permission.MAIL_HANDLE)
    return pending.ensure(tasks.email_digests, not_before=at, at=at)
