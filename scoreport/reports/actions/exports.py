"""Taking rosters and access logs out as files, within the limits of a day; every file is recorded."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, ActorKind, Permission, Refused
from scoreport.approvals import actions as approvals
from scoreport.approvals.rules import ApprovalInfo, ApprovalKind
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.downloads import actions as downloads
from scoreport.downloads import row_limits
from scoreport.downloads.actions import OpenedDownload
from scoreport.downloads.queries import UnknownDownload, same_request
from scoreport.downloads.queries import download as find_download
from scoreport.downloads.rules import DownloadInfo
from scoreport.organizations import queries as organizations
from scoreport.organizations.rules import OrganizationInfo
from scoreport.programs.rules import AcademicYear
from scoreport.reports import queries, tasks
from scoreport.reports.export import jobs, limits, rosters
from scoreport.reports.queries import log
from scoreport.reports.queries.rows import asked, total_of
from scoreport.reports.rules import Format, RosterQuery
from scoreport.reports.rules.event_details import what_of_log, what_of_roster
from scoreport.reports.rules.log import LogQuery, LogRow


class TooManyRows(Refused):
    """The file has more rows about students than the person can still export on this day."""


@dataclass(frozen=True, slots=True)
class Export:
    """A file of a roster: its chunks, or the request for it when it is prepared in the background."""

    name: str
    media_type: str
    rows: int
    chunks: Iterator[bytes] | None
    download: DownloadInfo | None


def export_log(actor: Actor, *, organization: OrganizationInfo, query: LogQuery, at: datetime) -> Iterator[LogRow]:
    """Take out what a page of the log shows, all of it; it is recorded before the first row.

    Rows about students count for the day. Raises what :func:`open_log` raises, and :class:`TooManyRows`.
    """
    access.require(actor, Permission.ACCESS_EXPORT, organization.place)
    _require_fresh_sign_in(actor, at)
    rows = log.log_rows(actor, organization, query, at)
    with transaction.atomic():
        about_students = _counted_log(actor, organization, query, at)
        record(
            actor, verb=Verb.LOG_EXPORTED, at=at, organization=organization.code, subject_kind="log",
            subject="organization", format=Format.CSV.value, rows=about_students, **what_of_log(query),
        )  # fmt: skip
    return rows


def _counted_log(actor: Actor, organization: OrganizationInfo, query: LogQuery, at: datetime) -> int:
    """Count the rows of a log that are about students; return how many they are. The operator has no limit."""
    if actor.person_id is None:
        return 0
    row_limits.lock_person(actor.person_id)
    allowance = row_limits.allowance(actor, at=at)
    rows = log.count_student_rows(organization, query, most=allowance.left + 1)
    if rows > allowance.left:
        message = _(
            "This log has more rows about students than the %(left)s of %(limit)s that you can still export today."
            " Choose fewer days or one person, or continue tomorrow."
        )
        raise TooManyRows(message % {"left": f"{allowance.left:,}", "limit": f"{allowance.limit:,}"})
    if rows:
        key = f"log:{secrets.token_hex(16)}"  # Another one later holds other rows.
        row_limits.count_export(actor, organization=organization.code, key=key, rows=rows, at=at)
    return rows


def export_roster(
    actor: Actor, *, organization: OrganizationInfo, query: RosterQuery, file_format: Format, at: datetime
) -> Export:
    """Take a roster out as a file: at once when it is small, else in the background; it is recorded either way.

    The operator at the command line always gets it at once. A person gets one job for the same request while its file
    is prepared or ready. Raises :class:`scoreport.access.NotAllowed`,
    :class:`scoreport.approvals.actions.ApprovalNeeded` and :class:`scoreport.downloads.actions.TooManyOpen`.
    """
    access.require(actor, Permission.SCORES_EXPORT, organization.place)
    _require_fresh_sign_in(actor, at)
    query = queries.with_years(actor, organization, query, at)[0]
    total = total_of(actor, organization, query, at, asked(actor, organization, query, at))
    name = _file_name(organization, query, file_format)
    in_background = total > settings.EXPORT_AT_ONCE_ROWS and actor.kind is ActorKind.PERSON
    download, chunks = None, None
    with transaction.atomic():
        key = _counted(actor, organization, query, file_format, total, at)
        if in_background and (known := same_request(actor, key, at=at)):
            return Export(name, file_format.media_type, total, None, known)
        if in_background:
            download = downloads.begin(
                actor, kind=jobs.kind_of(query.program), name=name, media_type=file_format.media_type,
                organization=organization.code,
                parameters=jobs.parameters_of(organization.code, query, file_format, at), rows_total=total, key=key,
                at=at,
            )  # fmt: skip
            tasks.export_roster.enqueue(download.id)
        record(
            actor, verb=Verb.ROSTER_EXPORTED, at=at, organization=organization.code, subject_kind="roster",
            subject=name, rows=total, format=file_format.value, **what_of_roster(query),
        )  # fmt: skip
    if download is None:
        writer = rosters.csv_chunks if file_format is Format.CSV else rosters.xlsx_chunks
        chunks = writer(actor, organization, query, at)
    return Export(name, file_format.media_type, total, chunks, download)


def _counted(
    actor: Actor, organization: OrganizationInfo, query: RosterQuery, file_format: Format, rows: int, at: datetime
) -> str:
    """Count an export of a person, or use its approval; return what identifies it, nothing for the operator."""
    if actor.person_id is None:
        return ""
    row_limits.lock_person(actor.person_id)
    key = limits.key_of(actor, organization, query, file_format, at, asked(actor, organization, query, at))
    limits.require_within_limit(
        actor, organization=organization, parameters=limits.parameters_of(query, file_format), key=key, rows=rows,
        at=at,
    )  # fmt: skip
    return key


def ask_for_export(
    actor: Actor, *, organization: OrganizationInfo, query: RosterQuery, file_format: Format, reason: str, at: datetime
) -> ApprovalInfo:
    """Ask another access manager of the line to approve one export, exactly as it is asked for here.

    The nearest who are not the person get an email; where there is none, the operator can approve. Raises
    :class:`scoreport.access.NotAllowed` and :class:`scoreport.approvals.actions.ReasonMissing`.
    """
    plan = limits.plan_of(actor, organization, query, file_format, at)
    query = queries.with_years(actor, organization, query, at)[0]
    return approvals.ask(
        actor,
        kind=ApprovalKind.ROSTER_EXPORT,
        subject=plan.subject,
        reason=reason,
        parameters=limits.parameters_of(query, file_format),
        organization=organization.code,
        place=organization.place,
        approvers=[approvals.Reader(manager.email, manager.language) for manager in plan.managers],
        at=at,
    )


def _require_fresh_sign_in(actor: Actor, at: datetime) -> None:
    access.require_fresh_sign_in(actor, within=timedelta(minutes=settings.FRESH_SIGN_IN_MINUTES), at=at)


def try_export_again(actor: Actor, *, secret: str, at: datetime) -> DownloadInfo:
    """Have a file made again whose making failed.

    Raises :class:`scoreport.downloads.queries.UnknownDownload` and :class:`scoreport.downloads.actions.NotReady`.
    """
    if not jobs.is_roster(find_download(actor, secret, at=at).kind):
        raise UnknownDownload(_("There is no such file."))
    with transaction.atomic():
        download = downloads.try_again(actor, secret=secret, at=at)
        tasks.export_roster.enqueue(download.id)
    return download


def open_export(actor: Actor, *, secret: str, at: datetime) -> OpenedDownload:
    """Open a file that was prepared for a person, if their roles still let them take that roster out.

    Raises :class:`scoreport.downloads.queries.UnknownDownload`, :class:`scoreport.downloads.actions.NotReady`,
    :class:`scoreport.organizations.queries.UnknownOrganization` and :class:`scoreport.access.NotAllowed`.
    """
    found = find_download(actor, secret, at=at)
    place = organizations.organization(actor, found.organization).place
    access.require(actor, Permission.SCORES_EXPORT, place)
    _require_fresh_sign_in(actor, at)
    return downloads.open_download(actor, secret=secret, at=at)


def _file_name(organization: OrganizationInfo, query: RosterQuery, file_format: Format) -> str:
    """Name a file by what it holds: ``PROGRAM_111007_2025-2026.csv``, or by the first and the last of several years."""
    years = sorted(query.years)
    span = AcademicYear(years[0]).key if len(years) == 1 else f"{years[0]}-{years[-1] + 1}"
    return f"{query.program}_{organization.ai_code or organization.code}_{span}.{file_format.value}"
