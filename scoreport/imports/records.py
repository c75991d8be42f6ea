"""Kinds of files that are data only: a layout, how a record becomes results, and what it means that one is repeated."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import IO, TYPE_CHECKING, Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from scoreport.access import Actor, Permission
from scoreport.imports import staging
from scoreport.imports.layout import Layout
from scoreport.imports.models import ImportFile, RejectedRow
from scoreport.imports.problems import RepairKind
from scoreport.imports.table import Table, TableRow, read_table
from scoreport.imports.target import Accepted, Insert, Progress
from scoreport.imports.versions import Store
from scoreport.lib.bulk import Cell, copy_rows
from scoreport.lib.hashes import stable64

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

type Result = Mapping[str, Cell]
"""The values of one version by column; what a record doesn't say is None."""


NOTHING_MORE: Final = Insert()
"""Nothing is stored with a version beyond its row."""


class Repeat(Enum):
    """What it means that a file says something of one record twice."""

    REJECT = auto()
    LATEST = auto()
    """The newest report counts, and older ones fill its gaps."""


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    key: tuple[Cell, ...]
    result: dict[str, Cell]


@dataclass(frozen=True)
class RecordTarget:
    """A kind of file whose rows are versions as they are (:class:`scoreport.imports.target.Target`).

    ``expand`` makes of a record its results: values for the columns of ``store`` but ``line``, ``place``, ``row_hash``.
    """

    kind: str
    permission: Permission
    subject_kind: str
    layout: Layout
    store: Store
    expand: Callable[[TableRow], Iterable[Result]]
    repeat: Repeat = Repeat.REJECT
    is_strict: bool = False
    insert: Insert = NOTHING_MORE
    touched: tuple[str, ...] = ()

    def layout_of(self, _program: str) -> str:
        """Return the name of the layout."""
        return self.layout.key

    def check(self, file: ImportFile, stream: IO[bytes], *, at: datetime, progress: Progress) -> None:  # noqa: ARG002 - the engine passes it to every kind
        """Read and stage a file with the problems of its rows."""
        RejectedRow.objects.filter(file=file).delete()
        name = staging.create(file.pk, self.store)
        repairs = frozenset(map(RepairKind, file.repairs))
        table = read_table(self.layout, stream, repairs=repairs, sheet=file.sheet, progress=progress)
        good = [row for row in table.rows if not row.problems]
        rows, rejected, repeated = self._settled(list(self._expanded(good)))
        rejected += [
            (row.line, one.column, one.value, one.reason, one.cause or "") for row in table.rows for one in row.problems
        ]
        with transaction.atomic():
            copy_rows(connection, name, self.store.staged_columns, list(self._staged(rows)))
            names = ("line", "column", "value", "reason", "cause")
            RejectedRow.objects.bulk_create(
                RejectedRow(file=file, **dict(zip(names, one, strict=True))) for one in rejected
            )
        staging.index(name, self.store)
        _note(file, table, len(rows) + len({line for line, *_rest in rejected}), repeated)

    def _expanded(self, rows: Iterable[TableRow]) -> Iterator[_Row]:
        for row in rows:
            for result in self.expand(row):
                values = {name: result.get(name) for name in self.store.columns if name != "row_hash"}
                yield _Row(row.line, tuple(values[name] for name in self.store.key), values)

    def _settled(self, rows: list[_Row]) -> tuple[list[_Row], list[tuple[Any, ...]], int]:
        """Return one row for each record, the rejected cells, and how many rows repeat another one."""
        by_key: dict[tuple[Cell, ...], list[_Row]] = {}
        for row in rows:
            by_key.setdefault(row.key, []).append(row)
        settled: list[_Row] = []
        rejected: list[tuple[Any, ...]] = []
        repeated = 0
        for key, its in by_key.items():
            if len(its) == 1:
                settled += its
            elif self.repeat is Repeat.LATEST:
                settled.append(self._merged(its))
                repeated += len(its) - 1
            else:
                reason = _("The file says this twice, also on line %(other)d. Keep the right row.")
                rejected += [
                    (row.line, self.store.key[-1], str(key[-1]), reason % {"other": its[n - 1].line}, "")
                    for n, row in enumerate(its)
                ]
        return settled, rejected, repeated

    def _merged(self, rows: list[_Row]) -> _Row:
        """Return the newest of some rows, its gaps filled by older ones; of two of one day, the later line is newer."""
        newest, *older = sorted(rows, key=lambda row: (str(row.result[self.store.rank]), row.line), reverse=True)
        for row in older:
            for name, value in row.result.items():
                if newest.result[name] is None:
                    newest.result[name] = value
        return newest

    def _staged(self, rows: Iterable[_Row]) -> Iterator[tuple[Cell, ...]]:
        for place, row in enumerate(rows, start=1):
            values = [row.result[name] for name in self.store.columns if name != "row_hash"]
            row_hash = stable64("\x1f".join("\x1e" if value is None else str(value) for value in values))
            cells = row.result | {"line": row.line, "place": place, "row_hash": row_hash}
            yield tuple(cells[name] for name in self.store.staged_columns)

    def note_effects(self, cursor: "CursorWrapper", file: ImportFile, table: str) -> None:
        """Nothing but what is stored decides the effect of a row."""

    def out_of_date(self, _file: ImportFile, _table: str) -> str:
        """Nothing that happens meanwhile changes what a row means."""
        return ""

    def hold_back(self, cursor: "CursorWrapper", file: ImportFile, table: str, where: str) -> None:
        """Nothing else is noted of rows that are held."""

    def prepare(self, cursor: "CursorWrapper", table: str) -> None:
        """Versions refer to nothing else."""

    def accepted(self, cursor: "CursorWrapper", change: Accepted) -> None:
        """Nothing follows: what files say together is read by :func:`scoreport.imports.effective.effective`."""

    def before_undo(self, cursor: "CursorWrapper", file: ImportFile) -> None:
        """Nothing follows from the versions."""

    def undone(self, cursor: "CursorWrapper", noted: None, *, actor: Actor, at: datetime) -> None:
        """Nothing follows from the versions."""

    def discard(self, file: ImportFile) -> None:
        """Nothing is noted of a file beyond its rows."""


STAGED: Final = (("line", "bigint"), ("place", "bigint"), ("row_hash", "bigint"))
"""What every staged row of such a file begins with."""
STAGED_ONLY: Final = frozenset({"line", "place"})


def _note(file: ImportFile, table: Table, rows: int, repeated: int) -> None:
    file.rows_total = file.rows_done = rows
    file.rows_skipped = table.skipped
    file.ignored_columns = list(table.ignored)
    file.causes = [one.as_json() for one in table.causes]
    file.notices = list(table.notices)
    if repeated:
        file.notices += [_("Rows that repeat a record of a newer report: %d. They only fill its gaps.") % repeated]
