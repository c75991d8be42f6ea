"""A made-up district with a few thousand tests, some of whose rows are damaged as rows are in earnest."""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from scoreport.programs.catalog import program
from scoreport.scores.rules import Found, Why
from tests.scores.files import row

SCHOOLS = {f"MAPLE-{n}": f"47{n}{n + 2}3{n}" for n in range(1, 7)}
STRANGER = "389017"
ORGANIZATIONS = (
    "kind,organization_id,name,parent_id,ai_code,city,state,zip\ndistrict,D-MAPLE,Maple,ST,,Maple,WV,25330\n"
)
ORGANIZATIONS += "".join(
    f"school,{code},Maple School {code[-1]},D-MAPLE,{ai_code},Maple,WV,25330\n" for code, ai_code in SCHOOLS.items()
)
FIRST = [
    "Ana", "Amir", "Bea", "Bruno", "Carla", "Chidi", "Dana", "Diego", "Elena", "Emil", "Farah", "Felix", "Gina",
    "Hugo", "Iris", "Ivan", "Jada", "Jonas", "Kira", "Kofi", "Lena", "Liam", "Mara", "Milo", "Nadia", "Noah",
    "Olga", "Omar", "Petra", "Quinn", "Rosa", "Samir", "Tara", "Tomas", "Uma", "Viktor", "Wanda", "Xenia", "Yusuf",
    "Zoe",
]  # fmt: skip
SECOND = [
    "Marie", "Luis", "Grace", "Jose", "Rae", "Paul",
]  # fmt: skip
LAST = [
    "Abbott", "Barrera", "Castillo", "Dominguez", "Eriksen", "Fontaine", "Gallagher", "Hernandez", "Ibarra",
    "Jimenez", "Kowalski", "Lindqvist", "Mendoza", "Navarro", "Okafor", "Petrov", "Quintero", "Rodriguez",
    "Santiago", "Thornton", "Underwood", "Valdez", "Whitfield", "Ximenez", "Yamamoto", "Zamora",
]  # fmt: skip
ACCENTS = str.maketrans("aeiou", "áéíóú")
EXAMS = tuple((code, program("clep").exams_by_code[code].title) for code in ("18", "62", "77"))


@dataclass
class Taken:
    """One test as the school knows it, the row that came of it, and what the finder should say."""

    ticket: str
    student: int
    school: str
    first_name: str
    last_name: str
    born: dt.date
    exam: str
    tested_on: dt.date
    row: dict[str, str] = field(default_factory=dict)
    damage: str = ""
    answers: frozenset[tuple[Found, Why]] = frozenset({(Found.RELEASED, Why.NOTHING)})


Damage = Callable[[random.Random, Taken], tuple[dict[str, str], set[tuple[Found, Why]]]]


def _code(value: str, why: Why) -> Damage:
    return lambda _chance, _test: ({"ai_code": value}, {(Found.UNATTRIBUTED, why)})


def _code_digit(chance: random.Random, test: Taken) -> tuple[dict[str, str], set[tuple[Found, Why]]]:
    code, place = SCHOOLS[test.school], chance.randrange(6)
    other = chance.choice([digit for digit in "0123456789" if digit != code[place]])
    return {"ai_code": code[:place] + other + code[place + 1 :]}, {(Found.UNATTRIBUTED, Why.CLOSE_CODE)}


def _code_turned(chance: random.Random, test: Taken) -> tuple[dict[str, str], set[tuple[Found, Why]]]:
    code = SCHOOLS[test.school]
    place = chance.choice([n for n in range(5) if code[n] != code[n + 1]])
    turned = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    return {"ai_code": turned}, {(Found.UNATTRIBUTED, Why.CLOSE_CODE)}


def _other_code(chance: random.Random, test: Taken) -> tuple[dict[str, str], set[tuple[Found, Why]]]:
    code = chance.choice([code for school, code in SCHOOLS.items() if school != test.school])
    return {"ai_code": code}, {(Found.OTHER_SCHOOL, Why.OTHER_CODE)}


def _name_slip(chance: random.Random, test: Taken) -> tuple[dict[str, str], set[tuple[Found, Why]]]:
    name, place = test.last_name, chance.randrange(1, len(test.last_name) - 1)
    slipped = chance.choice((name[:place] + name[place + 1 :], name[:place] + "q" + name[place:]))
    return {"last_name": slipped}, {(Found.RELEASED, Why.NAME_CLOSE)}


