"""The access log of an institution: what happened there and under it, newest first.

People, students and sessions are found by their ids, whatever they are called now. Of what a person does to their
account and sessions (``OF_PEOPLE``), an institution sees only sessions in which the person used a role of theirs there
or under it, and of no event the address or the device.

Pages stay fast over millions of events in two ways of asking. Where few events are asked for, indexes find them and
Python puts them in order; where many are, the newest are walked through by their time until the page is full.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import batched, islice

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.audit.models import Event
from scoreport.audit.queries import event_info
from scoreport.audit.rules import Verb
from scoreport.lib.clock import start_of_day
from scoreport.organizations.models import Membership, Organization
from scoreport.organizations.queries import UnknownOrganization
from scoreport.organizations.rules import OrganizationInfo, lineage_text
from scoreport.people.queries import NOBODY, StudentRef, spans_of_student, student_called, students_called
from scoreport.reports.queries.people import near_among, people_known
from scoreport.reports.queries.roster import full_name
from scoreport.reports.rules.log import (
    FROM_ABOVE,
    KIND_VERBS,
    LOG_MOST,
    LOG_PAGE_SIZE,
    OF_PEOPLE,
    WITHOUT_ROLE,
    LogPage,
    LogQuery,
    LogRow,
    without_addresses,
)
from scoreport.scores import queries as scores

_LISTED = 500
"""Organizations and people beyond this number are asked for by a subquery, and the log is walked through."""
_CHUNK = 2_000
_A_DAY = dt.timedelta(days=1)

type _Key = tuple[dt.datetime, int]


@dataclass(frozen=True, slots=True)
class _Scope:
    """Whose events belong to a log: organizations, those above them, and people with the times of their roles."""

    places: QuerySet[Organization]
    codes: tuple[str, ...] | None
    above: tuple[str, ...]
    people: dict[int, tuple[dt.datetime, dt.datetime]]

    def holds(self, verb: str, organization: str, actor_id: int | None, at: dt.datetime) -> bool:
        """Return whether an event of a person falls into the time of their roles here; others always do."""
        if verb not in OF_PEOPLE or organization:
            return True
        first, end = self.people.get(actor_id or 0, (at, at))
        return first <= at < end


def log_page(actor: Actor, organization: OrganizationInfo, query: LogQuery, at: dt.datetime) -> LogPage:
    """Return a page of an institution's log; a page beyond the last one is the last one.

    Raises :class:`scoreport.access.NotAllowed`, and
    :class:`scoreport.organizations.queries.UnknownOrganization` when ``query.under`` is not under it.
    """
    access.require(actor, Permission.ACCESS_READ, organization.place)
    place = _under(organization, query)
    scope, asked = _scope(place), _asked(place, query)
    found = _found(scope, asked, query)
    total = LOG_MOST if found is None else len(found)
    page = min(query.page, max(1, -(-total // LOG_PAGE_SIZE)))
    first, end = (page - 1) * LOG_PAGE_SIZE, min(page * LOG_PAGE_SIZE, total)
    keys = islice(_walked(scope, asked), first, end) if found is None else found[first:end]
    rows = _rows(actor, place, [pk for _at, pk in keys], at)
    return LogPage(rows, total, is_more=found is None, query=replace(query, page=page))


def log_rows(actor: Actor, organization: OrganizationInfo, query: LogQuery, at: dt.datetime) -> Iterator[LogRow]:
    """Yield everything that a query asks for, newest first, with little memory; for files.

    Raises what :func:`log_page` raises, before the first row.
    """
    access.require(actor, Permission.ACCESS_READ, organization.place)
    place = _under(organization, query)
    scope, asked = _scope(place), _asked(place, query)
    found = _found(scope, asked, query)
    keys = _walked(scope, asked) if found is None else iter(found)
    return _all_rows(actor, place, (pk for _at, pk in keys), at)


def count_student_rows(organization: OrganizationInfo, query: LogQuery, *, most: int) -> int:
    """Return how many events about students a query asks for, counting no further than ``most``; unscoped."""
    place = _under(organization, query)
    about_students = _asked(place, query) & Q(subject_kind="student")
    return sum(1 for _key in islice(_walked(_scope(place), about_students), most))


def _all_rows(actor: Actor, place: OrganizationInfo, ids: Iterator[int], at: dt.datetime) -> Iterator[LogRow]:
    while chunk := list(islice(ids, _CHUNK)):
        yield from _rows(actor, place, chunk, at)


# --- What is asked for ---------------------------------------------------------------------------


def _under(organization: OrganizationInfo, query: LogQuery) -> OrganizationInfo:
    """Return the institution, or the one under it that the query names."""
    if not query.under:
        return organization
    rows = Organization.objects.under([lineage_text(organization.lineage)])
    row = rows.filter(Q(code=query.under) | Q(ai_code=query.under)).exclude(code="").first()
    if row is None:
        raise UnknownOrganization(_("There is no such organization."))
    return row.info


def _scope(place: OrganizationInfo) -> _Scope:
    places = Organization.objects.under([lineage_text(place.lineage)])
    codes = list(places.values_list("code", flat=True)[: _LISTED + 1])
    above = Organization.objects.filter(pk__in=place.lineage[:-1])
    return _Scope(
        places=places,
        codes=tuple(codes) if len(codes) <= _LISTED else None,
        above=tuple(above.values_list("code", flat=True)),
        people=_people(places),
    )


def _people(places: QuerySet[Organization]) -> dict[int, tuple[dt.datetime, dt.datetime]]:
    """Return from when until when each person held roles at some organizations.

    A role that was given again has a new beginning on file, so the first beginning is what the events say.
    """
    rows = list(
        Membership.objects.filter(organization__in=places).values_list(
            "user_id", "granted_at", "ends_on", "revoked_at", "organization__time_zone"
        )
    )
    first = _first_granted(places, {person for person, *_rest in rows})
    found: dict[int, tuple[dt.datetime, dt.datetime]] = {}
    for person, begun, ends_on, revoked_at, time_zone in rows:
        end = revoked_at or start_of_day(ends_on + _A_DAY, time_zone or "UTC")
        known = found.get(person, (min(begun, first.get(person, begun)), end))
        found[person] = (min(known[0], begun), max(known[1], end))
    return found


def _first_granted(places: QuerySet[Organization], people: set[int]) -> dict[int, dt.datetime]:
    """Return when each of some people was given a role for the first time, as the events say."""
    codes = set(places.values_list("code", flat=True)) if people else set()
    found: dict[int, dt.datetime] = {}
    for some in batched(sorted(people), _LISTED or 1, strict=False):
        # The verb is wrapped, because a person has few events of their own and a state has many grants.
        events = Event.objects.alias(did=_wrapped("verb")).filter(
            did=Verb.MEMBERSHIP_GRANTED.value, subject_kind="person", subject_id__in=[str(number) for number in some]
        )
        for person, organization, at in events.values_list("subject_id", "organization", "at"):
            if organization in codes:
                found[int(person)] = min(at, found.get(int(person), at))
    return found


def _asked(place: OrganizationInfo, query: LogQuery) -> Q:
    """Return the filter of a query, without whose events they are."""
    asked = Q()
    if query.kind is not None:
        asked &= Q(verb__in=sorted(KIND_VERBS[query.kind]))
    if query.person_id is not None:
        asked &= _of_people([query.person_id])
    if query.person:
        asked &= _of_people(people_known(place, query.person)) | Q(actor_id=None, actor=query.person)
    if query.student:
        student = student_called(query.student).number
        asked &= about_student(student) if student else Q(subject_kind="student", subject_id=query.student)
    if query.first is not None:
        asked &= Q(at__gte=start_of_day(query.first, place.time_zone))
    if query.last is not None:
        asked &= Q(at__lt=start_of_day(query.last + _A_DAY, place.time_zone))
    return asked


def _of_people(people: list[int]) -> Q:
    """Return the filter of what some people did, and of what was done to them."""
    return Q(actor_id__in=people) | Q(subject_kind="person", subject_id__in=[str(number) for number in people])


# --- The two ways of asking ----------------------------------------------------------------------


def _found(scope: _Scope, asked: Q, query: LogQuery) -> list[_Key] | None:
    """Return the events that are asked for, newest first; None when there are more than one turns pages through."""
    found: dict[int, dt.datetime] = {}
    for arm in _arms(scope, query):
        found |= {pk: at for at, pk in _held(scope, arm.filter(asked)[: LOG_MOST + 1])}
        if len(found) > LOG_MOST:
            return None
    return sorted(((at, pk) for pk, at in found.items()), reverse=True)


def _arms(scope: _Scope, query: LogQuery) -> list[QuerySet[Event]]:
    """Return what together belongs to a log: by the indexes of places and people where those are few.

    Where they are many, what is asked for has to find the events: a group, a person, a student, days. A group is
    asked for verb by verb, in the order of its index: SQLite would not believe that some verbs are rare.
    """
    if scope.codes is None or len(scope.people) > _LISTED:
        belonging = _belonging(scope)
        if query.kind is None:
            return [belonging]
        return [belonging.filter(verb=verb).order_by("-at", "-pk") for verb in sorted(KIND_VERBS[query.kind])]
    people = Q(_in_a_session_here(scope), actor_id__in=list(scope.people), verb__in=sorted(OF_PEOPLE), organization="")
    above = Q(organization__in=scope.above, verb__in=sorted(FROM_ABOVE))
    return [Event.objects.filter(arm) for arm in (Q(organization__in=scope.codes), people, above)]


def _in_a_session_here(scope: _Scope) -> Q:
    """Return the condition that the person of an event used a role here in the session that it belongs to."""
    uses = Event.objects.filter(
        session_id=OuterRef("session_id"), actor_id=OuterRef("actor_id"), organization__in=_codes(scope)
    )
    return Q(Exists(uses.exclude(verb__in=sorted(WITHOUT_ROLE))), session_id__isnull=False)


def _codes(scope: _Scope) -> tuple[str, ...] | QuerySet[Organization, str]:
    return scope.codes if scope.codes is not None else scope.places.values_list("code", flat=True)


def _held(scope: _Scope, rows: QuerySet[Event]) -> Iterator[_Key]:
    """Yield the events that belong to the log, by their time and number."""
    columns = rows.values_list("at", "pk", "verb", "organization", "actor_id")
    for at, pk, verb, organization, actor_id in columns.iterator(chunk_size=_CHUNK):
        if scope.holds(verb, organization, actor_id, at):
            yield at, pk


def _walked(scope: _Scope, asked: Q) -> Iterator[_Key]:
    """Yield the events that are asked for, newest first, as the index on their time gives them."""
    yield from _held(scope, _belonging(scope).filter(asked).order_by("-at", "-pk"))


def _belonging(scope: _Scope) -> QuerySet[Event]:
    """Return the events of a log.

    The columns are wrapped so that no database takes their indexes and sorts a million events for one page.
    """
    rows = Event.objects.alias(where=_wrapped("organization"), who=Coalesce("actor_id", Value(0)), did=_wrapped("verb"))
    held = Membership.objects.filter(organization__in=scope.places).values("user_id")
    return rows.filter(
        Q(where__in=_codes(scope))
        | Q(_in_a_session_here(scope), where="", did__in=sorted(OF_PEOPLE), who__in=held)
        | Q(where__in=scope.above, did__in=sorted(FROM_ABOVE))
    )


def _wrapped(column: str) -> Coalesce:
    return Coalesce(column, Value(""), output_field=TextField())


# --- What is shown -------------------------------------------------------------------------------


def _rows(actor: Actor, place: OrganizationInfo, ids: Iterable[int], at: dt.datetime) -> tuple[LogRow, ...]:
    """Read events by their numbers, in their order, with the organizations and students that they name."""
    chosen = list(ids)
    events = {event.pk: event for event in Event.objects.filter(pk__in=chosen)}
    codes = {event.organization for event in events.values() if event.organization}
    known = {row.code: row.info for row in Organization.objects.filter(code__in=codes)}
    students = students_called(e.subject for e in events.values() if e.subject_kind == "student")
    names = student_names(actor, {student.number for student in students.values()}, at)
    near = near_among(place, {event.actor_id for event in events.values() if event.actor_id is not None})
    return tuple(_row(events[pk], place, known, students, names, near) for pk in chosen if pk in events)


def _row(
    event: Event,
    place: OrganizationInfo,
    known: dict[str, OrganizationInfo],
    students: dict[str, StudentRef],
    names: dict[int, str],
    near: set[int],
) -> LogRow:
    student = students.get(event.subject, NOBODY) if event.subject_kind == "student" else NOBODY
    where = known.get(event.organization)
    return LogRow(
        event=without_addresses(event_info(event)),
        organization=where,
        is_from_above=where is not None and place.id not in where.lineage,
        public_id=student.public_id,
        student=names.get(student.number, ""),
        actor_id=event.actor_id if event.actor_id in near else None,
    )


def about_student(student_id: int) -> Q:
    """Return the condition that an event is about a student, under whatever id or number the student was known then."""
    found = Q(pk__in=[])
    for span in spans_of_student(student_id):
        about = Q(subject_id__in=sorted(span.names))
        about &= Q(at__gt=span.after) if span.after else Q()
        found |= about & Q(at__lte=span.until) if span.until else about
    return Q(subject_kind="student") & found


def student_names(actor: Actor, students: Iterable[int], at: dt.datetime) -> dict[int, str]:
    """Return the names of those of some students whose names the actor may see; no names without that role."""
    wanted = set(students)
    if not wanted or not access.can(actor, Permission.SCORES_ROSTER_READ):
        return {}
    found: dict[int, str] = {}
    for visible in scores.visible_of_every_program(actor, at):
        rows = visible.filter(student_id__in=wanted).order_by("tested_on", "id")
        names = rows.values_list("student_id", "first_name", "last_name")
        found |= {number: full_name(first, last) for number, first, last in names}
    return found
