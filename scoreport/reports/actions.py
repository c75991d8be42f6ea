"""What people do with reports: open them, take them out as files, keep views of them."""

import secrets
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, ActorKind, Permission, Refused
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.downloads import actions as downloads
from scoreport.downloads.actions import OpenedDownload
from scoreport.downloads.queries import UnknownDownload
from scoreport.downloads.queries import download as find_download
from scoreport.downloads.rules import DownloadInfo
from scoreport.lib.text import clean
from scoreport.organizations import queries as organizations
from scoreport.organizations.rules import OrganizationInfo
from scoreport.programs.rules import AcademicYear
from scoreport.reports import publishing, queries, tasks
from scoreport.reports.export import jobs, rosters
from scoreport.reports.models import SavedView
from scoreport.reports.queries import incident as incidents
from scoreport.reports.queries import log, sight
from scoreport.reports.queries.rows import asked, total_of
from scoreport.reports.rules import ClepReport, Format, RosterPage, RosterQuery, SavedViewInfo, StudentReport
from scoreport.reports.rules.incident import Incident, IncidentQuery
from scoreport.reports.rules.log import LogPage, LogQuery, LogRow
from scoreport.reports.rules.sight import Look, PersonSight, StudentSight

_LONGEST_NAME = 80


class NobodyToKeepItFor(Refused):
    """Only a person who signed in can keep a view."""


class ViewNameMissing(Refused):
    """A view needs a name."""


class ViewNameTaken(Refused):
    """The person has another view of this name."""


@dataclass(frozen=True, slots=True)
class Export:
    """A file of a roster: its chunks, or the request for it when it is prepared in the background."""

    name: str
    media_type: str
    rows: int
    chunks: Iterator[bytes] | None
    download: DownloadInfo | None


# --- Reading, which is recorded ------------------------------------------------------------------


def open_roster(actor: Actor, *, organization: OrganizationInfo, query: RosterQuery, at: datetime) -> RosterPage:
    """Return a page of a roster, and record who looked at it.

    Raises :class:`scoreport.access.NotAllowed`.
    """
    page = queries.roster_page(actor, organization, query, at)
    with transaction.atomic():
        record(
            actor, verb=Verb.ROSTER_VIEWED, at=at, organization=organization.code, subject_kind="roster",
            subject="clep", rows=page.total, **_what(page.query),
        )  # fmt: skip
    return page


def open_student(actor: Actor, *, student_id: int, at: datetime) -> StudentReport:
    """Return a student's page, and record who looked at it.

    Raises :class:`scoreport.reports.queries.UnknownStudent` and :class:`scoreport.access.NotAllowed`.
    """
    report = queries.student_page(actor, student_id, at)
    codes = tuple(school.code for school in report.schools)
    with transaction.atomic():
        # One event for each school whose tests were seen, so that each finds it in its own log.
        for code in codes or ("",):
            record(
                actor, verb=Verb.STUDENT_VIEWED, at=at, organization=code, subject_kind="student",
                subject=str(student_id), organizations=codes,
            )  # fmt: skip
    return report


def open_report(actor: Actor, *, organization: OrganizationInfo, query: RosterQuery, at: datetime) -> ClepReport:
    """Return the report of an organization, and record who looked where no roster below it says so anyway.

    Raises :class:`scoreport.access.NotAllowed`.
    """
    access.require(actor, Permission.SCORES_SUMMARY_READ, organization.place)
    if queries.is_masked(actor, organization):
        years = queries.summary_years(queries.with_years(actor, organization, query, at)[0])
        publishing.publish_if_due(actor, organization, years=years, at=at)
    report = queries.clep_report(actor, organization, query, at)
    if report.is_masked:
        with transaction.atomic():
            record(
                actor, verb=Verb.SUMMARY_VIEWED, at=at, organization=organization.code, subject_kind="summary",
                subject="clep", **_what(query),
            )  # fmt: skip
    return report


# --- Who looked, which is recorded as well --------------------------------------------------------


def open_log(actor: Actor, *, organization: OrganizationInfo, query: LogQuery, at: datetime) -> LogPage:
    """Return a page of an institution's access log, and record who looked at it.

    Raises :class:`scoreport.access.NotAllowed` and :class:`scoreport.organizations.queries.UnknownOrganization`.
    """
    page = log.log_page(actor, organization, query, at)
    with transaction.atomic():
        record(
            actor, verb=Verb.LOG_VIEWED, at=at, organization=organization.code, subject_kind="log",
            subject="organization", **_what_log(page.query),
        )  # fmt: skip
    return page


