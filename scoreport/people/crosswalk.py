"""The crosswalk as a file: which students another system calls by one identifier.

Columns, in any order: ``kind``, ``issuer``, ``identifier``, ``first_name``, ``last_name``,
``date_of_birth``, ``ai_code`` (docs/guides/match-students.md). A row names a student as score
files do; a student whom no file has told of yet is remembered for the one that will.
"""

import re
from collections.abc import Collection, Iterator
from datetime import date
from typing import IO, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoreport.access import Refused
from scoreport.imports.layout import Column, Kind, Layout
from scoreport.imports.problems import FileCause, RepairKind, offers
from scoreport.imports.table import Table, TableRow, read_table
from scoreport.lib.bulk import Cell
from scoreport.lib.hashes import stable64
from scoreport.organizations.queries import resolver
from scoreport.organizations.rules import Problem, SchoolRef
from scoreport.people.records import MATCHED_BY
from scoreport.people.rules import IdentifierKind, Named, keys_of, place_code_of

STAGED: Final = (
    *("line", "about", "row_hash", "kind", "issuer", "value", "first_name", "last_name", "birth_date", "school_id"),
    *MATCHED_BY,
)
_CODE: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]{0,39}", re.ASCII)
_NO_KIND: Final = gettext_lazy("There is no such kind. Use one of %(codes)s.")
_NO_IDENTIFIER: Final = gettext_lazy("An identifier is up to 40 letters and digits without spaces.")
_NO_DATE: Final = gettext_lazy("This is not a valid date. Use YYYY-MM-DD.")
_NO_SCHOOL: Final = gettext_lazy(
    "No school with this AI code is known here. Load the organizations first, or leave it empty."
)

IDENTIFIERS: Final = Layout(
    "identifiers",
    1,
    (
        Column("kind", Kind.CHOICE, required=True, codes=tuple(IdentifierKind), missing=_NO_KIND, wrong=_NO_KIND),
        Column(
            "issuer",
            Kind.KEY,
            pattern=_CODE,
            wrong=gettext_lazy(
                "The issuer is the id of a state or district: letters and digits without spaces, or empty."
            ),
        ),
        Column(
            "identifier",
            Kind.IDENTIFIER,
            required=True,
            pattern=_CODE,
            missing=_NO_IDENTIFIER,
            wrong=_NO_IDENTIFIER,
        ),
        Column("first_name", Kind.NAME),
        Column(
            "last_name",
            Kind.NAME,
            required=True,
            missing=gettext_lazy("The last name is missing. Put a student's only name into this column."),
        ),
        Column("date_of_birth", Kind.DAY, required=True, missing=_NO_DATE, wrong=_NO_DATE),
        Column("ai_code", Kind.DIGITS, digits=6, wrong=_NO_SCHOOL),
    ),
)


class CrosswalkRefused(Refused):
    """The file has problems, so nothing of it was stored; ``problems`` are all of them, by line.

    ``causes`` are what many rows have in common, with the repairs that are offered.
    """

    def __init__(self, problems: Collection[Problem], causes: Collection[FileCause] = ()) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
        self.causes = tuple(causes)
        if offers(self.causes):
            super().__init__(_("Nothing was stored: the file can only be read with a repair."))
            return
        message = _("The file has problems: %(count)d. Nothing was stored. Correct them and load the file again.")
        super().__init__(message % {"count": len(problems)})


def read(file: IO[bytes], *, repairs: Collection[RepairKind] = (), sheet: str = "") -> Table:
    """Return the rows of a crosswalk. Raises :class:`scoreport.imports.problems.UnreadableFile`."""
    return read_table(IDENTIFIERS, file, repairs=repairs, sheet=sheet)


def staged_rows(table: Table, problems: list[Problem]) -> Iterator[tuple[Cell, ...]]:
    """Yield the good rows of a crosswalk in the order of :data:`STAGED`, and add what is wrong to ``problems``."""
    schools = resolver()
    for row in table.rows:
        school = schools.get(row["ai_code"])
        wrong = list(_wrong(row, school))
        problems += wrong
        if not wrong:
            yield _staged(row, school)


def _wrong(row: TableRow, school: SchoolRef | None) -> Iterator[Problem]:
    """Yield what is wrong in one row."""
    for one in row.problems:
        yield Problem(row.line, one.column, one.value, one.reason)
    if row["ai_code"] and school is None:
        yield Problem(row.line, "ai_code", row["ai_code"], str(_NO_SCHOOL))


def _staged(row: TableRow, school: SchoolRef | None) -> tuple[Cell, ...]:
    born = date.fromisoformat(row["date_of_birth"])
    named = Named(row["first_name"], row["last_name"], born, school.school_id if school else None)
    keys = keys_of(named)
    whose = (keys.fold_given, keys.fold_last, named.birth_date.isoformat(), str(named.school_id or ""))
    about = stable64(row["kind"], row["issuer"], row["identifier"], *whose)
    return (
        *(row.line, about, about, row["kind"], row["issuer"], row["identifier"]),
        *(named.first_name, named.last_name, named.birth_date, named.school_id),
        *(keys.fold_given, keys.fold_last, "", "U", place_code_of(named.school_id, "", f"{about}")),
        *(keys.record, keys.name_birth, keys.name_school, keys.letters),
    )
