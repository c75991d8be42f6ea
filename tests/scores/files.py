"""Score files as tests write them: rows by ticket, and what the whole store says afterwards."""

import csv
import datetime as dt
import io
from collections import defaultdict

from scoreport.access import Actor
from scoreport.imports.models import ImportFile
from scoreport.people.models import Student, StudentRecord
from scoreport.people.queries import present_cases
from scoreport.programs.catalog.clep.layouts import CLEP_SCORES
from scoreport.scores import actions
from scoreport.scores.models import ClepAssertion, ClepResult, Total
from tests.world import AT, OPERATOR

COLUMNS = CLEP_SCORES.names

PLAIN = {
    "first_name": "Ana",
    "middle_initial": "M",
    "last_name": "Lopez",
    "gender": "F",
    "ethnicity": "4",
    "date_of_birth": "2008-04-05",
    "grade": "6",
    "ai_code": "470001",
    "voucher_code": "",
    "date_registered": "2026-01-05",
    "date_tested": "2026-02-03",
    "test_center_code": "4011",
    "test_center_name": "Blue Ridge Community College",
    "test_center_city": "Blue Ridge",
    "exam_code": "18",
    "exam_subject": "Biology",
    "score": "57",
    "date_scored": "2026-02-03",
    "status": "",
}


def row(ticket: str, **cells: str) -> dict[str, str]:
    """Return a good row, with other cells where the test wants them."""
    return {"registration_ticket_number": ticket, **PLAIN, **cells}


def text(*rows: dict[str, str], columns=COLUMNS, end: str = "\n") -> bytes:
    """Write rows as a file."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, lineterminator=end, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


def check(content: bytes, *, name: str = "scores.csv", by: Actor = OPERATOR, at: dt.datetime = AT) -> ImportFile:
    """Receive and check a file; ``by`` is who handles it."""
    file_id = actions.receive_file(by, program="clep", name=name, chunks=[content], at=at, check_later=False)
    return actions.check_now(by, file_id=file_id, at=at)


def load(*rows: dict[str, str], by: Actor = OPERATOR, at: dt.datetime = AT) -> ImportFile:
    """Receive, check and accept a file of these rows."""
    return accept(check(text(*rows), by=by, at=at), at=at)


def accept(file: ImportFile, *, at: dt.datetime = AT, reverting: bool = True, doubles: bool = True) -> ImportFile:
    """Accept a checked file, by default with the rows that would be held."""
    return actions.accept_now(OPERATOR, file_id=file.pk, at=at, reverting=reverting, doubles=doubles)


def undo(file: ImportFile, *, at: dt.datetime = AT) -> ImportFile:
    """Take an accepted file back."""
    return actions.undo_now(OPERATOR, file_id=file.pk, at=at)


def public_id(ticket: str) -> str:
    """Return what addresses and events call the student of a ticket."""
    return Student.objects.get(pk=ClepResult.objects.get(ticket=ticket, is_current=True).student_id).public_id


def counts(file: ImportFile) -> dict[str, int]:
    """Return a file's counts by name."""
    return {name: getattr(file, f"rows_{name}") for name in ("new", "changed", "same", "unmatched", "refused")}


def refused(file: ImportFile) -> list[tuple[int, str, str]]:
    """Return (line, column, value) of everything that was refused."""
    return list(file.refused.order_by("line", "id").values_list("line", "column", "value"))


def store() -> dict[str, object]:
    """Return everything that is stored about scores and students, without the numbers of rows.

    Students appear as the sets of tests that are theirs; two stores are the same exactly when this is equal.
    """
    told = [field.name for field in ClepResult._meta.fields if field.name not in {"id", "student_id", "record_id"}]
    students: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for student, ticket, content in ClepResult.objects.values_list("student_id", "ticket", "row_hash"):
        students[student].append((ticket, content))
    order = {pk: place for place, pk in enumerate(_accepted())}
    assertions = ClepAssertion.objects.filter(file_id__in=order).values_list("file_id", "line", "version_id")
    content_of = dict(ClepResult.objects.values_list("id", "row_hash"))
    figures = [field.name for field in Total._meta.fields if field.name != "id"]
    names = ("first_name", "last_name", "birth_date", "school_id", "fold_initial", "gender", "place_code")
    record = {
        student.pk: tuple(str(getattr(student, name)) for name in names)
        for student in StudentRecord.objects.filter(is_dormant=False)
    }
    return {
        "scores": sorted(map(str, ClepResult.objects.values_list(*told))),
        "students": sorted(sorted(tests) for tests in students.values()),
        "assertions": sorted((order[file], line, content_of[score]) for file, line, score in assertions),
        "totals": sorted(map(str, Total.objects.values_list(*figures))),
        "records": sorted(record.values()),
        "questions": sorted(
            tuple(sorted((record[one], record[other])))
            for one, other in present_cases().values_list("record_id", "candidate_id")
        ),
    }


def _accepted() -> list[int]:
    files = ImportFile.objects.filter(accepted_order__isnull=False, undone_at__isnull=True)
    return list(files.order_by("accepted_order").values_list("pk", flat=True))
