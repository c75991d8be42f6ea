"""What people do with prepared files: ask for one, fetch it, try again."""

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from scoreport.access import Actor, Refused
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.downloads import files, queries, row_limits
from scoreport.downloads.models import Download, Opening
from scoreport.downloads.rules import OPEN_JOBS, DownloadInfo, DownloadState
from scoreport.downloads.tasks import remove_expired


class NobodyToKeepItFor(Refused):
    """Only a person who signed in can ask for a file that is kept for them."""


class TooManyOpen(Refused):
    """As many files as may be are being prepared for the person already."""


class NotReady(Refused):
    """The file cannot be fetched now."""


@dataclass(frozen=True, slots=True)
class OpenedDownload:
    """A prepared file, opened for its owner; whoever answers the request closes ``file``."""

    file: BinaryIO
    name: str
    media_type: str
    size: int


def begin(  # noqa: PLR0913 - what a file is, each by its name
    actor: Actor,
    *,
    kind: str,
    name: str,
    media_type: str,
    organization: str = "",
    parameters: Mapping[str, object] | None = None,
    rows_total: int = 0,
    key: str = "",
    at: dt.datetime,
) -> DownloadInfo:
    """Note that a file is wanted; the caller checks the right, looks for the same ``key``, and enqueues the task.

    All of it in one transaction. Raises :class:`NobodyToKeepItFor` and :class:`TooManyOpen`.
    """
    owner_id = actor.person_id
    if owner_id is None:
        raise NobodyToKeepItFor(_("A file is prepared for a person, and nobody has signed in."))
    kept_for = dt.timedelta(hours=settings.DOWNLOAD_HOURS)
    with transaction.atomic():
        _make_room(actor, owner_id, key, at)
        row = Download.objects.create(
            secret=secrets.token_urlsafe(32),
            owner_id=owner_id,
            organization=organization,
            kind=kind,
            name=name,
            media_type=media_type,
            parameters=dict(parameters or {}),
            rows_total=rows_total,
            key=key,
            created_at=at,
            expires_at=at + kept_for,
        )
        # A file may become ready as late as its request ends, and is then kept for its full time.
        remove_expired.using(run_after=at + 2 * kept_for).enqueue()
        _record(actor, Verb.DOWNLOAD_BEGUN, row, at)
    return queries.for_job(row.pk, at=at)


def _record(actor: Actor, verb: Verb, row: Download, at: dt.datetime) -> None:
    record(
        actor, verb=verb, at=at, organization=row.organization, subject_kind=row.kind, subject=row.name,
        download=row.pk,
    )  # fmt: skip


def _make_room(actor: Actor, person_id: int, key: str, at: dt.datetime) -> None:
    """Return when one more file may be prepared; one that has expired no longer stands for the same request."""
    row_limits.lock_person(person_id)
    _require_room(actor, at)
    Download.objects.filter(owner_id=person_id, key=key, expires_at__lte=at).exclude(key="").update(key="")


def _require_room(actor: Actor, at: dt.datetime) -> None:
    """Return when one more file may be prepared for the person; call it under their lock."""
    if queries.count_open(actor, at=at) >= OPEN_JOBS:
        message = _("%(count)d files are being prepared for you. Wait until one of them is ready, then try again.")
        raise TooManyOpen(message % {"count": OPEN_JOBS})


def try_again(actor: Actor, *, secret: str, at: dt.datetime) -> DownloadInfo:
    """Turn a failed file back into a wanted one; the caller enqueues its task again.

    Raises :class:`scoreport.downloads.queries.UnknownDownload`, :class:`NotReady` and :class:`TooManyOpen`.
    """
    found = queries.download(actor, secret, at=at)
    with transaction.atomic():
        row_limits.lock_person(found.owner_id)
        failed = Download.objects.filter(pk=found.id, state=DownloadState.FAILED)
        if not failed.exists():
            raise NotReady(_("Only a file that could not be made can be tried again."))
        _require_room(actor, at)
        if found.key and queries.same_request(actor, found.key, at=at):
            raise NotReady(_("The same file is being prepared, or is ready, under another entry of this list."))
        failed.update(
            state=DownloadState.PREPARING,
            reason="",
            rows_done=0,
            expires_at=at + dt.timedelta(hours=settings.DOWNLOAD_HOURS),
        )
    return queries.download(actor, secret, at=at)


def open_download(actor: Actor, *, secret: str, at: dt.datetime) -> OpenedDownload:
    """Open a ready file for its owner, and write down that it was fetched.

    The address alone opens nothing. Raises :class:`scoreport.downloads.queries.UnknownDownload`
    for everybody but the owner, and :class:`NotReady` with the reason.
    """
    found = queries.download(actor, secret, at=at)
    if found.state is not DownloadState.READY:
        raise NotReady(_not_ready(found))
    row = Download.objects.get(pk=found.id)
    try:
        return _opened(actor, row, found.size, at)
    except FileNotFoundError as error:
        # The same request can then be made anew.
        Download.objects.filter(pk=row.pk, state=DownloadState.READY).update(state=DownloadState.EXPIRED, path="")
        raise NotReady(_("The file is gone. Prepare it again.")) from error


def _opened(actor: Actor, row: Download, size: int, at: dt.datetime) -> OpenedDownload:
    """Open a file, and record that it is fetched; nothing is recorded when it is not there.

    It is opened first: while a storage lets us wait, nobody else waits for the database.
    """
    file = files.prepared().read(row.path)
    try:
        with transaction.atomic():
            Opening.objects.create(download=row, at=at, actor=actor.name, address=actor.address)
            _record(actor, Verb.DOWNLOAD_OPENED, row, at)
    except BaseException:
        file.close()
        raise
    return OpenedDownload(file=file, name=row.name, media_type=row.media_type, size=size)


def _not_ready(found: DownloadInfo) -> str:
    match found.state:
        case DownloadState.EXPIRED:
            return _("The file has expired. Prepare it again.")
        case DownloadState.FAILED:
            return _("The file could not be made: %(reason)s") % {"reason": found.reason}
        case _state:
            return _("The file is not ready yet.")
