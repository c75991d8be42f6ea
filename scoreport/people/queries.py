"""Reads of the questions of identity; program staff see the two records of a question and no list of students."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import batched
from typing import Final, NamedTuple

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, NotFound, Permission
from scoreport.people.models import FormerStudent, Identifier, MatchCase, Student, StudentRecord
from scoreport.people.rules import CaseState, Reason, school_code_of

_SOME: Final = 5000
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")


class UnknownCase(NotFound):
    """There is no question of this number."""


@dataclass(frozen=True, slots=True)
class RecordInfo:
    """One student record; ``student_id`` is whose it is, ``school_code`` the code of an unknown school as typed.

    ``identifiers`` are (kind, issuer, value).
    """

    id: int
    student_id: int
    first_name: str
    last_name: str
    birth_date: date
    school_id: int | None
    initial: str
    gender: str
    school_code: str = ""
    identifiers: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CaseInfo:
    """A question whether two records are one student, and its answer."""

    id: int
    reason: Reason
    state: CaseState
    record: RecordInfo
    candidate: RecordInfo
    opened_at: datetime
    decided_at: datetime | None
    decided_by: str
    note: str

    @property
    def is_open(self) -> bool:
        """Whether nobody has answered yet."""
        return self.state is CaseState.OPEN


def present_cases() -> QuerySet[MatchCase]:
    """Return the questions about records that something speaks of; those about resting ones rest with them."""
    return MatchCase.objects.filter(record__is_dormant=False, candidate__is_dormant=False)


def cases(
    actor: Actor, *, is_open: bool, reason: Reason | None = None, first: int = 0, limit: int = 20
) -> tuple[list[CaseInfo], int]:
    """Return some open questions, oldest first, or answered ones, newest first, and how many there are."""
    access.require(actor, Permission.PEOPLE_MATCH)
    found = _cases(is_open=is_open).filter(**({} if reason is None else {"reason": reason.value}))
    order = ("id",) if is_open else ("-decided_at", "-id")
    return _infos(found.order_by(*order)[first : first + limit]), found.count()


def case(actor: Actor, case_id: int) -> CaseInfo:
    """Return one question. Raises :class:`UnknownCase`."""
    return cases_of(actor, [case_id])[0]


def cases_of(actor: Actor, case_ids: Iterable[int]) -> list[CaseInfo]:
    """Return the questions with these numbers, open or answered, in their order, each once.

    Raises :class:`UnknownCase`.
    """
    access.require(actor, Permission.PEOPLE_MATCH)
    wanted = sorted(set(case_ids))
    found = _infos(MatchCase.objects.select_related("record", "candidate").filter(pk__in=wanted).order_by("pk"))
    missing = sorted(set(wanted) - {one.id for one in found})
    if missing:
        raise UnknownCase(_("There is no question with the number %(id)s.") % {"id": missing[0]})
    return found


def count_cases(actor: Actor, *, is_open: bool) -> dict[Reason, int]:
    """Return how many open, or answered, questions there are for each reason that has some."""
    access.require(actor, Permission.PEOPLE_MATCH)
    counted = _cases(is_open=is_open).values_list("reason").annotate(n=Count("id")).order_by()
    return {Reason(reason): n for reason, n in sorted(counted)}


def records_of_cases(case_ids: Iterable[int]) -> list[tuple[int, int | None]]:
    """Return the students of some questions, each with the school of the record that was shown; unscoped."""
    shown = MatchCase.objects.select_related("record", "candidate").filter(pk__in=list(case_ids))
    records = {record for case in shown for record in (case.record, case.candidate)}
    return sorted({(record.student_id or record.pk, record.school_id) for record in records}, key=str)


def open_cases_of(case_ids: Iterable[int]) -> list[int]:
    """Return which of these questions are open, oldest first; unscoped."""
    found = MatchCase.objects.filter(pk__in=set(case_ids), state=CaseState.OPEN.value)
    return list(found.order_by("pk").values_list("pk", flat=True))


def is_in_question(student_id: int) -> bool:
    """Tell whether a record of a student is, or was, in a question that program staff see; unscoped."""
    records = StudentRecord.objects.filter(student=student_id).values("id")
    return MatchCase.objects.filter(Q(record__in=records) | Q(candidate__in=records)).exists()


def _cases(*, is_open: bool) -> QuerySet[MatchCase]:
    state = Q(state=CaseState.OPEN.value)
    asked = present_cases()
    if is_open:
        # Two records that became one student by other evidence are no question any more.
        asked = asked.exclude(record__student=F("candidate__student"))
    return asked.select_related("record", "candidate").filter(state if is_open else ~state)


def _infos(rows: Iterable[MatchCase]) -> list[CaseInfo]:
    found = list(rows)
    numbers: dict[int, list[tuple[str, str, str]]] = {}
    of_these = Identifier.objects.filter(record__in={record for one in found for record in _records_of(one)})
    for record, *key in of_these.order_by("kind", "issuer", "value").values_list(
        "record_id", "kind", "issuer", "value"
    ):
        numbers.setdefault(record, []).append((key[0], key[1], key[2]))
    return [
        CaseInfo(
            id=case.pk,
            reason=Reason(case.reason),
            state=CaseState(case.state),
            record=_record(case.record, numbers),
            candidate=_record(case.candidate, numbers),
            opened_at=case.opened_at,
            decided_at=case.decided_at,
            decided_by=case.decided_by,
            note=case.note,
        )
        for case in found
    ]


def _records_of(case: MatchCase) -> tuple[int, int]:
    return case.record_id, case.candidate_id


def _record(record: StudentRecord, identifiers: Mapping[int, Iterable[tuple[str, str, str]]]) -> RecordInfo:
    return RecordInfo(
        id=record.pk,
        student_id=record.student_id or record.pk,
        first_name=record.first_name,
        last_name=record.last_name,
        birth_date=record.birth_date,
        school_id=record.school_id,
        initial=record.fold_initial,
        gender=record.gender,
        school_code=school_code_of(record.place_code),
        identifiers=tuple(identifiers.get(record.pk, ())),
    )


class StudentRef(NamedTuple):
    """A student: the number that stays inside, and the id that addresses, events and files carry."""

    number: int
    public_id: str


NOBODY: Final = StudentRef(0, "")
"""The student whom no address leads to; there is nothing to see of them."""


def student_called(text: str) -> StudentRef:
    """Return the student whom an address calls so, or :data:`NOBODY`; unscoped, so ask for the rights next.

    A student who became one with another leads to that one. The number of a student still leads to them, because
    addresses had it before version 0.4.
    """
    return students_called([text]).get(text, NOBODY)


def students_called(texts: Iterable[str]) -> dict[str, StudentRef]:
    """Return the students of now whom events or addresses call so, by public id or by number; unscoped."""
    number_of = numbers_called(texts)
    found: dict[int, StudentRef] = {}
    for some in batched(set(number_of.values()), _SOME, strict=False):
        rows = Student.objects.filter(pk__in=some)
        for number, public_id, into, into_public_id in rows.values_list(
            "pk", "public_id", "merged_into_id", "merged_into__public_id"
        ):
            found[number] = StudentRef(into or number, into_public_id or public_id)
    return {text: found[number] for text, number in number_of.items()}


def numbers_called(texts: Iterable[str]) -> dict[str, int]:
    """Return the numbers of the students whom events or addresses called so then; unscoped.

    A public id goes before a number. The ids of students from before version 0.4 are their numbers.
    """
    wanted = set(texts)
    found: dict[str, int] = {}
    for some in batched(wanted, _SOME, strict=False):
        found.update(Student.objects.filter(public_id__in=some).values_list("public_id", "pk"))
    numbers = {int(text): text for text in wanted - set(found) if _NUMBER.fullmatch(text)}
    for few in batched(numbers, _SOME, strict=False):
        known = Student.objects.filter(pk__in=few).values_list("pk", flat=True)
        found.update((numbers[number], number) for number in known)
    return found


def public_id_of(column: str) -> Subquery:
    """Return an expression for the public id of the student whose number a column holds."""
    return Subquery(Student.objects.filter(pk=OuterRef(column)).values("public_id")[:1])


def public_ids(numbers: Iterable[int]) -> dict[int, str]:
    """Return the public ids of these students, for lists that were scoped already."""
    found: dict[int, str] = {}
    for some in batched(set(numbers), _SOME, strict=False):
        found.update(Student.objects.filter(pk__in=some).values_list("pk", "public_id"))
    return found


@dataclass(frozen=True, slots=True)
class Span:
    """Events about a student after one instant and until another one (None: without end) are about another one too.

    Events call the student by ``public_id``; those from before version 0.4 by the number, ``student_id``.
    """

    student_id: int
    after: datetime | None = None
    until: datetime | None = None
    public_id: str = ""

    @property
    def names(self) -> frozenset[str]:
        """What events call the student."""
        return frozenset({str(self.student_id), self.public_id} - {""})

    def holds(self, at: datetime) -> bool:
        """Tell whether an instant is within the span."""
        return (self.after is None or at > self.after) and (self.until is None or at <= self.until)


def spans_of_student(student_id: int) -> list[Span]:
    """Return under which numbers, and when, a student has been known, this one's own first; unscoped.

    A record that was another student's for a while was seen by those who looked at that student then.
    """
    merged = Student.objects.filter(merged_into=student_id).order_by("pk").values_list("pk", flat=True)
    spans = [Span(student_id), *map(Span, merged)]
    former = FormerStudent.objects.filter(record__student=student_id, record__is_dormant=False)
    after: dict[int, datetime] = {}
    for record, student, until in former.order_by("until", "pk").values_list("record_id", "student_id", "until"):
        spans.append(Span(student, after.get(record), until))
        after[record] = until
    kept = [span for span in spans if span.until is None or span.student_id not in {student_id, *merged}]
    called = public_ids(span.student_id for span in kept)
    return [replace(span, public_id=called.get(span.student_id, "")) for span in kept]


def students_now(numbers: Iterable[int]) -> dict[int, set[int]]:
    """Return who was seen, as students of now, where one of these numbers of students was looked at; unscoped.

    Those are the student that the number leads to, and those whose records were this student's for a while.
    """
    found: dict[int, set[int]] = {}
    for some in batched(sorted(set(numbers)), _SOME, strict=False):
        for number, into in Student.objects.filter(pk__in=some).values_list("pk", "merged_into_id"):
            found[number] = {into or number}
        former = FormerStudent.objects.filter(student__in=some, record__is_dormant=False)
        for number, student in former.values_list("student_id", "record__student_id"):
            found[number].add(student)
    return found
