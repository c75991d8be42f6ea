"""Whom did it touch: events of a stretch of time, turned into students and their schools.

A roster and a file touch every student whom their filters find among what is on file now; a name that was searched
for is not on record, so a search touches as if it had not been one. That is too many rather than too few.
"""

import datetime as dt
import urllib.parse
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import batched
from typing import Any, Final

from django.db.models import Q

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.audit.models import Event, PersonName
from scoreport.audit.rules import Verb
from scoreport.organizations.models import Organization
from scoreport.organizations.queries import infos
from scoreport.organizations.rules import OrganizationInfo, lineage_text
from scoreport.people.queries import numbers_called, public_ids, records_of_cases, students_now
from scoreport.reports.queries.rows import asked
from scoreport.reports.rules import parse, program_of_stored
from scoreport.reports.rules.incident import (
    TOUCH_OF,
    Affected,
    Incident,
    IncidentQuery,
    TakenOut,
    Touch,
    TouchedPlace,
)
from scoreport.scores import queries as scores

_CHUNK: Final = 2_000
_FIRST_YEAR: Final = 2000
"""Before the first academic year that any installation holds."""
_COLUMNS: Final = ("at", "verb", "actor", "actor_id", "address", "organization", "subject_kind", "subject", "detail")
# What only moves rows about, so that a roster is looked up once however often its pages were turned.
_ORDER: Final = ("page", "sort", "columns", "q")
# These look at scores, so the instant at which they were asked decides.
_BY_SCORE: Final = ("result", "score_from", "score_to")

_TAKEN_OUT: Final = {
    verb.value for verb in (Verb.ROSTER_EXPORTED, Verb.ROSTER_PRINTED, Verb.DOWNLOAD_OPENED, Verb.FILE_ROWS_EXPORTED)
}

type _Target = tuple[str, ...]
"""What an event names, as a key: a student at a school, the filters of a roster, a file, a question."""


@dataclass(slots=True)
class _Seen:
    """How often, by whom and in which ways one target was reached."""

    events: int = 0
    actors: set[str] = field(default_factory=set)
    ways: set[Touch] = field(default_factory=set)
    at: dt.datetime | None = None


@dataclass(slots=True)
class _Tally:
    """What is known of a school so far."""

    students: dict[int, set[Touch]] = field(default_factory=lambda: defaultdict(set))
    events: int = 0
    actors: set[str] = field(default_factory=set)


def incident(actor: Actor, query: IncidentQuery) -> Incident:
    """Return whom the events of a stretch of time touched; only the operator asks. Raises NotAllowed."""
    access.require(actor, Permission.INCIDENT_REPORT)
    targets: dict[_Target, _Seen] = defaultdict(_Seen)
    actors: Counter[str] = Counter()
    taken_out: list[TakenOut] = []
    for row in _events(query):
        target = _target(row)
        if target is None:
            continue
        _note(targets[target], row)
        actors[row["actor"]] += 1
        if row["verb"] in _TAKEN_OUT:
            rows = row["detail"].get("rows")
            taken_out.append(
                TakenOut(
                    row["at"],
                    row["actor"],
                    row["address"],
                    row["organization"],
                    row["subject"],
                    rows if isinstance(rows, int) else None,
                )
            )
    return Incident(
        query=query,
        events=sum(seen.events for seen in targets.values()),
        actors=dict(actors.most_common()),
        places=_places(actor, query, targets),
        taken_out=tuple(taken_out),
        score_files=tuple(sorted(int(target[1]) for target in targets if target[0] == "file")),
    )


def _events(query: IncidentQuery) -> Iterator[dict[str, Any]]:
    touching = Q(verb__in=sorted(TOUCH_OF)) | Q(subject_kind="student")
    rows = Event.objects.filter(touching, at__gte=query.first, at__lt=query.end)
    if query.actor:
        called = PersonName.objects.filter(text__icontains=query.actor).values_list("person_id", flat=True)
        rows = rows.filter(Q(actor__icontains=query.actor) | Q(actor_id__in=set(called)))
    if query.organization is not None:
        under = Organization.objects.under([lineage_text(query.organization.lineage)])
        above = Organization.objects.filter(pk__in=query.organization.lineage)
        near = Q(organization__in=under.values("code")) | Q(organization__in=above.values("code"))
        rows = rows.filter(near | Q(organization=""))
    yield from rows.order_by("at", "pk").values(*_COLUMNS).iterator(chunk_size=_CHUNK)


def _note(seen: _Seen, row: dict[str, Any]) -> None:
    seen.events += 1
    seen.actors.add(row["actor"])
    seen.ways.add(TOUCH_OF.get(row["verb"], Touch.STUDENT))
    seen.at = row["at"]


def _target(row: dict[str, Any]) -> _Target | None:
    """Return what an event names; None when it names nobody."""
    match TOUCH_OF.get(row["verb"]):
        case Touch.ROSTER | Touch.EXPORT:
            return _roster(row, row["detail"] if row["verb"] != Verb.DOWNLOAD_OPENED.value else _detail_of(row))
        case Touch.FILE:
            return ("file", row["subject"]) if row["subject"].isdecimal() else None
        case Touch.QUESTION:
            asked_of = row["detail"].get("questions") or []
            return ("question", *(str(number) for number in asked_of))
        case _:
            is_student = row["subject_kind"] == "student" and row["subject"]
            return ("student", row["subject"], row["organization"]) if is_student else None


