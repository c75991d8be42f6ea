"""How names are spelled differently: by habit, on purpose, and by slips.

Each kind of noise is a function of a name that returns another spelling, or None where it can't happen to this name.
What a rule of matching takes for a slip is not asked here: keys are hit as fingers hit them, and a few slips are
worse than any rule allows.
"""

import datetime as dt
import random
import unicodedata
from collections.abc import Callable
from typing import Final, NamedTuple

from bench.state_names import Names


class Spelled(NamedTuple):
    """What a row says of who a student is, apart from the school."""

    first: str
    initial: str
    last: str
    gender: str
    born: dt.date


_APOSTROPHES: Final = "'’\u02bb"
_KEYS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
# What children are called, gathered apart from the list that matching knows; it doesn't have all of these.
_CALLED: Final = """
Abigail Abby
Addison Addie
Alexander Alex Xander
Alexandra Alex Lexi
Alexis Lexi
Allison Allie
Andrew Andy Drew
Anthony Tony
Antonio Tony Toño
Benjamin Ben
Cameron Cam
Charles Charlie
Christian Chris
Christopher Chris Topher
Daniel Danny
Eduardo Eddie Lalo
Edward Eddie
Elizabeth Beth Ellie Lizzy Liz
Emily Em
Francisco Frank Paco
Gabriel Gabe
Gabriella Gabby
Guadalupe Lupe Lupita
Guillermo Memo
Ignacio Nacho
Isabella Bella Izzy
Jackson Jack
Jacob Jake
James Jimmy Jamie
Jennifer Jenny
Jessica Jess
Jonathan Jon Johnny
Jose Pepe
Joseph Joe Joey
José Pepe
Joshua Josh
Kaitlyn Katie
Katherine Kate Katie
Kimberly Kim
Madeline Maddie
Madison Maddie
Makayla Kayla
Matthew Matt
Michael Mike
Mitchell Mitch
Natalie Nat
Nathaniel Nate
Nicholas Nick
Olivia Liv
Rebecca Becca
Robert Bobby Rob
Samantha Sam
Samuel Sam
Thomas Tommy
Victoria Tori
William Will Billy
Zachary Zach
"""


def _called() -> dict[str, list[str]]:
    lines = (line.split() for line in _CALLED.strip().split("\n"))
    return {name: called for name, *called in lines}


_NICKNAMES: Final = _called()


def _plain(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))


def case(name: Spelled, chance: random.Random, _names: Names) -> Spelled | None:
    change = str.upper if chance.random() < 0.8 else str.lower
    return name._replace(first=change(name.first), last=change(name.last))


def accents(name: Spelled, _chance: random.Random, _names: Names) -> Spelled | None:
    return _other(name, name._replace(first=_plain(name.first), last=_plain(name.last)))


def hyphens(name: Spelled, _chance: random.Random, _names: Names) -> Spelled | None:
    if "-" in name.first + name.last:
        return name._replace(first=name.first.replace("-", " "), last=name.last.replace("-", " "))
    return _other(name, name._replace(last=name.last.replace(" ", "-")))


def apostrophes(name: Spelled, chance: random.Random, _names: Names) -> Spelled | None:
    sign = chance.choice(["", "’", "`", " "])
    first, last = (_signs(text, sign) for text in (name.first, name.last))
    return _other(name, name._replace(first=first, last=last))


def _signs(text: str, sign: str) -> str:
    return "".join(sign if letter in _APOSTROPHES else letter for letter in text)


def spaces(name: Spelled, _chance: random.Random, _names: Names) -> Spelled | None:
    if not name.last.casefold().startswith(("de ", "van ", "la ", "st.")):
        return None
    return name._replace(last=name.last.replace(" ", "").replace(".", "").title())


def given_in_one_word(name: Spelled, _chance: random.Random, _names: Names) -> Spelled | None:
    joined = name.first.replace(" ", "").replace("-", "").title()
    return name._replace(first=joined) if " " in name.first or "-" in name.first else None


def suffix(name: Spelled, chance: random.Random, _names: Names) -> Spelled | None:
    if name.gender == "F":
        return None
    mark = chance.choice(["Jr.", "Jr", "III", "II"])
    if chance.random() < 0.8:
        return name._replace(last=f"{name.last} {mark}")
    return name._replace(first=f"{name.first} {mark}")


def one_surname(name: Spelled, chance: random.Random, _names: Names) -> Spelled | None:
    words = name.last.replace("-", " ").split()
    if len(words) != 2 or words[0].casefold() in {"de", "van", "la", "st."}:
        return None
    return name._replace(last=words[0] if chance.random() < 0.8 else words[1])


def second_surname(name: Spelled, chance: random.Random, names: Names) -> Spelled | None:
    return None if " " in name.last or "-" in name.last else name._replace(last=f"{name.last} {names.surname(chance)}")


def words_moved(name: Spelled, _chance: random.Random, _names: Names) -> Spelled | None:
    given, last = name.first.split(), name.last.split()
    if len(last) == 2:
        return name._replace(first=f"{name.first} {last[0]}", last=last[1])
    if len(given) == 2:
        return name._replace(first=given[0], last=f"{given[1]} {name.last}")
    return None


