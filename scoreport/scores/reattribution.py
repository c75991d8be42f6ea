"""Which school a test belongs to, decided again after the tree of organizations or a placement changed.

A file's rows are attributed when it is checked. An organization that is loaded later, or moved,
finds its scores here, and so does a school whose claim of a ticket was confirmed or undone: with
the student records and release instants that follow. ``scores.school_resolution`` says which school it is.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from itertools import batched
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from scoreport.access import Actor, Refused
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.imports.versions import current
from scoreport.lib.bulk import Cell, copy_rows
from scoreport.lib.clock import local_date, start_of_day
from scoreport.organizations.queries import infos
from scoreport.people import candidates, identity, records
from scoreport.people.rules import Named, initial_of, keys_of, place_code_of
from scoreport.scores import school_resolution, totals
from scoreport.scores.cancellations import release_of
from scoreport.scores.models import AttributionRequest, Placement
from scoreport.scores.results import AbstractResult, Results, all_results, results_of

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper


_SOME: Final = 10_000
_TABLE: Final = "scores_attributed"
_COLUMNS: Final = (
    *("line", "first_name", "last_name", "birth_date", "school_id", "district_id", "state_id", "released_at"),
    *records.MATCHED_BY,
)


class ClaimedSchool(Refused):
    """A school that has claimed a test can't be removed: claims stay on record."""


def attribute(*, at: datetime) -> int:
    """Let every score belong to the school that ``scores.school_resolution`` names now; return how many changed.

    The caller holds the transaction and the lock of all acceptances.
    """
    moved = 0
    for results in all_results():
        with connection.cursor() as cursor:
            rows = sorted({*school_resolution.astray(cursor, results.table, "id"), *_out_of_hours(results)})
            if rows:
                _move(cursor, results, rows, at)
        moved += len(rows)
    return moved


def follow_organizations(actor: Actor, at: datetime) -> str:
    """Attribute scores anew after a file of organizations was accepted or undone; say how many changed.

    The caller holds the transaction and the lock of all acceptances. Raises :class:`ClaimedSchool`.
    """
    _require_claimed_schools()
    moved = attribute_and_record(actor, at)
    return _("Scores that belong to another school, district or state now: %d.") % moved if moved else ""


def _require_claimed_schools() -> None:
    """Raise :class:`ClaimedSchool` when the school of a claim is gone."""
    claims = dict(AttributionRequest.objects.order_by("-pk").values_list("school_id", "pk"))
    gone = claims.keys() - infos(claims).keys()
    if gone:
        message = _(
            "A school that would be removed has claimed a test (claim %(number)d). Claims stay on record, so this file"
            " can't be undone. Load a corrected file instead."
        )
        raise ClaimedSchool(message % {"number": min(claims[school] for school in gone)})


def attribute_and_record(actor: Actor, at: datetime) -> int:
    """Attribute scores anew, record it, and return how many changed.

    The caller holds the transaction and the lock of all acceptances.
    """
    changed = attribute(at=at)
    if changed:
        record(actor, verb=Verb.SCORES_ATTRIBUTED, at=at, scores=changed)
    return changed


def place(claim: AttributionRequest, *, at: datetime) -> None:
    """Let the ticket of a confirmed claim belong to its school from now on, with everything that files ever said of it.

    The caller holds the transaction and the lock of all acceptances. Raises IntegrityError when the ticket is placed.
    """
    about = {"program": claim.program, "ticket": claim.ticket}
    Placement.objects.create(**about, school_id=claim.school_id, claim=claim)
    _move_ticket(**about, at=at)


def displace(claim: AttributionRequest, *, at: datetime) -> None:
    """Let the ticket of a claim that was undone belong where its rows say again.

    The caller holds the transaction and the lock of all acceptances.
    """
    placement = Placement.objects.get(claim=claim)
    placement.delete()
    _move_ticket(program=claim.program, ticket=claim.ticket, at=at)


def _move_ticket(*, program: str, ticket: str, at: datetime) -> None:
    results = results_of(program)
    found = results.model.objects.filter(program=program, ticket=ticket)
    rows = list(found.order_by("pk").values_list("pk", flat=True))
    if rows:
        with connection.cursor() as cursor:
            _move(cursor, results, rows, at)


def _out_of_hours(results: Results) -> Iterator[int]:
    """Yield the ids of scores whose release is not the start of a day where their school is: its zone changed."""
    zones = school_resolution.schools().zones()
    released = results.model.objects.filter(released_at__isnull=False).order_by()
    for school, moment in released.values_list("school_id", "released_at").distinct():
        if moment is not None and not _starts_a_day(moment, zones.get(school or 0, settings.TIME_ZONE)):
            yield from released.filter(school_id=school, released_at=moment).values_list("pk", flat=True)


@lru_cache(maxsize=4096)
def _starts_a_day(moment: datetime, zone: str) -> bool:
    return start_of_day(local_date(moment, zone), zone) == moment


