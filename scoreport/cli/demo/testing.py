"""Who takes which exam when, and with what score: the whole history of every student of the story."""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from scoreport.cli.demo.places import REMOTE, STATES, School, State
from scoreport.cli.demo.students import TAKING, Student, grade_code, spelled, students_of
from scoreport.programs.catalog import program
from scoreport.programs.rules import CREDIT_GRANTING_SCORE, AcademicYear, Exam

# How often an exam is taken; the others are taken now and then.
_POPULAR: Final = {
    "7": 22, "91": 20, "11": 20, "18": 18, "30": 17, "80": 17, "70": 17, "31": 14, "77": 13, "72": 10, "62": 8,
    "14": 8, "92": 8, "79": 8, "73": 7, "87": 7, "4": 6, "74": 6, "69": 6, "77W": 6, "26": 5, "81": 5, "68": 5,
}  # fmt: skip
# How much easier than the average an exam is, in points.
_EASE: Final = {"77": 4, "77W": 2, "26": -6, "2": -2, "91": 1, "74": 3, "30": -2, "62": 2, "89": -4, "65": -3, "20": -3}
# Of a hundred tests of a year, how many fall into each month.
_MONTHS: Final = {7: 4, 8: 5, 9: 6, 10: 9, 11: 10, 12: 13, 1: 8, 2: 7, 3: 9, 4: 12, 5: 13, 6: 4}
_SUNDAY: Final = 6
_ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_UNKNOWN_SCHOOL: Final = "989999"
_FEWER_BY: Final = 0.97
"""How many test for each who tested a year later: it becomes more common."""


@dataclass(frozen=True, slots=True)
class Test:
    """One test, as it will be known when its score is there; a score of None never comes."""

    ticket: str
    first: str
    middle: str
    last: str
    gender: str
    ethnicity: str
    born: dt.date
    grade: str
    ai_code: str
    voucher: str
    registered: dt.date
    tested: dt.date
    center: tuple[str, str, str]
    exam: Exam
    score: int | None
    scored: dt.date

    @property
    def year(self) -> int:
        """The academic year of the test."""
        return AcademicYear.of(self.tested).start


def history(running: int, seed: int) -> list[Test]:
    """Return the tests of the running academic year, of those to come in it too, and of the three before it.

    Nothing in it depends on the day, so the past of a demo is the same whenever it is built within a year.
    """
    tests: list[Test] = []
    for state in STATES:
        for district in state.districts:
            for school in district.schools:
                for senior_in in range(running - 3, running + 4):
                    for student in students_of(school, senior_in, seed):
                        tests += _of_student(student, school, state, range(running - 3, running + 1), running)
    return _numbered(tests)


def _numbered(tests: list[Test]) -> list[Test]:
    """Give tickets in the order of registration, by academic year."""
    given: list[Test] = []
    count: dict[int, int] = {}
    for test in sorted(tests, key=lambda test: (test.registered, test.ticket)):
        count[test.year] = count.get(test.year, 0) + 1
        given.append(replace(test, ticket=f"{test.year % 100:02}77{count[test.year]:07}"))
    return sorted(given, key=lambda test: (test.tested, test.ticket))


def _of_student(student: Student, school: School, state: State, years: range, running: int) -> Iterator[Test]:
    chance = random.Random(f"{student.key}/tests")
    taken: dict[str, tuple[int, int]] = {}
    ai_code = school.ai_code
    for grade in TAKING:
        year = student.senior_in - 12 + grade
        takes = chance.random() * 100 < TAKING[grade] * _FEWER_BY ** (running - year)
        number = chance.choices((1, 2, 3, 4, 5), weights=(40, 28, 17, 10, 5))[0]
        # A few move to another school; their records wait for somebody who knows.
        if grade > min(TAKING) and chance.random() < 0.006:
            ai_code = _other_school(school, state, chance)
        for _ in range(number if takes else 0):
            test = _test(student, ai_code, state, year, taken, chance)
            if year in years:
                yield test


def _other_school(school: School, state: State, chance: random.Random) -> str:
    others = [s for district in state.districts for s in district.schools if s.takers and s != school]
    return chance.choice(others).ai_code


def _test(
    student: Student, ai_code: str, state: State, year: int, taken: dict[str, tuple[int, int]], chance: random.Random
) -> Test:
    exam = _exam(student, year, taken, chance)
    score = _score(student, exam, chance, before=taken.get(exam.code, (0, year))[0])
    taken[exam.code] = score, year
    tested = _day(year, chance)
    wait = chance.randint(14, 20) if exam.waits_for_readers else 0
    first, middle, last = spelled(student, chance)
    return Test(
        ticket=f"{student.key}/{len(taken)}",
        first=first,
        middle=middle,
        last=last,
        gender=student.gender,
        ethnicity=student.ethnicity,
        born=_born(student, chance),
        grade=grade_code(student, year, chance),
        ai_code=_given_code(ai_code, chance),
        voucher=_voucher(chance) if chance.random() < 0.8 else "",
        registered=tested - dt.timedelta(days=3 + int(chance.random() ** 2 * 110)),
        tested=tested,
        center=REMOTE
        if chance.random() < 0.2
        else chance.choices(state.centers, _center_shares(len(state.centers)))[0],
        exam=exam,
        score=score,
        scored=tested + dt.timedelta(days=wait),
    )


def _exam(student: Student, year: int, taken: dict[str, tuple[int, int]], chance: random.Random) -> Exam:
    """Choose an exam that the student has not passed; whoever grew up with Spanish takes Spanish first.

    Who failed may try again in a later year, well after the three months that have to lie between.
    """
    exams, weights = _offer()
    if student.is_heritage_speaker and "77" not in taken and chance.random() < 0.6:
        return next(exam for exam in exams if exam.code == "77")
    while True:
        exam = chance.choices(exams, weights)[0]
        score, when = taken.get(exam.code, (0, 0))
        if when < year and score < CREDIT_GRANTING_SCORE:
            return exam


@cache
def _offer() -> tuple[list[Exam], list[int]]:
    exams = list(program("clep").active_exams)
    return exams, [_POPULAR.get(exam.code, 2) for exam in exams]


def _score(student: Student, exam: Exam, chance: random.Random, *, before: int) -> int:
    mean = 52.5 + _EASE.get(exam.code, 0) + 5.5 * student.gift
    if student.is_heritage_speaker and exam.code.startswith("77"):
        mean += 11
    mean = max(mean, before + 4)
    return min(80, max(20, round(chance.gauss(mean, 6))))


def _day(year: int, chance: random.Random) -> dt.date:
    month = chance.choices(list(_MONTHS), list(_MONTHS.values()))[0]
    day = dt.date(year if month >= 7 else year + 1, month, chance.randint(2, 28))
    return day - dt.timedelta(days=1) if day.weekday() == _SUNDAY else day


def _born(student: Student, chance: random.Random) -> dt.date:
    """Return the birth date as it is typed: now and then the year slips by one, and a person has to decide."""
    slips = chance.random() < 0.002
    return student.born.replace(year=student.born.year + 1) if slips and student.born.day < 29 else student.born


def _given_code(ai_code: str, chance: random.Random) -> str:
    """Return the school's code as it was given at registration; some leave it out or give one that nobody has."""
    dice = chance.random()
    if dice < 0.992:
        return ai_code
    return chance.choice(("", "", "000003", "000004", _UNKNOWN_SCHOOL))


def _center_shares(number: int) -> tuple[int, ...]:
    return (5, 3, 2)[:number]


def _voucher(chance: random.Random) -> str:
    return "CL" + "".join(chance.choice(_ALPHABET) for _ in range(10))
