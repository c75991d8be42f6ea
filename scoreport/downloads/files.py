"""Making a file ready for somebody: what the jobs that write files call, and cleaning up after them."""

import datetime as dt
import logging
from contextlib import suppress

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from scoreport.downloads.models import Download
from scoreport.downloads.rules import DownloadState, states_before
from scoreport.lib.storage import Draft, Storage, remove_litter, storage

_logger = logging.getLogger(__name__)


def prepared() -> Storage:
    """Return the storage of prepared files."""
    return storage("downloads")


def progress(download_id: int, *, rows_done: int, rows_total: int | None = None) -> None:
    """Tell how far the making of a file is; a page polls it."""
    told = {"rows_done": rows_done} | ({} if rows_total is None else {"rows_total": rows_total})
    Download.objects.filter(pk=download_id, state=DownloadState.PREPARING).update(**told)


def finish(download_id: int, *, file: Draft, at: dt.datetime) -> bool:
    """Hand over a finished file, which is in the storage; its time to be fetched starts now.

    Returns False, and removes the file, when nobody waits for it any more: the job was started
    twice, or the request has expired.
    """
    try:
        kept = Download.objects.filter(pk=download_id, state__in=states_before(DownloadState.READY)).update(
            state=DownloadState.READY,
            path=file.name,
            size=file.size,
            ready_at=at,
            expires_at=at + dt.timedelta(hours=settings.DOWNLOAD_HOURS),
        )
    except BaseException:
        _remove(file.name)
        raise
    if not kept:
        _remove(file.name)
    return bool(kept)


def resume(download_id: int, *, at: dt.datetime) -> None:
    """Turn a failed file back into a wanted one when its job runs again, unless the same file was asked for anew."""
    failed = Download.objects.filter(pk=download_id, state=DownloadState.FAILED, expires_at__gt=at)
    with suppress(IntegrityError), transaction.atomic():
        failed.update(state=DownloadState.PREPARING, reason="", rows_done=0)


def fail(download_id: int, *, reason: str) -> None:
    """Say why a file could not be made; the person may try again."""
    Download.objects.filter(pk=download_id, state__in=states_before(DownloadState.FAILED)).update(
        state=DownloadState.FAILED, reason=reason
    )


def expire(*, at: dt.datetime) -> int:
    """End the files whose time is over and remove them from the storage; return how many.

    The row goes first and the file after the commit: a file without a row is litter, a row
    without its file would be a broken promise.
    """
    over = Download.objects.filter(~Q(state=DownloadState.EXPIRED), expires_at__lte=at)
    with transaction.atomic():
        rows = list(over.select_for_update().values_list("pk", "path"))
        Download.objects.filter(pk__in=[number for number, _path in rows]).update(state=DownloadState.EXPIRED, path="")
    for _number, name in rows:
        if name:
            _remove(name)
    _remove_litter(at)
    return len(rows)


def _remove_litter(at: dt.datetime) -> None:
    """Remove files of no row, which a crash or an outage of the storage left behind."""
    ready = Download.objects.filter(state=DownloadState.READY)
    before = at - dt.timedelta(hours=2 * settings.DOWNLOAD_HOURS)
    try:
        remove_litter(prepared(), before=before, known=lambda _names: set(ready.values_list("path", flat=True)))
    except OSError:
        _logger.exception("prepared files that belong to nothing could not be removed")


def _remove(name: str) -> None:
    """Remove a file of no row. What cannot be removed now is litter, which ``scoreport verify`` names."""
    try:
        prepared().delete(name)
    except OSError:
        _logger.exception("a prepared file could not be removed: %s", name)
