"""Files that come with a request: hostile until they were looked at, gone when their time is over."""

import datetime as dt
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from scoreport.access import Refused
from scoreport.lib.text import clean
from scoreport.support import storing
from scoreport.support.models import HelpFile, HelpMessage
from scoreport.support.rules.files import (
    MOST_FILES,
    XLSX_ENTRIES,
    XLSX_UNPACKED,
    FileKind,
    fits,
    kind_of,
    tidy_name,
)
from scoreport.support.rules.requests import RequestState

_SHOWN: Final = 60
_CHUNK: Final = 1 << 18
_LITTER_AFTER: Final = dt.timedelta(days=2)
"""No file waits longer for its message to be stored."""
_MEGABYTE: Final = 1_000_000


class BadFile(Refused):
    """A file cannot come with a request; the message says which one, and what to do."""


@dataclass(frozen=True, slots=True)
class Given:
    """A file as it was sent."""

    name: str
    chunks: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be kept."""

    name: str
    kind: FileKind
    content: bytes


def check_all(given: Iterable[Given]) -> list[Checked]:
    """Return the files of one message; raises :class:`BadFile` for the first that cannot come, and for too many."""
    files = list(given)
    if len(files) > MOST_FILES:
        raise BadFile(_("Send up to %(count)s files at a time.") % {"count": MOST_FILES})
    return [check(file) for file in files]


def check(given: Given) -> Checked:
    """Return a file that is what its name says; raises :class:`BadFile` with a sentence for any other."""
    shown = clean(given.name)[-_SHOWN:] or "?"
    kind = kind_of(given.name)
    if kind is None:
        message = _("“%(name)s” was not taken. Files may be PDF, PNG, JPEG, CSV, XLSX or TXT.")
        raise BadFile(message % {"name": shown})
    content = _read(given.chunks, shown)
    if not content:
        raise BadFile(_("“%(name)s” is empty. Choose the file again.") % {"name": shown})
    if not fits(kind, content) or (kind is FileKind.XLSX and not _is_workbook(content)):
        message = _(
            "“%(name)s” was not taken: what is in it is not what its name says, or it unpacks to more than a workbook"
            " holds. Save it again in its program, or send a screenshot."
        )
        raise BadFile(message % {"name": shown})
    return Checked(name=tidy_name(given.name, kind), kind=kind, content=content)


def _read(chunks: Iterable[bytes], shown: str) -> bytes:
    limit = settings.HELP_ATTACHMENT_BYTES
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > limit:
            raise BadFile(too_large(shown))
    return bytes(content)


def too_large(name: str) -> str:
    """Say that a file is above the limit."""
    message = _("“%(name)s” is larger than %(limit)s MB. Send a smaller one, or only the pages that matter.")
    limit = settings.HELP_ATTACHMENT_BYTES / _MEGABYTE
    return message % {"name": name, "limit": f"{limit:g}"}


def _is_workbook(content: bytes) -> bool:
    """Tell whether a package is a workbook without programs in it, which unpacks to a size that one can open."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = package.infolist()
            names = {entry.filename for entry in entries}
            if not {"[Content_Types].xml", "xl/workbook.xml"} <= names or len(entries) > XLSX_ENTRIES:
                return False
            if any(_is_unfit(entry) for entry in entries) or sum(e.file_size for e in entries) > XLSX_UNPACKED:
                return False
            # What an entry says of its own size may be a lie, so it is unpacked, and counted, and thrown away.
            return sum(_unpacked(package, entries)) <= XLSX_UNPACKED
    # zipfile raises NotImplementedError for a compression that it does not know, RuntimeError for an encrypted entry.
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError):
        return False


def _is_unfit(entry: zipfile.ZipInfo) -> bool:
    """Tell entries with a password, with a program, or that would land outside of their folder."""
    is_encrypted = bool(entry.flag_bits & 0x1)
    parts = entry.filename.replace("\\", "/").split("/")
    return is_encrypted or "vbaproject" in entry.filename.lower() or ".." in parts or entry.filename.startswith("/")


def _unpacked(package: zipfile.ZipFile, entries: Iterable[zipfile.ZipInfo]) -> Iterator[int]:
    for entry in entries:
        with package.open(entry) as part:
            yield sum(len(chunk) for chunk in iter(partial(part.read, _CHUNK), b""))


class StoredFiles:
    """Checked files of a message that are in the storage, and not yet in the database."""

    def __init__(self, files: Iterable[tuple[Checked, str]]) -> None:
        self._files = list(files)
        self.is_attached = False

    def attach(self, message: HelpMessage, *, at: dt.datetime) -> None:
        """Note the files with their message, in the caller's transaction."""
        for file, path in self._files:
            HelpFile.objects.create(
                message=message,
                name=file.name,
                media_type=file.kind.media_type,
                size=len(file.content),
                path=path,
                added_at=at,
            )
        self.is_attached = True


@contextmanager
def stored(checked: Iterable[Checked]) -> Iterator[StoredFiles]:
    """Store checked files before the transaction of their message, so that nobody waits for it and the storage.

    They are removed when one of them cannot be stored, when the block raises, and when it does not attach them.
    """
    paths: list[str] = []
    try:
        pairs = []
        for file in checked:
            paths.append(storing.keep(file.content))
            pairs.append((file, paths[-1]))
        files = StoredFiles(pairs)
        yield files
    except BaseException:
        _forget(paths)
        raise
    if not files.is_attached:
        _forget(paths)


def _forget(paths: Iterable[str]) -> None:
    for path in paths:
        storing.remove(path)


def expire(*, at: dt.datetime) -> int:
    """Remove the files of requests that were answered or closed long ago; return how many.

    The row goes first and the file after the commit: a file without a row is litter, a row without its
    file would be a broken promise. An open request keeps its files.
    """
    settled = Coalesce(F("message__request__closed_at"), F("message__request__answered_at"))
    last = at - dt.timedelta(days=settings.HELP_ATTACHMENT_DAYS)
    over = HelpFile.objects.filter(removed_at__isnull=True).exclude(message__request__state=RequestState.OPEN)
    over = over.annotate(settled_at=settled).filter(settled_at__lte=last)
    with transaction.atomic():
        rows = list(over.order_by("pk").values_list("pk", "path"))
        ours = [
            path
            for number, path in rows
            # Two cleaners at once: whoever changes the row removes the file.
            if HelpFile.objects.filter(pk=number, removed_at__isnull=True).update(removed_at=at, path="", name="")
        ]
    for path in ours:
        storing.remove(path)
    storing.remove_litter(before=at - _LITTER_AFTER, known=_kept)
    return len(ours)


def _kept(_names: Iterable[str]) -> set[str]:
    return set(HelpFile.objects.filter(removed_at__isnull=True).values_list("path", flat=True))
