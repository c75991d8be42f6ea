"""What score files say of student records, and how scores follow their students (``people.identity``)."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import date
from itertools import batched, pairwise
from typing import TYPE_CHECKING, Final

from scoreport.imports.versions import current
from scoreport.people.identity import FirstSpoken, Step
from scoreport.people.matching import Decision, StudentDetails, compare_correction
from scoreport.scores import totals
from scoreport.scores.results import Results, all_results

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

_SOME: Final = 5000


class ScoreEvidence:
    """Scores as evidence (:class:`scoreport.people.identity.EvidenceSource`)."""

    def tied_to(self, cursor: "CursorWrapper", record_ids: Iterable[int]) -> set[int]:
        """Return the records of the scores that belong to the students of these records."""
        found: set[int] = set()
        for results, some in _batches(record_ids):
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(
                f"SELECT DISTINCT record_id FROM {results.table} WHERE student_id IN"
                f" (SELECT student_id FROM {results.table} WHERE record_id IN ({marks}))",
                some,
            )
            found.update(record for (record,) in cursor.fetchall())
        return found

    def first_spoken_of(self, cursor: "CursorWrapper", record_ids: Iterable[int]) -> dict[int, FirstSpoken]:
        """Return, for each record that files assert, the order of its first file and the names there."""
        found: dict[int, FirstSpoken] = {}
        for results, some in _batches(record_ids):
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(
                "SELECT record_id, accepted_order, first_name, last_name FROM (SELECT s.record_id, f.accepted_order,"
                " s.first_name, s.last_name,"
                " row_number() OVER (PARTITION BY s.record_id ORDER BY f.accepted_order, c.line) AS place"
                f" FROM {results.table} s JOIN {results.said} c ON c.version_id = s.id"
                " JOIN imports_importfile f ON f.id = c.file_id"
                f" WHERE s.record_id IN ({marks})) ranked WHERE place = 1",
                some,
            )
            for record, order, first, last in cursor.fetchall():
                if record not in found or order < found[record].order:
                    found[record] = FirstSpoken(order, first, last)
        return found

    def steps(self, cursor: "CursorWrapper", record_ids: Iterable[int]) -> list[Step]:
        """Return, oldest first, the steps by which tickets came to tell of one of these records instead of another.

        Only the file that first spoke of a record can make it a corrected spelling: a ticket that moves to a student
        who was known already moves a test, not an identity.
        """
        firsts = self.first_spoken_of(cursor, record_ids)
        found: dict[int, Step] = {}
        for results, some in _batches(firsts):
            for ticket, versions in _versions(cursor, results, some):
                for (_order, before, details_before), (order, after, details_after) in pairwise(versions):
                    if before != after and after in firsts and firsts[after].order == order and after not in found:
                        found[after] = Step(
                            order,
                            ticket,
                            after,
                            before,
                            compare_correction(details_before, details_after).decision is Decision.JOIN,
                        )
        return sorted(found.values(), key=lambda step: (step.order, step.row))

    def follow(self, cursor: "CursorWrapper", record_ids: Iterable[int]) -> set[Hashable]:
        """Let scores follow the students of these records; return whose totals change."""
        touched: set[Hashable] = set()
        for results, some in _batches(record_ids):
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(
                f"UPDATE {results.table} SET student_id = p.student_id FROM people_studentrecord p"
                f" WHERE p.id = {results.table}.record_id AND {results.table}.student_id <> p.student_id"
                f" AND p.id IN ({marks}) RETURNING program, district_id, state_id, year",
                some,
            )
            touched |= totals.keys_of(cursor.fetchall())
        return touched

    def count(self, cursor: "CursorWrapper", record_ids: Iterable[int], changed: set[Hashable]) -> None:
        """Count the totals anew that changed, and those of the scores of these records."""
        keys = {key for key in changed if isinstance(key, totals.Key)}
        for results, some in _batches(record_ids):
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(
                f"SELECT DISTINCT program, district_id, state_id, year FROM {results.table}"
                f" WHERE record_id IN ({marks})",
                some,
            )
            keys |= totals.keys_of(cursor.fetchall())
        totals.recompute(cursor, keys)


SOURCE: Final = ScoreEvidence()


def _batches(record_ids: Iterable[int]) -> Iterator[tuple[Results, tuple[int, ...]]]:
    """Yield some records at a time with each program whose results may speak of them."""
    for some in batched(record_ids, _SOME, strict=False):
        for results in all_results():
            yield results, some


def _versions(
    cursor: "CursorWrapper", results: Results, some: Sequence[int]
) -> Iterator[tuple[str, list[tuple[int, int, StudentDetails]]]]:
    """Yield the tickets that ever told of these records and of others, with what they told in order."""
    marks = ", ".join(["%s"] * len(some))
    reworded = (
        f"SELECT m.program, m.ticket FROM {results.table} m JOIN {results.table} o"
        f" ON o.program = m.program AND o.ticket = m.ticket AND {current('o', is_current=False)}"
        f" WHERE m.record_id IN ({marks})"
    )
    # Current and retired versions have an index each, so they are looked up apart.
    halves = (
        "SELECT s.ticket, f.accepted_order, c.line, s.record_id, s.first_name, s.last_name, s.birth_date, s.school_id,"
        " s.middle_initial, s.gender"
        f" FROM (SELECT DISTINCT program, ticket FROM ({reworded}) r) x JOIN {results.table} s"
        f" ON s.program = x.program AND s.ticket = x.ticket AND {half}"
        f" JOIN {results.said} c ON c.version_id = s.id JOIN imports_importfile f ON f.id = c.file_id"
        for half in (current("s"), current("s", is_current=False))
    )
    cursor.execute(f"{' UNION ALL '.join(halves)} ORDER BY 1, 2, 3", [*some, *some])
    told: dict[str, list[tuple[int, int, StudentDetails]]] = {}
    for ticket, order, _line, record, first, last, birth, school, initial, gender in cursor.fetchall():
        day = birth if isinstance(birth, date) else date.fromisoformat(birth)
        told.setdefault(ticket, []).append((order, record, StudentDetails(first, last, day, school, initial, gender)))
    yield from told.items()
