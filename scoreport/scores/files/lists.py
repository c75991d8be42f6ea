"""The lists of a file's rows: from the staging table until it is accepted, from its assertions afterwards."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from django.db import connection
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, NotAllowed, Permission
from scoreport.imports import staging
from scoreport.imports.diff import beside
from scoreport.imports.models import RejectedRow
from scoreport.imports.rules import FileState
from scoreport.imports.versions import current
from scoreport.organizations.rules import NO_SCHOOL_CODES
from scoreport.people.rules import Reason
from scoreport.scores import cancellations
from scoreport.scores.files.info import FileInfo
from scoreport.scores.models import RefusedTest
from scoreport.scores.results import Results, results_of
from scoreport.scores.school_resolution import schools

_BATCH: Final = 2_000
STAGED: Final = frozenset({FileState.CHECKED, FileState.ACCEPTING})
_ASSERTED: Final = frozenset({FileState.ACCEPTED, FileState.UNDOING})


class ListKind(StrEnum):
    """The lists of a checked file."""

    NEW = "new"
    CHANGED = "changed"
    REVERTING = "reverting"
    DOUBLED = "doubled"
    SAME = "same"
    UNMATCHED = "unmatched"
    REFUSED = "refused"


PROBLEMS: Final = frozenset(
    {ListKind.CHANGED, ListKind.REVERTING, ListKind.DOUBLED, ListKind.UNMATCHED, ListKind.REFUSED}
)
"""The lists that say what may be wrong with a file."""


_BESIDE: Final = frozenset({ListKind.CHANGED, ListKind.REVERTING})
"""The lists that show what is, or was, stored beside each row."""


class SchoolGap(StrEnum):
    """Why a row belongs to no school."""

    BLANK = "blank"
    NO_SCHOOL_CODE = "no-school-code"
    UNKNOWN_CODE = "unknown-code"


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One row that is, or would be, taken; values in the order of ``columns``, which are those of the file.

    ``before`` is what stood there before the file, in the list of changed rows; ``gap`` and
    ``doubt`` say why a row is in the list of unmatched ones. ``schools`` and ``students`` are those that the row,
    or what it changes, belongs to.
    """

    line: int
    ticket: str
    columns: tuple[str, ...]
    values: tuple[str, ...]
    before: tuple[str, ...] | None = None
    gap: SchoolGap | None = None
    doubt: Reason | None = None
    schools: frozenset[int] = frozenset()
    students: frozenset[int] = frozenset()

    @property
    def changes(self) -> tuple[tuple[str, str, str], ...]:
        """The cells that differ: (column, before, after)."""
        if self.before is None:
            return ()
        pairs = zip(self.columns, self.before, self.values, strict=True)
        return tuple((column, old, new) for column, old, new in pairs if old != new)

    def value(self, column: str) -> str:
        """Return the value of a column of the file; nothing where the program's files have no such column."""
        return self.values[self.columns.index(column)] if column in self.columns else ""


def columns_of(program: str) -> tuple[str, ...]:
    """Return the columns of a program's files, in their order; the first one is the ticket."""
    return tuple(column for column, _stored in results_of(program).columns)


@dataclass(frozen=True, slots=True)
class RefusedCell:
    """One reason why a row was not taken; ``column`` is empty when the whole row is meant."""

    line: int
    column: str
    value: str
    reason: str
    cause: str = ""
    """What the causes of the file explain, or the effect for which a row is held; else empty."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the rows of a list come from: rows ``t``, versions before them ``c``, match candidates ``d``."""

    tables: str
    where: str
    line: str
    student: str = "NULL"
    params: tuple[str | int | None, ...] = ()


def is_listed(info: FileInfo, kind: ListKind) -> bool:
    """Tell whether the rows of a list are still there: those of a file that was undone are not."""
    if kind is ListKind.REFUSED:
        return info.checked_at is not None
    if info.state in _ASSERTED and not {"reverting": info.accepts_reverting, "doubled": info.accepts_doubles}.get(
        kind, True
    ):
        return False  # Held rows are in the list of refused ones.
    return info.state in _ASSERTED or (info.state in STAGED and staging.exists(info.id))


def count_rows(actor: Actor, info: FileInfo, kind: ListKind) -> int:
    """Return how many entries a list has."""
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    match kind:
        case ListKind.REFUSED:
            return RejectedRow.objects.filter(file_id=info.id).count()
        case ListKind.UNMATCHED:
            source = _source(info, kind)
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM {source.tables} WHERE {source.where}", source.params)
                return int(cursor.fetchone()[0])
        case _:
            return int(getattr(info, kind.value))


def refused(actor: Actor, info: FileInfo, *, first: int = 0, limit: int = 50) -> list[RefusedCell]:
    """Return some of the reasons why rows were refused, by line, to the operator; people use ``actions.see_rows``."""
    _require_operator(actor)
    return refused_cells(info, first=first, limit=limit)


