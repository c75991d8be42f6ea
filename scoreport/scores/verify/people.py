"""Students: records agree with the scores that speak of them, and links follow from what is on file."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import batched
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from scoreport.imports.run import lock
from scoreport.imports.versions import current
from scoreport.lib.invariants import Check, CheckReport, Finding, number, stream
from scoreport.lib.text import fold_given_names, fold_name
from scoreport.people import identity
from scoreport.people.rules import Named, initial_of, keys_of, place_code_of
from scoreport.scores.results import all_results

_SOME: Final = 5_000


def records_of_scores(_at: datetime) -> Iterator[Finding]:
    """Check that each score stands with the record and the student that its names, birth date and school give."""
    report = CheckReport(
        _("Each score stands with the student record that it describes, and with the student it stands for")
    )
    for table in (results.table for results in all_results()):
        for ticket, student, first, initial, last, code, school, wanted, *stored in stream(
            "SELECT s.ticket, s.student_id, s.first_name, s.middle_initial, s.last_name, s.ai_code, s.school_id,"
            " p.student_id, p.fold_given, p.fold_last, p.fold_initial, p.place_code"
            f" FROM {table} s LEFT JOIN people_studentrecord p ON p.id = s.record_id AND p.gender = s.gender"
            " AND NOT (p.birth_date <> s.birth_date) AND p.school_id IS NOT DISTINCT FROM s.school_id ORDER BY s.id"
        ):
            place = place_code_of(school, code, ticket)
            described = [fold_given_names(first), fold_name(last), initial_of(initial), place]
            fits = student == wanted and stored == described
            report.expect("%s: student %d, not %s", ticket, student, wanted, holds=fits)
    yield report.finding()


def keys_of_records(_at: datetime) -> Iterator[Finding]:
    """Check the keys that records are found by, and that no two records are the same."""
    report = CheckReport(_("Student records are found by the keys that they give, and no two are the same"))
    for pk, first, last, born, school, *stored in stream(
        "SELECT id, first_name, last_name, birth_date, school_id, fold_given, fold_last, record_key, name_birth_key,"
        " name_school_key, letters_key FROM people_studentrecord ORDER BY id"
    ):
        day = born if isinstance(born, date) else date.fromisoformat(born)
        keys = keys_of(Named(first, last, day, school))
        wanted = [keys.fold_given, keys.fold_last, keys.record, keys.name_birth, keys.name_school, keys.letters]
        report.expect("record %d", pk, holds=stored == wanted)
    for pk, count in stream(
        "SELECT min(id), count(*) FROM people_studentrecord"
        " GROUP BY fold_given, fold_last, birth_date, school_id, fold_initial, gender, place_code HAVING count(*) > 1"
    ):
        report.deviate(f"{count} records like record {pk}")
    yield report.finding()


def spoken_of(_at: datetime) -> Iterator[Finding]:
    """Check that a file speaks of every record, and that a record bears the name that the first of them gave it."""
    report = CheckReport(_("Files speak of every student record, and it bears the name that the first of them gave it"))
    rows = stream("SELECT id, first_name, last_name FROM people_studentrecord WHERE NOT is_dormant ORDER BY id")
    for some in batched(rows, _SOME, strict=False):
        with connection.cursor() as cursor:
            firsts = identity.first_spoken_of(cursor, [pk for pk, _first, _last in some])
        kept = _identified(pk for pk, _first, _last in some if pk not in firsts)
        for pk, first, last in some:
            report.expect("record %d: no file speaks of it", pk, holds=pk in firsts or pk in kept)
            if pk in firsts and firsts[pk][1:] != (first, last):
                report.deviate(f"record {pk}: its first file spells the name otherwise")
    yield report.finding()


def _identified(record_ids: Iterable[int]) -> set[int]:
    ids = list(record_ids)
    if not ids:
        return set()
    marks = ", ".join(["%s"] * len(ids))
    query = f"SELECT DISTINCT record_id FROM people_identifier WHERE record_id IN ({marks})"
    return {record for (record,) in stream(query, ids)}


def one_step(_at: datetime) -> Iterator[Finding]:
    """Check that records are of students that lead nowhere else, and others lead to such a student in one step."""
    report = CheckReport(
        _("Records belong to students that last, and a merged student leads to one of them in one step")
    )
    report.checked = number("SELECT count(*) FROM people_student")
    for kind, pk in stream(
        "SELECT 'student', s.id FROM people_student s JOIN people_student o ON o.id = s.merged_into_id"
        " WHERE o.merged_into_id IS NOT NULL"
        " UNION ALL SELECT 'record', r.id FROM people_studentrecord r LEFT JOIN people_student s ON s.id = r.student_id"
        " WHERE NOT r.is_dormant AND (s.id IS NULL OR s.merged_into_id IS NOT NULL)"
    ):
        report.deviate(f"{kind} {pk}")
    yield report.finding()


# Records that may be linked at all: those that are, those with an identifier, those that share their letters, those of
# tickets with a history, those that were decided on.
_LINKABLE: Final = (
    "SELECT id FROM people_studentrecord WHERE student_id <> id"
    " UNION SELECT r.id FROM people_studentrecord o JOIN people_studentrecord r ON r.student_id = o.student_id"
    " WHERE o.student_id <> o.id"
    " UNION SELECT record_id FROM people_identifier"
    " UNION SELECT a.id FROM people_studentrecord a JOIN people_studentrecord b ON b.letters_key = a.letters_key"
    " AND b.id <> a.id"
    " UNION SELECT record_id FROM people_matchcase WHERE state = 'same'"
    " UNION SELECT candidate_id FROM people_matchcase WHERE state = 'same'"
)
_WITH_HISTORY: Final = (
    "SELECT o.record_id FROM {table} o WHERE {retired}"
    " UNION SELECT s.record_id FROM {table} o JOIN {table} s ON s.program = o.program"
    " AND s.ticket = o.ticket AND {current} WHERE {retired}"
)
_OF_RESULTS: Final = "SELECT id, student_id, record_id FROM {table} WHERE record_id IN ({marks})"
_LINKS: Final = (
    "SELECT id, student_id, linked_because FROM people_studentrecord WHERE id IN ({marks})",
    "SELECT record_id, candidate_id, state FROM people_matchcase WHERE record_id IN ({marks})",
)


def links_are_derivable(at: datetime) -> Iterator[Finding]:
    """Check that deriving the links between records anew changes nothing."""
    report = CheckReport(_("Links between student records follow from corrected tickets and decisions"))
    with connection.cursor() as cursor:
        cursor.execute(_LINKABLE)
        waiting = {record for (record,) in cursor.fetchall()}
        for results in all_results():
            halves = {"current": current("s"), "retired": current("o", is_current=False)}
            cursor.execute(_WITH_HISTORY.format(table=results.table, **halves))
            waiting.update(record for (record,) in cursor.fetchall())
    while waiting:
        some = {waiting.pop() for _n in range(min(_SOME, len(waiting)))}
        waiting -= _compare(report, some, at)
    yield report.finding()


def _compare(report: CheckReport, some: set[int], at: datetime) -> set[int]:
    """Derive the links of whole groups, compare, and leave everything as it was; return whom that covered."""
    with transaction.atomic(), connection.cursor() as cursor:
        lock()
        people = set(identity.group(cursor, some))
        before = _links(people)
        identity.relink(cursor, sorted(people), at=at)
        after = _links(people)
        transaction.set_rollback(True)
    report.checked += len(people)
    for row in sorted(before ^ after, key=str):
        report.deviate(f"{'stored' if row in before else 'derived'}: {row}")
    return people


def _links(people: set[int]) -> set[tuple[object, ...]]:
    found: set[tuple[object, ...]] = set()
    for some in batched(sorted(people), _SOME, strict=False):
        for query in (*_LINKS, *(_OF_RESULTS.format(table=one.table, marks="{marks}") for one in all_results())):
            found.update(stream(query.format(marks=", ".join(["%s"] * len(some))), some))
    return found


CHECKS: tuple[Check, ...] = (records_of_scores, keys_of_records, spoken_of, one_step)
