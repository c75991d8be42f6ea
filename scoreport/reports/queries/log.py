"""The access log of an institution: what happened there and under it, newest first.

Pages stay fast over millions of events in two ways of asking. Where few events are asked for, indexes find them and
Python puts them in order; where many are, the newest are walked through by their time until the page is full.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import batched, islice

from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, Concat
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.audit.models import Event
from scoreport.audit.queries import event_info
from scoreport.audit.rules import Verb
from scoreport.lib.clock import start_of_day
from scoreport.organizations.models import Membership, Organization, SupportGrant
from scoreport.organizations.queries import UnknownOrganization
from scoreport.organizations.rules import OrganizationInfo, lineage_text
from scoreport.reports.queries.roster import full_name
from scoreport.reports.rules.log import (
    FROM_ABOVE,
    KIND_VERBS,
    LOG_MOST,
    LOG_PAGE_SIZE,
    OF_PEOPLE,
    LogPage,
    LogQuery,
    LogRow,
)
from scoreport.scores import queries as scores

_LISTED = 500
"""Organizations and people beyond this number are asked for by a subquery, and the log is walked through."""
_KNOWN = 500
_CHUNK = 2_000
_A_DAY = dt.timedelta(days=1)

type _Key = tuple[dt.datetime, int]


@dataclass(frozen=True, slots=True)
class _Scope:
    """Whose events belong to a log: organizations, those above them, and people with the times of their roles."""

    places: QuerySet[Organization]
    codes: tuple[str, ...] | None
    above: tuple[str, ...]
    people: dict[str, tuple[dt.datetime, dt.datetime]]

    def holds(self, verb: str, organization: str, subject: str, at: dt.datetime) -> bool:
        """Tell whether an event of a person falls into the time of their roles here; others always do."""
        if verb not in OF_PEOPLE or organization:
            return True
        first, end = self.people.get(subject, (at, at))
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


def people_known(organization: OrganizationInfo, search: str) -> list[str]:
    """Return who of those with a role here, under or above, or with support access here, is called so; unscoped."""
    reach = Organization.objects.under([lineage_text(organization.lineage)])
    named = Q(user__name__icontains=search) | Q(user__email__icontains=search)
    held = Membership.objects.filter(Q(organization__in=reach) | Q(organization_id__in=organization.lineage), named)
    found = set(held.values_list("user__name", "user__email").distinct()[:_KNOWN])
    looked = SupportGrant.objects.filter(Q(organization__in=reach) | Q(organization_id__in=organization.lineage))
    named = Q(staff__name__icontains=search) | Q(staff__email__icontains=search)
    found |= set(looked.filter(named).values_list("staff__name", "staff__email").distinct()[:_KNOWN])
    return sorted(f"{name} <{email}>" for name, email in found)


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


def _people(places: QuerySet[Organization]) -> dict[str, tuple[dt.datetime, dt.datetime]]:
    """Return from when until when each person held roles at some organizations, by the name that events give them.

    A role that was given again has a new beginning on file, so the first beginning is what the events say.
    """
    rows = list(
        Membership.objects.filter(organization__in=places).values_list(
            "user__name", "user__email", "granted_at", "ends_on", "revoked_at", "organization__time_zone"
        )
    )
    first = _first_granted(places, {f"{name} <{email}>" for name, email, *_rest in rows})
    found: dict[str, tuple[dt.datetime, dt.datetime]] = {}
    for name, email, begun, ends_on, revoked_at, time_zone in rows:
        person = f"{name} <{email}>"
        end = revoked_at or start_of_day(ends_on + _A_DAY, time_zone or "UTC")
        known = found.get(person, (min(begun, first.get(person, begun)), end))
        found[person] = (min(known[0], begun), max(known[1], end))
    return found


def _first_granted(places: QuerySet[Organization], people: set[str]) -> dict[str, dt.datetime]:
    """Return when each of some people was given a role for the first time, as the events say."""
    codes = set(places.values_list("code", flat=True)) if people else set()
    found: dict[str, dt.datetime] = {}
    for some in batched(sorted(people), _LISTED or 1, strict=False):
        # The verb is wrapped, because a person has few events of their own and a state has many grants.
        events = Event.objects.alias(did=_wrapped("verb")).filter(
            did=Verb.MEMBERSHIP_GRANTED.value, subject_kind="person", subject__in=some
        )
        for person, organization, at in events.values_list("subject", "organization", "at"):
            if organization in codes:
                found[person] = min(at, found.get(person, at))
    return found


def _asked(place: OrganizationInfo, query: LogQuery) -> Q:
    """Return the filter of a query, without whose events they are."""
    asked = Q()
    if query.kind is not None:
        asked &= Q(verb__in=sorted(KIND_VERBS[query.kind]))
    if query.person:
        known = [query.person] if query.person.endswith(">") else people_known(place, query.person)
        asked &= Q(actor__in=known) | Q(subject_kind="person", subject__in=known)
    if query.student is not None:
        asked &= Q(subject_kind="student", subject=str(query.student))
    if query.first is not None:
        asked &= Q(at__gte=start_of_day(query.first, place.time_zone))
    if query.last is not None:
        asked &= Q(at__lt=start_of_day(query.last + _A_DAY, place.time_zone))
    return asked


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
    people = Q(subject_kind="person", subject__in=list(scope.people), verb__in=sorted(OF_PEOPLE), organization="")
    above = Q(organization__in=scope.above, verb__in=sorted(FROM_ABOVE))
    return [Event.objects.filter(arm) for arm in (Q(organization__in=scope.codes), people, above)]


def _held(scope: _Scope, rows: QuerySet[Event]) -> Iterator[_Key]:
    """Yield the events that belong to the log, by their time and number."""
    columns = rows.values_list("at", "pk", "verb", "organization", "subject")
    for at, pk, verb, organization, subject in columns.iterator(chunk_size=_CHUNK):
        if scope.holds(verb, organization, subject, at):
            yield at, pk


def _walked(scope: _Scope, asked: Q) -> Iterator[_Key]:
    """Yield the events that are asked for, newest first, as the index on their time gives them."""
    yield from _held(scope, _belonging(scope).filter(asked).order_by("-at", "-pk"))


def _belonging(scope: _Scope) -> QuerySet[Event]:
    """Return the events of a log.

    The columns are wrapped so that no database takes their indexes and sorts a million events for one page.
    """
    rows = Event.objects.alias(where=_wrapped("organization"), whom=_wrapped("subject"), did=_wrapped("verb"))
    held = Membership.objects.filter(organization__in=scope.places)
    text = Concat("user__name", Value(" <"), "user__email", Value(">"), output_field=TextField())
    return rows.filter(
        Q(where__in=scope.codes if scope.codes is not None else scope.places.values("code"))
        | Q(where="", did__in=sorted(OF_PEOPLE), whom__in=held.annotate(text=text).values("text"))
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
    students = {int(e.subject) for e in events.values() if e.subject_kind == "student" and e.subject.isdecimal()}
    names = student_names(actor, students, at)
    near = _people_near(place, {event.actor for event in events.values()})
    return tuple(_row(events[pk], place, known, names, near) for pk in chosen if pk in events)


def _people_near(place: OrganizationInfo, names: set[str]) -> dict[str, int]:
    """Return the numbers of those of some people who hold or held a role that reaches an institution."""
    emails = {name.rpartition("<")[2].rstrip(">") for name in names}
    reach = Organization.objects.under([lineage_text(place.lineage)])
    near = Q(organization__in=reach) | Q(organization_id__in=place.lineage)
    held = Membership.objects.filter(near, user__email__in=emails).select_related("user")
    looked = SupportGrant.objects.filter(near, staff__email__in=emails).select_related("staff")
    found = {row.user.info for row in held} | {row.staff.info for row in looked if row.staff}
    return {person.as_text: person.id for person in found}


def _row(
    event: Event,
    place: OrganizationInfo,
    known: dict[str, OrganizationInfo],
    names: dict[int, str],
    near: dict[str, int],
) -> LogRow:
    student = int(event.subject) if event.subject_kind == "student" and event.subject.isdecimal() else None
    where = known.get(event.organization)
    return LogRow(
        event=event_info(event),
        organization=where,
        is_from_above=where is not None and place.id not in where.lineage,
        student_id=student,
        student=names.get(student, "") if student is not None else "",
        actor_id=near.get(event.actor),
    )


def student_names(actor: Actor, students: Iterable[int], at: dt.datetime) -> dict[int, str]:
    """Return the names of those of some students whose names the actor may see; no names without that role."""
    wanted = set(students)
    if not wanted or not access.can(actor, Permission.SCORES_ROSTER_READ):
        return {}
    rows = scores.visible_scores(actor, at).filter(student_id__in=wanted).order_by("tested_on", "id")
    return {
        number: full_name(first, last)
        for number, first, last in rows.values_list("student_id", "first_name", "last_name")
    }