def export_log(actor: Actor, *, organization: OrganizationInfo, query: LogQuery, at: datetime) -> Iterator[LogRow]:
    """Take out what a page of the log shows, all of it; it is recorded before the first row.

    Raises what :func:`open_log` raises.
    """
    access.require(actor, Permission.ACCESS_EXPORT, organization.place)
    rows = log.log_rows(actor, organization, query, at)
    with transaction.atomic():
        record(
            actor, verb=Verb.LOG_EXPORTED, at=at, organization=organization.code, subject_kind="log",
            subject="organization", format=Format.CSV.value, **_what_log(query),
        )  # fmt: skip
    return rows


def open_student_sight(actor: Actor, *, student_id: int, at: datetime) -> tuple[StudentSight, list[Look]]:
    """Return who can see a student and who looked, and record who asked.

    Raises :class:`scoreport.reports.queries.UnknownStudent`.
    """
    told = sight.student_sight(actor, student_id, at)
    looks = sight.looks_at_student(actor, student_id)
    with transaction.atomic():
        for school in told.schools:
            record(
                actor, verb=Verb.LOG_VIEWED, at=at, organization=school.code, subject_kind="student",
                subject=str(student_id),
            )  # fmt: skip
    return told, looks


def open_person_sight(
    actor: Actor, *, organization: OrganizationInfo, person_id: int, at: datetime
) -> tuple[PersonSight, LogPage]:
    """Return which students of an institution a person can see and what they did there lately, and record who asked.

    Raises :class:`scoreport.access.NotAllowed` and :class:`scoreport.reports.queries.sight.UnknownSeer`.
    """
    told = sight.person_sight(actor, organization, person_id, at)
    lately = log.log_page(actor, organization, LogQuery(person=told.email), at)
    with transaction.atomic():
        record(
            actor, verb=Verb.LOG_VIEWED, at=at, organization=organization.code, subject_kind="person",
            subject=f"{told.name} <{told.email}>",
        )  # fmt: skip
    return told, lately


def report_incident(actor: Actor, *, query: IncidentQuery, at: datetime) -> Incident:
    """Return whom the events of a stretch of time touched, and record that it was asked.

    Raises :class:`scoreport.access.NotAllowed`.
    """
    access.require(actor, Permission.INCIDENT_REPORT)
    told = incidents.incident(actor, query)
    where = query.organization.code if query.organization else ""
    with transaction.atomic():
        record(
            actor, verb=Verb.INCIDENT_REPORTED, at=at, organization=where,
            subject_kind="incident", subject=query.actor, first=query.first.isoformat(), end=query.end.isoformat(),
            events=told.events, students=told.students,
        )  # fmt: skip
    return told


def _what_log(query: LogQuery) -> dict[str, str | bool]:
    """Return what an event says of what was asked of a log; nothing of it names a student."""
    told = {
        "kind": query.kind or "", "by_person": bool(query.person), "student": query.student or "",
        "first": query.first or "", "last": query.last or "", "under": query.under,
    }  # fmt: skip
    return {name: value if isinstance(value, bool) else str(value) for name, value in told.items() if value}


def _what(query: RosterQuery) -> dict[str, str | bool]:
    """Return what an event says of a query: everything but the name that was searched for."""
    params = query.to_params()
    searched = bool(params.pop("q", None))
    return {"query": urllib.parse.urlencode(params, doseq=True), "searched": searched}


# --- Files ---------------------------------------------------------------------------------------


def export_roster(
    actor: Actor, *, organization: OrganizationInfo, query: RosterQuery, file_format: Format, at: datetime
) -> Export:
    """Take a roster out as a file: at once when it is small, else in the background; it is recorded either way.

    The operator at the command line always gets it at once. Raises :class:`scoreport.access.NotAllowed`.
    """
    access.require(actor, Permission.SCORES_EXPORT, organization.place)
    query = queries.with_years(actor, organization, query, at)[0]
    total = total_of(actor, organization, query, at, asked(actor, organization, query, at))
    name = _file_name(organization, query, file_format)
    download, chunks = None, None
    with transaction.atomic():
        if total > settings.EXPORT_AT_ONCE_ROWS and actor.kind is ActorKind.PERSON:
            download = downloads.begin(
                actor, kind=jobs.KIND, name=name, media_type=file_format.media_type, organization=organization.code,
                parameters=jobs.parameters_of(organization.code, query, file_format, at), rows_total=total, at=at,
            )  # fmt: skip
            tasks.export_roster.enqueue(download.id)
        record(
            actor, verb=Verb.ROSTER_EXPORTED, at=at, organization=organization.code, subject_kind="roster",
            subject=name, rows=total, format=file_format.value, **_what(query),
        )  # fmt: skip
    if download is None:
        writer = rosters.csv_chunks if file_format is Format.CSV else rosters.xlsx_chunks
        chunks = writer(actor, organization, query, at)
    return Export(name, file_format.media_type, total, chunks, download)


