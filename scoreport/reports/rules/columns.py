"""The columns that a roster can have; which of them a program shows is in its definition."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext_lazy as _

from scoreport.lib.tabular import Kind
from scoreport.programs.rules import CodeTable, Label, Measure, Program

POINTS: Final = "points"
"""What a visible test calls its main measure."""


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

    ``field`` is what a visible test calls it, ``order`` what sorts by it, before the id that ends every order.
    ``prefix`` is how many characters of its first part tell about where a value stands among many (0: all).
    ``codes`` are the words for what is stored, which is a number where ``is_numbered``. Free text is guarded in files.
    """

    key: str
    label: Label
    field: str
    order: tuple[str, ...] = ()
    kind: Kind = Kind.TEXT
    style: Style = Style.TEXT
    prefix: int = 0
    codes: CodeTable | None = None
    is_numbered: bool = False
    is_free_text: bool = False
    measure: Measure | None = None

    def __post_init__(self) -> None:
        if not self.order:
            object.__setattr__(self, "order", (self.field,))

    @property
    def groups(self) -> bool:
        """Whether few values are shared by many tests, so that equal ones stand by district in a state."""
        return not self.prefix

    @property
    def is_main(self) -> bool:
        """Whether the column holds the main measure of its program."""
        return self.field == POINTS


FIRST_NAME: Final = RosterColumn(
    "first_name",
    _("First name"),
    "first_name",
    order=("sort_first", "sort_last"),
    style=Style.NAME,
    prefix=4,
    is_free_text=True,
)
LAST_NAME: Final = RosterColumn(
    "last_name",
    _("Last name"),
    "last_name",
    order=("sort_last", "sort_first"),
    style=Style.NAME,
    prefix=4,
    is_free_text=True,
)
BIRTH_DATE: Final = RosterColumn(
    "date_of_birth", _("Date of birth"), "birth_date", kind=Kind.DATE, style=Style.DATE
)  # fmt: skip
AI_CODE: Final = RosterColumn("ai_code", _("AI code"), "ai_code", style=Style.CODE)
DATE_TESTED: Final = RosterColumn("date_tested", _("Date tested"), "tested_on", kind=Kind.DATE, style=Style.DATE)
DATE_CANCELED: Final = RosterColumn(
    "date_canceled", _("Date canceled"), "canceled_on", kind=Kind.DATE, style=Style.DATE
)  # fmt: skip
"""Empty for a score that counts or is pending."""
STATUS: Final = RosterColumn("status", _("Status"), "")
"""Files only, beside the main measure: why there is none. A page says it in the place of the number."""


def gender(program: Program) -> RosterColumn:
    """Return the column of genders, in the words of a program."""
    return RosterColumn("gender", _("Gender"), "gender", codes=program.genders)


def ethnicity(program: Program) -> RosterColumn:
    """Return the column of ethnicities, in the words of a program."""
    return RosterColumn("ethnicity", _("Ethnicity"), "ethnicity", codes=program.ethnicities, is_numbered=True)


def grade(program: Program) -> RosterColumn:
    """Return the column of grades, in the words of a program."""
    return RosterColumn("grade", _("Grade"), "grade", codes=program.grades, is_numbered=True)


def ticket(key: str, label: Label) -> RosterColumn:
    """Return the column of what files name a result by."""
    return RosterColumn(key, label, "ticket", style=Style.CODE, prefix=8)


def exam(program: Program, label: Label) -> RosterColumn:
    """Return the column of exams by the titles of the catalog, for programs whose rows have a code alone."""
    titles = CodeTable(label, {exam.code: exam.title for exam in program.exams}, sorted_by_label=True)
    return RosterColumn("exam", label, "exam_code", codes=titles)


def measure(program: Program, key: str) -> RosterColumn:
    """Return the column of a measure: a number, or the name of a level. Raises StopIteration for an unknown measure."""
    found = next(measure for measure in program.measures if measure.key == key)
    field = POINTS if found is program.main else f"{POINTS}_{key}"
    names = CodeTable(found.label, {str(level.value): level.label for level in found.levels}) if found.levels else None
    return RosterColumn(
        key,
        found.label,
        field,
        kind=Kind.TEXT if names else Kind.NUMBER,
        style=Style.SCORE if found is program.main else Style.TEXT,
        codes=names,
        is_numbered=True,
        measure=found,
    )


def columns_of_file(columns: Iterable[RosterColumn]) -> tuple[RosterColumn, ...]:
    """Return the columns of a file that holds what a page with these columns shows."""
    found: list[RosterColumn] = []
    for column in columns:
        found += [column, STATUS] if column.is_main else [column]
    return tuple(found)
