"""Anchors of the chain outside the database: written each day, and compared with the events that are stored.

An anchor says which event was the newest, how many there were, and its digest. The chain alone cannot show that its
newest events were cut off, or that someone with the key wrote all of it anew; an anchor in a place that they cannot
reach does.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from scoreport.audit.models import Anchor, Event
from scoreport.audit.queries import broken_links, count, current_key, event_info, known_keys, newest
from scoreport.audit.rules import GENESIS, AnchorInfo, AnchorKind, anchor_of
from scoreport.lib.storage import Place, in_s3, put

_SOME: Final = 5_000
_ALL: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class AnchorFile:
    """The anchors of a file, in its order, and the numbers of the lines that look like one and are none."""

    path: Path | str
    anchors: tuple[AnchorInfo, ...]
    unreadable: tuple[int, ...] = ()
    exists: bool = True


@dataclass(frozen=True, slots=True)
class Deviation:
    """An anchor that the stored events do not fit, and what is wrong, in a sentence."""

    sentence: str
    anchor: AnchorInfo | None = None
    is_of_events: bool = False
    """Whether other events would fit it: those of a newer database, if this one was restored."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What a restored backup has lost: the last anchored event before it, and the anchors whose events are gone."""

    since: int
    void: tuple[AnchorInfo, ...]


# --- Writing -------------------------------------------------------------------------------------


def write(*, at: datetime, loss: Loss | None = None) -> AnchorInfo:
    """Add an anchor of the newest event to the file, and note it, in the caller's transaction.

    With ``loss`` it also says that the database was restored. A copy for another place (an email) is made of its
    ``line`` by the caller; :func:`copy_to_storage` copies the file. Raises OSError when the file cannot be written.
    """
    event, key = newest(), current_key()
    anchor = AnchorInfo(
        kind=AnchorKind.ANCHOR if loss is None else AnchorKind.RESTORE,
        event_id=event.id if event else 0,
        events=count(),
        digest=event.digest if event else GENESIS,
        at=at.replace(microsecond=0),
        key_id=key.id,
        since=loss.since if loss else None,
        void=tuple(anchor.short for anchor in loss.void) if loss else (),
    ).signed(key)
    Anchor.objects.create(
        event_id=anchor.event_id,
        events=anchor.events,
        digest=anchor.digest,
        at=anchor.at,
        key_id=anchor.key_id,
        mac=anchor.mac,
    )
    _append(settings.AUDIT_ANCHORS, anchor.line)
    return anchor


def _append(path: Path, line: str) -> None:
    """Add a line to a file that nobody else can read; a line that a crash left half is ended first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "rb+") as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
        gap = b"" if not size or file.read(1) == b"\n" else b"\n"
        file.seek(0, os.SEEK_END)
        try:
            file.write(gap + line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            # A full disk takes the beginning of a line, which would be no anchor for ever.
            with suppress(OSError):
                os.ftruncate(descriptor, size)
            raise


def copy_to_storage() -> int:
    """Write each anchor of the file that the object storage does not have, and return how many.

    An anchor is an object of its own and is never written again, so that a bucket which lets nobody change or
    remove an object can keep them. Raises OSError.
    """
    place = settings.ANCHORS_IN_S3
    if place is None:
        return 0
    storage, copied = in_s3(place), 0
    there = {one.name for one in storage.older_than(_ALL)}
    for anchor in read(settings.AUDIT_ANCHORS).anchors:
        name = f"{anchor.at.astimezone(UTC):%Y%m%dT%H%M%SZ}_{anchor.event_id}_{anchor.mac[:16]}.json"
        if name not in there:
            put(storage, f"{anchor.line}\n".encode(), name)
            copied += 1
    return copied


def last_noted() -> AnchorInfo | None:
    """Return the newest anchor that was noted in the database."""
    row = Anchor.objects.order_by("-pk").first()
    return _noted(row) if row else None


def deviations_since_last() -> int:
    """Return how many events that were recorded since the last anchor are wrong; quick, because it looks no further."""
    last = last_noted()
    if last is None or not last.event_id:
        return sum(1 for _link in broken_links())
    event = Event.objects.filter(pk=last.event_id).first()
    if event is None or event.digest != last.digest:
        return 1
    return sum(1 for _link in broken_links(after=event_info(event)))


def _noted(row: Anchor) -> AnchorInfo:
    return AnchorInfo(AnchorKind.ANCHOR, row.event_id, row.events, row.digest, row.at, row.key_id, mac=row.mac)


# --- Reading and comparing -----------------------------------------------------------------------


def read(path: Path) -> AnchorFile:
    """Read the anchors of a file, or of mails that were saved as text; raises OSError where it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return AnchorFile(path, (), exists=False)
    return _parsed(path, text)


def _parsed(path: Path | str, text: str) -> AnchorFile:
    anchors, unreadable = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.lstrip("> \t").strip()
        if not words.startswith("{"):
            continue
        try:
            anchors.append(anchor_of(words))
        except ValueError:
            unreadable.append(number)
    return AnchorFile(path, tuple(anchors), tuple(unreadable))


def read_storage(place: Place) -> AnchorFile:
    """Read the anchors that were copied to the object storage, the oldest first; raises OSError."""
    storage, lines = in_s3(place), []
    for one in storage.older_than(_ALL):
        with storage.read(one.name) as file:
            lines.append(file.read().decode("utf-8", errors="replace"))
    return _parsed(place.label, "\n".join(lines))


def restores(anchors: Iterable[AnchorInfo]) -> list[AnchorInfo]:
    """Return the lines that say that the database was restored."""
    keys = known_keys()
    chosen = [anchor for anchor in anchors if anchor.kind is AnchorKind.RESTORE]
    return [anchor for anchor in chosen if anchor.key_id in keys and anchor.is_signed_by(keys[anchor.key_id])]


