"""Layouts of files as data: which columns a file has, what each may hold, and how its header is recognized; pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cached_property
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from scoreport.lib.text import clean

_SEPARATORS: Final = re.compile(r"[\s_\-\u2010\u2011–]+")
LONGEST: Final = 500
"""Characters that a cell may have where its column says nothing else."""

MISSING: Final = gettext_lazy("This cell is empty. Every row needs a value here.")
WRONG_VALUE: Final = gettext_lazy("The column does not take this value.")


class Kind(Enum):
    """What the cells of a column are; each kind is read by a function of :mod:`scoreport.imports.cells`."""

    TEXT = auto()
    NAME = auto()
    IDENTIFIER = auto()
    """A number or code that leads to something else: a ticket, a voucher. Nothing of it may be lost."""
    KEY = auto()
    """An id that people chose: like an identifier, but it may be as short as one letter."""
    DIGITS = auto()
    """Digits of a fixed number, with their leading zeros."""
    DAY = auto()
    NUMBER = auto()
    CHOICE = auto()


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column: its name and other headers that mean it, and what its cells may hold.

    ``required`` says that every row needs a value and ``missing`` is the sentence otherwise; ``default`` is what an
    empty cell means. ``may_be_absent`` says that a file may lack the column. ``wrong`` is the sentence for a value that
    the column does not take.
    """

    name: str
    kind: Kind = Kind.TEXT
    headers: tuple[str, ...] = ()
    required: bool = False
    may_be_absent: bool = False
    default: str = ""
    longest: int = LONGEST
    pattern: re.Pattern[str] | None = None
    """What an identifier or text looks like."""
    digits: int = 0
    codes: Sequence[str] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    """Words that people write for a code or in the place of a number, folded, such as "female" for F."""
    lowest: int = 0
    highest: int = 0
    missing: str | Promise = MISSING
    wrong: str | Promise = WRONG_VALUE

    def refusal(self) -> str:
        """Return the sentence for a wrong value; it may name the codes, the bounds or the number of digits."""
        facts = {"codes": ", ".join(self.codes), "lowest": self.lowest, "highest": self.highest, "digits": self.digits}
        return str(self.wrong) % facts


@dataclass(frozen=True, eq=False)
class Layout:
    """The columns of a kind of file, in the order in which the values of a row are read."""

    name: str
    version: int
    columns: tuple[Column, ...]
    delimiter: str = ","

    @property
    def key(self) -> str:
        """The name with its version, as it is stored with a file."""
        return f"{self.name}-{self.version}"

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def by_header(self) -> dict[str, int]:
        """The place of the column that a folded header means."""
        return {
            folded(header): place
            for place, column in enumerate(self.columns)
            for header in (column.name, *column.headers)
        }

    def place_of(self, header: str) -> int | None:
        """Return the place of the column that a header means, in any case and with any spaces or hyphens."""
        return self.by_header.get(folded(header))

    def known(self, headers: Sequence[str]) -> int:
        """Return how many columns of the layout a line names."""
        return len({place for header in headers if (place := self.place_of(header)) is not None})


def folded(header: str) -> str:
    """Return what two spellings of a column's name have in common: "Last Name", "last-name" and "LAST_NAME"."""
    return _SEPARATORS.sub("", clean(header).casefold())
