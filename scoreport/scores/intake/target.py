"""Score files in the engine of imported files: what follows from a score that a file brings, changes or loses."""

from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from scoreport.access import Actor, Permission
from scoreport.imports.models import ImportFile
from scoreport.imports.target import CHANGED, TOUCHED, Accepted, Insert, Progress
from scoreport.imports.versions import Store, current
from scoreport.people import candidates, identity, records
from scoreport.people.records import Added
from scoreport.scores import cancellations, reattribution, totals
from scoreport.scores.intake import effects, status
from scoreport.scores.intake.check import check_file, note_refused
from scoreport.scores.intake.registry import layout_of
from scoreport.scores.models import RefusedTest
from scoreport.scores.results import Results, results_of

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper


KIND: Final = "scores"
"""What the engine calls a score file, of whatever program."""


@dataclass(frozen=True, slots=True)
class _Undo:
    """What an undone file leaves to follow: totals to count anew, and student records to look at again."""

    totals: set[totals.Key]
    people: list[int]
    renamed: list[int]
    """Records whose name may be spelled another way by the file that speaks of them first now."""


class ScoreTarget:
    """The score files of one program (:class:`scoreport.imports.target.Target`)."""

    kind: Final = KIND
    permission: Final = Permission.SCORES_FILE_HANDLE
    subject_kind: Final = "score-file"
    is_strict: Final = False
    insert: Final = Insert(
        columns=("student_id", "record_id"),
        expressions=("s.student_id", "s.id"),
        join=f"JOIN people_studentrecord s ON {records.MATCH}",
    )
    touched: Final = ("record_id", "student_id", "district_id", "state_id", "year")

    def __init__(self, results: Results) -> None:
        self._results = results

    @property
    def store(self) -> Store:
        """Where the program's results are stored."""
        return self._results.store

    def layout_of(self, program: str) -> str:
        """Return the name of the layout that files of a program have now."""
        return layout_of(program).layout.key

    def check(self, file: ImportFile, stream: IO[bytes], *, at: datetime, progress: Progress) -> None:
        """Read and stage a file (:func:`scoreport.scores.intake.check.check_file`)."""
        check_file(file, stream, at=at, progress=progress)

    def note_effects(self, cursor: "CursorWrapper", file: ImportFile, table: str) -> None:
        """Note rows whose student is a question, tests that are on file under another ticket, and canceled ones."""
        file.rows_canceled = status.count_canceled(cursor, self._results, table)
        effects.note_questions(cursor, file, table)
        effects.note_no_school(cursor, file, table)
        effects.note_doubled(cursor, self._results, table)

    def out_of_date(self, _file: ImportFile, table: str) -> str:
        """Say whether rows belong to other schools now than when they were checked."""
        if reattribution.fits(table):
            return ""
        return _(
            "Organizations were loaded or a claim was decided since this check, and some rows belong elsewhere now."
            " Check the file again."
        )

    def hold_back(self, cursor: "CursorWrapper", file: ImportFile, table: str, where: str) -> None:
        """Note whose tests the held rows are about, for the missing score finder, and count them no longer.

        Their students are on file, so that none of them is a question.
        """
        note_refused(cursor, file, f"{table} t WHERE {where}")
        file.rows_unmatched -= effects.count_without_school(cursor, table, where)
        file.rows_canceled -= status.count_canceled(cursor, self._results, table, where)

    def prepare(self, cursor: "CursorWrapper", table: str) -> Added:
        """Add the student records that are missing."""
        return records.add(cursor, table, order=self.store.order)

    def accepted(self, cursor: "CursorWrapper", change: Accepted) -> None:
        """Follow corrected names, ask about uncertain students, cancel scores, and count the totals that change."""
        named = identity.first_spoken_of(cursor, _named_by_identifiers(cursor, self._results, change.below))
        records.rename((record, first.first_name, first.last_name) for record, first in named.items())
        followed = _follow_corrections(cursor, self._results, change.prepared, change.at)
        candidates.open_cases(candidates.candidates_of_added(cursor, change.prepared), at=change.at)
        canceled = cancellations.settle_accepted(cursor, self._results, change.below)
        totals.recompute(cursor, followed | canceled | _touched(cursor, self._results, change.below))

    def before_undo(self, cursor: "CursorWrapper", file: ImportFile) -> _Undo:
        """Note the totals and the records that the file's tests belong to, and who shares a student with them."""
        cursor.execute(f"SELECT DISTINCT program, district_id, state_id, year FROM {TOUCHED}")
        touched = totals.keys_of(cursor.fetchall())
        return _Undo(
            touched,
            identity.group(cursor, _concerned(cursor, self._results, file.pk)),
            _spelled_twice(cursor, self._results),
        )

    def undone(self, cursor: "CursorWrapper", noted: _Undo, *, actor: Actor, at: datetime) -> None:  # noqa: ARG002 - the engine passes it to every kind
        """Let student records and canceled scores be what the remaining assertions make of them; count the totals."""
        firsts = identity.first_spoken_of(cursor, noted.people)
        records.rest((record for record in noted.people if record not in firsts), at=at)
        spelled = firsts | identity.first_spoken_of(cursor, noted.renamed)
        records.rename((record, first.first_name, first.last_name) for record, first in spelled.items())
        followed = identity.relink(cursor, identity.group(cursor, firsts), at=at)
        totals.recompute(cursor, noted.totals | followed | cancellations.settle_undone(cursor, self._results))

    def discard(self, file: ImportFile) -> None:
        """Forget whose tests the refused rows are about."""
        RefusedTest.objects.filter(file=file).delete()