def all_refused(actor: Actor, info: FileInfo) -> Iterator[RefusedCell]:
    """Return all reasons why rows were refused, by line, to the operator; people use ``actions.download_rows``."""
    _require_operator(actor)
    return all_refused_cells(info)


def _require_operator(actor: Actor) -> None:
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    if not actor.is_trusted:
        raise NotAllowed(_("Only the operator of this installation sees these rows this way."))


# --- Unscoped: ``actions.rows`` decides who sees what, and records it -----------------------------


def listed_rows(info: FileInfo, kind: ListKind, *, first: int, limit: int) -> list[ListedRow]:
    """Return some rows of a list, in the order of the file; none where :func:`is_listed` says no."""
    if not is_listed(info, kind):
        return []
    return _selected(info, _source(info, kind), kind, "TRUE", f"LIMIT {int(limit)} OFFSET {int(first)}")


def all_listed_rows(info: FileInfo, kind: ListKind) -> Iterator[ListedRow]:
    """Return all rows of a list, a batch in memory at a time."""
    return _streamed(info, kind) if is_listed(info, kind) else iter(())


def refused_cells(info: FileInfo, *, first: int, limit: int) -> list[RefusedCell]:
    """Return some of the reasons why rows were refused, by line."""
    found = RejectedRow.objects.filter(file_id=info.id).order_by("line", "id")[first : first + limit]
    return [_cell(row) for row in found]


def all_refused_cells(info: FileInfo) -> Iterator[RefusedCell]:
    """Return all reasons why rows were refused, by line, a batch in memory at a time."""
    found = RejectedRow.objects.filter(file_id=info.id).order_by("line", "id").iterator(chunk_size=_BATCH)
    return map(_cell, found)


def _cell(row: RejectedRow) -> RefusedCell:
    return RefusedCell(row.line, row.column, row.value, row.reason, row.cause)


def schools_of_refused(info: FileInfo, lines: Collection[int] | None = None) -> dict[int, set[int]]:
    """Return the lines of refused rows (None: of all) by the school that their codes name, where they can be read."""
    known = schools()
    rows = RefusedTest.objects.filter(file_id=info.id)
    found: dict[int, set[int]] = defaultdict(set)
    for line, ticket, ai_code in rows.filter(**({} if lines is None else {"line__in": lines})).values_list(
        "line", "ticket", "ai_code"
    ):
        if place := known.of(info.program, ticket, ai_code):
            found[place.school_id].add(line)
    return found


def count_by_school(info: FileInfo, kind: ListKind) -> dict[int, int]:
    """Return how many rows of a whole list belong to each school, or belonged to it before a change."""
    if kind is ListKind.REFUSED:
        return {school: len(lines) for school, lines in schools_of_refused(info).items()}
    source = _source(info, kind)
    arms = [f"SELECT t.school_id AS school FROM {source.tables} WHERE {source.where} AND t.school_id IS NOT NULL"]
    if kind in _BESIDE:
        arms.append(
            f"SELECT c.school_id AS school FROM {source.tables} WHERE {source.where} AND c.school_id IS NOT NULL"
            " AND c.school_id IS DISTINCT FROM t.school_id"
        )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT school, count(*) FROM ({' UNION ALL '.join(arms)}) shown GROUP BY school",
            source.params * len(arms),
        )
        return dict(cursor.fetchall())


def _streamed(info: FileInfo, kind: ListKind) -> Iterator[ListedRow]:
    # By line and not by a database cursor: a cursor would keep a transaction open as long as the reader takes.
    source, last = _source(info, kind), -1
    while some := _selected(info, source, kind, f"{source.line} > {last}", f"LIMIT {_BATCH}"):
        yield from some
        last = some[-1].line


def _source(info: FileInfo, kind: ListKind) -> _Source:
    return _staged(info, kind) if info.state in STAGED else _asserted(info, kind)


def _staged(info: FileInfo, kind: ListKind) -> _Source:
    table, store = staging.table_of(info.id), results_of(info.program).store
    match kind:
        case ListKind.NEW:
            return _Source(beside(store, table), "h.line IS NULL AND c.id IS NULL", "t.line")
        case ListKind.CHANGED:
            return _Source(beside(store, table), "h.line IS NULL AND c.row_hash <> t.row_hash", "t.line")
        case ListKind.SAME:
            return _Source(beside(store, table), "c.row_hash = t.row_hash", "t.line")
        case ListKind.REVERTING | ListKind.DOUBLED:
            return _Source(beside(store, table), "h.effect = %s", "t.line", params=(kind.value,))
        case _:
            doubtful = f"{table} t LEFT JOIN {staging.doubts_of(table)} d ON d.line = t.line"
            return _Source(doubtful, "(t.school_id IS NULL OR d.line IS NOT NULL)", "t.line")


