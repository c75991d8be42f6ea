"""Pairs of student records that may be one student: found in bulk, and asked about."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import TYPE_CHECKING, Any, Final

from scoreport.people import crowds
from scoreport.people.matching import Decision, StudentDetails, compare
from scoreport.people.models import MatchCase
from scoreport.people.queries import present_cases
from scoreport.people.records import MATCH, OF_ONE, Added, as_date
from scoreport.people.rules import CaseState, Reason, school_code_of

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

_SOME: Final = 5000
_DETAILS: Final = ("first_name", "last_name", "birth_date", "school_id", "fold_initial", "gender", "place_code")
_LOOKED_UP: Final = ("fold_given", "fold_last", "name_birth_key", "name_school_key")
_SAME_NAME: Final = "o.fold_given = f.fold_given AND o.fold_last = f.fold_last"
# Which records are compared, each pair in one of these: those of one school and birth date, whatever the names; those
# of one name and birth date elsewhere; those of one name and school with another birth date.
_SAME_SCHOOL: Final = "o.birth_date = f.birth_date AND o.school_id = f.school_id"
_BLOCKS: Final = (
    _SAME_SCHOOL,
    (
        f"o.name_birth_key = f.name_birth_key AND NOT (o.birth_date <> f.birth_date) AND {_SAME_NAME}"
        " AND (o.school_id <> f.school_id OR o.school_id IS NULL OR f.school_id IS NULL)"
    ),
    (
        f"o.name_school_key = f.name_school_key AND o.school_id = f.school_id AND {_SAME_NAME}"
        " AND o.birth_date <> f.birth_date"
    ),
)
# A crowd has so many of these pairs that they are found by their names (``people.crowds``).
_OUTSIDE_CROWDS: Final = (
    " AND NOT EXISTS (SELECT 1 FROM people_crowd c WHERE c.birth_date = f.birth_date AND c.school_id = f.school_id)"
)


@dataclass(frozen=True, slots=True)
class MatchCandidate:
    """A fresh record that may be a student who is known already, or another fresh one.

    ``ref`` is the place of a row in a staging table or the id of a record, as was asked; ``other`` likewise,
    but always the id of a record when ``other_known``.
    """

    ref: int
    other: int
    other_known: bool
    reason: Reason


def candidates_of_staged(cursor: "CursorWrapper", table: str, order: str) -> list[MatchCandidate]:
    """Return which new staged records may be a known student; ``ref`` is the first ``order`` of the record."""
    _fresh(
        cursor,
        f"SELECT t.{order} AS ref, {_columns('t')} FROM (SELECT min(t.{order}) AS place FROM {table} t"
        f" LEFT JOIN people_studentrecord s ON {MATCH} WHERE s.id IS NULL OR s.is_dormant"
        f" GROUP BY {', '.join(f't.{column}' for column in OF_ONE.split(', '))}) first"
        f" JOIN {table} t ON t.{order} = first.place",
    )
    return list(_candidates(cursor, " AND NOT o.is_dormant"))


def candidates_of_added(cursor: "CursorWrapper", added: Added) -> list[MatchCandidate]:
    """Return which added records may be a known student; ``ref`` is the id of the record."""
    _fresh(cursor, f"SELECT r.id AS ref, {_columns('r')} FROM people_studentrecord r WHERE {added.condition('r')}")
    return list(_candidates(cursor, f" AND NOT o.is_dormant AND NOT {added.condition('o')}"))


def _columns(alias: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in (*_DETAILS, *_LOOKED_UP))


def _fresh(cursor: "CursorWrapper", select: str) -> None:
    cursor.execute("DROP TABLE IF EXISTS people_fresh")
    cursor.execute(f"CREATE TEMPORARY TABLE people_fresh AS {select}")
    cursor.execute("CREATE INDEX people_fresh_birth ON people_fresh (name_birth_key)")
    cursor.execute("CREATE INDEX people_fresh_name ON people_fresh (name_school_key)")
    cursor.execute("CREATE INDEX people_fresh_school ON people_fresh (birth_date, school_id)")
    cursor.execute("ANALYZE people_fresh")


def _candidates(cursor: "CursorWrapper", present: str) -> Iterator[MatchCandidate]:
    """Compare the fresh records with the known ones, which fulfill ``present``, and with each other."""
    crowded = _crowded(cursor)
    for known, ref, others in (
        (True, "id", f"people_studentrecord o ON {{on}}{present}"),
        (False, "ref", "people_fresh o ON {on} AND o.ref < f.ref"),
    ):
        for on in _BLOCKS:
            wanted = ", ".join(f"{alias}.{name}" for alias in ("f", "o") for name in _DETAILS)
            beside = _OUTSIDE_CROWDS if crowded and on is _SAME_SCHOOL else ""
            cursor.execute(f"SELECT f.ref, o.{ref}, {wanted} FROM people_fresh f JOIN {others.format(on=on)}{beside}")
            while rows := cursor.fetchmany(_SOME):
                for mine, other, *cells in rows:
                    one, two = _details(cells[: len(_DETAILS)]), _details(cells[len(_DETAILS) :])
                    yield from _asked(mine, one, other, two, known=known)
    for crowd in crowded:
        yield from _of_crowd(cursor, crowd, present)
    cursor.execute("DROP TABLE IF EXISTS people_crowd")
    cursor.execute("DROP TABLE people_fresh")


def _of_crowd(cursor: "CursorWrapper", crowd: tuple[Any, int], present: str) -> Iterator[MatchCandidate]:
    """Compare those fresh records of a crowd with the known ones, and with each other, whose names may be one."""
    fresh = _members(cursor, crowd, "ref", "people_fresh")
    there = _members(cursor, crowd, "id", "people_studentrecord", present)
    for known, pairs in ((True, crowds.pairs_between(fresh, there)), (False, crowds.pairs_among(fresh))):
        for mine, other in pairs:
            yield from _asked(*mine, *other, known=known)


def _crowded(cursor: "CursorWrapper") -> list[tuple[Any, int]]:
    """Return each (birth date, school) that a crowd of fresh records has, and keep them where there is any."""
    crowds_of = (
        "SELECT birth_date, school_id FROM people_fresh WHERE school_id IS NOT NULL"
        f" GROUP BY birth_date, school_id HAVING count(*) > {crowds.LEAST}"
    )
    cursor.execute(f"{crowds_of} ORDER BY birth_date, school_id")
    found: list[tuple[Any, int]] = list(cursor.fetchall())
    if found:
        cursor.execute("DROP TABLE IF EXISTS people_crowd")
        cursor.execute(f"CREATE TEMPORARY TABLE people_crowd AS {crowds_of}")
    return found


def _members(
    cursor: "CursorWrapper", crowd: tuple[Any, int], number: str, table: str, present: str = ""
) -> list[crowds.Member]:
    wanted = ", ".join(f"o.{name}" for name in (number, *_DETAILS))
    of_crowd = f"o.birth_date = %s AND o.school_id = %s{present}"
    cursor.execute(f"SELECT {wanted} FROM {table} o WHERE {of_crowd} ORDER BY o.{number}", crowd)
    return [(found, _details(cells)) for found, *cells in cursor.fetchall()]


def _asked(mine: int, one: StudentDetails, other: int, two: StudentDetails, *, known: bool) -> Iterator[MatchCandidate]:
    found = compare(one, two)
    if found.decision is Decision.ASK and found.reason is not None:
        yield MatchCandidate(mine, other, known, found.reason)


def _details(cells: Sequence[Any]) -> StudentDetails:
    first, last, born, school, initial, gender, place = cells
    return StudentDetails(first, last, as_date(born), school, initial, gender, school_code_of(place))


def open_cases(candidates: Iterable[MatchCandidate], *, at: datetime) -> int:
    """Ask a person about each pair of records that was not asked about before; return how many are new."""
    new = 0
    for some in batched({frozenset((one.ref, one.other)): one for one in candidates}.values(), _SOME, strict=False):
        # The other way round it is the same question.
        known = MatchCase.objects.filter(candidate__in=[one.ref for one in some])
        asked = set(known.values_list("candidate_id", "record_id"))
        rows = [
            MatchCase(
                record_id=one.ref, candidate_id=one.other, reason=one.reason.value, state=CaseState.OPEN, opened_at=at
            )
            for one in some
            if (one.ref, one.other) not in asked
        ]
        new += len(MatchCase.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500))
    return new


def ask_only(
    record_ids: Iterable[int], candidates: Iterable[MatchCandidate], *, reasons: Collection[Reason], at: datetime
) -> None:
    """Ask about these records, for these reasons, just what is wanted; answers stay."""
    wanted = {(one.ref, one.other): one for one in candidates}
    for some in batched(record_ids, _SOME, strict=False):
        cases = MatchCase.objects.filter(record__in=some, reason__in=list(reasons), state=CaseState.OPEN)
        gone = [
            pk
            for pk, record, candidate in cases.values_list("pk", "record_id", "candidate_id")
            if (record, candidate) not in wanted
        ]
        MatchCase.objects.filter(pk__in=gone).delete()
    open_cases(wanted.values(), at=at)


def asked_about(record_id: int, reasons: Collection[Reason]) -> list[Reason]:
    """Return for which of these reasons it is an open question who a record is."""
    asked = MatchCase.objects.filter(record=record_id, state=CaseState.OPEN, reason__in=[r.value for r in reasons])
    return [Reason(reason) for reason in asked.order_by("pk").values_list("reason", flat=True)]


def decided_same(record_ids: Iterable[int]) -> list[tuple[int, int]]:
    """Return (record, candidate) of the decisions "same student" about these records, in their order."""
    wanted = set(record_ids)
    found: list[tuple[datetime, int, int, int]] = []
    for some in batched(wanted, _SOME, strict=False):
        cases = present_cases().filter(state=CaseState.SAME, record__in=some)
        found += [
            (decided, pk, record, candidate)
            for decided, pk, record, candidate in cases.values_list("decided_at", "pk", "record_id", "candidate_id")
            if decided is not None
        ]
    return [(record, candidate) for _decided, _pk, record, candidate in sorted(found)]


def decided_with(record_ids: Iterable[int]) -> set[int]:
    """Return the records that a person said to be the same student as one of these."""
    found: set[int] = set()
    for some in batched(record_ids, _SOME, strict=False):
        same = present_cases().filter(state=CaseState.SAME)
        found.update(same.filter(record__in=some).values_list("candidate_id", flat=True))
        found.update(same.filter(candidate__in=some).values_list("record_id", flat=True))
    return found
