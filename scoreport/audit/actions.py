"""The one way to write an event."""

import datetime as dt

from django.db import connection
from django.db.transaction import TransactionManagementError

from scoreport.access import Actor
from scoreport.audit.models import Event
from scoreport.audit.rules import GENESIS, Detail, Facts, Scalar, Verb, digest_of
from scoreport.lib.text import clean

# Any number will do, as long as nothing else in the database locks by it.
_APPEND_LOCK = 0x5C09_E907


def record(
    actor: Actor,
    *,
    verb: Verb,
    at: dt.datetime,
    organization: str = "",
    subject_kind: str = "",
    subject: str = "",
    **detail: Detail,
) -> None:
    """Append an event to the chain, in the caller's transaction: it stays or goes with what it tells of.

    Call it last. From here to the end of the transaction nobody else can append: PostgreSQL
    holds a lock that ends with the transaction, SQLite has one writer anyway. Raises
    TransactionManagementError outside a transaction.
    """
    if not connection.in_atomic_block:
        message = "An event is recorded in the transaction of what it tells of."
        raise TransactionManagementError(message)
    facts = Facts(
        at=at.astimezone(dt.UTC),
        verb=verb.value,
        actor_kind=actor.kind.value,
        actor=clean(actor.name),
        acting_for=clean(actor.acting_for),
        address=clean(actor.address),
        organization=clean(organization),
        subject_kind=clean(subject_kind),
        subject=clean(subject),
        detail={name: _storable(value) for name, value in detail.items()},
    )
    _take_append_lock()
    before = Event.objects.order_by("-id").values_list("digest", flat=True).first() or GENESIS
    columns = {name: getattr(facts, name) for name in Facts.__dataclass_fields__}
    Event.objects.create(digest=digest_of(before, facts), **columns)


def _take_append_lock() -> None:
    """Let one transaction at a time append, so that every event knows the digest before it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_APPEND_LOCK])


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
