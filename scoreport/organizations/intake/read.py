"""The file as rows, with everything that is wrong in each of them."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.access import PlaceKind, Refused
from scoreport.accounts.rules import normalized_email
from scoreport.lib import us_states
from scoreport.lib.clock import zone
from scoreport.lib.tabular import TabularError, csv_reader
from scoreport.lib.text import clean
from scoreport.organizations.rules import NO_SCHOOL_CODES, ZIP, OrganizationRow, Problem, is_ai_code

COLUMNS = ("kind", "organization_id", "name", "parent_id", "ai_code", "city", "state", "zip")
TIME_ZONE, CONTACT_NAME, CONTACT_EMAIL = "time_zone", "contact_name", "contact_email"
OPTIONAL = (TIME_ZONE, CONTACT_NAME, CONTACT_EMAIL)
"""A file without one of these columns leaves what is stored there."""

# The id stands in addresses of pages, so it holds what needs no quoting there.
_ORGANIZATION_ID = re.compile(r"[\w.:-]{1,64}")
_PROGRESS_ROWS = 500

Progress = Callable[[int], object]
Cells = dict[str, str]


class FileRefused(Refused):
    """The file has problems, so nothing of it was stored; ``problems`` are all of them, by line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
        sentence = ngettext(
            "The file has %(count)d problem, so nothing was stored. Mend it and load the file again.",
            "The file has %(count)d problems, so nothing was stored. Mend them and load the file again.",
            len(self.problems),
        )
        super().__init__(sentence % {"count": len(self.problems)})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says; ``missing`` are the optional columns that it lacks, about which it says nothing."""

    rows: tuple[OrganizationRow, ...]
    missing: frozenset[str]
    ignored_columns: tuple[str, ...]


def read(file: IO[bytes], progress: Progress | None = None) -> Reading:
    """Return the rows of a file; raises :class:`FileRefused` with every problem that a row alone can have."""
    rows: list[OrganizationRow] = []
    problems: list[Problem] = []
    lines = csv_reader(file)
    header: tuple[str, ...] = ()
    try:
        for line, cells in lines:
            if not header:
                header = _header(cells)
                continue
            row, wrong = _row(line, header, cells)
            problems += wrong
            rows.append(row)
            if progress and len(rows) % _PROGRESS_ROWS == 0:
                progress(_PROGRESS_ROWS)
    except TabularError as error:
        name = header[error.column - 1] if error.column and error.column <= len(header) else ""
        problems.append(Problem(error.line, name, error.value, error.reason))
    problems += _repeated(rows)
    if problems:
        raise FileRefused(problems)
    known = {*COLUMNS, *OPTIONAL}
    ignored = tuple(name for name in header if name not in known)
    return Reading(rows=tuple(rows), missing=frozenset(OPTIONAL) - set(header), ignored_columns=ignored)


def _header(cells: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the columns, in any order; raises :class:`FileRefused` when one is missing or there twice."""
    header = tuple(clean(cell).lower() for cell in cells)
    problems = [
        Problem(1, name, "", _("This column is missing. The first line names the columns: %s.") % ", ".join(COLUMNS))
        for name in COLUMNS
        if name not in header
    ]
    twice = {name for name in header if name and header.count(name) > 1}
    problems += [
        Problem(1, name, name, _("This column is there twice. Remove or rename one.")) for name in sorted(twice)
    ]
    if problems:
        raise FileRefused(problems)
    return header


def _row(line: int, header: Sequence[str], cells: Sequence[str]) -> tuple[OrganizationRow, list[Problem]]:
    problems: list[Problem] = []
    if len(cells) > len(header) or len(cells) < len(header):
        reason = _("The row has %(cells)d cells, but the first line names %(columns)d columns.")
        reason %= {"cells": len(cells), "columns": len(header)}
        problems.append(Problem(line, "", "", reason))
    told = {name: clean(cell) for name, cell in zip(header, cells, strict=False)}
    get = told.get
    row = OrganizationRow(
        line=line,
        kind=get("kind", "").lower(),
        code=get("organization_id", ""),
        name=get("name", ""),
        parent=get("parent_id", ""),
        ai_code=get("ai_code", ""),
        city=get("city", ""),
        state=get("state", "").upper(),
        zip=get("zip", ""),
        time_zone=get(TIME_ZONE, ""),
        contact_name=get(CONTACT_NAME, ""),
        contact_email=normalized_email(get(CONTACT_EMAIL, "")),
    )
    return row, problems or [Problem(line, *wrong) for wrong in _wrong(row)]


def _wrong(row: OrganizationRow) -> Iterator[tuple[str, str, str]]:
    """Yield column, value and reason of what is wrong in one row."""
    if row.kind not in PlaceKind:
        yield "kind", row.kind, _("The kind is one of: %s.") % ", ".join(PlaceKind)
    if not _ORGANIZATION_ID.fullmatch(row.code):
        reason = _(
            "Every organization needs its own id of up to 64 letters, digits, dots, colons, hyphens, underscores."
        )
        yield "organization_id", row.code, reason
    if not row.name:
        yield "name", "", _("Every organization needs a name.")
    yield from _wrong_codes(row)


def _wrong_codes(row: OrganizationRow) -> Iterator[tuple[str, str, str]]:
    if row.ai_code and not is_ai_code(row.ai_code):
        reason = _("An AI code has six digits. Keep its leading zeros, or leave the cell empty.")
        yield "ai_code", row.ai_code, reason
    if row.ai_code in NO_SCHOOL_CODES:
        reason = _('This code means "no high school code" and belongs to no organization. Leave the cell empty.')
        yield "ai_code", row.ai_code, reason
    if row.state and not us_states.is_state(row.state):
        yield (
            "state",
            row.state,
            _("This is no state or territory. Use its two letters, such as WV, or leave it empty."),
        )
    if row.zip and not ZIP.fullmatch(row.zip):
        yield "zip", row.zip, _("A ZIP code has five digits, or nine as in 25301-1234. Keep its leading zeros.")
    yield from _wrong_options(row)


def _wrong_options(row: OrganizationRow) -> Iterator[tuple[str, str, str]]:
    if row.time_zone:
        try:
            zone(row.time_zone)
        except ValueError as error:
            yield TIME_ZONE, row.time_zone, str(error)
    if row.contact_email:
        try:
            validate_email(row.contact_email)
        except ValidationError:
            reason = _("This is no e-mail address. Write one, such as principal@school.example, or leave it empty.")
            yield CONTACT_EMAIL, row.contact_email, reason


def _repeated(rows: Sequence[OrganizationRow]) -> Iterator[Problem]:
    """Yield the rows whose id or AI code stands in an earlier row already."""
    first_line: dict[tuple[str, str], int] = {}
    for row in rows:
        for column, value in (("organization_id", row.code), ("ai_code", row.ai_code)):
            before = first_line.setdefault((column, value), row.line)
            if value and before != row.line:
                reason = _("Line %(line)d has this value too. It belongs to one organization only.") % {"line": before}
                yield Problem(row.line, column, value, reason)
