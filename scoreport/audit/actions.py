"""The one way to write events, and their anchors outside the database."""

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import batched
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.audit import anchors
from scoreport.audit.anchors import Loss
from scoreport.audit.models import Event, PersonName
from scoreport.audit.queries import broken_links, current_key, last_digest
from scoreport.audit.rules import FACTS, SCHEME_KEYED, AnchorInfo, Detail, Facts, NewEvent, Scalar, Verb, digest_of
from scoreport.lib.locks import Lock, hold
from scoreport.lib.statements import insert
from scoreport.lib.text import clean

_AT_ONCE: Final = 500
"""So many events are added by one statement; SQLite takes 32,766 values in one."""


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
    record_facts([facts_of(actor, event, at) for event in events])


def record_facts(chosen: Sequence[Facts]) -> None:
    """Append events whose facts are known, of one act or of several at once, as :func:`record_many` does."""
    if not connection.in_atomic_block:
        message = "An event is recorded in the transaction of what it reports."
        raise TransactionManagementError(message)
    if not chosen:
        return
    key = current_key()
    named = _names_in(chosen)
    # One transaction at a time appends, so that every event knows the digest before it.
    hold(Lock.EVENTS)
    digest, known = last_digest({number for number, _text in named})
    rows = []
    for facts in chosen:
        digest = digest_of(digest, facts, key)
        rows.append({name: getattr(facts, name) for name in FACTS} | {"digest": digest, "key_id": key.id})
    for some in batched(rows, _AT_ONCE):
        insert(Event, [row | {"scheme": SCHEME_KEYED} for row in some])
    # People are found by each of the names under which they are in events.
    missing = [PersonName(person_id=number, text=text) for number, text in sorted(named - known)]
    if missing:
        PersonName.objects.bulk_create(missing, ignore_conflicts=True)


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


def facts_of(actor: Actor, event: NewEvent, at: dt.datetime) -> Facts:
    """Return what is stored of an event; raises TypeError for a detail that no database gives back as it was."""
    return Facts(
        at=at.astimezone(dt.UTC),
        verb=event.verb.value,
        actor_kind=actor.kind.value,
        actor=clean(actor.name),
        acting_for=clean(actor.acting_for),
        address=clean(actor.address),
        organization=clean(event.organization),
        subject_kind=clean(event.subject_kind),
        subject=clean(event.subject),
        detail={name: _storable(value) for name, value in event.detail.items()},
        actor_id=actor.person_id,
        subject_id=clean(str(event.subject_id)),
        session_id=actor.session_id,
    )


def _names_in(chosen: Sequence[Facts]) -> set[tuple[int, str]]:
    """Return the people that events are by or about, with the names that these have there."""
    named = {(facts.actor_id, facts.actor) for facts in chosen if facts.actor_id is not None}
    return named | {
        (int(facts.subject_id), facts.subject)
        for facts in chosen
        if facts.subject_kind == "person" and facts.subject_id.isdecimal()
    }


def _storable(value: Detail) -> Detail:
    """Return a value that both databases give back as it was."""
    return [_scalar(item) for item in value] if isinstance(value, list | tuple) else _scalar(value)


def _scalar(value: object) -> Scalar:
    """Return one such value; raises TypeError for any other.

    Floating numbers change on their way through a database and back, and with them the digest.
    """
    if isinstance(value, str):
        return clean(value)
    if value is None or isinstance(value, int):
        return value
    message = f"A detail of an event is text, a whole number, yes or no, or a list of those; this is {type(value)}."
    raise TypeError(message)
