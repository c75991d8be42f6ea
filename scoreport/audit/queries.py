"""Reads of what happened, and the check that nobody changed it."""

import hmac
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from django.conf import settings

from scoreport.audit.models import Event
from scoreport.audit.rules import (
    GENESIS,
    SCHEME_KEYED,
    SCHEME_PLAIN,
    AuditKey,
    Break,
    BrokenLink,
    EventInfo,
    Facts,
    digest_of,
)
from scoreport.lib.statements import by_id, fetched

_CHUNK = 2_000


def events_of(
    *,
    verb: str | None = None,
    organization: str | None = None,
    subject_kind: str | None = None,
    subject: str | None = None,
    limit: int = 100,
) -> list[EventInfo]:
    """Return the newest events with these properties, newest first.

    Unscoped: whoever shows them to a person has to ask first whether that person may see them.
    """
    asked = {"verb": verb, "organization": organization, "subject_kind": subject_kind, "subject": subject}
    chosen = {name: value for name, value in asked.items() if value is not None}
    return [event_info(event) for event in Event.objects.filter(**chosen).order_by("-id")[:limit]]


def event_info(event: Event) -> EventInfo:
    """Return an event without its row."""
    facts = Facts(
        at=event.at,
        verb=event.verb,
        actor_kind=event.actor_kind,
        actor=event.actor,
        acting_for=event.acting_for,
        address=event.address,
        organization=event.organization,
        subject_kind=event.subject_kind,
        subject=event.subject,
        detail=event.detail,
        actor_id=event.actor_id,
        subject_id=event.subject_id,
        session_id=event.session_id,
    )
    return EventInfo(id=event.pk, facts=facts, digest=event.digest, scheme=event.scheme, key_id=event.key_id)


def current_key() -> AuditKey:
    """Return the key with which events are recorded now."""
    return AuditKey(settings.AUDIT_KEY)


def known_keys() -> dict[str, AuditKey]:
    """Return the present key and the former ones, by their ids."""
    keys = [AuditKey(secret) for secret in (settings.AUDIT_KEY, *settings.AUDIT_KEY_FALLBACKS)]
    return {key.id: key for key in keys}


def broken_links(*, after: EventInfo | None = None) -> Iterator[BrokenLink]:
    """Yield the events that do not follow from the one before; nothing when the chain is whole.

    ``after`` is an event that is known to be right, and only those after it are checked. Memory stays flat over
    millions of events. What the chain cannot show is that its newest events were cut off, or that someone with the
    key wrote all of it anew: anchors show that (:mod:`scoreport.audit.anchors`).
    """
    keys = known_keys()
    before, before_id = (after.digest, after.id) if after else (GENESIS, None)
    is_keyed = after is not None and after.scheme != SCHEME_PLAIN
    rows = Event.objects.filter(pk__gt=after.id if after else 0).order_by("id")
    for event in rows.iterator(chunk_size=_CHUNK):
        info = event_info(event)
        if reason := _break_of(info, before, keys, is_keyed=is_keyed):
            yield BrokenLink(event_id=info.id, before_id=before_id, reason=reason)
        # Going on from the stored digest shows every broken link once, and not all that follow it.
        before, before_id = info.digest, info.id
        is_keyed = is_keyed or info.scheme != SCHEME_PLAIN


def _break_of(info: EventInfo, before: str, keys: Mapping[str, AuditKey], *, is_keyed: bool) -> Break | None:
    """Return why an event does not follow from the digest before it."""
    if info.scheme == SCHEME_PLAIN:
        if is_keyed:
            return Break.SCHEME
        return None if digest_of(before, info.facts, None) == info.digest else Break.DIGEST
    key = keys.get(info.key_id)
    if key is None or info.scheme != SCHEME_KEYED:
        return Break.KEY
    return None if hmac.compare_digest(digest_of(before, info.facts, key), info.digest) else Break.DIGEST


def last_digest(people: Collection[int]) -> tuple[str, set[tuple[int, str]]]:
    """Return the digest of the newest event and, with the same question, the known names of some people."""
    places = ", ".join(["%s"] * len(people)) or "NULL"
    found = fetched(_NEWEST.format(places=places, by_id=by_id()), sorted(people))
    digest = next((digest for digest, person, _text in found if person is None), GENESIS)
    return digest, {(person, text) for _digest, person, text in found if person is not None}


_NEWEST: Final = (
    "SELECT digest, CAST(NULL AS bigint), NULL"
    " FROM (SELECT digest FROM audit_event {by_id} ORDER BY id DESC LIMIT 1) AS newest"
    " UNION ALL SELECT NULL, person_id, text FROM audit_personname WHERE person_id IN ({places})"
)


def count() -> int:
    """Return how many events there are."""
    return Event.objects.count()


def newest() -> EventInfo | None:
    """Return the newest event; its digest stands for all before it."""
    event = Event.objects.order_by("-id").first()
    return event_info(event) if event else None
