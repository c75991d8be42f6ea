"""Made-up students: who they are, and how their names are spelled from one registration to the next."""

import datetime as dt
import random
from dataclasses import dataclass
from typing import Final

from scoreport.cli.demo.names import BACKGROUNDS, HOSTILE, Background
from scoreport.cli.demo.places import ALDER, School

_GRADES: Final = {9: "4", 10: "5", 11: "6", 12: "7"}
_ACCENTS: Final = str.maketrans("áéíóúñÁÉÍÓÚ", "aeiounAEIOU")
# How many test in each grade, for a hundred of one grade.
TAKING: Final = {9: 5, 10: 24, 11: 58, 12: 68}


@dataclass(frozen=True, slots=True)
class Student:
    """One student; ``senior_in`` is the academic year of the 12th grade, ``gift`` how far above the others."""

    key: str
    first: str
    middle: str
    last: str
    gender: str
    ethnicity: str
    born: dt.date
    senior_in: int
    gift: float
    is_heritage_speaker: bool

    def grade_in(self, year: int) -> int:
        """Return the grade in an academic year: 9 to 12 while in high school."""
        return 12 - (self.senior_in - year)


def students_of(school: School, senior_in: int, seed: int) -> list[Student]:
    """Return the students of one school who are, or will be, seniors in an academic year."""
    # As many that each year's takers over all grades come to what the school is known for.
    number = round(school.takers * 100 / sum(TAKING.values()) + 0.49)
    return [_student(school, senior_in, seed, n) for n in range(number)]


def grade_code(student: Student, year: int, chance: random.Random) -> str:
    """Return the grade as the student gives it; some do not say."""
    return "10" if chance.random() < 0.03 else _GRADES[student.grade_in(year)]


def spelled(student: Student, chance: random.Random) -> tuple[str, str, str]:
    """Return first name, middle initial and last name as they are typed this time: mostly the same."""
    first, last = student.first, student.last
    dice = chance.random()
    if dice < 0.01:
        first, last = first.upper(), last.upper()
    elif dice < 0.03:
        first, last = first.translate(_ACCENTS), last.translate(_ACCENTS)
    elif dice < 0.04:
        last = last.replace("-", " ")
    return first, student.middle if chance.random() < 0.9 else "", last


def _student(school: School, senior_in: int, seed: int, number: int) -> Student:
    key = f"{seed}/{school.code}/{senior_in}/{number}"
    chance = random.Random(key)
    background = chance.choices(BACKGROUNDS, weights=[b.share for b in BACKGROUNDS])[0]
    is_girl = chance.random() < 0.56
    first = chance.choice(background.girls if is_girl else background.boys)
    last = chance.choice(background.families)
    # One of any four cohorts in a row, so that the names are among the students of every year.
    if school.code == ALDER and number < len(HOSTILE) and senior_in % 4 == 0:
        first, last = HOSTILE[number]
    return Student(
        key=key,
        first=first,
        middle=chance.choice("ABCDEFGJKLMNRST") if chance.random() < 0.8 else "",
        last=last,
        gender=_gender(chance, is_girl=is_girl),
        ethnicity=chance.choice(background.ethnicities),
        # Seniors of an academic year turn eighteen in the twelve months from its first September on.
        born=dt.date(senior_in - 18, 9, 1) + dt.timedelta(days=chance.randrange(365)),
        senior_in=senior_in,
        gift=chance.gauss(0, 1) + school.lift,
        is_heritage_speaker=_speaks_spanish(background, chance),
    )


def _gender(chance: random.Random, *, is_girl: bool) -> str:
    dice = chance.random()
    if dice < 0.02:
        return "A"
    return "U" if dice < 0.05 else "F" if is_girl else "M"


def _speaks_spanish(background: Background, chance: random.Random) -> bool:
    return "4" in background.ethnicities and chance.random() < 0.6