def _accents(_chance: random.Random, test: Taken) -> tuple[dict[str, str], set[tuple[Found, Why]]]:
    return {"last_name": test.last_name.translate(ACCENTS)}, {(Found.RELEASED, Why.OTHER_SPELLING)}


def _turned_names(_chance: random.Random, test: Taken) -> tuple[dict[str, str], set[tuple[Found, Why]]]:
    words = test.first_name.split()
    if len(words) == 1:
        return {"first_name": test.last_name, "last_name": test.first_name}, {(Found.RELEASED, Why.NAMES_SWAPPED)}
    return {"first_name": " ".join(reversed(words))}, {(Found.RELEASED, Why.OTHER_SPELLING)}


def _birth_slip(chance: random.Random, test: Taken) -> tuple[dict[str, str], set[tuple[Found, Why]]]:
    slips = [test.born.replace(year=test.born.year + 1)]
    if test.born.day <= 12 and test.born.day != test.born.month:
        slips.append(test.born.replace(month=test.born.day, day=test.born.month))
    found = {(Found.RELEASED, Why.BIRTH_DATE_CLOSE), (Found.QUESTION, Why.BIRTH_DATE_CLOSE)}
    return {"date_of_birth": chance.choice(slips).isoformat()}, found


def _refused(chance: random.Random, _test: Taken) -> tuple[dict[str, str], set[tuple[Found, Why]]]:
    wrong = chance.choice(({"score": "81"}, {"date_registered": "2026-13-01"}, {"gender": "?"}, {"exam_code": "999"}))
    return wrong, {(Found.REFUSED, Why.ROW_REFUSED)}


DAMAGES: dict[str, Damage] = {
    "blank school": _code("", Why.BLANK),
    "000003": _code("000003", Why.NO_SCHOOL_CODE),
    "000004": _code("000004", Why.NO_SCHOOL_CODE),
    "unknown school": _code(STRANGER, Why.UNKNOWN_CODE),
    "AI code with a wrong digit": _code_digit,
    "AI code with turned digits": _code_turned,
    "another school's code": _other_code,
    "name with a slip": _name_slip,
    "accents": _accents,
    "turned names": _turned_names,
    "birth date with a slip": _birth_slip,
    "refused row": _refused,
}


def district(seed: int, *, students: int, share: float) -> list[Taken]:
    """Return the tests of a district; a ``share`` of their rows is damaged, in all ways alike."""
    chance = random.Random(seed)
    tests: list[Taken] = []
    seen: set[tuple[str, str, dt.date]] = set()
    for number in range(students):
        person = _person(chance, seen)
        school = chance.choice(sorted(SCHOOLS))
        for code, title in chance.sample(EXAMS, chance.choice((1, 1, 2, 3))):
            day = dt.date(2025, 9, 1) + dt.timedelta(days=chance.randrange(240))
            ticket = f"M{len(tests):06d}"
            test = Taken(ticket, number, school, *person, title, day)
            test.row = row(
                ticket, first_name=person[0], last_name=person[1], date_of_birth=person[2].isoformat(),
                ai_code=SCHOOLS[school], exam_code=code, date_registered="2025-08-01", date_tested=day.isoformat(),
                date_scored=day.isoformat(), score=str(chance.randint(20, 80)),
            )  # fmt: skip
            tests.append(test)
    kinds = sorted(DAMAGES)
    for n, test in enumerate(chance.sample(tests, round(len(tests) * share))):
        test.damage = kinds[n % len(kinds)]
        cells, answers = DAMAGES[test.damage](chance, test)
        test.row |= cells
        test.answers = frozenset(answers)
    return tests


def _person(chance: random.Random, seen: set[tuple[str, str, dt.date]]) -> tuple[str, str, dt.date]:
    while True:
        first = chance.choice(FIRST)
        if chance.random() < 0.4:
            first += f" {chance.choice(SECOND)}"
        born = dt.date(2007, 1, 1) + dt.timedelta(days=chance.randrange(1200))
        person = first, chance.choice(LAST), born
        if person not in seen and (born.month, born.day) != (2, 29):
            seen.add(person)
            return person
