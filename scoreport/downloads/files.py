"""Making a file ready for somebody: what the jobs that write files call, and cleaning up after them."""

import datetime as dt
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from scoreport.downloads.models import Download
from scoreport.downloads.rules import DownloadState, states_before


def folder() -> Path:
    """Return the folder of prepared files; nobody but the program may look into it."""
    path = Path(settings.MEDIA_ROOT) / "downloads"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def new_file() -> Path:
    """Make an empty file that only the program can read, under a name that says nothing."""
    path = folder() / secrets.token_hex(16)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return path


@contextmanager
def file_in_progress() -> Iterator[Path]:
    """Make an empty file for the block to fill; it is removed when the block raises an error."""
    path = new_file()
    try:
        yield path
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def progress(download_id: int, *, rows_done: int, rows_total: int | None = None) -> None:
    """Tell how far the making of a file is; a page polls it."""
    told = {"rows_done": rows_done} | ({} if rows_total is None else {"rows_total": rows_total})
    Download.objects.filter(pk=download_id, state=DownloadState.PREPARING).update(**told)


def finish(download_id: int, *, path: Path, at: dt.datetime) -> bool:
    """Hand over a finished file; its time to be fetched starts now.

    Returns False, and removes the file, when nobody waits for it any more: the job was started
    twice, or the request has expired.
    """
    kept = Download.objects.filter(pk=download_id, state__in=states_before(DownloadState.READY)).update(
        state=DownloadState.READY,
        path=path.name,
        size=path.stat().st_size,
        ready_at=at,
        expires_at=at + dt.timedelta(hours=settings.DOWNLOAD_HOURS),
    )
    if not kept:
        path.unlink(missing_ok=True)
    return bool(kept)


def fail(download_id: int, *, reason: str) -> None:
    """Say why a file could not be made; the person may try again."""
    Download.objects.filter(pk=download_id, state__in=states_before(DownloadState.FAILED)).update(
        state=DownloadState.FAILED, reason=reason
    )


def expire(*, at: dt.datetime) -> int:
    """End the files whose time is over and remove them from the disk; return how many.

    The row goes first and the file after the commit: a file without a row is litter, a row
    without its file would be a broken promise.
    """
    over = Download.objects.filter(~Q(state=DownloadState.EXPIRED), expires_at__lte=at)
    with transaction.atomic():
        rows = list(over.select_for_update().values_list("pk", "path"))
        Download.objects.filter(pk__in=[number for number, _path in rows]).update(state=DownloadState.EXPIRED, path="")
    for _number, name in rows:
        if name:
            (folder() / name).unlink(missing_ok=True)
    return len(rows)
