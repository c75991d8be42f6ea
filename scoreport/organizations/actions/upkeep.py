"""The upkeep as the operator asks for it: now, or every hour by the worker."""

import datetime as dt

from django.db import transaction

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.audit import actions as audit
from scoreport.audit.anchors import last_noted
from scoreport.audit.queries import newest
from scoreport.audit.rules import AnchorInfo
from scoreport.organizations import tasks, upkeep
from scoreport.organizations.upkeep import Done, anchors, pending
from scoreport.outbox.actions import resume


def run_upkeep(actor: Actor, *, at: dt.datetime) -> Done:
    """Do everything that is due and was not done; whatever it does is an event of its own.

    Mails whose task was lost are enqueued again. Raises :class:`scoreport.access.NotAllowed` for everybody but the
    operator.
    """
    access.require(actor, Permission.MAIL_HANDLE)
    resume(actor, at=at)
    return upkeep.run(at)


def anchor_events(actor: Actor, *, at: dt.datetime) -> bool:
    """Write an anchor of the recorded events unless the newest one has its anchor; return whether it was written.

    Raises :class:`scoreport.audit.actions.AnchorNotWritten` and NotAllowed.
    """
    access.require(actor, Permission.CHAIN_ANCHOR)
    last, event = last_noted(), newest()
    if last is not None and last.event_id == (event.id if event else 0):
        return False
    with transaction.atomic():
        anchors.send(actor, audit.write_anchor(actor, at=at), wrong=0, at=at)
    return True


def anchor_restore(actor: Actor, *, at: dt.datetime) -> AnchorInfo:
    """Declare that the database was restored from a backup, and send the declaration to where anchors are kept.

    Raises what :func:`scoreport.audit.actions.accept_restore` raises.
    """
    with transaction.atomic():
        anchor = audit.accept_restore(actor, at=at)
        anchors.send(actor, anchor, wrong=0, at=at)
    return anchor


def schedule_upkeep(actor: Actor, *, at: dt.datetime) -> bool:
    """Have the worker run the upkeep now and then every hour; tell whether no run waited already."""
    access.require(actor, Permission.MAIL_HANDLE)
    return pending.ensure(tasks.keep_up, not_before=at, at=at)