def swapped(name: Spelled, _chance: random.Random, _names: Names) -> Spelled | None:
    return name._replace(first=name.last, last=name.first)


def spelled_out(name: Spelled, _chance: random.Random, _names: Names) -> Spelled | None:
    table = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ö": "Oe", "Å": "Aa", "Ø": "Oe"})
    return _other(name, name._replace(first=name.first.translate(table), last=name.last.translate(table)))


def nickname(name: Spelled, chance: random.Random, _names: Names) -> Spelled | None:
    called = _NICKNAMES.get(name.first)
    return name._replace(first=chance.choice(called)) if called else None


def middle_name(name: Spelled, chance: random.Random, names: Names) -> Spelled | None:
    """Write the middle name into the first name, or leave the second given name out."""
    if " " in name.first:
        return name._replace(first=name.first.split()[0])
    if not name.initial or name.gender not in names.given:
        return None
    fitting = [other for other in names.given[name.gender].names[:400] if other.startswith(name.initial)]
    return name._replace(first=f"{name.first} {chance.choice(fitting)}", initial="") if fitting else None


def _other(name: Spelled, changed: Spelled) -> Spelled | None:
    return changed if changed != name else None


type Noise = Callable[[Spelled, random.Random, Names], Spelled | None]

# How often each happens beside the others, where it can. The first six are habits of keyboards and programs.
NAME_NOISE: Final[dict[Noise, int]] = {
    case: 30,
    accents: 25,
    hyphens: 15,
    apostrophes: 10,
    spaces: 15,
    given_in_one_word: 8,
    suffix: 3,
    one_surname: 15,
    second_surname: 2,
    words_moved: 6,
    swapped: 2,
    spelled_out: 12,
    nickname: 8,
    middle_name: 4,
}


def name_noise(name: Spelled, chance: random.Random, names: Names) -> tuple[str, Spelled]:
    """Return a kind of noise that can happen to this name, and what comes of it."""
    while True:
        (kind,) = chance.choices(list(NAME_NOISE), list(NAME_NOISE.values()))
        if changed := kind(name, chance, names):
            return kind.__name__, changed


def typing_error(name: Spelled, chance: random.Random) -> tuple[str, Spelled]:
    """Return what is mistyped, and what comes of it: names mostly, birth dates, and boxes beside the right one."""
    while True:
        dice = chance.random()
        if dice < 0.40:
            kind, changed = "typed_first", name._replace(first=_mistyped(name.first, chance))
        elif dice < 0.80:
            kind, changed = "typed_last", name._replace(last=_mistyped(name.last, chance))
        elif dice < 0.97:
            kind, changed = "typed_birth_date", name._replace(born=_misdated(name.born, chance))
        elif name.gender in "FM" and dice < 0.985:
            kind, changed = "typed_gender", name._replace(gender="MF"["FM".index(name.gender)])
        else:
            kind, changed = "typed_initial", name._replace(initial=chance.choice("ABCDEJLMRST") if name.initial else "")
        if changed != name:
            return kind, changed


def _mistyped(text: str, chance: random.Random) -> str:
    """Return a word with one slip; one in twenty-five has two."""
    slipped = _slip(text, chance)
    return _slip(slipped, chance) if chance.random() < 0.04 else slipped


def _slip(text: str, chance: random.Random) -> str:
    places = [n for n, letter in enumerate(text) if letter.isalpha()]
    if len(places) < 2:
        return text
    # First letters are looked at twice.
    at = chance.choice(places[1:] if chance.random() < 0.9 else places)
    kind = chance.random()
    if kind < 0.35:
        return text[:at] + _neighbor(text[at], chance) + text[at + 1 :]
    if kind < 0.60:
        return text[:at] + text[at + 1 :]
    if kind < 0.80:
        return text[:at] + (text[at] if chance.random() < 0.6 else _neighbor(text[at], chance)) + text[at:]
    return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :] if at else text


def _neighbor(letter: str, chance: random.Random) -> str:
    """Return a key beside a letter's own."""
    plain = _plain(letter).casefold()
    row = next((keys for keys in _KEYS if plain in keys), "aeiou")
    at = max(row.find(plain), 0)
    other = row[at - 1] if at and (at + 1 == len(row) or chance.random() < 0.5) else row[min(at + 1, len(row) - 1)]
    return other.upper() if letter.isupper() else other


def _misdated(day: dt.date, chance: random.Random) -> dt.date:
    """Return a date as it is mistyped: a digit, day and month, the year; one in twenty is another day altogether."""
    dice = chance.random()
    try:
        if dice < 0.35:
            return day.replace(month=day.day, day=day.month)
        if dice < 0.60:
            return day.replace(year=day.year + chance.choice([-1, 1]))
        if dice < 0.95:
            text = day.isoformat()
            at = chance.choice([3, 5, 6, 8, 9])
            return dt.date.fromisoformat(text[:at] + chance.choice("0123456789") + text[at + 1 :])
    except ValueError:
        return day
    return day + dt.timedelta(days=chance.choice([-1, 1]) * chance.randrange(11, 40))
