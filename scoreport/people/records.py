"""Student records in bulk: found or added for a staging table, doubted, linked and dropped again.

A staging table that comes here has the columns first_name, last_name, birth_date, school_id,
fold_given, fold_last, record_key, name_birth_key, name_school_key, letters_key and line. The
caller holds the transaction.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched
from typing import TYPE_CHECKING, Final

from django.db import connection
from django.db.models import Q, QuerySet

from scoreport.people.models import Identifier, MatchCase, Student
from scoreport.people.rules import CaseState, Named, Reason, is_close_birth_date, is_one_name, keys_of

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

# A staged row ``t`` and its student record ``s``: the key finds it, the rest proves it. The birth date is compared in
# words for which SQLite has no index, or it would look through everybody born on a day, once for each row.
MATCH: Final = (
    "s.record_key = t.record_key AND s.fold_given = t.fold_given AND s.fold_last = t.fold_last"
    " AND NOT (s.birth_date <> t.birth_date) AND s.school_id IS NOT DISTINCT FROM t.school_id"
)
_SOME: Final = 5000
# Each school comes with a key for every way to read the name.
_SCHOOLS: Final = 500
_KEYS: Final = "record_key, name_birth_key, name_school_key, fold_given, fold_last, birth_date, school_id"


type Kept = dict[str, str | int | None]
"""An answer to a question of identity with its two records, as JSON can hold it."""


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


def add(cursor: "CursorWrapper", table: str, *, order: str = "line") -> int:
    """Add the records that staged rows ask for and nobody has; return the highest id before.

    ``order`` is the column that says who comes first, and whose row is taken of several; it names a row as a line does.
    """
    cursor.execute("SELECT COALESCE(max(id), 0) FROM people_student")
    (watermark,) = cursor.fetchone()
    cursor.execute(
        f"INSERT INTO people_student (first_name, last_name, same_because, letters_key, {_KEYS})"
        " SELECT t.first_name, t.last_name, '', t.letters_key, t.record_key, t.name_birth_key, t.name_school_key,"
        " t.fold_given, t.fold_last, t.birth_date, t.school_id"
        f" FROM (SELECT min({order}) AS place FROM {table}"
        " GROUP BY record_key, fold_given, fold_last, birth_date, school_id) first"
        f" JOIN {table} t ON t.{order} = first.place LEFT JOIN people_student s ON {MATCH}"
        f" WHERE s.id IS NULL ORDER BY t.{order}"
    )
    if connection.vendor == "postgresql":
        cursor.execute("ANALYZE people_student")
    return int(watermark)


def candidates_of_staged(cursor: "CursorWrapper", table: str, order: str) -> list[MatchCandidate]:
    """Say which staged records that nobody has yet may be somebody; ``ref`` is the first ``order`` of the record."""
    _fresh(
        cursor,
        f"SELECT min(t.{order}) AS ref, {_prefixed('t')} FROM {table} t LEFT JOIN people_student s ON {MATCH}"
        f" WHERE s.id IS NULL GROUP BY {_prefixed('t')}",
    )
    return list(_candidates(cursor, watermark=None))


def candidates_of_added(cursor: "CursorWrapper", watermark: int) -> list[MatchCandidate]:
    """Say which records above ``watermark`` may be somebody else's; ``ref`` is the id of the record."""
    _fresh(cursor, f"SELECT id AS ref, {_KEYS} FROM people_student WHERE id > {int(watermark)}")
    return list(_candidates(cursor, watermark=watermark))


def _prefixed(alias: str) -> str:
    return ", ".join(f"{alias}.{key}" for key in _KEYS.split(", "))


def _fresh(cursor: "CursorWrapper", select: str) -> None:
    cursor.execute("DROP TABLE IF EXISTS people_fresh")
    cursor.execute(f"CREATE TEMPORARY TABLE people_fresh AS {select}")
    cursor.execute("CREATE INDEX people_fresh_birth ON people_fresh (name_birth_key)")
    cursor.execute("CREATE INDEX people_fresh_school ON people_fresh (name_school_key)")
    cursor.execute("ANALYZE people_fresh")


def _candidates(cursor: "CursorWrapper", watermark: int | None) -> Iterator[MatchCandidate]:
    """Compare the fresh records with the known ones and with each other."""
    below = "" if watermark is None else f" AND o.id <= {int(watermark)}"
    same_name = "o.fold_given = f.fold_given AND o.fold_last = f.fold_last"
    for known, ref, others in (
        (True, "id", f"people_student o ON {{on}} AND {same_name}{below}"),
        (False, "ref", f"people_fresh o ON {{on}} AND {same_name} AND o.ref <> f.ref"),
    ):
        by_birth = others.format(on="o.name_birth_key = f.name_birth_key AND NOT (o.birth_date <> f.birth_date)")
        cursor.execute(f"SELECT f.ref, o.{ref}, f.school_id, o.school_id FROM people_fresh f JOIN {by_birth}")
        for mine, other, my_school, other_school in cursor.fetchall():
            yield from _same_birth(mine, other, my_school, other_school, known=known, added=watermark is not None)
        by_school = others.format(
            on="o.name_school_key = f.name_school_key AND o.school_id = f.school_id AND o.birth_date <> f.birth_date"
        )
        cursor.execute(f"SELECT f.ref, o.{ref}, f.birth_date, o.birth_date FROM people_fresh f JOIN {by_school}")
        for mine, other, my_birth, other_birth in cursor.fetchall():
            if (known or other < mine) and is_close_birth_date(_as_date(my_birth), _as_date(other_birth)):
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


