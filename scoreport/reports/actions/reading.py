"""Reading reports and the access log; every look is recorded."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.audit.actions import record
from scoreport.audit.rules import NewEvent, Verb
from scoreport.organizations.rules import OrganizationInfo
from scoreport.reports import publishing, queries
from scoreport.reports.actions.view_log import record_view
from scoreport.reports.export.limits import limits_of
from scoreport.reports.queries import incident as incidents
from scoreport.reports.queries import log, sight
from scoreport.reports.rules import (
    ExportLimits,
    FilterOptions,
    Report,
    RosterPage,
    RosterQuery,
    SavedViewInfo,
    StudentReport,
)
from scoreport.reports.rules.event_details import what_of_log, what_of_roster
from scoreport.reports.rules.incident import Incident, IncidentQuery
from scoreport.reports.rules.log import LogPage, LogQuery
from scoreport.reports.rules.sight import Look, PersonSight, StudentSight


@dataclass(frozen=True, slots=True)
class RosterPart:
    """A page of a roster with what stands around it; ``limits`` is None for people who may not export it."""

    page: RosterPage
    options: FilterOptions
    saved_views: tuple[SavedViewInfo, ...]
    limits: ExportLimits | None


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A report, and its roster where there is one and the reader may see it."""

    report: Report
    roster: RosterPart | None


def open_report_page(actor: Actor, *, organization: OrganizationInfo, query: RosterQuery, at: datetime) -> ReportPage:
    """Return all of a report's page, and record who looked.

    Raises :class:`scoreport.access.NotAllowed`.
    """
    report = open_report(actor, organization=organization, query=query, at=at)
    if report.is_masked or report.empty:
        return ReportPage(report, None)
    shown = replace(query, years=tuple(year.start for year in report.years))
    taken = [row.code for row in report.exams]
    part = open_roster_part(actor, organization=organization, query=shown, at=at, taken=taken, known=report.rows)
    return ReportPage(report, part)


def open_roster(actor: Actor, *, organization: OrganizationInfo, query: RosterQuery, at: datetime) -> RosterPage:
    """Return a page of a roster, and record who looked at it.

    Raises :class:`scoreport.access.NotAllowed`.
    """
    page = queries.roster_page(actor, organization, query, at)
    _record_roster(actor, organization, page, at)
    return page


def open_roster_part(
    actor: Actor,
    *,
    organization: OrganizationInfo,
    query: RosterQuery,
    at: datetime,
    taken: Collection[str] | None = None,
    known: int | None = None,
) -> RosterPart:
    """Return a page of a roster with the choices of its filters, and record who looked at it.

    ``taken`` are the exams of the query's years, and ``known`` the number of their rows, where a report has told them.
    Raises :class:`scoreport.access.NotAllowed`.
    """
    page = queries.roster_page(actor, organization, query, at, known=known)
    options = queries.filter_options(actor, organization, page.query, at, taken=taken)
    own = queries.own_of_roster(actor, organization, query.program, at)
    limits = None
    if access.can(actor, Permission.SCORES_EXPORT, organization.place):
        limits = limits_of(actor, organization, page.query, page.total, at, own=own)
    _record_roster(actor, organization, page, at)
    return RosterPart(page, options, own.views, limits)


def _record_roster(actor: Actor, organization: OrganizationInfo, page: RosterPage, at: datetime) -> None:
    detail = {"rows": page.total, **what_of_roster(page.query)}
    event = NewEvent(Verb.ROSTER_VIEWED, organization.code, "roster", page.query.program, detail=detail)
    record_view(actor, event=event, rows=len(page.rows), at=at)


def open_student(actor: Actor, *, student_id: int, program: str, at: datetime) -> StudentReport:
    """Return a student's page of a program, and record who looked at it.

    Raises :class:`scoreport.reports.queries.UnknownStudent` and :class:`scoreport.access.NotAllowed`.
    """
    report = queries.student_page(actor, student_id, at, program=program)
    codes = tuple(school.code for school in report.schools)
    with transaction.atomic():
        # One event for each school whose tests were seen, so that each finds it in its own log.
        for code in codes or ("",):
            record(
                actor, verb=Verb.STUDENT_VIEWED, at=at, organization=code, subject_kind="student",
                subject=report.public_id, subject_id=report.public_id, program=program, organizations=codes,
            )  # fmt: skip
    return report


def open_report(actor: Actor, *, organization: OrganizationInfo, query: RosterQuery, at: datetime) -> Report:
    """Return the report of an organization, and record who looked where no roster below it says so anyway.

    Raises :class:`scoreport.access.NotAllowed`.
    """
    access.require(actor, Permission.SCORES_SUMMARY_READ, organization.place)
    if queries.is_masked(actor, organization):
        years = queries.summary_years(organization, queries.with_years(actor, organization, query, at)[0], at)
        publishing.publish_if_due(actor, organization, program=query.program, years=years, at=at)
    report = queries.report_of(actor, organization, query, at)
    if report.is_masked:
        event = NewEvent(
            Verb.SUMMARY_VIEWED, organization.code, "summary", query.program, detail=what_of_roster(query)
        )  # fmt: skip
        record_view(actor, event=event, at=at)
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
            subject="organization", **what_of_log(page.query),
        )  # fmt: skip
    return page


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
                subject=told.public_id, subject_id=told.public_id,
            )  # fmt: skip
    return told, looks


def open_person_sight(
    actor: Actor, *, organization: OrganizationInfo, person_id: int, at: datetime
) -> tuple[PersonSight, LogPage]:
    """Return which students of an institution a person can see and what they did there lately, and record who asked.

    Raises :class:`scoreport.access.NotAllowed` and :class:`scoreport.reports.queries.sight.UnknownSeer`.
    """
    told = sight.person_sight(actor, organization, person_id, at)
    lately = log.log_page(actor, organization, LogQuery(person_id=told.person_id), at)
    with transaction.atomic():
        record(
            actor, verb=Verb.LOG_VIEWED, at=at, organization=organization.code, subject_kind="person",
            subject=f"{told.name} <{told.email}>", subject_id=told.person_id,
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
