"""The file as rows, with everything that is wrong in each of them."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scoreport.access import PlaceKind, Refused
from scoreport.accounts.rules import normalized_email
from scoreport.imports.layout import Column, Kind, Layout
from scoreport.imports.problems import FileCause, RepairKind, UnreadableFile, offers
from scoreport.imports.table import Progress, Table, TableRow, read_table
from scoreport.lib import us_states
from scoreport.lib.clock import zone
from scoreport.organizations.rules import NO_SCHOOL_CODES, ZIP, OrganizationRow, Problem

TIME_ZONE, CONTACT_NAME, CONTACT_EMAIL = "time_zone", "contact_name", "contact_email"

_NO_ID: Final = gettext_lazy(
    "Every organization needs its own id of up to 64 letters, digits, dots, colons, hyphens, underscores."
)
# The id is in addresses of pages, so it holds what needs no quoting there.
_ID: Final = re.compile(r"[\w.:-]{1,64}")
_NO_KIND: Final = gettext_lazy("The kind is one of: %(codes)s.")
_LONGEST: Final = 10_000
OPTIONAL: Final = (TIME_ZONE, CONTACT_NAME, CONTACT_EMAIL)
"""A file without one of these columns leaves what is stored there."""

ORGANIZATIONS: Final = Layout(
    "organizations",
    1,
    (
        Column("kind", Kind.CHOICE, required=True, codes=tuple(PlaceKind), missing=_NO_KIND, wrong=_NO_KIND),
        Column("organization_id", Kind.KEY, required=True, pattern=_ID, missing=_NO_ID, wrong=_NO_ID),
        Column("name", required=True, longest=_LONGEST, missing=gettext_lazy("Every organization needs a name.")),
        # An id that no organization has is said when the file is compared with the tree.
        Column("parent_id", Kind.KEY),
        Column(
            "ai_code",
            Kind.DIGITS,
            digits=6,
            wrong=gettext_lazy("An AI code has six digits. Keep its leading zeros, or leave the cell empty."),
        ),
        Column("city", longest=_LONGEST),
        Column("state"),
        Column(
            "zip",
            Kind.DIGITS,
            digits=5,
            pattern=ZIP,
            wrong=gettext_lazy("A ZIP code has five digits, or nine as in 25301-1234. Keep its leading zeros."),
        ),
        Column(TIME_ZONE, may_be_absent=True),
        Column(CONTACT_NAME, Kind.NAME, may_be_absent=True),
        Column(CONTACT_EMAIL, may_be_absent=True),
    ),
)


class FileRefused(Refused):
    """The file was refused, so nothing of it was stored.

    ``problems`` are all that is wrong, by line; ``causes`` what many rows have in common, with offered repairs.
    """

    def __init__(self, problems: Sequence[Problem], *, causes: Sequence[FileCause] = ()) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
        self.causes = tuple(causes)
        if offers(self.causes):
            super().__init__(_("Nothing was stored: the file can only be read with a repair."))
            return
        sentence = ngettext(
            "The file has %(count)d problem, so nothing was stored. Correct it and load the file again.",
            "The file has %(count)d problems, so nothing was stored. Correct them and load the file again.",
            len(self.problems),
        )
        super().__init__(sentence % {"count": len(self.problems)})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says; ``missing`` are the optional columns that it lacks, about which it says nothing."""

    rows: tuple[OrganizationRow, ...]
    missing: frozenset[str]
    ignored_columns: tuple[str, ...]
    notices: tuple[str, ...] = ()
    causes: tuple[FileCause, ...] = ()
    skipped: int = 0


def read(
    file: IO[bytes], progress: Progress | None = None, *, repairs: Collection[RepairKind] = (), sheet: str = ""
) -> Reading:
    """Return the rows of a file; raises :class:`FileRefused` with every problem that a row alone can have."""
    try:
        table = read_table(ORGANIZATIONS, file, repairs=repairs, sheet=sheet, progress=progress)
    except UnreadableFile as error:
        problem = Problem(error.line or 1, error.column, error.value, error.reason)
        raise FileRefused([problem], causes=error.causes) from error
    rows = [_row(row) for row in table.rows]
    problems = [
        problem
        for cells, row in zip(table.rows, rows, strict=True)
        for problem in (*_listed(cells), *(() if _is_spoiled(cells) else _wrong(row)))
    ]
    problems += _repeated(rows)
    if problems:
        raise FileRefused(problems, causes=table.causes)
    return _reading(table, rows)


def _reading(table: Table, rows: Sequence[OrganizationRow]) -> Reading:
    return Reading(
        rows=tuple(rows),
        missing=table.absent,
        ignored_columns=table.ignored,
        notices=table.notices,
        causes=table.causes,
        skipped=table.skipped,
    )


def _listed(row: TableRow) -> list[Problem]:
    return [Problem(row.line, one.column, one.value, one.reason) for one in row.problems]


def _is_spoiled(row: TableRow) -> bool:
    """Tell whether a row as a whole is no row of an organization."""
    return any(not problem.column for problem in row.problems)


def _row(row: TableRow) -> OrganizationRow:
    return OrganizationRow(
        line=row.line,
        kind=row["kind"],
        code=row["organization_id"],
        name=row["name"],
        parent=row["parent_id"],
        ai_code=row["ai_code"],
        city=row["city"],
        state=row["state"].upper(),
        zip=row["zip"],
        time_zone=row[TIME_ZONE],
        contact_name=row[CONTACT_NAME],
        contact_email=normalized_email(row[CONTACT_EMAIL]),
    )


def _wrong(row: OrganizationRow) -> Iterator[Problem]:
    """Yield what a row says that no organization can be, although its cells are what their columns take."""
    if row.ai_code in NO_SCHOOL_CODES:
        reason = _('This code means "no high school code" and belongs to no organization. Leave the cell empty.')
        yield Problem(row.line, "ai_code", row.ai_code, reason)
    if row.state and not us_states.is_state(row.state):
        reason = _("This is no state or territory. Use its two letters, such as WV, or leave it empty.")
        yield Problem(row.line, "state", row.state, reason)
    if row.time_zone:
        try:
            zone(row.time_zone)
        except ValueError as error:
            yield Problem(row.line, TIME_ZONE, row.time_zone, str(error))
    if row.contact_email:
        try:
            validate_email(row.contact_email)
        except ValidationError:
            reason = _("This is not an email address. Write one, such as principal@school.example, or leave it empty.")
            yield Problem(row.line, CONTACT_EMAIL, row.contact_email, reason)


def _repeated(rows: Sequence[OrganizationRow]) -> Iterator[Problem]:
    """Yield the rows whose id or AI code an earlier row has."""
    first_line: dict[tuple[str, str], int] = {}
    for row in rows:
        for column, value in (("organization_id", row.code), ("ai_code", row.ai_code)):
            before = first_line.setdefault((column, value), row.line)
            if value and before != row.line:
                reason = _("Line %(line)d has this value too. It belongs to one organization only.") % {"line": before}
                yield Problem(row.line, column, value, reason)