def _questions(results: Results) -> str:
    """Return the questions that accepting a file opened: the first line of each record in question, and why."""
    return (
        "(SELECT q.record_id, min(e.line) AS line, min(q.reason) AS reason FROM people_matchcase q"
        f" JOIN {results.table} s ON s.record_id = q.record_id"
        f" JOIN {results.said} e ON e.version_id = s.id AND e.file_id = %s"
        " WHERE q.opened_at = %s GROUP BY q.record_id)"
    )


def version_at(results: Results, alias: str, condition: str) -> str:
    """Return a subquery for the version that the newest assertion with a ``condition`` gives the ticket of ``alias``.

    In the condition, ``e`` is the assertion and ``f`` its file. Current and retired versions have an
    index each, so they are looked up apart.
    """
    halves = (
        f"SELECT e.version_id AS id, f.accepted_order, e.line FROM {results.table} o JOIN {results.said} e"
        f" ON e.version_id = o.id JOIN imports_importfile f ON f.id = e.file_id WHERE o.program = {alias}.program"
        f" AND o.ticket = {alias}.ticket AND {half} AND {condition}"
        for half in (current("o"), current("o", is_current=False))
    )
    return f"(SELECT id FROM ({' UNION ALL '.join(halves)}) asserted ORDER BY accepted_order DESC, line DESC LIMIT 1)"


def _asserted(info: FileInfo, kind: ListKind) -> _Source:
    results = results_of(info.program)
    tables = f"{results.said} k JOIN {results.table} t ON t.id = k.version_id"
    match kind:
        case ListKind.CHANGED | ListKind.REVERTING:
            # What stood there before the file: the newest assertion of those that were accepted earlier.
            before = version_at(results, "t", f"f.accepted_order < {int(info.accepted_order or 0)}")
            tables += f" LEFT JOIN {results.table} c ON c.id = {before}"
            return _Source(tables, "k.file_id = %s AND k.kind = %s", "k.line", "t.student_id", (info.id, kind.value))
        case ListKind.UNMATCHED:
            opened = str(connection.ops.adapt_datetimefield_value(info.accepted_at)) if info.accepted_at else None
            tables += f" LEFT JOIN {_questions(results)} d ON d.line = k.line"
            where = "k.file_id = %s AND (t.school_id IS NULL OR d.line IS NOT NULL)"
            return _Source(tables, where, "k.line", "t.student_id", (info.id, opened, info.id))
        case _:
            where = "k.file_id = %s AND k.kind = %s"
            return _Source(tables, where, "k.line", "t.student_id", (info.id, kind.value))


def _selected(info: FileInfo, source: _Source, kind: ListKind, beyond: str, limit: str) -> list[ListedRow]:
    results = results_of(info.program)
    staged = source.line == "t.line"
    columns = [source.line, "t.school_id", source.student, "t.ticket", "t.ai_code"]
    columns += _values(results, "t", is_staged=staged)
    if kind in _BESIDE:
        columns += ["c.id", "c.school_id", "c.student_id", *_values(results, "c", is_staged=False)]
    elif kind is ListKind.UNMATCHED:
        columns += ["d.reason"]
    query = f"SELECT {', '.join(columns)} FROM {source.tables} WHERE {source.where} AND {beyond}"
    with connection.cursor() as cursor:
        cursor.execute(f"{query} ORDER BY {source.line} {limit}", source.params)
        return [_listed(results, cells, kind) for cells in cursor.fetchall()]


def _values(results: Results, alias: str, *, is_staged: bool) -> list[str]:
    measures = {measure.key for measure in results.program.measures}
    return [
        cancellations.shown_score(stored, alias, is_staged=is_staged) if stored in measures else f"{alias}.{stored}"
        for _column, stored in results.columns
    ]


def _listed(results: Results, cells: tuple[object, ...], kind: ListKind) -> ListedRow:
    names = columns_of(results.program.slug)
    width = len(names)
    line, school, student, ticket, ai_code, *rest = cells
    values, more = tuple(map(_text, rest[:width])), rest[width:]
    row = ListedRow(int(str(line)), str(ticket), names, values, schools=_numbers(school), students=_numbers(student))
    match kind:
        case ListKind.CHANGED | ListKind.REVERTING:
            number, old_school, old_student, *before = more
            return replace(
                row,
                before=None if number is None else tuple(map(_text, before)),
                schools=row.schools | _numbers(old_school),
                students=row.students | _numbers(old_student),
            )
        case ListKind.UNMATCHED:
            gap = _gap(str(ai_code)) if school is None else None
            return replace(row, gap=gap, doubt=None if more[0] is None else Reason(str(more[0])))
        case _:
            return row


def _numbers(value: object) -> frozenset[int]:
    return frozenset() if value is None else frozenset({int(str(value))})


def _gap(ai_code: str) -> SchoolGap:
    if not ai_code:
        return SchoolGap.BLANK
    return SchoolGap.NO_SCHOOL_CODE if ai_code in NO_SCHOOL_CODES else SchoolGap.UNKNOWN_CODE


def _text(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)
