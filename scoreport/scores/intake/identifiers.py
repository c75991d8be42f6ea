"""Crosswalks in the engine of imported files: records that bear one identifier are one student."""

from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING, Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from scoreport.access import Actor, Permission
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.imports import staging
from scoreport.imports.models import ImportFile, RejectedRow
from scoreport.imports.problems import RepairKind
from scoreport.imports.target import TOUCHED, Accepted, Insert, Progress
from scoreport.imports.versions import Store
from scoreport.lib.bulk import Cell, copy_rows
from scoreport.people import crosswalk, identity, records

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

    from scoreport.organizations.rules import Problem

STORE: Final = Store(
    versions="people_identifierversion",
    assertions="people_identifierassertion",
    key=("about",),
    staged=(
        *(("line", "bigint"), ("about", "bigint"), ("row_hash", "bigint")),
        *(("kind", "code"), ("issuer", "code"), ("value", "code")),
        *(("first_name", "text"), ("last_name", "text"), ("birth_date", "date"), ("school_id", "bigint")),
        *(("fold_given", "code"), ("fold_last", "code"), ("fold_initial", "code"), ("gender", "code")),
        *(("place_code", "code"), ("record_key", "bigint"), ("name_birth_key", "bigint")),
        *(("name_school_key", "bigint"), ("letters_key", "bigint")),
    ),
)
# What an identifier says of a record, of the versions ``t``.
_BEARERS: Final = f"{STORE.versions} t JOIN people_studentrecord s ON {records.MATCH}"


@dataclass(frozen=True, slots=True)
class _Undo:
    """The (version, record) pairs that an undone crosswalk speaks of."""

    bearers: list[tuple[int, int]]


class IdentifierTarget:
    """Crosswalks of student identifiers (:class:`scoreport.imports.target.Target`)."""

    kind: Final = "identifiers"
    permission: Final = Permission.PEOPLE_MATCH
    subject_kind: Final = "identifier-file"
    is_strict: Final = True
    store: Final[Store] = STORE
    insert: Final = Insert()
    touched: Final[tuple[str, ...]] = ()

    def layout_of(self, _program: str) -> str:
        """Return the name of the layout."""
        return crosswalk.IDENTIFIERS.key

    def check(self, file: ImportFile, stream: IO[bytes], *, at: datetime, progress: Progress) -> None:  # noqa: ARG002 - the engine passes it to every kind
        """Read and stage a crosswalk with every problem of its rows; a row that is there twice counts once."""
        RejectedRow.objects.filter(file=file).delete()
        table = staging.create(file.pk, STORE)
        problems: list[Problem] = []
        rows: dict[Cell, tuple[Cell, ...]] = {}
        repeated = 0
        read = crosswalk.read(stream, repairs=frozenset(map(RepairKind, file.repairs)), sheet=file.sheet)
        for row in crosswalk.staged_rows(read, problems):
            repeated += row[1] in rows
            rows.setdefault(row[1], row)
        with transaction.atomic():
            copy_rows(connection, table, crosswalk.STAGED, list(rows.values()))
            RejectedRow.objects.bulk_create(
                RejectedRow(file=file, line=one.line, column=one.column, value=one.value, reason=one.reason)
                for one in problems
            )
        staging.index(table, STORE)
        file.rows_total = file.rows_done = len(rows) + len({problem.line for problem in problems})
        file.rows_skipped = read.skipped
        file.notices = list(read.notices)
        if repeated:
            file.notices.append(_("Rows that say the same as another row: %d.") % repeated)
        file.causes = [one.as_json() for one in read.causes]
        progress(file.rows_total)

    def note_effects(self, cursor: "CursorWrapper", file: ImportFile, table: str) -> None:
        """No row of a crosswalk replaces another one, so none can make things worse."""

    def out_of_date(self, _file: ImportFile, _table: str) -> str:
        """Nothing that happens meanwhile changes what a crosswalk says."""
        return ""

    def hold_back(self, cursor: "CursorWrapper", file: ImportFile, table: str, where: str) -> None:
        """No rows are held."""

    def prepare(self, cursor: "CursorWrapper", table: str) -> None:
        """Add the student records that are missing."""
        records.add(cursor, table)

    def accepted(self, cursor: "CursorWrapper", change: Accepted) -> None:
        """Give records their identifiers, and link those that bear one."""
        asserted = f"t.id IN (SELECT version_id FROM {STORE.assertions} WHERE file_id = {int(change.file.pk)})"
        cursor.execute(
            "INSERT INTO people_identifier (record_id, kind, issuer, value)"
            f" SELECT DISTINCT s.id, t.kind, t.issuer, t.value FROM {_BEARERS} WHERE {asserted} AND NOT EXISTS"
            " (SELECT 1 FROM people_identifier i WHERE i.kind = t.kind AND i.issuer = t.issuer AND i.value = t.value"
            " AND i.record_id = s.id)"
        )
        cursor.execute(f"SELECT DISTINCT s.id FROM {_BEARERS} WHERE {asserted}")
        people = [number for (number,) in cursor.fetchall()]
        identity.recompute(cursor, identity.group(cursor, people), at=change.at)
        record(
            change.actor, verb=Verb.CROSSWALK_LOADED, at=change.at, rows=change.file.rows_total,
            new=change.file.rows_new,
        )  # fmt: skip

    def before_undo(self, cursor: "CursorWrapper", _file: ImportFile) -> _Undo:
        """Note whose identifiers the file tells of."""
        cursor.execute(f"SELECT t.id, s.id FROM {_BEARERS} WHERE t.id IN (SELECT id FROM {TOUCHED})")
        return _Undo(list(cursor.fetchall()))

    def undone(self, cursor: "CursorWrapper", noted: _Undo, *, actor: Actor, at: datetime) -> None:  # noqa: ARG002 - the engine passes it to every kind
        """Take identifiers from records that no crosswalk gives them to, and link what is left anew."""
        people = identity.group(cursor, {person for _version, person in noted.bearers})
        cursor.execute(
            f"CREATE TEMPORARY TABLE people_left AS SELECT s.id AS record_id, t.kind, t.issuer, t.value FROM {_BEARERS}"
        )
        cursor.execute(
            "DELETE FROM people_identifier WHERE NOT EXISTS (SELECT 1 FROM people_left l"
            " WHERE l.record_id = people_identifier.record_id AND l.kind = people_identifier.kind"
            " AND l.issuer = people_identifier.issuer AND l.value = people_identifier.value)"
        )
        cursor.execute("DROP TABLE people_left")
        firsts = identity.first_spoken_of(cursor, people)
        records.rest((person for person in people if person not in firsts), at=at)
        identity.recompute(cursor, records.present(people), at=at)

    def discard(self, file: ImportFile) -> None:
        """Nothing is noted of a crosswalk beyond its rows."""


TARGET: Final = IdentifierTarget()


def target(_program: str) -> IdentifierTarget:
    """Return what reads lists of identifiers."""
    return TARGET
