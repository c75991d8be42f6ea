"""Files of organizations in the engine of imported files: the tree follows what the files say."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from scoreport.access import Actor, Permission
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.imports import staging
from scoreport.imports.models import ImportFile, RejectedRow
from scoreport.imports.problems import RepairKind
from scoreport.imports.rules import Effect
from scoreport.imports.target import TOUCHED, Accepted, Insert, Progress
from scoreport.imports.versions import Store
from scoreport.lib.bulk import Cell, copy_rows
from scoreport.lib.hashes import stable64
from scoreport.organizations import contact_changes
from scoreport.organizations.intake import removal
from scoreport.organizations.intake.compare import Plan, compare
from scoreport.organizations.intake.read import OPTIONAL, ORGANIZATIONS, FileRefused, Reading, read
from scoreport.organizations.intake.store import derive_zones, lock_tree, store, stored_rows
from scoreport.organizations.rules import OrganizationRow, Problem

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

_COLUMNS: Final = tuple(field.name for field in fields(OrganizationRow) if field.name != "line")
STORE: Final = Store(
    versions="organizations_organizationversion",
    assertions="organizations_organizationassertion",
    key=("code",),
    header="organization_id",
    staged=(("line", "bigint"), ("row_hash", "bigint"), *((name, "code") for name in _COLUMNS)),
)


@dataclass(frozen=True, slots=True)
class _Undo:
    """The organizations of an undone file: what it said of each, and what other files say, newest first."""

    said: dict[str, dict[str, str | None]]
    others: dict[str, list[dict[str, str | None]]]


class OrganizationTarget:
    """Files of organizations (:class:`scoreport.imports.target.Target`)."""

    kind: Final = "organizations"
    permission: Final = Permission.ORGANIZATIONS_LOAD
    subject_kind: Final = "organization-file"
    is_strict: Final = True
    store: Final[Store] = STORE
    insert: Final = Insert()
    touched: Final[tuple[str, ...]] = ()

    def layout_of(self, _program: str) -> str:
        """Return the name of the layout."""
        return ORGANIZATIONS.key

    def check(self, file: ImportFile, stream: IO[bytes], *, at: datetime, progress: Progress) -> None:  # noqa: ARG002 - the engine passes it to every kind
        """Read and stage a file with every problem that its rows or the tree would have."""
        RejectedRow.objects.filter(file=file).delete()
        table = staging.create(file.pk, STORE)
        try:
            reading = read(stream, progress, repairs=frozenset(map(RepairKind, file.repairs)), sheet=file.sheet)
        except FileRefused as refusal:
            file.causes = [one.as_json() for one in refusal.causes]
            self._refuse(file, refusal.problems)
            file.rows_total = file.rows_done = len({problem.line for problem in refusal.problems})
            return
        with transaction.atomic():
            copy_rows(connection, table, STORE.staged_columns, [_staged(row, reading) for row in reading.rows])
        staging.index(table, STORE)
        file.rows_total = file.rows_done = len(reading.rows)
        file.rows_skipped = reading.skipped
        file.ignored_columns = list(reading.ignored_columns)
        file.notices = list(reading.notices)
        file.causes = [one.as_json() for one in reading.causes]
        try:
            _planned(reading)
        except FileRefused as refusal:
            self._refuse(file, refusal.problems)
            lines = {problem.line for problem in refusal.problems}
            with connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {table} WHERE line IN ({', '.join(str(int(line)) for line in lines)})")

    def note_effects(self, cursor: "CursorWrapper", file: ImportFile, table: str) -> None:
        """Let the tree say what is new, changed or the same: people change it too. Returning rows stay as they are."""
        if file.refused.exists():
            return
        reading = _staged_reading(cursor, table)
        try:
            plan = _planned(reading)
        except FileRefused:
            return  # The tree has changed; accepting the file says so.
        effects = {row.line: Effect.NEW for row in plan.new} | {row.line: Effect.CHANGED for row in plan.changed}
        held = staging.held_of(table)
        cursor.execute(f"SELECT line FROM {held}")
        returning = {line for (line,) in cursor.fetchall() if effects.get(line) is Effect.CHANGED}
        cursor.execute(f"DELETE FROM {held}")
        rows = [
            (row.line, Effect.REVERTING if row.line in returning else effects.get(row.line, Effect.SAME))
            for row in reading.rows
        ]
        copy_rows(connection, held, ("line", "effect"), [(line, effect.value) for line, effect in rows])

    def out_of_date(self, _file: ImportFile, table: str) -> str:
        """Say whether the tree has changed so that the file no longer fits."""
        with connection.cursor() as cursor:
            reading = _staged_reading(cursor, table)
        try:
            _planned(reading)
        except FileRefused as refusal:
            return _("Organizations changed since this check: %(reason)s Check the file again.") % {
                "reason": refusal.problems[0].reason
            }
        return ""

    def hold_back(self, cursor: "CursorWrapper", file: ImportFile, table: str, where: str) -> None:
        """Nothing else is noted of rows that are held."""

    def prepare(self, _cursor: "CursorWrapper", _table: str) -> None:
        """Let nobody else change the tree until the transaction ends."""
        lock_tree()

    def accepted(self, cursor: "CursorWrapper", change: Accepted) -> None:
        """Write what the file says into the tree. Raises :class:`FileRefused`."""
        stored = stored_rows()
        plan = _planned(_staged_reading(cursor, staging.table_of(change.file.pk)))
        store(plan)
        derive_zones(_asserted_zones(cursor), default_zone=settings.TIME_ZONE)
        record(
            change.actor, verb=Verb.ORGANIZATIONS_LOADED, at=change.at,
            new=len(plan.new), changed=len(plan.changed), same=plan.same,
        )  # fmt: skip
        contact_changes.follow(change.actor, plan.changed, stored, change.at)

    def before_undo(self, cursor: "CursorWrapper", file: ImportFile) -> _Undo:
        """Return what this file and the others say of its organizations."""
        lock_tree()
        codes = f"SELECT code FROM {TOUCHED}"
        said = dict(_asserted(cursor, codes, f"a.file_id = {int(file.pk)}"))
        others: dict[str, list[dict[str, str | None]]] = {code: [] for code in said}
        for code, row in _asserted(cursor, codes, f"a.file_id <> {int(file.pk)}"):
            others[code].append(row)
        return _Undo(said, others)

    def undone(self, cursor: "CursorWrapper", noted: _Undo, *, actor: Actor, at: datetime) -> None:
        """Give organizations what the other files say of them, where nobody has changed it since; remove the others.

        Raises :class:`scoreport.organizations.intake.removal.StillUsed`.
        """
        stored = stored_rows()
        gone = [code for code, rows in noted.others.items() if not rows]
        rows = {code: _before(stored[code], noted.said[code], rows) for code, rows in noted.others.items() if rows}
        changed = tuple(row for code, row in rows.items() if row != stored[code])
        store(Plan(new=(), changed=changed, same=0))
        removal.remove(gone)
        derive_zones(_asserted_zones(cursor), default_zone=settings.TIME_ZONE)
        contact_changes.follow(actor, changed, stored, at)

    def discard(self, file: ImportFile) -> None:
        """Nothing is noted of a file beyond its rows."""

    @staticmethod
    def _refuse(file: ImportFile, problems: Iterable[Problem]) -> None:
        RejectedRow.objects.bulk_create(
            RejectedRow(file=file, line=one.line, column=one.column, value=one.value, reason=one.reason)
            for one in problems
        )


TARGET: Final = OrganizationTarget()


def target(_program: str) -> OrganizationTarget:
    """Return what reads files of organizations."""
    return TARGET


def _planned(reading: Reading) -> Plan:
    return compare(reading, stored_rows(), default_zone=settings.TIME_ZONE)


def _staged(row: OrganizationRow, reading: Reading) -> tuple[Cell, ...]:
    cells = [None if name in reading.missing else getattr(row, name) for name in _COLUMNS]
    text = "\x1f".join("\x1e" if cell is None else cell for cell in cells)
    return row.line, stable64(text), *cells


def _staged_reading(cursor: "CursorWrapper", table: str) -> Reading:
    """Return the rows of a staging table as they were read."""
    cursor.execute(f"SELECT line, {', '.join(_COLUMNS)} FROM {table} ORDER BY line")
    rows: list[OrganizationRow] = []
    missing: set[str] = set()
    for line, *cells in cursor.fetchall():
        missing.update(name for name, cell in zip(_COLUMNS, cells, strict=True) if cell is None)
        rows.append(OrganizationRow(line, *(cell or "" for cell in cells)))
    return Reading(rows=tuple(rows), missing=frozenset(missing) & frozenset(OPTIONAL), ignored_columns=())


def _asserted(cursor: "CursorWrapper", codes: str, which: str) -> list[tuple[str, dict[str, Any]]]:
    """Return (code, row) of what files that are not undone say of organizations, the newest first."""
    cursor.execute(
        f"SELECT {', '.join(f'v.{name}' for name in _COLUMNS)} FROM {STORE.versions} v"
        f" JOIN {STORE.assertions} a ON a.version_id = v.id JOIN {ImportFile._meta.db_table} f ON f.id = a.file_id"
        f" WHERE v.code IN ({codes}) AND {which} ORDER BY f.accepted_order DESC, a.line DESC"
    )
    rows = (dict(zip(_COLUMNS, cells, strict=True)) for cells in cursor.fetchall())
    return [(row["code"], row) for row in rows]


def _asserted_zones(cursor: "CursorWrapper") -> dict[str, str]:
    """Return the time zone that the newest file with that column gives to each organization that a file names."""
    zones: dict[str, str] = {}
    for code, row in reversed(_asserted(cursor, f"SELECT code FROM {STORE.versions}", "TRUE")):
        zones[code] = row["time_zone"] if row["time_zone"] is not None else zones.get(code, "")
    return zones


def _before(now: OrganizationRow, said: dict[str, str | None], others: list[dict[str, str | None]]) -> OrganizationRow:
    """Return an organization with what other files say in place of what the undone file said, column by column.

    A column that no other file has is empty; one that a person changed since stays.
    """
    values: dict[str, Any] = {"line": 0}
    for name in _COLUMNS:
        other = next((row[name] for row in others if row[name] is not None), "")
        values[name] = other if said[name] == getattr(now, name) else getattr(now, name)
    return OrganizationRow(**values)
