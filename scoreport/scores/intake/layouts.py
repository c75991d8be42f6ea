"""The layouts of score files by program, and the face that every one of them shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scoreport.lib.bulk import Cell
from scoreport.organizations.rules import SchoolRef


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is not taken: the column, the value that stands there, and a sentence that says what to do."""

    column: str
    value: str
    reason: str


class RowChecker(Protocol):
    """Checks one row of a layout and turns it into a staged row."""

    def check(self, line: int, cells: list[str]) -> tuple[Cell, ...] | list[Problem]:
        """Return the staged row (in the order of ``staging.COLUMNS``) or what is wrong with it."""


class Layout(Protocol):
    """What varies by program: the columns of its files and the check of a row."""

    name: str
    columns: tuple[str, ...]
    required: frozenset[str]
    ticket_column: str

    def checker(self, schools: Mapping[str, SchoolRef], at: datetime, zone: str) -> RowChecker:
        """Return a checker that knows the schools by AI code; ``at`` is now, ``zone`` the default time zone."""
