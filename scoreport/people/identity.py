"""Who is one student: links between records, derived anew from the evidence that is on file.

A record is linked to another one for four reasons only: the two bear one identifier; they write one name in one word
and in several; the file that first spoke of it corrected a row that had spoken of the other one (name or birth date
stayed); or a person decided so. All are facts that stay on file, so links can be derived again at any time, and
nothing depends on the order in which files or decisions were undone. Packages above bring the evidence and let their
results follow (``settings.EVIDENCE_SOURCES``).
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from scoreport.lib.locks import Lock, hold
from scoreport.people import candidates, records, students
from scoreport.people.matching import Decision, StudentDetails, compare, contradict, resolve_joins
from scoreport.people.models import RecordToRelink
from scoreport.people.records import Added
from scoreport.people.rules import Reason

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper


type _Because = tuple[tuple[int, int], Reason]

# Questions that follow from evidence which can go: what nothing speaks for any more is asked no more.
_DERIVED: Final = (
    Reason.TICKET_OTHER_PERSON,
    Reason.IDENTIFIER_OTHER_PERSON,
    Reason.OTHER_IDENTIFIER,
    Reason.FITS_SEVERAL,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One row that spoke of the record ``before`` and, from the file of ``order`` on, of ``record``."""

    order: int
    row: str
    record: int
    before: int
    is_correction: bool


class FirstSpoken(NamedTuple):
    """The file that spoke of a record first, by its place among accepted files, and how it spells the names."""

    order: int
    first_name: str
    last_name: str


class EvidenceSource(Protocol):
    """What a package that has results knows of student records. Every call is inside of the caller's transaction."""

    def tied_to(self, cursor: "CursorWrapper", record_ids: Iterable[int]) -> set[int]:
        """Return the records of the results that belong to the students of these records."""

    def first_spoken_of(self, cursor: "CursorWrapper", record_ids: Iterable[int]) -> dict[int, FirstSpoken]:
        """Return of each record that this source speaks of who spoke of it first."""

    def steps(self, cursor: "CursorWrapper", record_ids: Iterable[int]) -> list[Step]:
        """Return, oldest first, the steps by which rows came to speak of one of these records instead of another.

        Only the file that first spoke of a record can make it a corrected spelling: a row that moves to a student
        who was known already moves a result, not an identity.
        """

    def follow(self, cursor: "CursorWrapper", record_ids: Iterable[int]) -> set[Hashable]:
        """Let results follow the students of these records; return which figures changed by that."""

    def count(self, cursor: "CursorWrapper", record_ids: Iterable[int], changed: set[Hashable]) -> None:
        """Count the figures anew that changed, and those of the results of these records."""


@cache
def _sources(paths: tuple[str, ...]) -> tuple[EvidenceSource, ...]:
    return tuple(import_string(path) for path in paths)


def sources() -> tuple[EvidenceSource, ...]:
    """Return who brings evidence."""
    return _sources(tuple(settings.EVIDENCE_SOURCES))


def first_spoken_of(cursor: "CursorWrapper", record_ids: Iterable[int]) -> dict[int, FirstSpoken]:
    """Return of each record that any source speaks of who spoke of it first."""
    wanted = list(record_ids)
    found: dict[int, FirstSpoken] = {}
    for source in sources():
        for record, first in source.first_spoken_of(cursor, wanted).items():
            found[record] = min(found.get(record, first), first)
    return found


def steps(cursor: "CursorWrapper", record_ids: Iterable[int]) -> list[Step]:
    """Return the steps of all sources that lead to one of these records, oldest first."""
    wanted = list(record_ids)
    found = [step for source in sources() for step in source.steps(cursor, wanted)]
    return sorted(found, key=lambda step: (step.order, step.row))


def group(cursor: "CursorWrapper", record_ids: Iterable[int]) -> list[int]:
    """Return these records with all that share a student with one of them, or will, and so on from these.

    Links are derived for all of them together, and nobody else's can change with them.
    """
    found, fresh = set[int](), set(record_ids)
    while fresh:
        found |= fresh
        fresh = _tied_to(cursor, fresh) - found
    return records.present(found)


def _tied_to(cursor: "CursorWrapper", record_ids: Iterable[int]) -> set[int]:
    wanted = list(record_ids)
    found = records.sharing(wanted)
    found.update(other for _record, other in records.variants_of(cursor, wanted))
    found.update(other for _record, other in records.same_identifier(wanted))
    found |= candidates.decided_with(wanted)
    for source in sources():
        found |= source.tied_to(cursor, wanted)
    return found


def relink(cursor: "CursorWrapper", record_ids: Iterable[int], *, at: datetime) -> set[Any]:
    """Derive the links of whole groups of records anew, and let results follow; return whose figures change.

    Where name and birth date of a row both changed, a person is asked; what nothing speaks for any more is not.
    """
    people, corrections = _with_corrected(cursor, record_ids)
    links, questions = _evidence(cursor, people, corrections)
    asked = [
        candidates.MatchCandidate(record, other, other_known=True, reason=reason)
        for (record, other), reason in questions
    ]
    candidates.ask_only(people, asked, reasons=_DERIVED, at=at)
    links += [(pair, Reason.DECIDED) for pair in candidates.decided_same(people)]
    students.assign(_joined(people, links), at=at)
    changed: set[Any] = set()
    for source in sources():
        changed |= source.follow(cursor, people)
    return changed


