"""When two records are one student: tiers of evidence, pure.

Tiers (architecture: identifier → name, birth date and school → name variants). Two records
with the same school, birth date and name are one student, whatever the case, accents,
hyphens, spaces and order of given names; nicknames are never guessed. Everything weaker is a
question for a person.
"""

from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import permutations
from typing import Final, NamedTuple

from scoreport.lib.codes import is_placeholder, normalized
from scoreport.lib.hashes import stable64
from scoreport.lib.text import MANY_NAMES, fold_given_names, fold_name, sort_key

_MASK: Final = (1 << 64) - 1
_SPREAD: Final = 0x9E3779B97F4A7C15
"""2⁶⁴ divided by the golden ratio: multiples of it lie far apart, so days that follow each other do too."""
_HASHED: Final = 40
_REST: Final = 64 - _HASHED
_GROUPS: Final = 1 << 23
_MANY_WORDS: Final = 4
_LEAST_LETTERS: Final = 3


NO_CODE: Final = "row:"
"""What the place code of a row that names no school begins with."""


class CaseState(StrEnum):
    """What a person has said of two records that may be one student."""

    OPEN = "open"
    SAME = "same"
    DIFFERENT = "different"


class IdentifierKind(StrEnum):
    """The identifiers that a crosswalk may tell of."""

    STATE = "state-student-id"
    LOCAL = "local-student-id"
    COLLEGE_BOARD = "college-board-id"


class Reason(StrEnum):
    """Why records were taken for one student, or why that is a question."""

    IDENTIFIER = "identifier"
    EXACT = "exact"
    VARIANT = "variant"
    SAME_TICKET = "same-ticket"
    DECIDED = "decided"
    OTHER_SCHOOL = "other-school"
    NO_SCHOOL = "no-school"
    BIRTH_DATE_CLOSE = "birth-date-close"
    TICKET_OTHER_PERSON = "ticket-other-person"
    # Two spellings of a name (people.matching).
    SUFFIX = "suffix"
    SURNAME_PART = "surname-part"
    GIVEN_NAME_PART = "given-name-part"
    WORDS_MOVED = "words-moved"
    SWAPPED = "swapped"
    SPELLING = "spelling"
    NICKNAME = "nickname"
    ONE_LETTER = "one-letter"
    TWO_LETTERS = "two-letters"
    NAME_MISSING = "name-missing"
    # Everything agrees but one thing that speaks against it.
    MIDDLE_INITIAL = "middle-initial"
    GENDER = "gender"
    OTHER_IDENTIFIER = "other-identifier"
    IDENTIFIER_OTHER_PERSON = "identifier-other-person"
    FITS_SEVERAL = "fits-several"


class Named(NamedTuple):
    """What a source says of a student: names as given, birth date, school id (None: none known)."""

    first_name: str
    last_name: str
    birth_date: date
    school_id: int | None


class Keys(NamedTuple):
    """Folded names and the 64-bit shortcuts that matching looks up.

    A shortcut begins with what its students have in common (23 bits: the school, or the day of birth), so that those
    of one school stand together in an index and a file that arrives school by school writes few pages of it. Forty
    bits of a hash follow. ``letters`` is the same for given names of the same letters, so for those that are written
    in one word and in several; it finds pairs that :func:`is_one_name` then decides about.
    """

    fold_given: str
    fold_last: str
    record: int
    name_birth: int
    name_school: int
    letters: int


def keys_of(named: Named) -> Keys:
    """Fold the names (case, accents, hyphens, spaces, order of given names) and hash them.

    Keys are stored: whoever changes what comes out writes a migration (``people/migrations/0003``).
    """
    given, given_hash, letters_hash = _given(named.first_name)
    last, last_hash = _last(named.last_name)
    day = named.birth_date.toordinal()
    school = (named.school_id or 0) % _GROUPS << _HASHED
    name, born = given_hash + last_hash, day * _SPREAD
    return Keys(
        given,
        last,
        school | (name + born & _MASK) >> _REST,
        day << _HASHED | (name & _MASK) >> _REST,
        school | (name & _MASK) >> _REST,
        school | (letters_hash + last_hash + born & _MASK) >> _REST,
    )


@lru_cache(maxsize=MANY_NAMES)
def _given(first_name: str) -> tuple[str, int, int]:
    """Return the folded given names, and the hashes of them and of their letters in any order."""
    folded = fold_given_names(first_name)
    return folded, stable64(folded) * _SPREAD & _MASK, stable64("".join(sorted(folded))) * _SPREAD & _MASK


