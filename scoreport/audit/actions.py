"""The one way to write events, and their anchors outside the database."""

import datetime as dt
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.audit import anchors
from scoreport.audit.anchors import Loss
from scoreport.audit.chain import append, facts_of
from scoreport.audit.queries import broken_links
from scoreport.audit.rules import AnchorInfo, Detail, NewEvent, Verb


class AnchorNotWritten(access.Refused):
    """The file of anchors cannot be written."""


class NotARestore(access.Refused):
    """What deviates is not what a restored backup leaves."""


def record(
    actor: Actor,
    *,
    verb: Verb,
    at: dt.datetime,
    organization: str = "",
    subject_kind: str = "",
    subject: str = "",
    subject_id: str | int = "",
    **detail: Detail,
) -> None:
    """Append an event to the chain, in the caller's transaction: it is kept or rolled back with what it reports.

    ``subject_id`` is the stable id of the subject where it has one: of a person always, beside their name as text.
    The acting person and their session are taken from ``actor``.

    Call it last. From here to the end of the transaction nobody else can append: PostgreSQL
    holds a lock that ends with the transaction, SQLite has one writer anyway. Raises
    TransactionManagementError outside a transaction.
    """
    event = NewEvent(verb, organization, subject_kind, subject, subject_id, detail)
    record_many(actor, at=at, events=(event,))


def record_many(actor: Actor, *, at: dt.datetime, events: Iterable[NewEvent]) -> None:
    """Append several events of one act, in their order, with one lock and one insert; as :func:`record` does."""
    append([facts_of(actor, event, at) for event in events])


def write_anchor(actor: Actor, *, at: dt.datetime) -> AnchorInfo:
    """Add an anchor of the newest event to the file outside the database; for the operator and the program's jobs.

    Raises :class:`AnchorNotWritten` and :class:`scoreport.access.NotAllowed`.
    """
    access.require(actor, Permission.CHAIN_ANCHOR)
    return _write(at, None)


def copy_anchors(actor: Actor) -> int:
    """Copy the anchors of the file to the object storage, where one is set, and return how many were missing there.

    Call it outside of a transaction: nobody else is to wait for the storage. Raises :class:`AnchorNotWritten` and
    :class:`scoreport.access.NotAllowed`.
    """
    access.require(actor, Permission.CHAIN_ANCHOR)
    try:
        return anchors.copy_to_storage()
    except OSError as error:
        message = _("The anchors of the recorded events cannot be copied to %(place)s: %(reason)s")
        place = settings.ANCHORS_IN_S3
        raise AnchorNotWritten(message % {"place": place and place.label, "reason": error.strerror}) from error


def accept_restore(actor: Actor, *, at: dt.datetime) -> AnchorInfo:
    """Declare that the database was restored from a backup, so that anchors of lost events no longer count.

    The declaration is an event and a line among the anchors, and every later check mentions it. It is refused unless
    a restore alone explains what deviates: the chain is whole, and the anchors that do not fit follow each other.
    Raises :class:`NotARestore`, :class:`AnchorNotWritten`, :class:`scoreport.access.NotAllowed`.
    """
    access.require(actor, Permission.CHAIN_ANCHOR)
    with transaction.atomic():
        loss = _loss()
        record(
            actor, verb=Verb.RESTORE_ACCEPTED, at=at, subject_kind="chain", subject=str(loss.since),
            anchors=len(loss.void), newest_lost=max(anchor.event_id for anchor in loss.void),
        )  # fmt: skip
        return _write(at, loss)


def _loss() -> Loss:
    """Return what a restored backup lost; raises NotARestore where something else is wrong, or nothing."""
    for link in broken_links():
        message = _("Event %(event)d does not follow from the one before it. A restored backup does not explain that.")
        raise NotARestore(message % {"event": link.event_id})
    file, unfit = anchors.read(settings.AUDIT_ANCHORS), []
    for deviation in anchors.deviations(file, is_ours=True, void=anchors.void_in(file)):
        if deviation.anchor is None or not deviation.is_of_events:
            raise NotARestore(_("A restored backup does not explain this: %(what)s") % {"what": deviation.sentence})
        unfit.append(deviation.anchor)
    if not unfit:
        raise NotARestore(_("All anchors fit the recorded events, so there is nothing to accept."))
    loss = anchors.loss_of(file, unfit)
    if loss is None:
        message = _(
            "Event %(event)d does not fit its anchor, but others of the same time do. A restored backup does not"
            " explain that."
        )
        raise NotARestore(message % {"event": unfit[0].event_id})
    return loss


def _write(at: dt.datetime, loss: Loss | None) -> AnchorInfo:
    try:
        with transaction.atomic():
            return anchors.write(at=at, loss=loss)
    except OSError as error:
        message = _("The anchor of the recorded events cannot be written to %(path)s: %(reason)s")
        raise AnchorNotWritten(message % {"path": settings.AUDIT_ANCHORS, "reason": error.strerror}) from error
