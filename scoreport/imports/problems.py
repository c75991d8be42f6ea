"""What is wrong in a file: problems of rows, their causes over a whole file, and the repairs that are offered; pure."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import IO, Any, Final, Self

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

type Sentence = str | Promise


class Cause(StrEnum):
    """What spreadsheets and scripts leave behind in files. Stored and read by scripts, so that it never changes."""

    SEPARATOR = "separator"
    ENCODING = "encoding"
    MOJIBAKE = "mojibake"
    LOST_LETTERS = "lost-letters"
    US_DATES = "us-dates"
    DAY_FIRST_DATES = "day-first-dates"
    SERIAL_DATES = "serial-dates"
    TOO_NARROW = "too-narrow"
    SCIENTIFIC = "scientific-notation"
    DECIMAL = "decimal-number"
    LOST_ZEROS = "lost-zeros"
    ERROR_CELL = "error-cell"
    PLACEHOLDER = "placeholder"
    TOTALS_LINE = "totals-line"
    NO_SCHOOL = "no-school"


class RepairKind(StrEnum):
    """What a person can have done to a file while it is read."""

    SEPARATOR = "separator"
    US_DATES = "us-dates"
    ENCODING = "encoding"


REPAIRED_BY: Final[Mapping[Cause, RepairKind]] = {
    Cause.SEPARATOR: RepairKind.SEPARATOR,
    Cause.ENCODING: RepairKind.ENCODING,
    Cause.MOJIBAKE: RepairKind.ENCODING,
    Cause.US_DATES: RepairKind.US_DATES,
}

SENTENCES: Final[Mapping[Cause, Sentence]] = {
    Cause.MOJIBAKE: gettext_lazy(
        "Letters with accents were damaged before this file was saved: its UTF-8 text was read as another encoding."
    ),
    Cause.LOST_LETTERS: gettext_lazy(
        "Letters were lost when this file was saved: a question mark is in their place."
        " Export the table again as CSV UTF-8."
    ),
    Cause.US_DATES: gettext_lazy(
        "This date is in US form, and it isn't certain how to read it in this file. Save dates as YYYY-MM-DD."
    ),
    Cause.DAY_FIRST_DATES: gettext_lazy("This date is not written as YYYY-MM-DD. Save dates in that form."),
    Cause.SERIAL_DATES: gettext_lazy(
        "This is a spreadsheet's number for a date. Format the column as YYYY-MM-DD and save the file again."
    ),
    Cause.TOO_NARROW: gettext_lazy(
        "The column was too narrow, so the spreadsheet saved # signs and not the value."
        " Widen the column and save the file again."
    ),
    Cause.SCIENTIFIC: gettext_lazy(
        "A spreadsheet shortened this number, and digits are lost."
        " Export the file again, and open it with this column as text."
    ),
    Cause.DECIMAL: gettext_lazy(
        "A script turned this number into a decimal, and leading zeros may be lost."
        " Export the file again with this column as text."
    ),
    Cause.LOST_ZEROS: gettext_lazy(
        "Leading zeros are lost: this code has fewer digits than it should."
        " Export the file again, and open it with this column as text."
    ),
    Cause.ERROR_CELL: gettext_lazy("This is the error of a formula, not a value. Correct the formula and save again."),
    Cause.PLACEHOLDER: gettext_lazy("This only says that there is no value. Enter the value."),
    Cause.TOTALS_LINE: gettext_lazy("This looks like a line of totals, not a record. Remove it."),
}
"""What each cause means, for a row and for the whole file; those of the file alone are said where it is opened."""

OFFERS: Final[Mapping[Cause, Sentence]] = {
    Cause.US_DATES: gettext_lazy("These dates are in US form. Read them as month/day/year?"),
    Cause.MOJIBAKE: gettext_lazy("Letters with accents are damaged in this file. Repair them?"),
}
"""What is said instead where the repair is certain."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is not taken: column, value, a sentence that says what to do, and its cause if the file has one."""

    column: str
    value: str
    reason: str
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """A repair that is offered or was made: in which column, for how many rows, with examples before and after."""

    kind: RepairKind
    column: str
    rows: int
    preview: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FileCause:
    """One thing that was noticed over a file: in which columns and how many rows, the first lines, and examples.

    ``repairs`` are offered, or were made if ``is_repaired``.
    """

    cause: Cause
    columns: tuple[str, ...]
    rows: int
    lines: tuple[int, ...]
    examples: tuple[str, ...]
    sentence: str
    repairs: tuple[Repair, ...] = ()
    is_repaired: bool = False

    @property
    def offer(self) -> RepairKind | None:
        """The repair that is offered."""
        return self.repairs[0].kind if self.repairs and not self.is_repaired else None

    def repaired(self) -> Self:
        """Return the cause with its repair made."""
        said = {
            RepairKind.SEPARATOR: _("The file was read with another separator than commas."),
            RepairKind.US_DATES: _("Dates in US form were read as month/day/year."),
            RepairKind.ENCODING: _("Text in another encoding was read as letters."),
        }
        return replace(self, is_repaired=True, sentence=said[self.repairs[0].kind])

    def as_json(self) -> dict[str, object]:
        """Return the cause as it is stored with its file and printed by commands."""
        return {
            "cause": self.cause.value,
            "column": ", ".join(self.columns),
            "columns": list(self.columns),
            "rows": self.rows,
            "lines": list(self.lines),
            "examples": list(self.examples),
            "sentence": self.sentence,
            "repair": self.offer.value if self.offer else None,
            "repairs": [
                {"kind": one.kind.value, "column": one.column, "rows": one.rows, "preview": [*map(list, one.preview)]}
                for one in self.repairs
            ],
            "is_repaired": self.is_repaired,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return a stored cause."""
        repairs = (
            Repair(RepairKind(one["kind"]), one["column"], one["rows"], tuple(map(tuple, one["preview"])))
            for one in stored["repairs"]
        )
        return cls(
            cause=Cause(stored["cause"]),
            columns=tuple(stored["columns"]),
            rows=stored["rows"],
            lines=tuple(stored["lines"]),
            examples=tuple(stored["examples"]),
            sentence=stored["sentence"],
            repairs=tuple(repairs),
            is_repaired=stored["is_repaired"],
        )


def repairs_json(causes: Collection[FileCause]) -> list[dict[str, object]]:
    """Return the repairs that are offered or were made as commands print them."""
    return [
        {"kind": one.kind.value, "column": one.column, "rows": one.rows, "applied": cause.is_repaired}
        for cause in causes
        for one in cause.repairs
    ]


class UnreadableFile(Exception):
    """The file as a whole cannot be taken: where (line 0 is nowhere), and a sentence that says what to do.

    ``place`` says more than the line. ``causes`` are what was noticed, with the repairs that are offered.
    """

    def __init__(
        self,
        reason: str,
        *,
        causes: Collection[FileCause] = (),
        line: int = 1,
        column: str = "",
        value: str = "",
        place: str = "",
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.causes = tuple(causes)
        self.line = line
        self.column = column
        self.value = value
        self.place = place or (_("Line %(line)d") % {"line": line} if line else "")

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}" if self.place else self.reason

    def __reduce__(self) -> tuple[object, ...]:
        # So that another process can send it.
        return _unreadable, (self.reason, self.causes, self.line, self.column, self.value, self.place)


def _unreadable(
    reason: str, causes: tuple[FileCause, ...], line: int, column: str, value: str, place: str
) -> UnreadableFile:
    return UnreadableFile(reason, causes=causes, line=line, column=column, value=value, place=place)


def offered(causes: Collection[FileCause]) -> UnreadableFile | None:
    """Return why a file is not taken while repairs are offered: their sentences; None when none is."""
    sentences = [one.sentence for one in causes if one.offer]
    return UnreadableFile(" ".join(sentences), causes=causes, line=0) if sentences else None


def offers(causes: Collection[FileCause]) -> frozenset[RepairKind]:
    """Return the kinds of repairs that are offered."""
    return frozenset(one.offer for one in causes if one.offer)


def read_with_repairs[Read](
    stream: IO[bytes],
    chosen: Collection[RepairKind],
    read: Callable[[frozenset[RepairKind]], tuple[Read, tuple[FileCause, ...]]],
) -> tuple[Read, tuple[FileCause, ...]]:
    """Read a file until each chosen repair of its cells that it needs was made; return what was read, and the causes.

    ``read`` takes the repairs to make. Cells are repaired only where the whole file has shown that there is one way to
    do it, so the first time none is. Raises :class:`UnreadableFile` while a repair is offered that was not chosen.
    """
    made = frozenset[RepairKind]()
    while True:
        found, causes = read(made)
        needed = offers(causes) & frozenset(chosen)
        if needed <= made:
            break
        made |= needed
        stream.seek(0)
    if refusal := offered(causes):
        raise refusal
    return found, causes


def repairs_made(causes: Collection[FileCause]) -> dict[str, str]:
    """Return what the log keeps of the repairs that were made: their kinds; nothing where there was none."""
    kinds = sorted({repair.kind.value for one in causes if one.is_repaired for repair in one.repairs})
    return {"repairs": ", ".join(kinds)} if kinds else {}


def repair_notices(causes: Collection[FileCause]) -> list[str]:
    """Say which repairs were made, with an example of each."""
    said = []
    for one in causes:
        if one.is_repaired:
            examples = [f"{before} → {after}" for repair in one.repairs for before, after in repair.preview[:1]]
            said.append(f"{one.sentence} ({examples[0]})" if examples else one.sentence)
    return said


def reason_of(cause: Cause) -> str:
    """Return the sentence of a cause in the language of the moment."""
    return str(SENTENCES[cause])


def repair_label(kind: RepairKind) -> str:
    """Return what the button of a repair says."""
    return {
        RepairKind.SEPARATOR: _("Read with this separator"),
        RepairKind.US_DATES: _("Read them as month/day/year"),
        RepairKind.ENCODING: _("Repair the letters"),
    }[kind]
