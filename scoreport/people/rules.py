"""When two records are one student: tiers of evidence, pure.

Tiers (architecture: identifier → name, birth date and school → name variants). Two records
with the same school, birth date and name are one student, whatever the case, accents,
hyphens, spaces and order of given names; nicknames are never guessed. Everything weaker is a
question for a person.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from scoreport.lib.hashes import stable64
from scoreport.lib.text import fold_given_names, fold_name


class CaseState(StrEnum):
    """What a person has said of two records that may be one student."""

    OPEN = "open"
    SAME = "same"
    DIFFERENT = "different"


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


@dataclass(frozen=True, slots=True)
class Named:
    """What a source says of a student: names as given, birth date, school id (None: none known)."""

    first_name: str
    last_name: str
    birth_date: date
    school_id: int | None


@dataclass(frozen=True, slots=True)
class Keys:
    """Folded names and the 64-bit shortcuts that matching looks up."""

    fold_given: str
    fold_last: str
    record: int
    name_birth: int
    name_school: int


def keys_of(named: Named) -> Keys:
    """Fold the names (case, accents, hyphens, spaces, order of given names) and hash them."""
    given, last = fold_given_names(named.first_name), fold_name(named.last_name)
    born, school = named.birth_date.isoformat(), str(named.school_id or "")
    return Keys(
        fold_given=given,
        fold_last=last,
        record=stable64(given, last, born, school),
        name_birth=stable64(given, last, born),
        name_school=stable64(given, last, school),
    )


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


def explain(one: Named, other: Named) -> Reason | None:
    """Say why two records are, or may be, one student; None when nothing speaks for it."""
    if (fold_given_names(one.first_name), fold_name(one.last_name)) != (
        fold_given_names(other.first_name),
        fold_name(other.last_name),
    ):
        return None
    if one.birth_date == other.birth_date:
        if one.school_id == other.school_id:
            same = (one.first_name, one.last_name) == (other.first_name, other.last_name)
            return Reason.EXACT if same else Reason.VARIANT
        return Reason.NO_SCHOOL if None in {one.school_id, other.school_id} else Reason.OTHER_SCHOOL
    if one.school_id == other.school_id and one.school_id is not None:
        return Reason.BIRTH_DATE_CLOSE if is_close_birth_date(one.birth_date, other.birth_date) else None
    return None


def is_correction(before: Named, after: Named) -> bool:
    """Tell whether a changed row of one registration ticket still speaks of the same person.

    It does when the birth date stayed or the name stayed; when both changed, a person decides.
    """
    same_name = (fold_given_names(before.first_name), fold_name(before.last_name)) == (
        fold_given_names(after.first_name),
        fold_name(after.last_name),
    )
    return same_name or before.birth_date == after.birth_date