def target(program: str) -> ScoreTarget:
    """Return what reads the score files of a program. Raises :class:`scoreport.programs.catalog.UnknownProgram`."""
    return ScoreTarget(results_of(program))


def _named_by_identifiers(cursor: "CursorWrapper", results: Results, below: int) -> list[int]:
    """Return the records of new scores that a list of identifiers named first, in another spelling.

    A record has the name of the first score file, whichever file came first. ``below`` is the highest id of a score
    before the file.
    """
    cursor.execute(
        "SELECT DISTINCT r.id FROM people_identifier i JOIN people_studentrecord r ON r.id = i.record_id"
        f" JOIN {results.table} s ON s.record_id = r.id"
        " WHERE s.id > %s AND (s.first_name <> r.first_name OR s.last_name <> r.last_name)",
        [below],
    )
    return [record for (record,) in cursor.fetchall()]


def _follow_corrections(cursor: "CursorWrapper", results: Results, added: Added, at: datetime) -> set[totals.Key]:
    """Keep a student's identity where given names are joined, or a ticket's row corrects the name or the birth date.

    When name and birth date both changed, a person decides. Return whose totals change, of whatever year.
    """
    cursor.execute(
        f"SELECT DISTINCT n.record_id FROM {CHANGED} x JOIN {results.table} o ON o.id = x.old_id"
        f" JOIN {results.table} n ON {results.store.same_key('n', 'x')} AND {current('n')}"
        " JOIN people_studentrecord r ON r.id = n.record_id"
        f" WHERE n.record_id <> o.record_id AND {added.condition('r')}"
    )
    fresh = [record for (record,) in cursor.fetchall()]
    # Answers that rested with them are there again.
    fresh += added.back
    fresh += [record for record, _other in records.variants(cursor, added.condition("a"))]
    if not fresh:
        return set()
    before = [step.before for step in identity.steps(cursor, fresh)]
    return identity.relink(cursor, identity.group(cursor, fresh + before), at=at)


def _concerned(cursor: "CursorWrapper", results: Results, file_id: int) -> list[int]:
    """Return the records that may vanish or be linked otherwise without a file.

    Those of versions that only this file asserts, and those that share a ticket with another record: a ticket that
    always spoke of one record links nobody, so what another file says too changes no student.
    """
    pairs = (
        f"FROM {results.table} o JOIN {results.table} n ON {results.store.same_key('n', 'o')}"
        f" AND n.record_id <> o.record_id WHERE {current('o', is_current=False)}"
    )
    cursor.execute(
        f"SELECT b.record_id FROM {TOUCHED} b WHERE NOT EXISTS (SELECT 1 FROM {results.said} c"
        " WHERE c.version_id = b.id AND c.file_id <> %s)"
        f" UNION SELECT b.record_id FROM {TOUCHED} b"
        f" WHERE b.record_id IN (SELECT o.record_id {pairs} UNION SELECT n.record_id {pairs})",
        [file_id],
    )
    return [record for (record,) in cursor.fetchall()]


def _spelled_twice(cursor: "CursorWrapper", results: Results) -> list[int]:
    """Return the touched records whose name is spelled in more than one way."""
    cursor.execute(
        f"SELECT s.record_id FROM {results.table} s WHERE s.record_id IN (SELECT record_id FROM {TOUCHED})"
        " GROUP BY s.record_id"
        " HAVING min(s.first_name) <> max(s.first_name) OR min(s.last_name) <> max(s.last_name)"
    )
    return [record for (record,) in cursor.fetchall()]


def _touched(cursor: "CursorWrapper", results: Results, below: int) -> set[totals.Key]:
    """Return the organizations and years whose figures the file may have changed."""
    place = "program, district_id, state_id, year"
    cursor.execute(
        f"SELECT DISTINCT {place} FROM {results.table} WHERE id > %s"
        " UNION SELECT DISTINCT s.program, s.district_id, s.state_id, s.year"
        f" FROM {CHANGED} x JOIN {results.table} s ON {results.store.same_key('s', 'x')} AND {current('s')}"
        f" UNION SELECT DISTINCT o.program, o.district_id, o.state_id, o.year"
        f" FROM {CHANGED} x JOIN {results.table} o ON o.id = x.old_id",
        [below],
    )
    return totals.keys_of(cursor.fetchall())
