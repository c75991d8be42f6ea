"""The layouts of score files by program, and what every one of them comes with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.utils.functional import Promise

from scoreport.imports.layout import Layout
from scoreport.imports.problems import Problem
from scoreport.lib.bulk import Cell
from scoreport.scores.school_resolution import Schools


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
    """Checks what the values of one row say together, and turns it into a staged row."""

    def check(self, line: int, cells: list[str], problems: list[Problem]) -> tuple[Cell, ...] | list[Problem]:
        """Return the staged row (in the order of the program's store) or what is wrong with it.

        The cells are canonical text, with ``cells.WRONG`` for those that ``problems`` are about.
        """


@dataclass(frozen=True, slots=True)
class ScoreLayout:
    """What varies by program: the layout of its files and the rules of several values."""

    layout: Layout
    ticket_column: str
    checker: Callable[[Schools, datetime, str], RowChecker]
    """Makes a checker that knows where tests belong; from the instant of now and the default time zone."""
    about: Callable[[list[str]], About]
    """Returns whose test a row is about."""
    value_column: str
    """What files call the column of the main measure."""
    no_value: str | Promise
    """Why a row without it is refused that cancels nothing."""