def _roster(row: dict[str, Any], detail: Mapping[str, Any]) -> _Target:
    params = urllib.parse.parse_qs(str(detail.get("query") or ""))
    kept = {name: values for name, values in params.items() if name not in _ORDER}
    by_score = row["at"].isoformat() if any(name in kept for name in _BY_SCORE) else ""
    wanted = urllib.parse.urlencode(sorted(kept.items()), doseq=True)
    return ("roster", row["organization"], program_of_stored(detail), wanted, by_score)


def _detail_of(row: dict[str, Any]) -> Mapping[str, Any]:
    """Return what a file that was fetched had been asked for with; without it, everything of the organization."""
    same = {"actor": row["actor"]} if row["actor_id"] is None else {"actor_id": row["actor_id"]}
    asked_for = Event.objects.filter(
        verb=Verb.ROSTER_EXPORTED.value, organization=row["organization"], at__lte=row["at"], **same
    )
    named = asked_for.filter(subject=row["subject"]).order_by("-at", "-pk").values_list("detail", flat=True).first()
    return {"query": "year=all", **(named or {})}


# --- From what was named to whom it touched ------------------------------------------------------


def _places(actor: Actor, query: IncidentQuery, targets: dict[_Target, _Seen]) -> tuple[TouchedPlace, ...]:
    known = {row.code: row.info for row in Organization.objects.all()}
    numbers = numbers_called(target[1] for target in targets if target[0] == "student")
    now = students_now(numbers.values())
    tallies: dict[int | None, _Tally] = defaultdict(_Tally)
    for target, seen in targets.items():
        schools: set[int | None] = set()
        for student, school in _students(actor, target, seen, known, numbers):
            for one in now.get(student, {student}):
                tallies[school].students[one] |= seen.ways
            schools.add(school)
        for school in schools:
            tallies[school].events += seen.events
            tallies[school].actors |= seen.actors
    places = infos(number for number in tallies if number is not None)
    found = [
        TouchedPlace(
            organization=places.get(number) if number is not None else None,
            students={student: frozenset(ways) for student, ways in tally.students.items()},
            events=tally.events,
            actors=tuple(sorted(tally.actors)),
        )
        for number, tally in tallies.items()
        if _is_wanted(places.get(number) if number is not None else None, query.organization)
    ]
    return tuple(sorted(found, key=lambda place: place.organization.code if place.organization else "￿"))


def _is_wanted(place: OrganizationInfo | None, wanted: OrganizationInfo | None) -> bool:
    return wanted is None or (place is not None and wanted.id in place.lineage)


def _students(
    actor: Actor, target: _Target, seen: _Seen, known: dict[str, OrganizationInfo], numbers: dict[str, int]
) -> Iterable[tuple[int, int | None]]:
    """Return the students that a target stands for, each with the school of the tests that were seen."""
    match target:
        case ("student", called, code):
            school = known[code].id if code in known else None
            return [(numbers[called], school)] if called in numbers else []
        case ("roster", code, program, query, _instant):
            return _of_roster(actor, known.get(code), program, query, seen.at)
        case ("file", number):
            return scores.students_of_file(int(number))
        case _:
            return records_of_cases(int(number) for number in target[1:])


def _of_roster(
    actor: Actor, organization: OrganizationInfo | None, program: str, text: str, at: dt.datetime | None
) -> Iterable[tuple[int, int | None]]:
    if organization is None or at is None:
        return []
    query = parse(urllib.parse.parse_qs(text), program=program, default_year=at.year).query
    wanted = query if query.years else replace(query, years=tuple(range(_FIRST_YEAR, at.year + 1)))
    rows = asked(actor, organization, wanted, at).values_list("student_id", "school_id")
    return rows.order_by().distinct().iterator(chunk_size=_CHUNK)


def affected(actor: Actor, place: TouchedPlace, at: dt.datetime) -> Iterator[Affected]:
    """Yield the touched students of a school by name, as their newest test there spells it; for a list."""
    access.require(actor, Permission.INCIDENT_REPORT)
    school = place.organization.id if place.organization else None
    found = []
    for numbers in batched(sorted(place.students), _CHUNK, strict=False):
        columns = ("student_id", "last_name", "first_name", "birth_date")
        newest: dict[int, tuple[int, str, str, dt.date | str]] = {}
        for visible in scores.visible_of_every_program(actor, at):
            rows = visible.filter(student_id__in=numbers, school_id=school).order_by("tested_on", "id")
            newest |= {row[0]: row for row in rows.values_list(*columns)}
        found += [newest.get(number, (number, "", "", "")) for number in numbers]
    called = public_ids(place.students)
    for number, last, first, born in sorted(found, key=lambda row: (row[1], row[2], row[0])):
        yield Affected(called[number], last, first, str(born), tuple(sorted(place.students[number])))
