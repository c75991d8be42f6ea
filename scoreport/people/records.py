"""Student records in bulk: found or added for a staging table, looked up, renamed, and let rest.

A staging table that comes here has the columns first_name, last_name, birth_date, school_id,
fold_given, fold_last, fold_initial, gender, place_code, record_key, name_birth_key, name_school_key,
letters_key and line. The caller holds the transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched
from typing import TYPE_CHECKING, Final

from django.db import connection
from django.db.models import F, Q, QuerySet

from scoreport.people import students
from scoreport.people.matching import StudentDetails
from scoreport.people.models import FormerStudent, Identifier, StudentRecord
from scoreport.people.rules import Named, is_close_birth_date, keys_of, school_code_of

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

# A staged row ``t`` and its student record ``s``: the key finds it, the rest proves it. The birth date is compared in
# words for which SQLite has no index, or it would look through everybody born on a day, once for each row.
MATCH: Final = (
    "s.record_key = t.record_key AND s.fold_given = t.fold_given AND s.fold_last = t.fold_last"
    " AND NOT (s.birth_date <> t.birth_date) AND s.school_id IS NOT DISTINCT FROM t.school_id"
    " AND s.fold_initial = t.fold_initial AND s.gender = t.gender AND s.place_code = t.place_code"
)
KEYS: Final = (
    "record_key, name_birth_key, name_school_key, fold_given, fold_last, birth_date, school_id, fold_initial, gender,"
    " place_code"
)
OF_ONE: Final = "record_key, fold_given, fold_last, birth_date, school_id, fold_initial, gender, place_code"
"""What rows of one record have in common."""
MATCHED_BY: Final = (
    *("fold_given", "fold_last", "fold_initial", "gender", "place_code"),
    *("record_key", "name_birth_key", "name_school_key", "letters_key"),
)
"""The columns of a staging table by which records are found, after those that say who the student is."""
_SOME: Final = 5000
# Each school comes with a key for every way to read the name.
_SCHOOLS: Final = 500


@dataclass(frozen=True, slots=True)
class Added:
    """Which records staged rows brought: those with numbers above ``above``, and old ones that came back."""

    above: int
    back: tuple[int, ...] = ()

    def condition(self, alias: str) -> str:
        """Return the condition that a record is one of them, for an alias in a query."""
        fresh = f"{alias}.id > {int(self.above)}"
        return f"({fresh} OR {alias}.id IN ({', '.join(map(str, map(int, self.back)))}))" if self.back else fresh


def add(cursor: "CursorWrapper", table: str, *, order: str = "line") -> Added:
    """Add the records that staged rows ask for and nobody has, each with a student; wake those that are dormant.

    ``order`` is the column that says who comes first, and whose row is taken of several; it names a row as a line does.
    """
    above = students.newest()
    back = _wake(cursor, table, order)
    # A student that a dormant record needed may be the newest.
    above = max(above, students.newest())
    cursor.execute(
        f"INSERT INTO people_studentrecord (id, student_id, linked_because, is_dormant, first_name, last_name,"
        f" letters_key, {KEYS}) SELECT %s + place, %s + place, '', %s, first_name, last_name, letters_key, {KEYS}"
        f" FROM (SELECT t.*, row_number() OVER (ORDER BY t.{order}) AS place FROM (SELECT min({order}) AS place"
        f" FROM {table} GROUP BY {OF_ONE}) first"
        f" JOIN {table} t ON t.{order} = first.place LEFT JOIN people_studentrecord s ON {MATCH}"
        " WHERE s.id IS NULL) fresh ORDER BY place",
        [above, above, False],
    )
    if cursor.rowcount:
        students.add_students(above + 1, above + cursor.rowcount)
    if connection.vendor == "postgresql":
        cursor.execute("ANALYZE people_studentrecord")
    return Added(above, back)


def _wake(cursor: "CursorWrapper", table: str, order: str) -> tuple[int, ...]:
    """Let dormant records that staged rows speak of take part again, each with its student or a new one.

    Each is spelled as the first of these rows spells it.
    """
    if not StudentRecord.objects.filter(is_dormant=True).exists():
        return ()
    cursor.execute(
        f"SELECT s.id, t.first_name, t.last_name FROM {table} t JOIN people_studentrecord s ON {MATCH}"
        f" WHERE s.is_dormant ORDER BY t.{order} DESC"
    )
    spelled = {record: (first, last) for record, first, last in cursor.fetchall()}
    back = tuple(sorted(spelled))
    for some in batched(back, _SOME, strict=False):
        rows = list(StudentRecord.objects.filter(pk__in=some).order_by("pk"))
        wanted = {student for row in rows for student in (row.student_id, row.pk)}
        borne = StudentRecord.objects.filter(student__in=wanted, is_dormant=False)
        taken = set(borne.values_list("student_id", flat=True))
        for row in rows:
            own = (student for student in (row.student_id, row.pk) if student is not None and student not in taken)
            row.student_id = next(own, None) or students.new_student()
            taken.add(row.student_id)
            row.is_dormant, (row.first_name, row.last_name) = False, spelled[row.pk]
        StudentRecord.objects.bulk_update(rows, ["student", "is_dormant", "first_name", "last_name"], batch_size=500)
    return back


def rest(record_ids: Iterable[int], *, at: datetime) -> None:
    """Let records that nothing speaks of any more rest, except those that other systems identify.

    A student stays with the records that are left of it, and with a resting one where none is left.
    """
    for some in batched(record_ids, _SOME, strict=False):
        unused = StudentRecord.objects.filter(pk__in=some, identifiers__isnull=True, is_dormant=False)
        rows = list(unused.order_by("pk").values_list("pk", "student_id"))
        ids = [pk for pk, _student in rows]
        StudentRecord.objects.filter(pk__in=ids).update(is_dormant=True, linked_because="")
        borne = StudentRecord.objects.filter(student__in=[student for _pk, student in rows], is_dormant=False)
        left = set(borne.values_list("student_id", flat=True))
        parted = [(pk, student) for pk, student in rows if student in left]
        StudentRecord.objects.filter(pk__in=[pk for pk, _student in parted]).update(student=None)
        FormerStudent.objects.bulk_create(
            FormerStudent(record_id=pk, student_id=student, until=at) for pk, student in parted
        )


def as_date(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


@dataclass(frozen=True, slots=True)
class Spelled:
    """A record as the search for a student compares it; ``student_id`` is the student it belongs to."""

    student_id: int
    first_name: str
    last_name: str
    birth_date: date
    school_id: int | None


def born_on(day: date) -> list[Spelled]:
    """Return the records of one birth date: some hundreds among a million."""
    return _spelled(StudentRecord.objects.filter(birth_date=day))


def spelled_nearby(names: Iterable[tuple[str, str]], born: date, school_ids: Iterable[int]) -> list[Spelled]:
    """Return the records of these schools that have one of these (first, last) names and nearly a birth date."""
    found: list[Spelled] = []
    wanted = list(names)
    for some in batched(school_ids, _SCHOOLS, strict=False):
        keys = [keys_of(Named(*name, born, school)).name_school for name in wanted for school in some]
        found += _spelled(StudentRecord.objects.filter(name_school_key__in=keys, school_id__in=some))
    return [spelled for spelled in found if is_close_birth_date(spelled.birth_date, born)]


def _spelled(rows: QuerySet[StudentRecord]) -> list[Spelled]:
    columns = ("student_id", "first_name", "last_name", "birth_date", "school_id")
    return [
        Spelled(student, first, last, born, school)
        for student, first, last, born, school in rows.filter(is_dormant=False).values_list(*columns)
        if student is not None
    ]


def variants(cursor: "CursorWrapper", which: str) -> list[tuple[int, int]]:
    """Return pairs of records of one place and birth date whose names have the same letters ("Zoe Anne", "ZoeAnne").

    ``which`` is a condition on the record ``a``, of our own making.
    """
    cursor.execute(
        "SELECT a.id, b.id FROM people_studentrecord a JOIN people_studentrecord b"
        " ON b.letters_key = a.letters_key AND b.fold_last = a.fold_last AND NOT (b.birth_date <> a.birth_date)"
        " AND b.school_id IS NOT DISTINCT FROM a.school_id AND b.place_code = a.place_code AND b.id <> a.id"
        f" AND NOT b.is_dormant WHERE NOT a.is_dormant AND {which}"
    )
    return [(one, other) for one, other in cursor.fetchall()]


def variants_of(cursor: "CursorWrapper", record_ids: Iterable[int]) -> list[tuple[int, int]]:
    """Return the pairs of :func:`variants` of these records."""
    found: list[tuple[int, int]] = []
    for some in batched(record_ids, _SOME, strict=False):
        found += variants(cursor, f"a.id IN ({', '.join(str(int(record)) for record in some)})")
    return found


def details_of(record_ids: Iterable[int]) -> dict[int, StudentDetails]:
    """Return what present records say of their students, with the identifiers that they bear."""
    found: dict[int, StudentDetails] = {}
    columns = ("pk", "first_name", "last_name", "birth_date", "school_id", "fold_initial", "gender", "place_code")
    for some in batched(record_ids, _SOME, strict=False):
        numbers: dict[int, set[tuple[str, str, str]]] = {}
        for record, *key in Identifier.objects.filter(record__in=some).values_list(
            "record_id", "kind", "issuer", "value"
        ):
            numbers.setdefault(record, set()).add((key[0], key[1], key[2]))
        for pk, first, last, born, school, initial, gender, place in StudentRecord.objects.filter(
            pk__in=some, is_dormant=False
        ).values_list(*columns):
            found[pk] = StudentDetails(
                first, last, born, school, initial, gender, school_code_of(place), frozenset(numbers.get(pk, ()))
            )
    return found


def same_identifier(record_ids: Iterable[int]) -> list[tuple[int, int]]:
    """Return pairs of (record, another one) that bear one identifier."""
    found: set[tuple[int, int]] = set()
    for some in batched(record_ids, _SOME, strict=False):
        mine = Identifier.objects.filter(record__in=some).values_list("kind", "issuer", "value", "record_id")
        for kind, issuer, value, record in mine:
            others = Identifier.objects.filter(kind=kind, issuer=issuer, value=value).exclude(record=record)
            found.update((record, other) for other in others.values_list("record_id", flat=True))
    return sorted(found)


def sharing(record_ids: Iterable[int]) -> set[int]:
    """Return all present records of the students that one of these records is of."""
    found: set[int] = set()
    for some in batched(record_ids, _SOME, strict=False):
        rows = StudentRecord.objects.filter(pk__in=some, is_dormant=False)
        bearers = set(rows.values_list("student_id", flat=True))
        for part in batched(bearers, _SOME, strict=False):
            # Most records bear the student of their own number; the index knows the others.
            mine = Q(pk__in=part, student=F("id")) | (Q(student__in=part) & ~Q(student=F("id")))
            found.update(StudentRecord.objects.filter(mine, is_dormant=False).values_list("pk", flat=True))
    return found


def rename(names: Iterable[tuple[int, str, str]]) -> None:
    """Give records the (id, first name, last name) that speaks of them first now."""
    wanted = {pk: (first, last) for pk, first, last in names}
    for some in batched(wanted, _SOME, strict=False):
        changed = [
            row
            for row in StudentRecord.objects.filter(pk__in=some)
            if wanted[row.pk] != (row.first_name, row.last_name)
        ]
        for row in changed:
            row.first_name, row.last_name = wanted[row.pk]
        StudentRecord.objects.bulk_update(changed, ["first_name", "last_name"], batch_size=500)


def present(record_ids: Iterable[int]) -> list[int]:
    """Return those of these records that something speaks of, in their order."""
    found: list[int] = []
    for some in batched(record_ids, _SOME, strict=False):
        found += StudentRecord.objects.filter(pk__in=some, is_dormant=False).values_list("pk", flat=True)
    return sorted(found)
