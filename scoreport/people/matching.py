"""Whether two records are one student: joined, a question for a person, or two students. Pure.

Names, birth date and school together are needed for a join without an identifier. Each way in which two records
differ takes steps away from it (``_STEPS``); a difference of two steps at most is a question, more are two students.

What speaks against it (middle initials, genders, identifiers that differ) makes a question of a join, whatever else
agrees. A gender of ``A`` (another) or ``U`` (unknown) says nothing: people who choose A at one registration may
choose F or M at the next, and U is an empty box.

Joins don't chain into a contradiction: a record without a middle initial fits both twins, so :func:`resolve_joins`
looks at all records that joins connect, and lets only those joins stand that leave no contradiction in a student.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import combinations
from typing import Final, NamedTuple

from scoreport.lib.codes import is_placeholder, normalized
from scoreport.lib.text import fold_name
from scoreport.people.rules import Reason, is_close_birth_date
from scoreport.people.spellings import Name, difference, is_given_equal, name_of

type IdentifierKey = tuple[str, str, str]
"""Kind, issuer, value."""


class Decision(StrEnum):
    """What becomes of two records."""

    JOIN = "join"
    ASK = "ask"
    APART = "apart"


class Clue(StrEnum):
    """One thing that speaks for two records being one student, or against it. A page puts it in words."""

    SAME_NAME = "same-name"
    SAME_FIRST_NAME = "same-first-name"
    SAME_LAST_NAME = "same-last-name"
    SIMILAR_NAME = "similar-name"
    SAME_BIRTH_DATE = "same-birth-date"
    CLOSE_BIRTH_DATE = "close-birth-date"
    SAME_SCHOOL = "same-school"
    SAME_MIDDLE_INITIAL = "same-middle-initial"
    SAME_GENDER = "same-gender"
    SAME_IDENTIFIER = "same-identifier"
    OTHER_NAME = "other-name"
    OTHER_BIRTH_DATE = "other-birth-date"
    OTHER_SCHOOL = "other-school"
    NO_SCHOOL = "no-school"
    NAME_MISSING = "name-missing"
    OTHER_MIDDLE_INITIAL = "other-middle-initial"
    OTHER_GENDER = "other-gender"
    OTHER_IDENTIFIER = "other-identifier"


@dataclass(frozen=True, slots=True)
class StudentDetails:
    """What one record says of a student.

    ``school_id`` is None where the school is unknown; ``school_code`` is then the code as typed. ``identifiers`` are
    (kind, issuer, value); placeholders among them count as none.
    """

    first_name: str
    last_name: str
    birth_date: date
    school_id: int | None = None
    middle_initial: str = ""
    gender: str = "U"
    school_code: str = ""
    identifiers: frozenset[IdentifierKey] = frozenset()


class Comparison(NamedTuple):
    """A decision, its one reason (None for two students), and what speaks for and against one student."""

    decision: Decision
    reason: Reason | None = None
    evidence_for: tuple[Clue, ...] = ()
    evidence_against: tuple[Clue, ...] = ()


class Evidence(NamedTuple):
    """What speaks for two records being one student, and what against it."""

    speaks_for: tuple[Clue, ...]
    speaks_against: tuple[Clue, ...]


class ResolvedJoins(NamedTuple):
    """Joins that stand, and those that became questions (``Reason.FITS_SEVERAL``), as sorted pairs of keys."""

    joins: list[tuple[int, int]]
    questions: list[tuple[int, int]]


_APART: Final = Comparison(Decision.APART)
_MOST_STEPS: Final = 2
_CLOSE_BIRTH_DATE_STEPS: Final = 2
_STEPS: Final = {
    Reason.EXACT: 0,
    Reason.VARIANT: 0,
    # The same words, or a part of them, in another form: two children of one school and birth date hardly have them.
    Reason.SUFFIX: 1,
    Reason.SURNAME_PART: 1,
    Reason.WORDS_MOVED: 1,
    Reason.SWAPPED: 1,
    Reason.SPELLING: 1,
    # Twins may have them.
    Reason.GIVEN_NAME_PART: 2,
    Reason.NICKNAME: 2,
    Reason.ONE_LETTER: 2,
    Reason.TWO_LETTERS: 2,
    Reason.NAME_MISSING: 2,
}
"""How far a difference of names is from one student."""
# The first of these that is true is the reason of a question in which names, birth date and school agree.
_DOUBTS: Final = {
    Clue.OTHER_IDENTIFIER: Reason.OTHER_IDENTIFIER,
    Clue.OTHER_MIDDLE_INITIAL: Reason.MIDDLE_INITIAL,
    Clue.OTHER_GENDER: Reason.GENDER,
}
_SAID_GENDERS: Final = frozenset("FM")


def compare(one: StudentDetails, other: StudentDetails) -> Comparison:
    """Decide whether two records are one student; the answer is the same for both orders."""
    is_birth_equal = one.birth_date == other.birth_date
    if one.identifiers and other.identifiers and _shared(one, other):
        return _with_one_identifier(one, other)
    if not is_birth_equal and not is_close_birth_date(one.birth_date, other.birth_date):
        return _APART
    mine, theirs = name_of(one.first_name, one.last_name), name_of(other.first_name, other.last_name)
    name_reason = difference(mine, theirs)
    if name_reason is None:
        return _APART
    school = _school_clue(one, other)
    against = _contradictions(one, other, name_reason)
    steps = _STEPS[name_reason] + (school is not Clue.SAME_SCHOOL)
    steps += 0 if is_birth_equal else _CLOSE_BIRTH_DATE_STEPS
    if steps and steps + len(against) > _MOST_STEPS:
        return _APART
    for_it, against_it = _evidence(one, other, name_reason, school, against)
    if not steps and not against_it:
        return Comparison(Decision.JOIN, name_reason, for_it)
    reason = (
        name_reason if _STEPS[name_reason] else _reason_beside_names(school, against, is_birth_equal=is_birth_equal)
    )
    return Comparison(Decision.ASK, reason, for_it, against_it)


def _reason_beside_names(school: Clue, against: tuple[Clue, ...], *, is_birth_equal: bool) -> Reason:
    """Return the reason of a question in which the names agree."""
    if not is_birth_equal:
        return Reason.BIRTH_DATE_CLOSE
    if school is not Clue.SAME_SCHOOL:
        return Reason.NO_SCHOOL if school is Clue.NO_SCHOOL else Reason.OTHER_SCHOOL
    return _doubt(against)


def _with_one_identifier(one: StudentDetails, other: StudentDetails) -> Comparison:
    """Decide about records that bear one number: one student wherever they are, unless something contradicts it.

    The school doesn't count: numbers follow a student from school to school. A last name may change while the given
    names and the birth date stay; then it is as good. Whatever else differs is a question, never two students.
    """
    mine, theirs = name_of(one.first_name, one.last_name), name_of(other.first_name, other.last_name)
    name_reason = difference(mine, theirs)
    against = _contradictions(one, other, name_reason)
    is_birth_equal = one.birth_date == other.birth_date
    if name_reason is not None and _STEPS[name_reason] == 0:
        is_likely = is_birth_equal or is_close_birth_date(one.birth_date, other.birth_date)
    else:
        is_likely = is_birth_equal and _is_one_given_name(mine, theirs, name_reason)
    for_it, against_it = _evidence(one, other, name_reason, Clue.SAME_SCHOOL, against)
    known = (Clue.SAME_IDENTIFIER, *(clue for clue in for_it if clue is not Clue.SAME_SCHOOL))
    if is_likely and not against:
        return Comparison(Decision.JOIN, Reason.IDENTIFIER, known)
    if is_likely:
        return Comparison(Decision.ASK, _doubt(against), known, against)
    return Comparison(Decision.ASK, Reason.IDENTIFIER_OTHER_PERSON, known, against_it)


def evidence_of(one: StudentDetails, other: StudentDetails) -> Evidence:
    """Return what a person weighs about two records, whatever :func:`compare` decides about them."""
    found = compare(one, other)
    if found.decision is Decision.APART:
        # So little agrees that only one ticket made a question of them.
        found = compare_correction(one, other)
    return Evidence(found.evidence_for, found.evidence_against)


def compare_correction(before: StudentDetails, after: StudentDetails) -> Comparison:
    """Decide whether a ticket whose row was replaced still speaks of the same student: joined, or a question.

    The ticket is evidence enough for what would otherwise be asked: a letter, a nickname, another school, another last
    name beside equal given names and birth date, another birth date beside an equal name. Other given names, as when a
    row was corrected from one twin to the other, and everything that contradicts one student are a question.
    """
    mine, theirs = name_of(before.first_name, before.last_name), name_of(after.first_name, after.last_name)
    name_reason = difference(mine, theirs)
    contradictions = _contradictions(before, after, name_reason)
    is_birth_equal = before.birth_date == after.birth_date
    if name_reason is not None and _STEPS[name_reason] == 0:
        is_likely = True
    elif name_reason is not None:
        is_likely = is_birth_equal or is_close_birth_date(before.birth_date, after.birth_date)
    else:
        is_likely = is_birth_equal and is_given_equal(mine, theirs)
    for_it, against_it = _evidence(before, after, name_reason, _school_clue(before, after), contradictions)
    if is_likely and not contradictions:
        return Comparison(Decision.JOIN, Reason.SAME_TICKET, for_it)
    return Comparison(Decision.ASK, Reason.TICKET_OTHER_PERSON, for_it, against_it)


def _is_one_given_name(mine: Name, theirs: Name, name_reason: Reason | None) -> bool:
    return is_given_equal(mine, theirs) or name_reason in {Reason.SWAPPED, Reason.WORDS_MOVED, Reason.SPELLING}


def _school_clue(one: StudentDetails, other: StudentDetails) -> Clue:
    """Compare the schools: two unknown ones are one where both bear the same real code."""
    if one.school_id is not None and other.school_id is not None:
        return Clue.SAME_SCHOOL if one.school_id == other.school_id else Clue.OTHER_SCHOOL
    if one.school_id is None and other.school_id is None and not is_placeholder(one.school_code):
        return Clue.SAME_SCHOOL if normalized(one.school_code) == normalized(other.school_code) else Clue.NO_SCHOOL
    return Clue.NO_SCHOOL


def _contradictions(one: StudentDetails, other: StudentDetails, name_reason: Reason | None) -> tuple[Clue, ...]:
    """Return what speaks against one student although names, birth date and school may agree."""
    found: list[Clue] = []
    if _has_other_number(one, other):
        found.append(Clue.OTHER_IDENTIFIER)
    if _has_other_middle_initial(one, other, name_reason):
        found.append(Clue.OTHER_MIDDLE_INITIAL)
    if one.gender != other.gender and _SAID_GENDERS.issuperset((one.gender, other.gender)):
        found.append(Clue.OTHER_GENDER)
    return tuple(found)


def _has_other_middle_initial(one: StudentDetails, other: StudentDetails, name_reason: Reason | None) -> bool:
    mine, theirs = _initial(one.middle_initial), _initial(other.middle_initial)
    if mine and theirs:
        return mine != theirs
    if name_reason is not Reason.GIVEN_NAME_PART or not (mine or theirs):
        return False
    # "Maria" with the initial I is not "Maria Jose"; she may be "Maria Isabel".
    named = other if mine else one
    more = name_of(named.first_name, named.last_name).given.words[1:]
    return bool(more) and (mine or theirs) not in {word[0] for word in more}


@lru_cache(maxsize=1024)
def _initial(text: str) -> str:
    return "" if is_placeholder(text) and len(normalized(text)) != 1 else fold_name(text)[:1]


@lru_cache(maxsize=1024)
def _real(identifiers: frozenset[IdentifierKey]) -> frozenset[IdentifierKey]:
    return frozenset(key for key in identifiers if not is_placeholder(key[2]))


def _shared(one: StudentDetails, other: StudentDetails) -> bool:
    return not _real(one.identifiers).isdisjoint(_real(other.identifiers))


def _has_other_number(one: StudentDetails, other: StudentDetails) -> bool:
    """Tell whether the two bear different numbers of one kind and issuer.

    One of them alone may: then a crosswalk knows two students of this spelling.
    """
    numbers = one.identifiers | other.identifiers
    real = _real(numbers) if len(numbers) > 1 else numbers
    return len({key[:2] for key in real}) < len(real)


def _evidence(
    one: StudentDetails, other: StudentDetails, name_reason: Reason | None, school: Clue, against: tuple[Clue, ...]
) -> tuple[tuple[Clue, ...], tuple[Clue, ...]]:
    """Return what speaks for one student and against it, for a person to weigh."""
    speaks_for, speaks_against = _name_clues(one, other, name_reason)
    if one.birth_date == other.birth_date:
        speaks_for.append(Clue.SAME_BIRTH_DATE)
    elif is_close_birth_date(one.birth_date, other.birth_date):
        speaks_for.append(Clue.CLOSE_BIRTH_DATE)
    else:
        speaks_against.append(Clue.OTHER_BIRTH_DATE)
    (speaks_for if school is Clue.SAME_SCHOOL else speaks_against).append(school)
    if (initial := _initial(one.middle_initial)) and initial == _initial(other.middle_initial):
        speaks_for.append(Clue.SAME_MIDDLE_INITIAL)
    if one.gender == other.gender and one.gender in _SAID_GENDERS:
        speaks_for.append(Clue.SAME_GENDER)
    return tuple(speaks_for), (*speaks_against, *against)


def _name_clues(
    one: StudentDetails, other: StudentDetails, name_reason: Reason | None
) -> tuple[list[Clue], list[Clue]]:
    match name_reason:
        case Reason.EXACT | Reason.VARIANT:
            return [Clue.SAME_NAME], []
        case Reason.NAME_MISSING:
            return [], [Clue.NAME_MISSING]
        case None:
            mine, theirs = name_of(one.first_name, one.last_name), name_of(other.first_name, other.last_name)
            agreeing = [Clue.SAME_FIRST_NAME] if is_given_equal(mine, theirs) else []
            agreeing += [Clue.SAME_LAST_NAME] if mine.last.joined == theirs.last.joined else []
            return agreeing, [Clue.OTHER_NAME]
        case _:
            return [Clue.SIMILAR_NAME], []


def _doubt(against: tuple[Clue, ...]) -> Reason:
    return next(reason for clue, reason in _DOUBTS.items() if clue in against)


def contradict(one: StudentDetails, other: StudentDetails) -> bool:
    """Tell whether two records can't both be one student's unless a person says so."""
    mine, theirs = name_of(one.first_name, one.last_name), name_of(other.first_name, other.last_name)
    name_reason = difference(mine, theirs)
    if _contradictions(one, other, name_reason):
        return True
    if one.birth_date != other.birth_date and not is_close_birth_date(one.birth_date, other.birth_date):
        return True
    return name_reason is None and not is_given_equal(mine, theirs)


def resolve_joins(details: Mapping[int, StudentDetails], joins: Iterable[tuple[int, int]]) -> ResolvedJoins:
    """Return which joins stand, and which became questions because their records fit several students.

    ``details`` has every record of the joins. Of all records that joins connect, two stay joined when the same records
    contradict both. So no student holds a contradiction: it would have to contradict itself. The order of the joins
    and of the keys doesn't matter.
    """
    pairs = sorted({(min(pair), max(pair)) for pair in joins})
    rivals: dict[int, frozenset[int]] = {}
    for group in _groups(pairs):
        found: dict[int, set[int]] = {}
        for mine, theirs in combinations(group, 2):
            if contradict(details[mine], details[theirs]):
                found.setdefault(mine, set()).add(theirs)
                found.setdefault(theirs, set()).add(mine)
        rivals.update((key, frozenset(others)) for key, others in found.items())
    stand = [pair for pair in pairs if rivals.get(pair[0]) == rivals.get(pair[1])]
    return ResolvedJoins(stand, sorted(set(pairs) - set(stand)))


def _groups(pairs: Iterable[tuple[int, int]]) -> Iterator[list[int]]:
    """Yield the keys that pairs connect with each other."""
    head: dict[int, int] = {}
    members: dict[int, list[int]] = {}
    for pair in pairs:
        one, other = (head.setdefault(key, key) for key in pair)
        for key in (one, other):
            members.setdefault(key, [key])
        if one != other:
            if len(members[one]) < len(members[other]):
                one, other = other, one
            for key in members[other]:
                head[key] = one
            members[one] += members.pop(other)
    yield from members.values()
