"""The chain of events: what is stored of an event, and how it is added behind the newest one."""

import datetime as dt
from collections.abc import Sequence
from itertools import batched
from typing import Final

from django.db import connection
from django.db.transaction import TransactionManagementError

from scoreport.access import Actor
from scoreport.audit.models import Event, PersonName
from scoreport.audit.queries import current_key, last_digest
from scoreport.audit.rules import FACTS, SCHEME_KEYED, Detail, Facts, NewEvent, Scalar, digest_of
from scoreport.lib.locks import Lock, hold
from scoreport.lib.statements import insert
from scoreport.lib.text import clean

_AT_ONCE: Final = 500
"""So many events are added by one statement; SQLite takes 32,766 values in one."""


def append(chosen: Sequence[Facts]) -> None:
    """Append events whose facts are known, of one act or of several at once, in the caller's transaction."""
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
