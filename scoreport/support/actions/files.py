"""Opening the files of a request, which is recorded, and removing them when their time is over."""

import datetime as dt
from dataclasses import dataclass
from typing import BinaryIO

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, NotAllowed, NotFound, Permission
from scoreport.audit.rules import Verb
from scoreport.support import attachments, storing
from scoreport.support.actions.noting import note_event
from scoreport.support.models import HelpFile
from scoreport.support.rules.requests import Voice, id_of

_LARGEST_ID = (1 << 63) - 1


class UnknownFile(NotFound):
    """There is no such file, it was removed, or it is not for this person."""


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file, opened; whoever answers the request closes ``file``."""

    file: BinaryIO
    name: str
    media_type: str
    size: int


def open_own_file(actor: Actor, *, number: int, file_id: int, at: dt.datetime) -> OpenedFile:
    """Open a file of a request of one's own, with a second factor.

    Raises :class:`UnknownFile` and :class:`scoreport.access.NotAllowed`.
    """
    rows = HelpFile.objects.filter(message__request__person_id=actor.person_id or 0)
    row = _found(rows.exclude(message__voice=Voice.NOTE.value), number, file_id)
    # Such a file may hold a roster: older data is sent this way.
    if not actor.second_factor:
        sentence = _(
            "Files may hold more than one student, so they open with a second factor. Set one up, then come back."
        )
        raise NotAllowed(sentence, needs_second_factor=True)
    return _open(actor, row, number, at)


def open_file(actor: Actor, *, number: int, file_id: int, at: dt.datetime) -> OpenedFile:
    """Open a file of any request, for program staff.

    Raises :class:`scoreport.access.NotAllowed` and :class:`UnknownFile`.
    """
    access.require(actor, Permission.HELP_ANSWER)
    return _open(actor, _found(HelpFile.objects.all(), number, file_id), number, at)


def expire_attachments(actor: Actor, *, at: dt.datetime) -> int:
    """Remove the files whose time is over and return how many; for the operator's upkeep.

    Raises :class:`scoreport.access.NotAllowed`.
    """
    access.require(actor, Permission.HELP_FILES_EXPIRE)
    return attachments.expire(at=at)


def _found(rows: QuerySet[HelpFile], number: int, file_id: int) -> HelpFile:
    numbers = {"pk": file_id, "message__request_id": id_of(number)}
    there = rows.filter(removed_at__isnull=True, **numbers) if max(numbers.values()) <= _LARGEST_ID else rows.none()
    row = there.first()
    if row is None:
        raise UnknownFile(_("There is no such file."))
    return row


def _open(actor: Actor, row: HelpFile, number: int, at: dt.datetime) -> OpenedFile:
    try:
        file = storing.read(row.path)
    except FileNotFoundError as error:
        raise UnknownFile(_("There is no such file.")) from error
    try:
        with transaction.atomic():
            note_event(actor, verb=Verb.HELP_FILE_OPENED, number=number, at=at, file=row.pk)
    except BaseException:
        file.close()
        raise
    return OpenedFile(file=file, name=row.name, media_type=row.media_type, size=row.size)