def _as_date(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


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


@dataclass(frozen=True, slots=True)
class Spelled:
    """A record as whoever looks for a student compares it; ``student_id`` is the record that stands for the person."""

    student_id: int
    first_name: str
    last_name: str
    birth_date: date
    school_id: int | None


def born_on(day: date) -> list[Spelled]:
    """Return the records of one birth date: some hundreds among a million."""
    return _spelled(Student.objects.filter(birth_date=day))


def spelled_nearby(names: Iterable[tuple[str, str]], born: date, school_ids: Iterable[int]) -> list[Spelled]:
    """Return the records of these schools that have one of these (first, last) names and nearly a birth date."""
    found: list[Spelled] = []
    wanted = list(names)
    for some in batched(school_ids, _SCHOOLS, strict=False):
        keys = [keys_of(Named(*name, born, school)).name_school for name in wanted for school in some]
        found += _spelled(Student.objects.filter(name_school_key__in=keys, school_id__in=some))
    return [spelled for spelled in found if is_close_birth_date(spelled.birth_date, born)]


def _spelled(rows: QuerySet[Student]) -> list[Spelled]:
    told = rows.values_list("id", "same_as_id", "first_name", "last_name", "birth_date", "school_id")
    return [Spelled(same_as or pk, first, last, born, school) for pk, same_as, first, last, born, school in told]


def asked_about(record_id: int, reasons: Collection[Reason]) -> list[Reason]:
    """Return for which of these reasons it is an open question who a record is."""
    asked = MatchCase.objects.filter(record=record_id, state=CaseState.OPEN, reason__in=[r.value for r in reasons])
    return [Reason(reason) for reason in asked.order_by("pk").values_list("reason", flat=True)]


def answers_about(record_ids: Collection[int]) -> dict[int, Kept]:
    """Return the answers about these records by their number, in words that outlive the records."""
    answered = MatchCase.objects.exclude(state=CaseState.OPEN).select_related("record", "candidate")
    return {case.pk: _kept(case) for case in answered.filter(Q(record__in=record_ids) | Q(candidate__in=record_ids))}


def _kept(case: MatchCase) -> Kept:
    return {
        **{f"record_{name}": value for name, value in _described(case.record).items()},
        **{f"candidate_{name}": value for name, value in _described(case.candidate).items()},
        **{name: getattr(case, name) for name in ("reason", "state", "decided_by", "note")},
        **{name: getattr(case, name).isoformat() for name in ("opened_at", "decided_at")},
    }


def _described(record: Student) -> dict[str, str | int | None]:
    return {
        "fold_given": record.fold_given,
        "fold_last": record.fold_last,
        "birth_date": record.birth_date.isoformat(),
        "school_id": record.school_id,
    }


def still_answered(numbers: Collection[int]) -> set[int]:
    """Return which of these answers are still there."""
    return set(MatchCase.objects.filter(pk__in=numbers).values_list("pk", flat=True))


def answer_again(answers: Iterable[Kept]) -> set[int]:
    """Give answers of :func:`answers_about` again where both records are back and nobody answered since.

    Returns the records that they are about.
    """
    touched: set[int] = set()
    for kept in answers:
        record, candidate = (_found(kept, side) for side in ("record", "candidate"))
        if record is None or candidate is None:
            continue
        pairs = Q(record=record, candidate=candidate) | Q(record=candidate, candidate=record)
        decided = datetime.fromisoformat(str(kept["decided_at"]))
        answer = {"decided_at": decided, **{name: kept[name] for name in ("state", "decided_by", "note")}}
        case = MatchCase.objects.filter(pairs).order_by("pk").first()
        if case is None:
            opened = datetime.fromisoformat(str(kept["opened_at"]))
            about = {"record": record, "candidate": candidate, "reason": kept["reason"], "opened_at": opened}
            MatchCase.objects.create(**about, **answer)
        elif case.state == CaseState.OPEN:
            MatchCase.objects.filter(pk=case.pk).update(**answer)
        touched |= {record.pk, candidate.pk}
    return touched


def _found(kept: Kept, side: str) -> Student | None:
    names = ("fold_given", "fold_last", "birth_date", "school_id")
    told = {name: kept[f"{side}_{name}"] for name in names}
    if told["school_id"] is None:
        told["school_id__isnull"] = bool(told.pop("school_id") is None)
    return Student.objects.filter(**told).first()


def link(record_id: int, other_id: int, because: Reason) -> None:
    """Let two records, and all that stand for the same students as they do, stand for one: who was known first."""
    own = dict(Student.objects.filter(pk__in=[record_id, other_id]).values_list("pk", "same_as_id"))
    first, later = sorted(same_as or pk for pk, same_as in own.items())
    if first != later:
        Student.objects.filter(same_as_id=later).update(same_as=first)
        Student.objects.filter(pk=later).update(same_as=first, same_because=because.value)


def variants(cursor: "CursorWrapper", which: str) -> list[tuple[int, int]]:
    """Return pairs of records that differ only in how given names are joined ("Zoe Anne", "ZoeAnne").

    ``which`` is a condition on the record ``a``, of our own making.
    """
    wanted = ", ".join(f"{alias}.{name}" for alias in "ab" for name in ("id", "first_name", "last_name"))
    cursor.execute(
        f"SELECT {wanted}, a.birth_date, a.school_id FROM people_student a JOIN people_student b"
        " ON b.letters_key = a.letters_key AND b.fold_last = a.fold_last AND NOT (b.birth_date <> a.birth_date)"
        f" AND b.school_id IS NOT DISTINCT FROM a.school_id AND b.id <> a.id WHERE {which}"
    )
    return [
        (one, other)
        for one, first, last, other, other_first, other_last, birth, school in cursor.fetchall()
        if is_one_name(
            Named(first, last, _as_date(birth), school), Named(other_first, other_last, _as_date(birth), school)
        )
    ]


def variants_of(cursor: "CursorWrapper", record_ids: Iterable[int]) -> list[tuple[int, int]]:
    """Return the pairs of :func:`variants` of these records."""
    found: list[tuple[int, int]] = []
    for some in batched(record_ids, _SOME, strict=False):
        found += variants(cursor, f"a.id IN ({', '.join(str(int(record)) for record in some)})")
    return found


def same_identifier(record_ids: Iterable[int]) -> list[tuple[int, int]]:
    """Return pairs of (record, another one) that bear one identifier."""
    found: set[tuple[int, int]] = set()
    for some in batched(record_ids, _SOME, strict=False):
        mine = Identifier.objects.filter(student__in=some).values_list("kind", "issuer", "value", "student_id")
        for kind, issuer, value, record in mine:
            others = Identifier.objects.filter(kind=kind, issuer=issuer, value=value).exclude(student=record)
            found.update((record, other) for other in others.values_list("student_id", flat=True))
    return sorted(found)


def sharing(record_ids: Iterable[int]) -> set[int]:
    """Return all records that stand for the same students as one of these."""
    found: set[int] = set()
    for some in batched(record_ids, _SOME, strict=False):
        heads = set(some) | set(
            Student.objects.filter(pk__in=some, same_as__isnull=False).values_list("same_as_id", flat=True)
        )
        for part in batched(heads, _SOME, strict=False):
            found.update(part)
            found.update(Student.objects.filter(same_as__in=part).values_list("pk", flat=True))
    return found


def decided_same(record_ids: Iterable[int]) -> list[tuple[int, int]]:
    """Return (record, candidate) of the decisions "same student" about these records, in their order."""
    wanted = set(record_ids)
    found: list[tuple[datetime, int, int, int]] = []
    for some in batched(wanted, _SOME, strict=False):
        cases = MatchCase.objects.filter(state=CaseState.SAME, record__in=some)
        found += [
            (decided, pk, record, candidate)
            for decided, pk, record, candidate in cases.values_list("decided_at", "pk", "record_id", "candidate_id")
            if decided is not None
        ]
    return [(record, candidate) for _decided, _pk, record, candidate in sorted(found)]


def unlink(record_ids: Iterable[int]) -> None:
    """Let records stand for themselves again."""
    for some in batched(record_ids, _SOME, strict=False):
        Student.objects.filter(pk__in=some).update(same_as=None, same_because="")


def rename(names: Iterable[tuple[int, str, str]]) -> None:
    """Give records the (id, first name, last name) that speaks of them first now."""
    wanted = {pk: (first, last) for pk, first, last in names}
    for some in batched(wanted, _SOME, strict=False):
        changed = [
            row for row in Student.objects.filter(pk__in=some) if wanted[row.pk] != (row.first_name, row.last_name)
        ]
        for row in changed:
            row.first_name, row.last_name = wanted[row.pk]
        Student.objects.bulk_update(changed, ["first_name", "last_name"], batch_size=500)


def drop(record_ids: Iterable[int]) -> int:
    """Remove records that nothing speaks of any more, except those that other systems identify."""
    dropped = 0
    for some in batched(record_ids, _SOME, strict=False):
        unused = list(Student.objects.filter(pk__in=some, identifiers__isnull=True).values_list("pk", flat=True))
        # What pointed at them stands for itself again.
        Student.objects.filter(same_as__in=unused).update(same_as=None, same_because="")
        Student.objects.filter(pk__in=unused).delete()
        dropped += len(unused)
    return dropped


def present(record_ids: Iterable[int]) -> list[int]:
    """Return those of these records that are still there."""
    found: list[int] = []
    for some in batched(record_ids, _SOME, strict=False):
        found += Student.objects.filter(pk__in=some).values_list("pk", flat=True)
    return sorted(found)
