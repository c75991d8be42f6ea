"""The crosswalk as a CSV file: which students another system calls by one identifier.

Columns, in any order: ``kind``, ``issuer``, ``identifier``, ``first_name``, ``last_name``,
``date_of_birth``, ``ai_code`` (docs/guides/match-students.md). A row names a student as score
files do; a student whom no file has told of yet is remembered for the one that will.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import IO, Final

from django.utils.translation import gettext as _

from scoreport.access import Refused
from scoreport.lib.bulk import Cell
from scoreport.lib.hashes import stable64
from scoreport.lib.tabular import TabularError, csv_reader
from scoreport.lib.text import clean
from scoreport.organizations.queries import resolver
from scoreport.organizations.rules import Problem, SchoolRef
from scoreport.people.rules import IdentifierKind, Named, keys_of

COLUMNS: Final = ("kind", "issuer", "identifier", "first_name", "last_name", "date_of_birth", "ai_code")
STAGED: Final = (
    *("line", "about", "row_hash", "kind", "issuer", "value", "first_name", "last_name", "birth_date", "school_id"),
    *("fold_given", "fold_last", "record_key", "name_birth_key", "name_school_key", "letters_key"),
)
_IDENTIFIER: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]{0,39}", re.ASCII)
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class CrosswalkRefused(Refused):
    """The file has problems, so nothing of it was stored; ``problems`` are all of them, by line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
        message = _("The file has problems: %(count)d. Nothing was stored. Mend them and load the file again.")
        super().__init__(message % {"count": len(problems)})


def staged_rows(file: IO[bytes], problems: list[Problem]) -> Iterator[tuple[Cell, ...]]:
    """Yield the good rows of a crosswalk in the order of :data:`STAGED`, and add what is wrong to ``problems``."""
    schools = resolver()
    header: list[str] = []
    try:
        for line, cells in csv_reader(file):
            if not header:
                header = [clean(cell).lower() for cell in cells]
                problems += _header_problems(header)
                if problems:
                    return
                continue
            if len(cells) != len(header):
                problems.append(
                    Problem(line, "", ",".join(cells)[:80], _("The row has another width than the header."))
                )
                continue
            told = {name: clean(cell) for name, cell in zip(header, cells, strict=True)}
            born, school = _day(told["date_of_birth"]), schools.get(told["ai_code"])
            wrong = [Problem(line, column, told[column], reason) for column, reason in _wrong(told, born, school)]
            problems += wrong
            if born is not None and not wrong:
                named = Named(told["first_name"], told["last_name"], born, school.school_id if school else None)
                yield _staged(line, told, named)
    except TabularError as error:
        column = header[error.column - 1] if error.column and error.column <= len(header) else ""
        problems.append(Problem(error.line, column, error.value, error.reason))


def _header_problems(header: list[str]) -> list[Problem]:
    reason = _("This column is missing or there twice. The first line names the columns: %s.") % ", ".join(COLUMNS)
    return [Problem(1, name, "", reason) for name in COLUMNS if header.count(name) != 1]


def _wrong(told: dict[str, str], born: date | None, school: SchoolRef | None) -> Iterator[tuple[str, str]]:
    """Yield column and reason of what is wrong in one row."""
    if told["kind"] not in IdentifierKind:
        yield "kind", _("There is no such kind. Use one of %s.") % ", ".join(IdentifierKind)
    if not _IDENTIFIER.fullmatch(told["identifier"]):
        yield "identifier", _("An identifier is up to 40 letters and digits without spaces.")
    if told["issuer"] and not _IDENTIFIER.fullmatch(told["issuer"]):
        yield "issuer", _("The issuer is the id of a state or district: letters and digits without spaces, or empty.")
    if not told["last_name"]:
        yield "last_name", _("The last name is missing. Put a student's only name into this column.")
    if born is None:
        yield "date_of_birth", _("This is no day of the calendar, or not written as YYYY-MM-DD.")
    if told["ai_code"] and school is None:
        yield (
            "ai_code",
            _("No school with this AI code is known here. Load the organizations first, or leave it empty."),
        )


def _staged(line: int, told: dict[str, str], named: Named) -> tuple[Cell, ...]:
    keys = keys_of(named)
    whose = (keys.fold_given, keys.fold_last, named.birth_date.isoformat(), str(named.school_id or ""))
    about = stable64(told["kind"], told["issuer"], told["identifier"], *whose)
    return (
        *(line, about, about, told["kind"], told["issuer"], told["identifier"]),
        *(named.first_name, named.last_name, named.birth_date, named.school_id),
        *(keys.fold_given, keys.fold_last, keys.record, keys.name_birth, keys.name_school, keys.letters),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _ISO.fullmatch(text) else None
    except ValueError:
        return None