def fits(table: str) -> bool:
    """Tell whether staged rows stand where ``scores.school_resolution`` says now, and their release fits their schools.

    A check that was made before organizations were loaded or a claim was decided may not fit any more.
    """
    zones = school_resolution.schools().zones()
    with connection.cursor() as cursor:
        if school_resolution.astray(cursor, table, "line", limit=1):
            return False
        cursor.execute(f"SELECT DISTINCT school_id, released_at FROM {table} WHERE released_at IS NOT NULL")
        return all(
            _starts_a_day(_instant(moment), zones.get(school, settings.TIME_ZONE))
            for school, moment in cursor.fetchall()
        )


@lru_cache(maxsize=4096)
def _instant(value: datetime | str) -> datetime:
    """Return an instant of a staging table: SQLite keeps UTC without saying so."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _move(cursor: "CursorWrapper", results: Results, score_ids: list[int], at: datetime) -> None:
    touched = _keys(results, score_ids)
    left: set[int] = set()
    for some in batched(score_ids, _SOME, strict=False):
        left.update(results.model.objects.filter(pk__in=some).values_list("record_id", flat=True))
    _stage(cursor, results, score_ids)
    added = records.add(cursor, _TABLE)
    cursor.execute(
        f"UPDATE {results.table} SET school_id = t.school_id, district_id = t.district_id, state_id = t.state_id,"
        " released_at = t.released_at, record_id = s.id, student_id = s.student_id"
        f" FROM {_TABLE} t JOIN people_studentrecord s ON {records.MATCH} WHERE {results.table}.id = t.line"
    )
    cursor.execute(f"SELECT DISTINCT s.id FROM {_TABLE} t JOIN people_studentrecord s ON {records.MATCH}")
    found = {record for (record,) in cursor.fetchall()}
    people = _people(cursor, left | found | _told_by_the_same_tickets(cursor, results))
    firsts = identity.first_spoken_of(cursor, people)
    records.rest((record for record in left if record not in firsts), at=at)
    records.rename((record, first.first_name, first.last_name) for record, first in firsts.items())
    identity.recompute(cursor, records.present(people), at=at)
    candidates.open_cases(candidates.candidates_of_added(cursor, added), at=at)
    totals.recompute(cursor, touched | _keys(results, score_ids))
    cursor.execute(f"DROP TABLE {_TABLE}")


def _told_by_the_same_tickets(cursor: "CursorWrapper", results: Results) -> set[int]:
    """Return the records of all that files ever said of the moved tickets; corrections may lead there or from there."""
    halves = (
        f"SELECT o.record_id FROM {_TABLE} t JOIN {results.table} m ON m.id = t.line JOIN {results.table} o"
        f" ON o.program = m.program AND o.ticket = m.ticket AND {half}"
        for half in (current("o"), current("o", is_current=False))
    )
    cursor.execute(" UNION ".join(halves))
    return {record for (record,) in cursor.fetchall()}


def _people(cursor: "CursorWrapper", record_ids: set[int]) -> list[int]:
    """Return the records whose links may change: those that share a student, and those that corrections lead to."""
    people = identity.group(cursor, record_ids)
    return identity.group(cursor, [*people, *(step.before for step in identity.steps(cursor, people))])


def _keys(results: Results, score_ids: Iterable[int]) -> set[totals.Key]:
    keys: set[totals.Key] = set()
    for some in batched(score_ids, _SOME, strict=False):
        rows = results.model.objects.filter(pk__in=some).values_list("program", "district_id", "state_id", "year")
        keys |= totals.keys_of(rows.distinct())
    return keys


def _stage(cursor: "CursorWrapper", results: Results, score_ids: list[int]) -> None:
    """Put what the rows will be beside their ids, in a table that student records can be found by."""
    cursor.execute(f"DROP TABLE IF EXISTS {_TABLE}")
    code = 'text COLLATE "C"' if connection.vendor == "postgresql" else "text"
    instant = "timestamptz" if connection.vendor == "postgresql" else "datetime"
    cursor.execute(
        f"CREATE TEMPORARY TABLE {_TABLE} (line bigint PRIMARY KEY, first_name text, last_name text, birth_date date,"
        f" school_id bigint, district_id bigint, state_id bigint, released_at {instant}, fold_given {code},"
        f" fold_last {code}, fold_initial {code}, gender {code}, place_code {code}, record_key bigint,"
        " name_birth_key bigint, name_school_key bigint, letters_key bigint)"
    )
    schools = school_resolution.schools()
    for some in batched(score_ids, _SOME, strict=False):
        rows = results.model.objects.filter(pk__in=some).order_by("pk")
        copy_rows(
            connection,
            _TABLE,
            _COLUMNS,
            [_staged(row, schools) for row in rows],
        )
    cursor.execute(f"ANALYZE {_TABLE}")


def _staged(row: AbstractResult, schools: school_resolution.Schools) -> tuple[Cell, ...]:
    school = schools.of(row.program, row.ticket, row.ai_code)
    places = (school.school_id, school.district_id, school.state_id) if school else (None, None, None)
    keys = keys_of(Named(row.first_name, row.last_name, row.birth_date, places[0]))
    return (
        *(row.pk, row.first_name, row.last_name, row.birth_date, *places),
        release_of(row, school.time_zone if school else settings.TIME_ZONE),
        *(keys.fold_given, keys.fold_last, initial_of(row.middle_initial), row.gender),
        *(place_code_of(places[0], row.ai_code, row.ticket), keys.record, keys.name_birth, keys.name_school),
        keys.letters,
    )
