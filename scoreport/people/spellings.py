"""How two spellings of a student's name differ, pure: equal, one of the ways people misspell, or another name.

A name is compared by its words without case, accents and punctuation (``lib.text``). What people write after it (Jr.,
III) is looked at apart. ``None`` means: another name.
"""

import unicodedata
from functools import lru_cache
from itertools import accumulate, permutations
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from scoreport.imports.cells import is_no_name
from scoreport.lib.text import MANY_NAMES, fold_name, sort_key
from scoreport.people.nicknames import is_nickname
from scoreport.people.rules import Reason

_SUFFIXES: Final = frozenset(["jr", "sr", "junior", "senior", "ii", "iii", "iv", "2nd", "3rd", "4th"])
# First name, last name, or name unknown: what passports and schools write where there is none.
_NOT_NAMES: Final = frozenset(["fnu", "lnu", "nfn", "nln", "unknown"])
_SPELLED_OUT: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_MOST_WORDS: Final = 4
# Names of fewer letters are other names when one letter is another. A last name stands beside an equal first name, so
# two letters are enough (Li, Lu); equal last names and like first names are also what twins have.
_LEAST_FIRST: Final = 3
_LEAST_LAST: Final = 2
_LEAST_FOR_TWO: Final = 5
_LEAST_BEGINNING: Final = 3
_LEAST_PART: Final = 2


class Part(NamedTuple):
    """A first or a last name made ready to be compared; what begins with ``whole`` still has its suffix."""

    words: tuple[str, ...]
    joined: str
    forms: frozenset[str]
    suffix: tuple[str, ...]
    whole_words: tuple[str, ...]
    whole: str
    whole_forms: frozenset[str]
    spelled_out: str


class Name(NamedTuple):
    """A name made ready to be compared."""

    given: Part
    last: Part


def name_of(first_name: str, last_name: str) -> Name:
    """Return a name made ready to be compared."""
    return Name(_part(first_name), _part(last_name))


@lru_cache(maxsize=MANY_NAMES)
def _part(text: str) -> Part:
    whole = () if is_no_name(text) else tuple(sort_key(text).split())
    if len(whole) == 1 and whole[0] in _NOT_NAMES:
        whole = ()
    words, suffix = _without_suffix(whole)
    joined, forms = "".join(words), _in_one_word(words)
    return Part(
        words=words,
        joined=joined,
        forms=forms,
        suffix=suffix,
        whole_words=whole,
        # The same objects where there is no suffix, for tens of thousands of names are remembered.
        whole="".join(whole) if suffix else joined,
        whole_forms=_in_one_word(whole) if suffix else forms,
        spelled_out=joined if text.isascii() and not suffix else _spelled_out(text),
    )


