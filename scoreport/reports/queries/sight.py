"""Who can see whom, and why.

The answer for a student is that of ``access.can`` and of :func:`scoreport.scores.queries.visible_scores`, asked from
the other end: not what a person's roles open, but whose roles open this student. A test holds the two together.
"""

import datetime as dt
import urllib.parse
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, NotFound, Permission, Place, PlaceKind, Role
from scoreport.access.roles import ROLE_PERMISSIONS
from scoreport.accounts.queries import UnknownPerson, person_by_id
from scoreport.audit.models import Event
from scoreport.audit.queries import event_info
from scoreport.audit.rules import Verb
from scoreport.lib.clock import local_date
from scoreport.organizations.models import Membership, Organization, SupportGrant
from scoreport.organizations.queries import infos
from scoreport.organizations.queries.support import open_at, support_info
from scoreport.organizations.rules import OrganizationInfo, lineage_text
from scoreport.people.queries import Span, is_in_question, public_ids, spans_of_student
from scoreport.reports.queries.log import about_student, student_names
from scoreport.reports.queries.student import UnknownStudent
from scoreport.reports.rules.log import without_addresses
from scoreport.reports.rules.sight import Look, PersonSight, Reach, Seer, SeesBy, StudentSight
from scoreport.scores import queries as scores
from scoreport.scores.queries import SchoolPlaces, StudentRow

_ROSTER_ROLES = [role for role, carried in ROLE_PERMISSIONS.items() if Permission.SCORES_ROSTER_READ in carried]
_STAFF_ROLES = [role for role, carried in ROLE_PERMISSIONS.items() if Permission.SCORES_FILE_HANDLE in carried]
_LOOKS = (Verb.ROSTER_VIEWED, Verb.ROSTER_EXPORTED, Verb.ROSTER_PRINTED, Verb.DOWNLOAD_OPENED)
_AT_DESK = (Verb.FILE_ROWS_SHOWN, Verb.FILE_ROWS_TAKEN_OUT, Verb.MATCH_RECORDS_SHOWN)
_LATELY = 100


class UnknownSeer(NotFound):
    """There is no such person with a role that reaches the institution."""


# --- A student -----------------------------------------------------------------------------------


def student_sight(actor: Actor, student_id: int, at: dt.datetime) -> StudentSight:
    """Return everybody who can see a student, by the schools that the actor's roles reach.

    For those who manage access at such a school, and for those who open its rosters. The name is told only to the
    latter. Raises :class:`scoreport.reports.queries.student.UnknownStudent`, and
    :class:`scoreport.access.NotAllowed` when nothing but a second factor is missing.
    """
    reached = reached_schools(actor, student_id)
    places = infos(school.school_id for school in reached)
    named = student_names(actor, [student_id], at)
    return StudentSight(
        public_id=public_ids([student_id])[student_id],
        name=named.get(student_id, ""),
        schools=tuple(sorted(places.values(), key=lambda info: (info.name, info.id))),
        seers=tuple(_seers(reached, places, student_id, at)),
    )


def reached_schools(actor: Actor, student_id: int) -> list[SchoolPlaces]:
    """Return the student's schools at which the actor manages access or opens rosters; raises UnknownStudent."""
    schools = scores.schools_of_student(student_id)
    places = infos(school.school_id for school in schools)
    for permission in (Permission.ACCESS_READ, Permission.SCORES_ROSTER_READ):
        if access.can(actor, permission):
            access.require(actor, permission)
    reached = [
        school
        for school in schools
        if (info := places.get(school.school_id))
        and (
            access.can(actor, Permission.ACCESS_READ, info.place)
            or access.can(actor, Permission.SCORES_ROSTER_READ, info.place)
        )
    ]
    if not reached:
        raise UnknownStudent(_("There is no such student."))
    return reached


def _seers(
    schools: list[SchoolPlaces], places: dict[int, OrganizationInfo], student_id: int, at: dt.datetime
) -> Iterator[Seer]:
    """Yield who sees: by roles, by support access, and by the files that tell of the student."""
    reach = {number for info in places.values() for number in info.lineage}
    rows = _memberships(_ROSTER_ROLES, at).filter(organization__in=reach)
    for row in rows.order_by("user__name", "user__email", "id"):
        through = _through(row.organization, schools, places)
        if through and _lasts(row, at):
            yield _by_role(row, SeesBy.ROLE, through)
    support = SupportGrant.objects.filter(open_at(at), organization__in=reach).select_related("organization", "staff")
    staff = {row.user_id for row in _memberships(_STAFF_ROLES, at) if _lasts(row, at)}
    for grant in support.order_by("id"):
        through = _through(grant.organization, schools, places)
        if through and grant.staff_id in staff:
            told = support_info(grant)
            yield Seer(
                person_id=told.staff_id or 0, person=told.staff, by=SeesBy.SUPPORT, role=Role.SUPPORT,
                organization=told.organization, schools=through, granted_by=told.granted_by, ends_on=None,
                ends_at=told.ends_at, ticket=told.ticket,
            )  # fmt: skip
    if _is_shown_at_desk(student_id, at):
        for row in _memberships(_STAFF_ROLES, at).order_by("user__name", "user__email", "id"):
            if _lasts(row, at):
                yield _by_role(row, SeesBy.FILES, ())