def _evidence(
    cursor: "CursorWrapper", people: Iterable[int], corrections: Iterable[Step]
) -> tuple[list[_Because], list[_Because]]:
    """Return the pairs of records that evidence joins, each with its reason, and those that it makes a question."""
    details = records.details_of(people)
    found = [*_by_identifier(details), *_by_name(cursor, details), *_by_correction(details, corrections)]
    # What a row was corrected to may contradict what it said before, such as its birth date.
    certain = [one for one in found if one.decision is Decision.JOIN and one.is_certain]
    joins = [one for one in found if one.decision is Decision.JOIN and not one.is_certain]
    resolved = resolve_joins(details, [one.pair for one in joins])
    stand = set(resolved.joins)
    links = [(one.pair, one.reason) for one in joins if (min(one.pair), max(one.pair)) in stand]
    links += [(one.pair, one.reason) for one in certain]
    questions = [(one.pair, one.reason) for one in found if one.decision is Decision.ASK]
    return links, questions + [((later, first), Reason.FITS_SEVERAL) for first, later in resolved.questions]


class _Pair(NamedTuple):
    """What one kind of evidence says of two records."""

    pair: tuple[int, int]
    decision: Decision
    reason: Reason
    is_certain: bool = False


def _by_identifier(details: Mapping[int, StudentDetails]) -> Iterator[_Pair]:
    for pair in records.same_identifier(details):
        if pair[1] < pair[0] and pair[1] in details:
            is_join = compare(details[pair[0]], details[pair[1]]).decision is Decision.JOIN
            decision = Decision.JOIN if is_join else Decision.ASK
            yield _Pair(pair, decision, Reason.IDENTIFIER if is_join else Reason.IDENTIFIER_OTHER_PERSON)


def _by_name(cursor: "CursorWrapper", details: Mapping[int, StudentDetails]) -> Iterator[_Pair]:
    """Yield what equal names say; where something else speaks against them, the question is asked by ``candidates``."""
    for pair in sorted(records.variants_of(cursor, details)):
        if pair[1] < pair[0] and pair[1] in details:
            found = compare(details[pair[0]], details[pair[1]])
            if found.decision is Decision.JOIN:
                yield _Pair(pair, Decision.JOIN, Reason.VARIANT)
            elif found.reason is Reason.OTHER_IDENTIFIER:
                yield _Pair(pair, Decision.ASK, Reason.OTHER_IDENTIFIER)


def _by_correction(details: Mapping[int, StudentDetails], corrections: Iterable[Step]) -> Iterator[_Pair]:
    for step in corrections:
        pair = (step.record, step.before)
        if step.before not in details or step.record not in details:
            continue
        if step.is_correction:
            is_certain = contradict(details[step.record], details[step.before])
            yield _Pair(pair, Decision.JOIN, Reason.SAME_TICKET, is_certain)
        else:
            yield _Pair(pair, Decision.ASK, Reason.TICKET_OTHER_PERSON)


def _joined(people: Iterable[int], links: Iterable[tuple[tuple[int, int], Reason]]) -> list[students.Group]:
    """Return the groups that links make of records; of a group the oldest record is the first."""
    head = {record: record for record in people}

    def head_of(record: int) -> int:
        while head[record] != record:
            head[record] = head[head[record]]
            record = head[record]
        return record

    because: dict[int, str] = {}
    for (record, other), reason in links:
        if record not in head or other not in head:
            continue
        first, later = sorted((head_of(record), head_of(other)))
        if first != later:
            head[later] = first
            because[later] = reason.value
    members: dict[int, list[int]] = {}
    for record in sorted(head):
        members.setdefault(head_of(record), []).append(record)
    return [
        students.Group(tuple(some), {one: because[one] for one in some if one in because}) for some in members.values()
    ]


def _with_corrected(cursor: "CursorWrapper", record_ids: Iterable[int]) -> tuple[list[int], list[Step]]:
    """Add the groups of those of whom these records may be corrected spellings; return all with their steps."""
    people = set(record_ids)
    while True:
        found = steps(cursor, people)
        beyond = {step.before for step in found} - people
        beyond &= set(records.present(beyond))
        if not beyond:
            return sorted(people), found
        people.update(group(cursor, beyond))


def relink_after_update(*, at: datetime) -> None:
    """Derive the links anew of the records that an update left to be looked at; a second time there are none."""
    with transaction.atomic(), connection.cursor() as cursor:
        hold(Lock.SCORES)
        waiting = list(RecordToRelink.objects.order_by("pk").values_list("record_id", flat=True))
        if waiting:
            recompute(cursor, group(cursor, waiting), at=at)
            candidates.open_cases(
                candidates.candidates_of_added(cursor, Added(students.newest(), tuple(waiting))), at=at
            )
            RecordToRelink.objects.filter(record__in=waiting).delete()


def recompute(cursor: "CursorWrapper", record_ids: Iterable[int], *, at: datetime) -> None:
    """Relink records after a decision, and count anew the figures of their results."""
    people = list(record_ids)
    changed = relink(cursor, people, at=at)
    for source in sources():
        source.count(cursor, people, changed)
