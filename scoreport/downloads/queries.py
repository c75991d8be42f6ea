"""Reads of prepared files: people see their own, whatever their roles."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from scoreport.access import Actor, NotFound
from scoreport.approvals.rules import ApprovalState
from scoreport.downloads.models import Download
from scoreport.downloads.rules import DownloadInfo, DownloadState, state_at
from scoreport.lib.statements import fetched


class UnknownDownload(NotFound):
    """There is no such file, or it is somebody else's."""


def downloads_of(actor: Actor, *, at: dt.datetime, limit: int = 50) -> list[DownloadInfo]:
    """Return the files that were made for a person, the newest first."""
    rows = _with_openings(owner_id=_owner(actor)).order_by("-created_at", "-id")
    return [_info(row, at) for row in rows[:limit]]


@dataclass(frozen=True, slots=True)
class News:
    """Whether there may be something that a dashboard tells of; it is looked up where there may."""

    ready_files: bool
    open_approvals: bool
    own_approved: bool


def news_of(actor: Actor, *, at: dt.datetime) -> News:
    """Return whether a person has files to fetch or an approved request, or anybody waits for one, by one query."""
    person, moment = _owner(actor), connection.ops.adapt_datetimefield_value(at)
    values = (person, DownloadState.READY.value, moment, ApprovalState.OPEN.value, moment)
    ((files, waiting, approved),) = fetched(_NEWS, [*values, person, ApprovalState.APPROVED.value])
    return News(bool(files), bool(waiting), bool(approved))


_NEWS: Final = (
    "SELECT EXISTS (SELECT 1 FROM downloads_download WHERE owner_id = %s AND state = %s AND expires_at > %s),"
    " EXISTS (SELECT 1 FROM approvals_approval WHERE state = %s AND expires_at > %s),"
    " EXISTS (SELECT 1 FROM approvals_approval WHERE requested_by_id = %s AND state = %s)"
)


def download(actor: Actor, secret: str, *, at: dt.datetime) -> DownloadInfo:
    """Return one file of a person's own; raises :class:`UnknownDownload`."""
    row = _with_openings(owner_id=_owner(actor), secret=secret).first()
    if row is None:
        raise UnknownDownload(_("There is no such file."))
    return _info(row, at)


def same_request(actor: Actor, key: str, *, at: dt.datetime) -> DownloadInfo | None:
    """Return the person's file for the same request that is being prepared or can be fetched now."""
    alive = _with_openings(
        owner_id=_owner(actor),
        key=key,
        state__in=[DownloadState.PREPARING, DownloadState.READY],
        expires_at__gt=at,
    ).first()
    return _info(alive, at) if alive else None


def count_open(actor: Actor, *, at: dt.datetime) -> int:
    """Return how many files are being prepared for a person."""
    return Download.objects.filter(owner_id=_owner(actor), state=DownloadState.PREPARING, expires_at__gt=at).count()


def for_job(download_id: int, *, at: dt.datetime) -> DownloadInfo:
    """Return a file by its number, for the job that makes it; unscoped; raises :class:`UnknownDownload`."""
    row = _with_openings(pk=download_id).first()
    if row is None:
        raise UnknownDownload(_("There is no such file."))
    return _info(row, at)


def _owner(actor: Actor) -> int:
    """Return whose files are asked for; nobody's number is that of nobody."""
    return actor.person_id or 0


def _with_openings(**which: object) -> "QuerySet[Download]":
    return Download.objects.filter(**which).annotate(number_of_openings=Count("openings"))


def _info(row: Download, at: dt.datetime) -> DownloadInfo:
    return DownloadInfo(
        id=row.pk,
        secret=row.secret,
        owner_id=row.owner_id,
        organization=row.organization,
        kind=row.kind,
        name=row.name,
        media_type=row.media_type,
        parameters=row.parameters,
        key=row.key,
        state=state_at(DownloadState(row.state), row.expires_at, at),
        rows_done=row.rows_done,
        rows_total=row.rows_total,
        size=row.size,
        reason=row.reason,
        created_at=row.created_at,
        ready_at=row.ready_at,
        expires_at=row.expires_at,
        openings=row.number_of_openings,  # type: ignore[attr-defined]  # annotated by every caller
    )
