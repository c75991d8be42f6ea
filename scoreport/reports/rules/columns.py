"""The columns of the CLEP roster, in the order of the portal that schools know."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext_lazy as _

from scoreport.lib.tabular import Kind
from scoreport.programs.rules import Label


class Style(StrEnum):
    """How a column is shown on screen."""

    NAME = "name"
    TEXT = "text"
    CODE = "code"
    DATE = "date"
    SCORE = "score"


@dataclass(frozen=True, eq=False, slots=True)
class RosterColumn:
    """One column: its key is the header in CSV files and the name that links sort by.

    ``field`` is what a stored test calls it, ``order`` what sorts by it, before the id that ends every order.
    ``prefix`` is how many characters of its first part tell about where a value stands among many (0: all).
    """

    key: str
    label: Label
    field: str
    order: tuple[str, ...]
    kind: Kind = Kind.TEXT
    style: Style = Style.TEXT
    prefix: int = 0

    @property
    def groups(self) -> bool:
        """Whether few values are shared by many tests, so that equal ones stand by district in a state."""
        return not self.prefix


def _column(
    key: str,
    label: Label,
    field: str,
    *,
    order: tuple[str, ...] = (),
    kind: Kind = Kind.TEXT,
    style: Style = Style.TEXT,
    prefix: int = 0,
) -> RosterColumn:
    return RosterColumn(key, label, field, order or (field,), kind, style, prefix)


_ALL: Final = (
    _column("first_name", _("First name"), "first_name", order=("sort_first", "sort_last"), style=Style.NAME, prefix=4),
    _column("last_name", _("Last name"), "last_name", order=("sort_last", "sort_first"), style=Style.NAME, prefix=4),
    _column("gender", _("Gender"), "gender"),
    _column("ethnicity", _("Ethnicity"), "ethnicity"),
    _column("date_of_birth", _("Date of birth"), "birth_date", kind=Kind.DATE, style=Style.DATE),
    _column("grade", _("Grade"), "grade"),
    _column("ai_code", _("AI code"), "ai_code", style=Style.CODE),
    _column("registration_ticket_number", _("Registration ticket number"), "ticket", style=Style.CODE, prefix=8),
    _column("date_registered", _("Date registered"), "registered_on", kind=Kind.DATE, style=Style.DATE),
    _column("date_tested", _("Date tested"), "tested_on", kind=Kind.DATE, style=Style.DATE),
    _column("test_center_name", _("Test center name"), "test_center_name"),
    _column("test_center_code", _("Test center code"), "test_center_code", style=Style.CODE),
    _column("test_center_city", _("Test center city"), "test_center_city"),
    _column("exam_subject", _("Exam subject"), "exam_subject"),
    _column("score", _("Score"), "points", kind=Kind.NUMBER, style=Style.SCORE),
    # Ours, so it stands behind those of the portal. Empty for a score that counts or is pending.
    _column("date_canceled", _("Date canceled"), "canceled_on", kind=Kind.DATE, style=Style.DATE),
)
COLUMNS: Final[Mapping[str, RosterColumn]] = {column.key: column for column in _ALL}
ALL_COLUMNS: Final = tuple(COLUMNS)
STATUS: Final = _column("status", _("Status"), "")
"""Files only, beside the score: why there is none. A page says it in the place of the score."""


def columns_of_file(keys: Iterable[str]) -> tuple[RosterColumn, ...]:
    """Return the columns of a file that holds what a page with these columns shows."""
    found: list[RosterColumn] = []
    for key in keys:
        found += [COLUMNS[key], STATUS] if key == "score" else [COLUMNS[key]]
    return tuple(found)