def _is_shown_at_desk(student_id: int, at: dt.datetime) -> bool:
    """Tell whether program staff can see a row or a record of a student: only where there is something to decide."""
    since = at - dt.timedelta(days=settings.PROBLEM_ROWS_DAYS)
    return scores.has_changed_rows(student_id, since) or is_in_question(student_id)


def _memberships(roles: Iterable[Role], at: dt.datetime) -> QuerySet[Membership]:
    """Return roles that nobody has taken away, of people who may sign in; whether they last is asked of each."""
    # A day more, because the last day of a role is over at different instants in different places.
    since = at.date() - dt.timedelta(days=2)
    rows = Membership.objects.filter(role__in=[r.value for r in roles], revoked_at=None, ends_on__gte=since)
    return rows.filter(user__is_active=True).select_related("user", "organization")


def _lasts(row: Membership, at: dt.datetime) -> bool:
    zone = row.organization.time_zone if row.organization else settings.TIME_ZONE
    return local_date(at, zone) <= row.ends_on


def _by_role(row: Membership, by: SeesBy, through: tuple[str, ...]) -> Seer:
    return Seer(
        person_id=row.user_id,
        person=row.user.info.as_text,
        by=by,
        role=Role(row.role),
        organization=row.organization.info if row.organization else None,
        schools=through,
        granted_by=row.granted_by,
        ends_on=row.ends_on,
        ends_at=None,
    )


def _through(
    organization: Organization | None, schools: list[SchoolPlaces], places: dict[int, OrganizationInfo]
) -> tuple[str, ...]:
    """Return the names of the student's schools that a role there opens, as :func:`scores.at_place` finds tests."""
    if organization is None:
        return ()
    held = organization.info
    found = [school for school in schools if school.school_id in places and _opens(held, school, places)]
    return tuple(sorted({places[school.school_id].name for school in found}))


def _opens(held: OrganizationInfo, school: SchoolPlaces, places: dict[int, OrganizationInfo]) -> bool:
    match held.kind:
        case PlaceKind.STATE:
            return school.state_id == held.id
        case PlaceKind.DISTRICT:
            return school.district_id == held.id
        case PlaceKind.SCHOOL:
            return school.school_id == held.id
        case PlaceKind.OTHER:
            return held.id in places[school.school_id].lineage


def looks_at_student(actor: Actor, student_id: int) -> list[Look]:
    """Return who looked, newest first: at the student's page, rosters of their schools, rows of files, their records.

    Of the schools that the actor's roles reach. A roster is told of whether or not the student was on that page.
    Raises what :func:`student_sight` raises.
    """
    places = infos(school.school_id for school in reached_schools(actor, student_id))
    own_codes = {info.code for info in places.values()}
    names = {info.code: info.name for info in infos(n for info in places.values() for n in info.lineage).values()}
    years = scores.years_of_student(student_id)
    own = about_student(student_id) & Q(organization__in=own_codes)
    rosters = Q(organization__in=list(names), verb__in=[verb.value for verb in _LOOKS])
    rows, spans = scores.rows_of_student(student_id), spans_of_student(student_id)
    files = Q(
        subject_kind="score-file", subject__in=sorted({str(row.file_id) for row in rows}),
        verb__in=[Verb.FILE_ROWS_VIEWED.value, Verb.FILE_ROWS_EXPORTED.value],
    )  # fmt: skip
    desk = Q(organization__in=own_codes, verb__in=[verb.value for verb in _AT_DESK])
    found = [
        *_newest(own),
        *(e for e in _newest(desk, 5 * _LATELY) if _has_shown(e, spans, rows)),
        *(e for e in _newest(files, 5 * _LATELY) if _has_shown_of_no_school(e, rows)),
        *(e for e in _newest(rosters, 5 * _LATELY) if _is_of(e, years)),
    ]
    newest = sorted(found, key=lambda event: (event.at, event.pk), reverse=True)[:_LATELY]
    return [
        Look(
            without_addresses(event_info(event)),
            names.get(event.organization, ""),
            event.organization not in {*own_codes, ""},
        )
        for event in newest
    ]