def void_in(*files: AnchorFile) -> frozenset[str]:
    """Return the short names of the anchors that lost their events when a backup was restored."""
    return frozenset(name for file in files for restore in restores(file.anchors) for name in restore.void)


def deviations(file: AnchorFile, *, is_ours: bool, void: frozenset[str]) -> Iterator[Deviation]:
    """Yield what does not fit between a file of anchors and the stored events; nothing for those of ``void``.

    ``is_ours`` says that this is the file to which this installation writes, so it has to hold every anchor that was
    noted.
    """
    for number in file.unreadable:
        yield Deviation(_("Line %(line)d of %(path)s is not an anchor.") % {"line": number, "path": file.path})
    yield from _not_in_file(file) if is_ours else ()
    if not file.exists and not is_ours:
        yield Deviation(_("The file %(path)s does not exist.") % {"path": file.path})
    yield from _compared([anchor for anchor in file.anchors if anchor.short not in void])


def _not_in_file(file: AnchorFile) -> Iterator[Deviation]:
    """Yield the anchors that were noted in the database and are not in the file."""
    noted = [_noted(row) for row in Anchor.objects.order_by("pk").iterator()]
    if not noted and not file.anchors and count():
        yield Deviation(
            _("There is no anchor of the recorded events yet. Run scoreport setup, which writes the first.")
        )
    if noted and not file.exists:
        message = _(
            "The file of anchors %(path)s is missing, although %(count)d anchors were written, the last at %(at)s."
        )
        yield Deviation(message % {"path": file.path, "count": len(noted), "at": _moment(noted[-1])})
        return
    written = {anchor.mac for anchor in file.anchors}
    for anchor in noted:
        if anchor.mac not in written:
            message = _("The anchor of %(at)s for event %(event)d is missing in %(path)s.")
            yield Deviation(message % {"at": _moment(anchor), "event": anchor.event_id, "path": file.path})


def _compared(anchors: list[AnchorInfo]) -> Iterator[Deviation]:
    """Yield the anchors that are not as they were written, and those that the stored events do not fit."""
    keys, valid = known_keys(), []
    for anchor in anchors:
        key = keys.get(anchor.key_id)
        if key is None:
            message = _(
                "The anchor of %(at)s was made with the key %(key)s, which is not in AUDIT_KEY or AUDIT_KEY_FALLBACKS."
            )
            yield Deviation(message % {"at": _moment(anchor), "key": anchor.key_id}, anchor)
        elif not anchor.is_signed_by(key):
            message = _("The anchor of %(at)s for event %(event)d was changed after it was written.")
            yield Deviation(message % {"at": _moment(anchor), "event": anchor.event_id}, anchor)
        else:
            valid.append(anchor)
    yield from _unfit(sorted(valid, key=lambda anchor: (anchor.event_id, anchor.events)))


def loss_of(file: AnchorFile, unfit: list[AnchorInfo]) -> Loss | None:
    """Return what a restored backup lost; None when a restore does not explain the anchors that do not fit.

    It does when the anchors that do not fit were written one after the other: those before are from before the
    backup, those after are from after it was restored.
    """
    gone = {anchor.mac for anchor in unfit}
    living = [anchor for anchor in file.anchors if anchor.short not in void_in(file)]
    places = [number for number, anchor in enumerate(living) if anchor.mac in gone]
    if not places or places != list(range(places[0], places[-1] + 1)):
        return None
    since = max((anchor.event_id for anchor in living[: places[0]]), default=0)
    return Loss(since, tuple(living[number] for number in places))


def _unfit(anchors: list[AnchorInfo]) -> Iterator[Deviation]:
    """Yield, in the order of their events, the anchors that the stored events do not fit."""
    last = newest()
    newest_id = last.id if last else 0
    digests = {
        pk: digest
        for some in batched(anchors, _SOME, strict=False)
        for pk, digest in Event.objects.filter(pk__in={anchor.event_id for anchor in some}).values_list("pk", "digest")
    }
    events, counted, fitting = 0, 0, 0
    for anchor in anchors:
        events += Event.objects.filter(pk__gt=counted, pk__lte=anchor.event_id).count()
        counted = anchor.event_id
        if sentence := _unfit_sentence(anchor, digests.get(anchor.event_id), events, newest_id, fitting):
            yield Deviation(sentence, anchor, is_of_events=True)
        else:
            fitting = anchor.event_id


def _unfit_sentence(anchor: AnchorInfo, digest: str | None, events: int, newest_id: int, fitting: int) -> str:
    """Say why the stored events do not fit an anchor, as exactly as it shows; nothing when they do."""
    told = {
        "at": _moment(anchor),
        "event": anchor.event_id,
        "newest": newest_id,
        "first": fitting + 1,
        "events": events,
        "anchored": anchor.events,
    }
    if anchor.event_id > newest_id:
        message = _(
            "At %(at)s event %(event)d existed, but now event %(newest)d is the newest: the events after it were"
            " removed."
        )
        return message % told
    if anchor.event_id and digest is None:
        return _("Event %(event)d, which existed at %(at)s, is missing.") % told
    if digest is not None and digest != anchor.digest:
        message = _(
            "Event %(event)d is not as it was at %(at)s: an event from %(first)d to %(event)d was changed since then,"
            " and the digests were computed again."
        )
        return message % told
    if events != anchor.events:
        message = _("At %(at)s there were %(anchored)d events up to event %(event)d; now there are %(events)d.")
        return message % told
    return ""


def _moment(anchor: AnchorInfo) -> str:
    return anchor.at.isoformat(timespec="minutes")
