"""Text from files and forms: made safe to store, and folded into keys to sort and to match by."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

MANY_NAMES: Final = 1 << 16
"""How many folded names are remembered: a state's distinct names, at about 200 bytes each."""

# White space that is a control character, the two Unicode separators of lines, and a blank that looks like a space.
_TO_SPACE: Final = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029\u2800"

# What nobody sees and what can deceive: a name that reads differently from what it is, or two that look the same.
# The joiners U+200C and U+200D stay, Persian and Indic scripts need them; so do variation selectors.
_REMOVED: Final = (
    r"[\x00-\x1f\x7f-\x9f"  # control characters; those that mean white space are spaces by now
    r"\xad\u180e\u200b\u2060-\u2064\ufeff"  # soft hyphen, zero-width spaces, invisible operators
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # the direction of writing
    r"\u3164\uffa0"  # Hangul fillers: letters that look like nothing
    r"\ufff9-\ufffb\U000e0000-\U000e007f"  # annotations and tags
    r"\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"  # halves of characters, and what is none: no file can carry them
)
_WHITE = re.compile(f"[{_TO_SPACE}]")
_INVISIBLE = re.compile(_REMOVED)
# What stands among them or among the white space, and counts as printable nevertheless.
_LIKE_A_SPACE: Final = frozenset("\u2800\u3164\uffa0")
_JOINERS: Final = "\u200c\u200d"

# Marks that people type for an apostrophe, and the modifier letters that are one: the Hawaiian okina and its relatives.
_APOSTROPHES: Final = "'`‘’‛′ʹʻʼʽʾʿˈꞌ"

# Letters that Unicode does not take apart, written as people write them on a plain keyboard.
_SPELLED: Final = str.maketrans(
    {
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "ħ": "h",
        "ŧ": "t",
        "ı": "i",
        "ĸ": "k",
        "ŋ": "n",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ə": "e",
    }
) | dict.fromkeys(map(ord, _APOSTROPHES))


def is_clean(value: str) -> bool:
    """Tell that :func:`clean` would leave text as it is; it may say no where it would."""
    if "  " in value or value.startswith(" ") or value.endswith(" ") or not value.isprintable():
        return False
    return value.isascii() or (unicodedata.is_normalized("NFC", value) and not _LIKE_A_SPACE.intersection(value))


def clean(value: str) -> str:
    """Return text as it is stored: NFC, one line, no character that hides or deceives, single spaces.

    Nothing that a person can see is lost, in any script. Fifteen million cells come through here with a large
    file, nearly all of them plain ASCII; those leave at the first line.
    """
    if value.isascii() and value.isprintable() and "  " not in value:
        return value.strip(" ")
    visible = _INVISIBLE.sub("", _WHITE.sub(" ", value))
    text = " ".join(unicodedata.normalize("NFC", visible).split())
    # A cell of joiners alone looks empty and therefore is.
    return text if text.strip(_JOINERS + " ") else ""


@lru_cache(maxsize=MANY_NAMES)
def sort_key(value: str) -> str:
    """Return the key that names are sorted and searched by: no case, no accents, no punctuation, single spaces.

    A hyphen counts as a space, so that "Smith-Jones" stands beside "Smith Jones"; an apostrophe counts as nothing,
    so that "O'Brien" stands beside "OBrien". Plain code point order of the keys is the order, on every database.
    """
    return " ".join(_tokens(value))


@lru_cache(maxsize=MANY_NAMES)
def fold_name(value: str) -> str:
    """Return the key that says two spellings may be one name: letters and digits only, no case, no accents."""
    return "".join(_tokens(value))


@lru_cache(maxsize=MANY_NAMES)
def fold_given_names(value: str) -> str:
    """Return the same key for the same given names in any order: "Anna Maria", "MARIA-ANNA", "Maria  Anna".

    Names written in one word are another key ("Annamaria" is one name, not two): compare `fold_name` for those.
    """
    return "".join(sorted(_tokens(value)))


def _tokens(value: str) -> list[str]:
    # The spacing acute is typed as an apostrophe, but Unicode would take it apart into a space and an accent.
    plain = unicodedata.normalize("NFKD", value.replace("´", "'").casefold()).casefold().translate(_SPELLED)
    # Composing again keeps the keys of Korean and Indic names short.
    kept = unicodedata.normalize("NFC", "".join(map(_kept, plain)))
    # A name of signs alone ("★") keeps its signs: an empty key would make it equal to every other such name.
    return kept.split() or value.casefold().split()


@lru_cache(maxsize=4096)
def _kept(character: str) -> str:
    """Return what a key keeps of a character: itself, a space where words part, or nothing."""
    category = unicodedata.category(character)
    if category.startswith(("L", "N")):
        return character
    if category.startswith("M"):
        return "" if _is_accent(character) else character
    return "" if category == "Cf" or character in _APOSTROPHES else " "


def _is_accent(mark: str) -> bool:
    """Tell the marks that people leave out from those that make another letter.

    The class is Unicode's: 1 lies over a letter, 10 to 36 are the optional points of Hebrew, Arabic and Syriac,
    from 200 on the mark stands around a letter. Between them are signs that spell (Thai tones, the Indic virama,
    the Japanese voicing mark). Variation selectors choose the shape of a letter and never the letter.
    """
    placed = unicodedata.combining(mark)
    if placed:
        return placed == 1 or 10 <= placed <= 36 or placed >= 200  # noqa: PLR2004 - the classes of the docstring
    return mark == "\u034f" or "\ufe00" <= mark <= "\ufe0f" or "\U000e0100" <= mark <= "\U000e01ef"