@lru_cache(maxsize=MANY_NAMES)
def _last(last_name: str) -> tuple[str, int]:
    folded = fold_name(last_name)
    return folded, stable64(folded) & _MASK


def place_code_of(school_id: int | None, code: str, row: str) -> str:
    """Return what tells records of unknown schools apart: the code as typed, or the row where that says nothing.

    Empty where the school is known. Two rows that name no school at all may be two children of one name and birth date.
    """
    if school_id is not None:
        return ""
    return f"{NO_CODE}{row}" if is_placeholder(code) else normalized(code)


def school_code_of(place_code: str) -> str:
    """Return the code as typed that a place code holds, empty where it is the row itself."""
    return "" if place_code.startswith(NO_CODE) else place_code


def initial_of(middle_initial: str) -> str:
    """Return a middle initial as it is compared: one letter without case and accents, or nothing."""
    return "" if is_placeholder(middle_initial) and len(middle_initial) != 1 else fold_name(middle_initial)[:1]


def is_one_name(one: Named, other: Named) -> bool:
    """Tell whether two spellings are one name: but for case, accents, hyphens, spaces or the order of given names."""
    if fold_name(one.last_name) != fold_name(other.last_name):
        return False
    return not _in_one_word(one.first_name).isdisjoint(_in_one_word(other.first_name))


class Likeness(StrEnum):
    """How like two spellings of a name are to whoever looks for a student; only ``SAME`` ever links anything."""

    SAME = "same"
    SWAPPED = "swapped"
    NEAR = "near"


def likeness(one: Named, other: Named) -> Likeness | None:
    """Say how like two names are; None when they are not.

    ``SWAPPED``: first and last name stand in each other's place. ``NEAR``: one of them differs by one slip of the pen.
    """
    if is_one_name(one, other):
        return Likeness.SAME
    if fold_given_names(f"{one.first_name} {one.last_name}") == fold_given_names(
        f"{other.first_name} {other.last_name}"
    ):
        return Likeness.SWAPPED
    mine, theirs = fold_name(one.last_name), fold_name(other.last_name)
    same_given = not _in_one_word(one.first_name).isdisjoint(_in_one_word(other.first_name))
    if same_given and is_one_slip(mine, theirs):
        return Likeness.NEAR
    if mine == theirs and is_one_slip(fold_name(one.first_name), fold_name(other.first_name)):
        return Likeness.NEAR
    return None


def is_one_slip(one: str, other: str) -> bool:
    """Tell whether two words differ by one slip: a letter more, less or other, or two neighbors in each other's place.

    Words of two letters are too short to tell a slip from another name.
    """
    short, long = sorted((one, other), key=len)
    if len(short) < _LEAST_LETTERS or len(long) - len(short) > 1:
        return False
    place = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    mine, theirs = short[place:], long[place:]
    if len(mine) < len(theirs):
        return mine == theirs[1:]
    turned = theirs[1::-1] + theirs[2:]
    return mine != theirs and (mine[1:] == theirs[1:] or mine == turned)


def _in_one_word(given_names: str) -> set[str]:
    """Return what given names may become when they are written in one word, in any order."""
    words = sort_key(given_names).split()
    if len(words) > _MANY_WORDS:
        return {"".join(words), "".join(sorted(words))}
    return {"".join(order) for order in permutations(words)}


def is_close_birth_date(one: date, other: date) -> bool:
    """Tell whether two birth dates look like one with a slip.

    One year apart on the same day, day and month swapped, or one of day, month or year
    different by a single digit.
    """
    if one == other:
        return True
    if (one.month, one.day) == (other.month, other.day):
        return abs(one.year - other.year) == 1 or _one_digit(one, other)
    if one.year == other.year and (one.month, one.day) == (other.day, other.month):
        return True
    return _one_digit(one, other)


def _one_digit(one: date, other: date) -> bool:
    return sum(a != b for a, b in zip(one.isoformat(), other.isoformat(), strict=True)) == 1


def is_correction(before: Named, after: Named) -> bool:
    """Tell whether a changed row of one registration ticket still speaks of the same person.

    It does when the birth date stayed or the name stayed; when both changed, a person decides.
    """
    return is_one_name(before, after) or before.birth_date == after.birth_date
