"""The layouts of score files by program, and the face that every one of them shows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scoreport.lib.bulk import Cell
from scoreport.scores.placing import Schools


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is not taken: the column, the value that stands there, and a sentence that says what to do."""

    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class About:
    """Whose test a row is about, as the row spells it: for rows that are refused and may be looked for."""

    ticket: str
    voucher_code: str
    first_name: str
    last_name: str
    birth_date: str
    ai_code: str
    exam_code: str
    tested_on: str


class RowChecker(Protocol):
    """Checks one row of a layout and turns it into a staged row."""

    def check(self, line: int, cells: list[str]) -> tuple[Cell, ...] | list[Problem]:
        """Return the staged row (in the order of ``staging.COLUMNS``) or what is wrong with it."""


class Layout(Protocol):
    """What varies by program: the columns of its files and the check of a row."""

    name: str
    columns: tuple[str, ...]
    ticket_column: str

    def checker(self, schools: Schools, at: datetime, zone: str) -> RowChecker:
        """Return a checker that knows where tests belong; ``at`` is now, ``zone`` the default time zone."""

    def about(self, cells: list[str]) -> About:
        """Return whose test a row is about."""
