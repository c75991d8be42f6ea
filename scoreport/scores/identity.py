"""Whose a score is: links between student records, derived anew from what is on file.

A record is linked to another one for four reasons only: the two bear one identifier; they write
one name in one word and in several; the file that first spoke of it corrected a ticket that had
told of the other one (name or birth date stayed); or a person decided so. All are facts that stay
on file, so links can be derived again at any time, and nothing depends on the order in which files
or decisions were undone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched, pairwise
from typing import TYPE_CHECKING

from scoreport.imports.versions import current
from scoreport.people import records
from scoreport.people.rules import Named, Reason, is_correction
from scoreport.scores import totals

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

_SOME = 5000


@dataclass(frozen=True, slots=True)
class Step:
    """One ticket whose row told of ``before`` and, from the file of ``order`` on, of ``record``."""

    order: int
    ticket: str
    record: int
    before: int
    is_correction: bool


def group(cursor: "CursorWrapper", record_ids: Iterable[int]) -> list[int]:
    """Return these records with all that share a student with one of them, or will, and so on from these.

    Links are derived for all of them together, and nobody else's can change with them.
    """
    found, fresh = set[int](), set(record_ids)
    while fresh:
        found |= fresh
        fresh = _tied_to(cursor, fresh) - found
    return sorted(found)


def _tied_to(cursor: "CursorWrapper", record_ids: Iterable[int]) -> set[int]:
    found: set[int] = set()
    for some in batched(record_ids, _SOME, strict=False):
        found.update(records.sharing(some))
        found.update(other for _record, other in records.variants_of(cursor, some))
        found.update(other for _record, other in records.same_identifier(some))
        marks = ", ".join(["%s"] * len(some))
        cursor.execute(
            "SELECT DISTINCT record_id FROM scores_score WHERE student_id IN"
            f" (SELECT student_id FROM scores_score WHERE student_id IN ({marks}))",
            some,
        )
        found.update(record for (record,) in cursor.fetchall())
    return found


def first_spoken_of(cursor: "CursorWrapper", record_ids: Iterable[int]) -> dict[int, tuple[int, str, str]]:
    """Return of each record that a claim speaks of: the order of its first file, and the names there."""
    found: dict[int, tuple[int, str, str]] = {}
    for some in batched(record_ids, _SOME, strict=False):
        marks = ", ".join(["%s"] * len(some))
        cursor.execute(
            "SELECT record_id, accepted_order, first_name, last_name FROM (SELECT s.record_id, f.accepted_order,"
            " s.first_name, s.last_name,"
            " row_number() OVER (PARTITION BY s.record_id ORDER BY f.accepted_order, c.line) AS place"
            " FROM scores_score s JOIN scores_scoreassertion c ON c.version_id = s.id"
            " JOIN imports_importfile f ON f.id = c.file_id"
            f" WHERE s.record_id IN ({marks})) ranked WHERE place = 1",
            some,
        )
        found.update((record, (order, first, last)) for record, order, first, last in cursor.fetchall())
    return found


def steps(cursor: "CursorWrapper", record_ids: Iterable[int]) -> list[Step]:
    """Return, oldest first, the steps by which tickets came to tell of one of these records instead of another.

    Only the file that first spoke of a record can make it a corrected spelling: a ticket that moves to a student
    who was known already moves a test, not an identity.
    """
    firsts = first_spoken_of(cursor, record_ids)
    found: dict[int, Step] = {}
    for some in batched(firsts, _SOME, strict=False):
        for ticket, versions in _versions(cursor, some):
            for (_order, before, named_before), (order, after, named_after) in pairwise(versions):
                if before != after and after in firsts and firsts[after][0] == order and after not in found:
                    found[after] = Step(order, ticket, after, before, is_correction(named_before, named_after))
    return sorted(found.values(), key=lambda step: (step.order, step.ticket))


def _versions(cursor: "CursorWrapper", some: Sequence[int]) -> Iterator[tuple[str, list[tuple[int, int, Named]]]]:
    """Yield the tickets that ever told of these records and of others, with what they told in order."""
    marks = ", ".join(["%s"] * len(some))
    reworded = (
        "SELECT m.program, m.ticket FROM scores_score m JOIN scores_score o"
        f" ON o.program = m.program AND o.ticket = m.ticket AND {current('o', is_current=False)}"
        f" WHERE m.record_id IN ({marks})"
    )
    # Current and retired versions have an index each, so they are looked up apart.
    halves = (
        "SELECT s.ticket, f.accepted_order, c.line, s.record_id, s.first_name, s.last_name, s.birth_date, s.school_id"
        f" FROM (SELECT DISTINCT program, ticket FROM ({reworded}) r) x JOIN scores_score s"
        f" ON s.program = x.program AND s.ticket = x.ticket AND {half}"
        " JOIN scores_scoreassertion c ON c.version_id = s.id JOIN imports_importfile f ON f.id = c.file_id"
        for half in (current("s"), current("s", is_current=False))
    )
    cursor.execute(f"{' UNION ALL '.join(halves)} ORDER BY 1, 2, 3", [*some, *some])
    told: dict[str, list[tuple[int, int, Named]]] = {}
    for ticket, order, _line, record, first, last, birth, school in cursor.fetchall():
        day = birth if isinstance(birth, date) else date.fromisoformat(birth)
        told.setdefault(ticket, []).append((order, record, Named(first, last, day, school)))
    yield from told.items()


def relink(cursor: "CursorWrapper", record_ids: Iterable[int], *, at: datetime) -> set[totals.Key]:
    """Derive the links of whole groups of records anew, and let their scores follow; return whose totals have to.

    Where name and birth date of a ticket both changed, a person is asked; what nothing speaks for any more is not.
    """
    people, corrections = _with_corrected(cursor, record_ids)
    records.unlink(people)
    certain = [(pair, Reason.IDENTIFIER) for pair in records.same_identifier(people)]
    certain += [(pair, Reason.VARIANT) for pair in sorted(records.variants_of(cursor, people))]
    for (record, other), reason in certain:
        if other < record:
            records.link(record, other, reason)
    asked: list[records.MatchCandidate] = []
    for step in corrections:
        if step.is_correction:
            records.link(step.record, step.before, Reason.SAME_TICKET)
        else:
            asked.append(
                records.MatchCandidate(step.record, step.before, other_known=True, reason=Reason.TICKET_OTHER_PERSON)
            )
    records.ask_only(people, asked, reason=Reason.TICKET_OTHER_PERSON, at=at)
    for record, candidate in records.decided_same(people):
        records.link(record, candidate, Reason.DECIDED)
    touched: set[totals.Key] = set()
    for some in batched(people, _SOME, strict=False):
        marks = ", ".join(["%s"] * len(some))
        cursor.execute(
            "UPDATE scores_score SET student_id = COALESCE(p.same_as_id, p.id) FROM people_student p"
            " WHERE p.id = scores_score.record_id AND scores_score.student_id <> COALESCE(p.same_as_id, p.id)"
            f" AND p.id IN ({marks}) RETURNING program, district_id, state_id, year",
            some,
        )
        touched |= totals.keys_of(cursor.fetchall())
    return touched


def _with_corrected(cursor: "CursorWrapper", record_ids: Iterable[int]) -> tuple[list[int], list[Step]]:
    """Add the groups of those of whom these records may be corrected spellings; return all with their steps."""
    people = set(record_ids)
    while True:
        found = steps(cursor, people)
        beyond = {step.before for step in found} - people
        if not beyond:
            return sorted(people), found
        people.update(group(cursor, beyond))


def recompute(cursor: "CursorWrapper", record_ids: Iterable[int], *, at: datetime) -> None:
    """Relink records after a decision, and count anew the organizations and years of their scores."""
    people = list(record_ids)
    touched = relink(cursor, people, at=at)
    for some in batched(people, _SOME, strict=False):
        marks = ", ".join(["%s"] * len(some))
        cursor.execute(
            f"SELECT DISTINCT program, district_id, state_id, year FROM scores_score WHERE record_id IN ({marks})", some
        )
        touched |= totals.keys_of(cursor.fetchall())
    totals.recompute(cursor, touched)
