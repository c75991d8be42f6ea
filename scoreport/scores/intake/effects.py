"""Which rows of a staged score file are questions, and which say what is on file under another ticket."""

from typing import TYPE_CHECKING, Final

from django.db import connection
from django.utils.translation import gettext as _

from scoreport.imports import staging
from scoreport.imports.models import ImportFile
from scoreport.imports.problems import Cause, FileCause
from scoreport.imports.rules import Effect
from scoreport.imports.versions import current
from scoreport.lib.bulk import copy_rows
from scoreport.people import candidates, records
from scoreport.people.rules import NO_CODE
from scoreport.scores.intake.store import line_of
from scoreport.scores.results import Results, results_of

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

_CODES: Final = 10
"""AI codes that a sentence names at most."""
_LINES: Final = 3


def note_questions(cursor: "CursorWrapper", file: ImportFile, table: str) -> None:
    """Note the lines whose student is a question, one line a student, and count them and the unmatched rows."""
    doubted = staging.doubts_of(table)
    order = results_of(file.program).store.order
    reasons = {line_of(d.ref): d.reason.value for d in candidates.candidates_of_staged(cursor, table, order)}
    cursor.execute(f"DELETE FROM {doubted}")
    copy_rows(connection, doubted, ("line", "reason"), sorted(reasons.items()))
    cursor.execute(f"ANALYZE {doubted}")
    cursor.execute(
        f"SELECT count(*) FROM {table} t LEFT JOIN {doubted} d ON d.line = t.line"
        " WHERE t.school_id IS NULL OR d.line IS NOT NULL"
    )
    (file.rows_unmatched,) = cursor.fetchone()
    file.rows_asked = len(reasons)


def count_without_school(cursor: "CursorWrapper", table: str, which: str) -> int:
    """Return how many staged rows ``t``, of those that ``which`` names, belong to no known school."""
    cursor.execute(f"SELECT count(*) FROM {table} t WHERE t.school_id IS NULL AND {which}")
    return int(cursor.fetchone()[0])


def note_no_school(cursor: "CursorWrapper", file: ImportFile, table: str) -> None:
    """Say first that no row of a file belongs to a known school, with the codes that it names."""
    cursor.execute(f"SELECT count(*), count(school_id) FROM {table}")
    rows, known = cursor.fetchone()
    others = [cause for cause in file.causes if cause["cause"] != Cause.NO_SCHOOL]
    file.causes = others
    if not rows or known:
        return
    cursor.execute(f"SELECT DISTINCT ai_code FROM {table} WHERE ai_code <> '' ORDER BY ai_code LIMIT {_CODES + 1}")
    codes = [code for (code,) in cursor.fetchall()]
    if codes:
        sentence = _(
            "No row belongs to a school that is known here. AI codes in this file: %(codes)s."
            " Load these organizations first, then check the file again."
        ) % {"codes": ", ".join(codes[:_CODES]) + ("…" if len(codes) > _CODES else "")}
    else:
        sentence = _("No row belongs to a school that is known here: the column ai_code is empty in the whole file.")
    cursor.execute(f"SELECT line FROM {table} ORDER BY line LIMIT {_LINES}")
    first = tuple(line for (line,) in cursor.fetchall())
    cause = FileCause(Cause.NO_SCHOOL, ("ai_code",), rows, first, tuple(codes[:_LINES]), sentence)
    file.causes = [cause.as_json(), *others]


def note_doubled(cursor: "CursorWrapper", results: Results, table: str) -> None:
    """Note the new rows whose test is on file under another ticket: same student, same exam, same day.

    Rows that name no school are never one student by themselves; one test under two tickets they may be.
    """
    held = staging.held_of(table)
    nameless = f"place_code LIKE '{NO_CODE}%%'"
    alike = (
        "s.name_birth_key = t.name_birth_key AND s.fold_given = t.fold_given AND s.fold_last = t.fold_last"
        f" AND NOT (s.birth_date <> t.birth_date) AND s.{nameless} AND t.{nameless}"
    )
    for record, whose in ((records.MATCH, "d.student_id = s.student_id"), (alike, "d.record_id = s.id")):
        cursor.execute(
            f"INSERT INTO {held} (line, effect) SELECT DISTINCT t.line, %s"
            f" FROM {results.store.beside_current(table)} JOIN people_studentrecord s ON {record}"
            f" JOIN {results.table} d ON {whose} AND d.program = t.program"
            f" AND d.exam_code = t.exam_code AND NOT (d.tested_on <> t.tested_on) AND {current('d')}"
            " WHERE c.id IS NULL AND d.ticket <> t.ticket"
            f" AND NOT EXISTS (SELECT 1 FROM {held} h WHERE h.line = t.line)",
            [Effect.DOUBLED.value],
        )
