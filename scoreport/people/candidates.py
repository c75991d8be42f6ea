"""Pairs of student records that may be one student: found in bulk, and asked about."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import TYPE_CHECKING, Final

from django.db.models import QuerySet

from scoreport.people.models import MatchCase
from scoreport.people.records import KEYS, MATCH, Added, as_date
from scoreport.people.rules import CaseState, Reason, is_close_birth_date

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

_SOME: Final = 5000


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
    """Say which staged records that nobody has yet may be somebody; ``ref`` is the first ``order`` of the record."""
    _fresh(
        cursor,
        f"SELECT min(t.{order}) AS ref, {_prefixed('t')} FROM {table} t LEFT JOIN people_studentrecord s ON {MATCH}"
        f" WHERE s.id IS NULL OR s.is_dormant GROUP BY {_prefixed('t')}",
    )
    return list(_candidates(cursor, None))


def candidates_of_added(cursor: "CursorWrapper", added: Added) -> list[MatchCandidate]:
    """Say which added records may be somebody else's; ``ref`` is the id of the record."""
    _fresh(cursor, f"SELECT id AS ref, {KEYS} FROM people_studentrecord r WHERE {added.condition('r')}")
    return list(_candidates(cursor, added))


def _prefixed(alias: str) -> str:
    return ", ".join(f"{alias}.{key}" for key in KEYS.split(", "))


def _fresh(cursor: "CursorWrapper", select: str) -> None:
    cursor.execute("DROP TABLE IF EXISTS people_fresh")
    cursor.execute(f"CREATE TEMPORARY TABLE people_fresh AS {select}")
    cursor.execute("CREATE INDEX people_fresh_birth ON people_fresh (name_birth_key)")
    cursor.execute("CREATE INDEX people_fresh_school ON people_fresh (name_school_key)")
    cursor.execute("ANALYZE people_fresh")


def _candidates(cursor: "CursorWrapper", added: Added | None) -> Iterator[MatchCandidate]:
    """Compare the fresh records with the known ones and with each other."""
    present = " AND NOT o.is_dormant" + (f" AND NOT {added.condition('o')}" if added else "")
    same_name = "o.fold_given = f.fold_given AND o.fold_last = f.fold_last"
    for known, ref, others in (
        (True, "id", f"people_studentrecord o ON {{on}} AND {same_name}{present}"),
        (False, "ref", f"people_fresh o ON {{on}} AND {same_name} AND o.ref <> f.ref"),
    ):
        by_birth = others.format(on="o.name_birth_key = f.name_birth_key AND NOT (o.birth_date <> f.birth_date)")
        cursor.execute(f"SELECT f.ref, o.{ref}, f.school_id, o.school_id FROM people_fresh f JOIN {by_birth}")
        for mine, other, my_school, other_school in cursor.fetchall():
            yield from _same_birth(mine, other, my_school, other_school, known=known, added=added is not None)
        by_school = others.format(
            on="o.name_school_key = f.name_school_key AND o.school_id = f.school_id AND o.birth_date <> f.birth_date"
        )
        cursor.execute(f"SELECT f.ref, o.{ref}, f.birth_date, o.birth_date FROM people_fresh f JOIN {by_school}")
        for mine, other, my_birth, other_birth in cursor.fetchall():
            if (known or other < mine) and is_close_birth_date(as_date(my_birth), as_date(other_birth)):
                yield MatchCandidate(mine, other, known, Reason.BIRTH_DATE_CLOSE)
    cursor.execute("DROP TABLE people_fresh")


def _same_birth(
    mine: int, other: int, my_school: int | None, other_school: int | None, *, known: bool, added: bool
) -> Iterator[MatchCandidate]:
    """Two records of one name and birth date: the one without a school is in doubt, else the later one."""
    if my_school is not None and other_school is not None:
        if known or other < mine:
            yield MatchCandidate(mine, other, known, Reason.OTHER_SCHOOL)
    elif my_school is None and other_school is not None:
        yield MatchCandidate(mine, other, known, Reason.NO_SCHOOL)
    elif known and added and other_school is None and my_school is not None:
        # Nothing is uncertain about the fresh record; it may explain the known one.
        yield MatchCandidate(other, mine, other_known=True, reason=Reason.NO_SCHOOL)


def open_cases(candidates: Iterable[MatchCandidate], *, at: datetime) -> int:
    """Ask a person about each pair of records that was not asked about before; return how many are new."""
    rows = [
        MatchCase(record_id=d.ref, candidate_id=d.other, reason=d.reason.value, state=CaseState.OPEN, opened_at=at)
        for d in candidates
    ]
    return len(MatchCase.objects.bulk_create(rows, ignore_conflicts=True, batch_size=5000))


def ask_only(record_ids: Iterable[int], candidates: Iterable[MatchCandidate], *, reason: Reason, at: datetime) -> None:
    """Ask about these records, for one reason, just what is given; answers stay."""
    wanted = {(one.ref, one.other): one for one in candidates}
    for some in batched(record_ids, _SOME, strict=False):
        cases = MatchCase.objects.filter(record__in=some, reason=reason.value, state=CaseState.OPEN)
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


def present_cases() -> QuerySet[MatchCase]:
    """Return the questions about records that something speaks of; those about resting ones rest with them."""
    return MatchCase.objects.filter(record__is_dormant=False, candidate__is_dormant=False)
