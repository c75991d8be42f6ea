"""What someone types to find a missing score, and what is answered."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from scoreport.lib.codes import is_placeholder
from scoreport.lib.folded import spellings
from scoreport.lib.secrets import digest
from scoreport.lib.text import fold_given_names
from scoreport.people.rules import Likeness, Named, is_one_slip, likeness
from scoreport.scores.rules import ClaimState, Found, Why

_PURPOSE = "missing score"


class By(StrEnum):
    """What a score is looked for by."""

    TICKET = "ticket"
    VOUCHER = "voucher"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class SearchCriteria:
    """A registration ticket, or a voucher code, or a name and a birth date.

    A name beside a voucher code finds nothing more; it lets the test be claimed where it is the test taker's. A name in
    one piece is in ``last_name``, with ``is_whole``.
    """

    ticket: str = ""
    voucher: str = ""
    first_name: str = ""
    last_name: str = ""
    birth_date: date | None = None
    is_whole: bool = False

    @property
    def by(self) -> By:
        """What was typed."""
        if self.ticket:
            return By.TICKET
        return By.VOUCHER if self.voucher else By.NAME

    @property
    def number(self) -> str:
        """The ticket or voucher code as it was typed."""
        return self.ticket or self.voucher

    @property
    def spellings(self) -> list[str]:
        """What the stored ticket or voucher code folds to (``scoreport.lib.folded``)."""
        return spellings(self.number)

    @property
    def is_no_code(self) -> bool:
        """Whether what was typed as a number only says that there is none, as in ``N/A``."""
        return self.by is not By.NAME and is_placeholder(self.number)

    @property
    def splits(self) -> list[tuple[str, str]]:
        """First and last name as they were typed, or every way to read them out of a name in one piece."""
        if not self.is_whole:
            return [(self.first_name, self.last_name)]
        words = self.last_name.split()
        return [(" ".join(words[:n]), " ".join(words[n:])) for n in range(len(words))]

    def as_subject(self) -> str:
        """Return what is recorded of the search: a ticket or voucher as it is, a name only as a keyed digest."""
        if self.by is not By.NAME:
            return self.number
        born = self.birth_date.isoformat() if self.birth_date else ""
        return digest(f"{fold_given_names(f'{self.first_name} {self.last_name}')}\x1f{born}", _PURPOSE)

    def likeness_of(self, first_name: str, last_name: str, born: date) -> Likeness | None:
        """Say how like a name on file is to the typed one."""
        mine, theirs = (
            Named(self.first_name, self.last_name, born, None),
            Named(first_name, last_name, born, None),
        )
        if not self.is_whole:
            return likeness(mine, theirs)
        typed, on_file = fold_given_names(self.last_name), fold_given_names(f"{first_name} {last_name}")
        if typed == on_file:
            return Likeness.SAME
        return Likeness.NEAR if is_one_slip(typed, on_file) else None

    def is_spelled(self, first_name: str, last_name: str) -> bool:
        """Tell whether a name on file is spelled as it was typed, but for capitals."""
        typed = f"{self.first_name} {self.last_name}".split()
        return [word.casefold() for word in typed] == [word.casefold() for word in f"{first_name} {last_name}".split()]


@dataclass(frozen=True, slots=True)
class Finding:
    """One test that was found, or one that may be meant, with no more of it than the asker may know.

    ``is_certain`` is False where the name or birth date only nearly fits. ``name`` and ``student`` (a public id) are
    those of tests in a report that the asker opens; ``school`` is named where the asker reaches it. ``key`` is what a
    claim of this test is made with, empty where nobody could claim it; ``needs_more``: a voucher code alone is not
    enough.
    """

    state: Found
    why: Why
    is_certain: bool
    exam: str
    tested_on: date | None
    day: date | None = None
    has_other_spelling: bool = False
    school: str = ""
    name: str = ""
    student: str = ""
    program: str = ""
    year: int | None = None
    problems: tuple[str, ...] = ()
    key: str = ""
    needs_more: bool = False
    claimed: ClaimState | None = None


@dataclass(frozen=True, slots=True)
class ShownTest:
    """A test that an answer is about, for the log of its school; the asker does not see this."""

    program: str
    ticket: str
    school_id: int | None
    student_id: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that was found, what explains most first; nothing found is an answer too, and ``empty`` says why."""

    by: By
    findings: tuple[Finding, ...]
    shown: tuple[ShownTest, ...] = ()
    empty: Found = Found.NEVER

    @property
    def state(self) -> Found:
        """The state of the first finding, or why there is none."""
        return self.findings[0].state if self.findings else self.empty

    @property
    def why(self) -> Why:
        """The reason of the first finding."""
        return self.findings[0].why if self.findings else Why.NOTHING