def try_export_again(actor: Actor, *, secret: str, at: datetime) -> DownloadInfo:
    """Have a file made again whose making failed.

    Raises :class:`scoreport.downloads.queries.UnknownDownload` and :class:`scoreport.downloads.actions.NotReady`.
    """
    if find_download(actor, secret, at=at).kind != jobs.KIND:
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
    return downloads.open_download(actor, secret=secret, at=at)


def _file_name(organization: OrganizationInfo, query: RosterQuery, file_format: Format) -> str:
    """Name a file by what it holds: ``clep_111007_2025-2026.csv``, or by the first and the last of several years."""
    years = sorted(query.years)
    span = AcademicYear(years[0]).key if len(years) == 1 else f"{years[0]}-{years[-1] + 1}"
    return f"clep_{organization.ai_code or organization.code}_{span}.{file_format.value}"


# --- Saved views ---------------------------------------------------------------------------------


def save_view(
    actor: Actor, *, organization: OrganizationInfo, name: str, query: RosterQuery, at: datetime
) -> SavedViewInfo:
    """Keep a query under a name of the person's own.

    Raises :class:`scoreport.access.NotAllowed`, :class:`ViewNameMissing`, :class:`ViewNameTaken`.
    """
    access.require(actor, Permission.REPORT_VIEW_KEEP, organization.place)
    slug = secrets.token_urlsafe(12)
    with transaction.atomic():
        view = SavedView(
            owner_id=_person(actor),
            organization_id=organization.id,
            slug=slug,
            name=_name(name),
            parameters=query.to_params(page=False),
            created_at=at,
            changed_at=at,
        )
        _store(view)
        record(
            actor, verb=Verb.REPORT_VIEW_SAVED, at=at, organization=organization.code, subject_kind="saved-view",
            subject=str(view.pk),
        )  # fmt: skip
    return queries.saved_view(actor, slug)


def rename_view(actor: Actor, *, view_id: int, name: str, at: datetime) -> SavedViewInfo:
    """Give a saved view another name; its link stays.

    Raises :class:`scoreport.reports.queries.UnknownView`, :class:`ViewNameMissing`, :class:`ViewNameTaken`.
    """
    with transaction.atomic():
        view = _own(actor, view_id)
        view.name, view.changed_at = _name(name), at
        _store(view)
        record(actor, verb=Verb.REPORT_VIEW_RENAMED, at=at, subject_kind="saved-view", subject=str(view.pk))
    return queries.saved_view(actor, view.slug)


def delete_view(actor: Actor, *, view_id: int, at: datetime) -> None:
    """Remove a saved view; its link opens nothing from then on.

    Raises :class:`scoreport.reports.queries.UnknownView`.
    """
    with transaction.atomic():
        view = _own(actor, view_id)
        SavedView.objects.filter(pk=view.pk).delete()
        record(actor, verb=Verb.REPORT_VIEW_DELETED, at=at, subject_kind="saved-view", subject=str(view_id))


def _own(actor: Actor, view_id: int) -> SavedView:
    view = SavedView.objects.filter(pk=view_id, owner_id=_person(actor)).select_for_update().first()
    if view is None:
        raise queries.UnknownView(_("There is no such saved view."))
    return view


def _person(actor: Actor) -> int:
    if actor.person_id is None:
        raise NobodyToKeepItFor(_("A view is kept for a person, and nobody has signed in."))
    return actor.person_id


def _name(text: str) -> str:
    name = clean(text)[:_LONGEST_NAME].strip()
    if not name:
        raise ViewNameMissing(_("Give the view a name, so that you find it again."))
    return name


def _store(view: SavedView) -> None:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise ViewNameTaken(_("You have another view of this name. Choose a different one.")) from None