def _newest(arm: Q, limit: int = _LATELY) -> list[Event]:
    return list(Event.objects.filter(arm).order_by("-at", "-pk")[:limit])


def _has_shown(event: Event, spans: list[Span], rows: list[StudentRow]) -> bool:
    """Tell whether an event at a school is about rows or records of a student; a whole list may have had them."""
    if event.verb == Verb.FILE_ROWS_TAKEN_OUT.value:
        return True
    shown = set(map(str, event.detail.get("students", ())))
    if any(span.holds(event.at) and not shown.isdisjoint(span.names) for span in spans):
        return True
    lines = event.detail.get("lines", ())
    return any(str(row.file_id) == event.subject and row.line in lines for row in rows)


def _has_shown_of_no_school(event: Event, rows: list[StudentRow]) -> bool:
    """Tell whether an event of a file is about a student's rows without a school, or older than events at schools."""
    if "shown" not in event.detail:
        return True
    lost = [row.line for row in rows if str(row.file_id) == event.subject and not row.has_school]
    lines = event.detail.get("lines")
    return bool(lost) if lines is None else any(line in lines for line in lost)


def _is_of(event: Event, years: set[int]) -> bool:
    """Tell whether a look at a roster was one at years in which the student has tests; a file may be of any."""
    asked = urllib.parse.parse_qs(str(event.detail.get("query", ""))).get("year", [])
    return not asked or "all" in asked or any(year.partition("-")[0] in map(str, years) for year in asked)


# --- A person ------------------------------------------------------------------------------------


def person_sight(actor: Actor, organization: OrganizationInfo, person_id: int, at: dt.datetime) -> PersonSight:
    """Return a person's roles that reach an institution, and how many of its students each opens.

    Roles elsewhere are nobody's business here. Raises :class:`scoreport.access.NotAllowed`, :class:`UnknownSeer`.
    """
    access.require(actor, Permission.ACCESS_READ, organization.place)
    reach = Organization.objects.under([lineage_text(organization.lineage)])
    near = Q(organization__in=reach) | Q(organization_id__in=organization.lineage)
    held = list(_by_membership(Membership.objects.filter(near, user_id=person_id), organization, at))
    looks = list(_by_support(SupportGrant.objects.filter(near, open_at(at), staff_id=person_id), organization))
    looked = SupportGrant.objects.filter(near, staff_id=person_id).exists()
    try:
        person = person_by_id(person_id)
    except UnknownPerson as error:
        raise UnknownSeer(str(error)) from error
    if not held and not looked:
        raise UnknownSeer(_("There is no such person."))
    reaches = sorted([*held, *looks], key=lambda r: (not r.is_active, r.organization.name, r.role.value))
    return PersonSight(person.id, person.name, person.email, person.is_active, tuple(reaches))


def _by_membership(rows: QuerySet[Membership], organization: OrganizationInfo, at: dt.datetime) -> Iterator[Reach]:
    for row in rows.select_related("organization", "user").order_by("-id"):
        if row.organization is None:
            continue
        held = row.organization.info
        is_active = row.revoked_at is None and row.user.is_active and _lasts(row, at)
        opens = is_active and Role(row.role) in _ROSTER_ROLES
        yield Reach(
            role=Role(row.role),
            organization=held,
            students=scores.count_students(_narrower(held, organization)) if opens else 0,
            is_from_above=organization.id not in held.lineage,
            granted_by=row.granted_by,
            granted_at=row.granted_at,
            ends_on=row.ends_on,
            ends_at=row.revoked_at,
            is_active=is_active,
        )


def _by_support(rows: QuerySet[SupportGrant], organization: OrganizationInfo) -> Iterator[Reach]:
    for row in rows.select_related("organization", "staff"):
        told = support_info(row)
        yield Reach(
            role=Role.SUPPORT,
            organization=told.organization,
            students=scores.count_students(_narrower(told.organization, organization)),
            is_from_above=organization.id not in told.organization.lineage,
            granted_by=told.granted_by,
            granted_at=told.granted_at,
            ends_on=None,
            ends_at=told.ends_at,
            is_active=True,
            ticket=told.ticket,
        )


def _narrower(held: OrganizationInfo, asked: OrganizationInfo) -> Place:
    """Return where the role and the institution overlap: the lower of the two."""
    return held.place if asked.id in held.lineage else asked.place