def _without_suffix(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Part what stands after a name from it; a word that stands alone is the name (a child may be called Junior)."""
    rest = tuple(word for word in words if word not in _SUFFIXES)
    if not rest or len(rest) == len(words):
        return words, ()
    return rest, tuple(word for word in words if word in _SUFFIXES)


def _in_one_word(words: tuple[str, ...]) -> frozenset[str]:
    """Return what words may become when they are written in one, in any order."""
    if len(words) > _MOST_WORDS:
        return frozenset({"".join(words), "".join(sorted(words))})
    return frozenset("".join(order) for order in permutations(words))


def _spelled_out(text: str) -> str:
    """Return a name folded, with the letters that a plain keyboard lacks as two: ü as ue."""
    return fold_name(unicodedata.normalize("NFC", text).casefold().translate(_SPELLED_OUT))


def keys_of(name: Name) -> frozenset[tuple[str, str]]:
    """Return what a name can be looked up by: of two names with a :func:`difference`, at least one key is equal."""
    given, last = name
    keys = {("last", last.joined), ("last", last.whole), ("letters", _letters(given.joined + last.joined))}
    keys.add(("letters", _letters(given.whole + last.whole)))
    keys.add(("spelled out", f"{given.spelled_out} {last.spelled_out}"))
    return frozenset(keys.union(("given", form) for form in given.forms))


def _letters(text: str) -> str:
    return "".join(sorted(text))


def difference(one: Name, other: Name) -> Reason | None:
    """Say how two spellings differ: ``EXACT`` and ``VARIANT`` are one name, ``None`` is another name.

    Everything else is a spelling that people have to look at. The answer is the same for both orders.
    """
    (given, last), (other_given, other_last) = one, other
    if not (given.words and last.words and other_given.words and other_last.words):
        return _with_a_name_missing(one, other)
    if last.whole == other_last.whole and not given.whole_forms.isdisjoint(other_given.whole_forms):
        # In any order of the given names, as records are keyed by (``lib.text.fold_given_names``).
        return Reason.EXACT if sorted(given.words) == sorted(other_given.words) else Reason.VARIANT
    if given.suffix != other_given.suffix or last.suffix != other_last.suffix:
        return _with_other_suffixes(one, other)
    return _without_suffixes(one, other)


def _with_other_suffixes(one: Name, other: Name) -> Reason | None:
    if one.last.joined == other.last.joined and is_given_equal(one, other):
        return Reason.SUFFIX
    if sorted(one.given.suffix + one.last.suffix) == sorted(other.given.suffix + other.last.suffix):
        return _without_suffixes(one, other)
    # A suffix that stands alone in its column is taken for a name: "Roy Castell", "III".
    mine, theirs = one.given.whole_words + one.last.whole_words, other.given.whole_words + other.last.whole_words
    return Reason.WORDS_MOVED if sorted(mine) == sorted(theirs) else None


def _without_suffixes(one: Name, other: Name) -> Reason | None:
    if one.last.joined == other.last.joined:
        return _between_given_names(one.given, other.given)
    if is_given_equal(one, other):
        return _between_last_names(one.last, other.last)
    if _has_same_letters(one, other):
        return _moved(one, other)
    is_spelled_out = one.given.spelled_out == other.given.spelled_out and one.last.spelled_out == other.last.spelled_out
    return Reason.SPELLING if is_spelled_out else None


def is_given_equal(one: Name, other: Name) -> bool:
    """Tell whether the given names are equal, whatever the last names are."""
    return not one.given.forms.isdisjoint(other.given.forms)


def _has_same_letters(one: Name, other: Name) -> bool:
    mine, theirs = one.given.joined + one.last.joined, other.given.joined + other.last.joined
    return len(mine) == len(theirs) and sorted(mine) == sorted(theirs)


def _with_a_name_missing(one: Name, other: Name) -> Reason | None:
    """Compare where a first or a last name is missing: with what remains, and with names in the wrong column."""
    if not ((one.given.words or one.last.words) and (other.given.words or other.last.words)):
        return None
    if not (one.given.words and other.given.words) and one.last.joined == other.last.joined:
        return Reason.NAME_MISSING
    if not (one.last.words and other.last.words) and is_given_equal(one, other):
        return Reason.NAME_MISSING
    return _moved(one, other) if _has_same_letters(one, other) else None


def _between_given_names(one: Part, other: Part) -> Reason | None:
    """Compare different given names beside equal last names, as twins have them too."""
    if _is_part(one.words, other.words):
        return Reason.GIVEN_NAME_PART
    if one.spelled_out == other.spelled_out:
        return Reason.SPELLING
    if _is_short_form(one.words[0], other.words[0]) and _agree(one.words[1:], other.words[1:]):
        return Reason.NICKNAME
    return _slips(one.joined, other.joined, _LEAST_FIRST)


def _between_last_names(one: Part, other: Part) -> Reason | None:
    """Compare different last names beside equal given names."""
    if not one.forms.isdisjoint(other.forms):
        return Reason.WORDS_MOVED
    if _is_part(one.words, other.words) or _is_begin_or_end(one, other) or _is_begin_or_end(other, one):
        return Reason.SURNAME_PART
    if one.spelled_out == other.spelled_out:
        return Reason.SPELLING
    return _slips(one.joined, other.joined, _LEAST_LAST)


def _is_part(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Tell whether the words of one are some of the other's."""
    return set(one) < set(other) or set(other) < set(one)


def _agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return set(one) <= set(other) or set(other) <= set(one)


def _is_begin_or_end(part: Part, whole: Part) -> bool:
    """Tell whether a last name is what another one begins or ends with, however their words are joined."""
    short, long = part.joined, whole.joined
    if not _LEAST_PART < len(short) < len(long):
        return False
    borders = set(accumulate(map(len, whole.words)))
    begins = long.startswith(short) and len(short) in borders
    return begins or (long.endswith(short) and len(long) - len(short) in borders)


def _moved(one: Name, other: Name) -> Reason | None:
    """Compare names of the same letters: first and last name swapped, or words on the other side of the border."""
    if not (one.given.forms.isdisjoint(other.last.forms) or other.given.forms.isdisjoint(one.last.forms)):
        return Reason.SWAPPED
    mine, theirs = one.given.words + one.last.words, other.given.words + other.last.words
    if sorted(mine) == sorted(theirs) or not _in_one_word(mine).isdisjoint(_in_one_word(theirs)):
        return Reason.WORDS_MOVED
    return None


def _is_short_form(one: str, other: str) -> bool:
    """Tell whether one given name is a nickname of the other, by the list or as its beginning (Chris, Christian)."""
    short, long = sorted((one, other), key=len)
    return is_nickname(one, other) or (len(short) >= _LEAST_BEGINNING and long.startswith(short))


def _slips(one: str, other: str, least: int) -> Reason | None:
    """Count letters more, less or other, and neighbors in each other's place: one, or two in a long name."""
    if max(len(one), len(other)) < least:
        return None
    match OSA.distance(one, other, score_cutoff=2):
        case 1:
            return Reason.ONE_LETTER
        case 2 if min(len(one), len(other)) >= _LEAST_FOR_TWO:
            return Reason.TWO_LETTERS
    return None
