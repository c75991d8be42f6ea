"""Which lasting student each group of records is.

Evidence says which records are one student (``people.identity``); here each such group gets a student that lasts:
the one that its records had. When groups meet, the student known first stays and the others lead to it; when a group
parts, the student stays with the record that had it first, and the others get back what they had before, or a student
of their own.
"""

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Final

from django.db import connection

from scoreport.people.models import FormerStudent, Student, StudentRecord

_SOME: Final = 5000
_PUBLIC: Final = 8
"""Random bytes of a public id."""
RANDOM_ID: Final = {
    "postgresql": "substr(replace(gen_random_uuid()::text, '-', ''), 17)",
    "sqlite": f"lower(hex(randomblob({_PUBLIC})))",
}
"""A public id as each database draws it: 16 hexadecimal digits, of which 60 bits or more are random."""


type _Stored = dict[int, tuple[int | None, str]]
"""Of records: the student of each, and why it is linked."""


@dataclass(frozen=True, slots=True)
class Group:
    """Records that are one student, the oldest first, and why each of the others is linked."""

    records: tuple[int, ...]
    because: Mapping[int, str]


def assign(groups: Sequence[Group], *, at: datetime) -> None:
    """Give each group of present records its student; ``groups`` hold every record of the students concerned.

    The caller holds the transaction and the lock of all acceptances.
    """
    stored = _stored(record for group in groups for record in group.records)
    awarded = _awarded(groups, stored)
    of_group: defaultdict[int, list[int]] = defaultdict(list)
    for student, place in awarded.items():
        of_group[place].append(student)
    taken = set(awarded)
    chosen: list[int] = []
    for place, group in enumerate(groups):
        chosen.append(min(of_group[place]) if of_group[place] else _earlier(group, stored, taken))
        taken.add(chosen[-1])
    _store(groups, chosen, stored, at)
    _forward(
        {
            student: bearer
            for place, (group, bearer) in enumerate(zip(groups, chosen, strict=True))
            for student in (*group.records, *of_group[place])
        },
        set(chosen),
    )


def _stored(record_ids: Iterable[int]) -> _Stored:
    found: _Stored = {}
    for some in batched(record_ids, _SOME, strict=False):
        rows = StudentRecord.objects.filter(pk__in=some).values_list("pk", "student_id", "linked_because")
        found.update((pk, (student, because)) for pk, student, because in rows)
    return found


def _awarded(groups: Sequence[Group], stored: _Stored) -> dict[int, int]:
    """Return for each student that records have now the place of the group that keeps it: that of its first record."""
    firsts: dict[int, tuple[bool, int, int]] = {}
    for place, group in enumerate(groups):
        for record in group.records:
            student = stored[record][0]
            if student is not None:
                mine = (record != student, record, place)
                firsts[student] = min(firsts.get(student, mine), mine)
    return {student: place for student, (_is_other, _record, place) in firsts.items()}


def _earlier(group: Group, stored: _Stored, taken: Collection[int]) -> int:
    """Return the student that a group had before it became part of another one, or a new student."""
    former = FormerStudent.objects.filter(record__in=group.records).order_by("-until", "-pk")
    candidates = [*group.records, *former.values_list("student_id", flat=True)]
    borne = StudentRecord.objects.filter(student__in=candidates, is_dormant=False).exclude(pk__in=list(stored))
    elsewhere = {*taken, *borne.values_list("student_id", flat=True)}
    return next((student for student in candidates if student not in elsewhere), None) or new_student()


def new_public_id() -> str:
    """Draw a public id: 16 hexadecimal digits."""
    return secrets.token_hex(_PUBLIC)


def new_student() -> int:
    """Make a student, and return the id."""
    return Student.objects.create(public_id=new_public_id()).pk


def _store(groups: Sequence[Group], chosen: Sequence[int], stored: _Stored, at: datetime) -> None:
    """Write whose the records are, where it differs, and whose they were until now."""
    changed: list[StudentRecord] = []
    left: list[FormerStudent] = []
    for group, student in zip(groups, chosen, strict=True):
        for record in group.records:
            before, because = stored[record]
            now = group.because.get(record, "")
            if (before, because) != (student, now):
                changed.append(StudentRecord(pk=record, student_id=student, linked_because=now))
            if before is not None and before != student:
                left.append(FormerStudent(record_id=record, student_id=before, until=at))
    StudentRecord.objects.bulk_update(changed, ["student", "linked_because"], batch_size=500)
    FormerStudent.objects.bulk_create(left, batch_size=500)


def _forward(leads_to: Mapping[int, int], borne: Collection[int]) -> None:
    """Let students that no record bears any more lead to the one that bears on, and those that a group bears to none.

    ``leads_to`` are the students of groups, those of their records' own numbers among them, by what each group bears.
    """
    changed: dict[int, Student] = {}
    for some in batched(leads_to, _SOME, strict=False):
        elsewhere = StudentRecord.objects.filter(student__in=some, is_dormant=False)
        still_borne = {*borne, *elsewhere.values_list("student_id", flat=True)}
        for student in Student.objects.filter(pk__in=some).order_by("pk"):
            wanted = None if student.pk in still_borne else leads_to[student.pk]
            if student.merged_into_id != wanted:
                student.merged_into_id = wanted
                changed[student.pk] = student
    for some in batched([pk for pk, one in changed.items() if one.merged_into_id], _SOME, strict=False):
        for student in Student.objects.filter(merged_into__in=some).exclude(pk__in=leads_to).order_by("pk"):
            student.merged_into_id = changed[student.merged_into_id or 0].merged_into_id
            changed[student.pk] = student
    Student.objects.bulk_update(changed.values(), ["merged_into"], batch_size=500)


def add_students(first: int, last: int) -> None:
    """Make the students of new records; each bears its record's number."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO people_student (id, public_id) SELECT id, {RANDOM_ID[connection.vendor]}"
            " FROM people_studentrecord WHERE id BETWEEN %s AND %s ORDER BY id",
            [first, last],
        )
        if connection.vendor == "postgresql":
            # Numbers that were given do not move the sequences, from which others come.
            for table in ("people_student", "people_studentrecord"):
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), %s)", [last])


def newest() -> int:
    """Return the highest number that a student ever had; records are numbered from there on."""
    return Student.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
