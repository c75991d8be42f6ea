"""The upkeep as the operator asks for it: now, or every hour by the worker."""

import datetime as dt

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.organizations import tasks, upkeep
from scoreport.organizations.upkeep import Done, pending
from scoreport.outbox.actions import resume


def run_upkeep(actor: Actor, *, at: dt.datetime) -> Done:
    """Do everything that is due and was not done; whatever it does is an event of its own.

    Mails whose task was lost are enqueued again. Raises :class:`scoreport.access.NotAllowed` for everybody but the
    operator.
    """
    access.require(actor, Permission.MAIL_HANDLE)
    resume(actor, at=at)
    return upkeep.run(at)


def schedule_upkeep(actor: Actor, *, at: dt.datetime) -> bool:
    """Have the worker run the upkeep now and then every hour; tell whether no run waited already."""
    access.require(actor, Permission.MAIL_HANDLE)
    return pending.ensure(tasks.keep_up, not_before=at, at=at)
