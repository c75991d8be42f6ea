"""Good rows from bad ones, a piece of a file at a time; it asks no database, so that a second process can do it too."""

from dataclasses import dataclass, field
from datetime import datetime

from scoreport.imports.cells import RowReader
from scoreport.imports.findings import Findings, looks_like_totals
from scoreport.imports.problems import Cause, Problem, RepairKind, reason_of
from scoreport.imports.reading.rows import Header, Piece, rows_of
from scoreport.lib.bulk import Cell, Packed, packed
from scoreport.lib.text import fold_given_names, fold_name
from scoreport.scores.intake.layouts import About
from scoreport.scores.intake.registry import layout_of
from scoreport.scores.school_resolution import Schools

REFUSED_COLUMNS = ("file_id", "line", "column", "value", "reason", "cause")
ABOUT_COLUMNS = (
    *("file_id", "line", "ticket", "voucher_code", "first_name", "last_name", "fold_given", "fold_last"),
    *("birth_date", "ai_code", "exam_code", "tested_on"),
)
_QUOTED = 200
_SOME = 500


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What a checker has to know of a file, of where tests belong and of the database."""

    file_id: int
    program: str
    header: Header
    schools: Schools
    at: datetime
    zone: str
    vendor: str
    repairs: frozenset[RepairKind] = frozenset()


@dataclass(slots=True)
class CheckedPiece:
    """A piece of a file, checked: staged rows as the database takes them; why others are refused, and whose they are.

    ``refused_tickets`` are (ticket, line) of the rows that were refused for what is in them.
    """

    rows: int = 0
    good: list[Packed] = field(default_factory=list)
    refused: list[tuple[Cell, ...]] = field(default_factory=list)
    about: list[tuple[Cell, ...]] = field(default_factory=list)
    refused_tickets: list[tuple[str, int]] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)


class RowChecker:
    """Lets good rows through and keeps the reasons of the others."""

    def __init__(self, context: CheckContext) -> None:
        self._context = context
        self._layout = layout_of(context.program)
        self._reader = RowReader(self._layout.layout, context.repairs)
        self._check = self._layout.checker(context.schools, context.at, context.zone).check

    def __call__(self, piece: Piece) -> CheckedPiece:
        """Check a piece. Raises :class:`scoreport.imports.problems.UnreadableFile`."""
        checked = CheckedPiece()
        good: list[tuple[Cell, ...]] = []
        for line, cells in rows_of(piece, self._context.header):
            if cells is None:
                checked.findings.skipped += 1
                continue
            checked.rows += 1
            if isinstance(cells, Problem):
                self._refuse(checked, line, [cells])
                continue
            staged = self._staged(checked, line, cells)
            if staged is not None:
                good.append(staged)
            # Packed while they are few: what lives long is looked at again and again for circles.
            if len(good) == _SOME:
                checked.good.append(packed(self._context.vendor, good))
                good = []
        if good:
            checked.good.append(packed(self._context.vendor, good))
        checked.findings.iso_columns |= self._reader.columns_of_dates()
        return checked

    def _staged(self, checked: CheckedPiece, line: int, cells: list[str]) -> tuple[Cell, ...] | None:
        """Return a row as it is staged, or None when it is refused."""
        log = self._reader.log
        result = self._check(line, self._reader.read(cells), log.problems)
        if log.emptied or log.repaired:
            checked.findings.note(line, log)
        if not isinstance(result, list):
            return result
        if looks_like_totals(cells):
            result = [Problem("", next(filter(None, cells)), reason_of(Cause.TOTALS_LINE), Cause.TOTALS_LINE)]
        else:
            self._keep(checked, line, cells)
        self._refuse(checked, line, result)
        return None

    def _refuse(self, checked: CheckedPiece, line: int, problems: list[Problem]) -> None:
        file_id = self._context.file_id
        listed = checked.findings.listed(line, problems)
        checked.refused += [(file_id, line, p.column, _quoted(p.value), p.reason, p.cause or "") for p in listed]

    def _keep(self, checked: CheckedPiece, line: int, cells: list[str]) -> None:
        about = self._layout.about(cells)
        checked.about.append(_about(self._context.file_id, line, about))
        if about.ticket:
            checked.refused_tickets.append((about.ticket, line))


def _about(file_id: int, line: int, about: About) -> tuple[Cell, ...]:
    """Return what a refused row is about, cut where a cell is longer than any of these can be."""
    names = about.first_name[:_QUOTED], about.last_name[:_QUOTED]
    folded = fold_given_names(names[0]), fold_name(names[1])
    rest = about.birth_date, about.ai_code, about.exam_code, about.tested_on
    return (
        *(file_id, line, about.ticket[:_QUOTED], about.voucher_code[:_QUOTED], *names, *folded),
        *(value[:_QUOTED] for value in rest),
    )


def _quoted(value: str) -> str:
    """Return a wrong value as it is listed: all of it, or the beginning of a long one."""
    return value if len(value) <= _QUOTED else f"{value[:_QUOTED]}…"
