"""Reads of what happened, and the check that nobody changed it."""

from collections.abc import Iterator

from scoreport.audit.models import Event
from scoreport.audit.rules import GENESIS, BrokenLink, EventInfo, Facts, digest_of

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
    )
    return EventInfo(id=event.pk, facts=facts, digest=event.digest)


def broken_links() -> Iterator[BrokenLink]:
    """Yield the events that do not follow from the one before; nothing when the chain is whole.

    Memory stays flat over millions of events. What the chain cannot show is that its newest
    events were cut off: compare :func:`newest` with what was noted down before.
    """
    before, before_id = GENESIS, None
    for event in Event.objects.order_by("id").iterator(chunk_size=_CHUNK):
        info = event_info(event)
        if digest_of(before, info.facts) != info.digest:
            yield BrokenLink(event_id=info.id, before_id=before_id)
        # Going on from the stored digest shows every broken link once, and not all that follow it.
        before, before_id = info.digest, info.id


def count() -> int:
    """Return how many events there are."""
    return Event.objects.count()


def newest() -> EventInfo | None:
    """Return the newest event; its digest stands for all before it."""
    event = Event.objects.order_by("-id").first()
    return event_info(event) if event else None
