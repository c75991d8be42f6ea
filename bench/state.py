"""A made-up state of students with realistic noise, and the truth about whose row each is.

The same seed gives the same bytes.

The rates of the goal are read as shares of **students**: of a hundred students, four are spelled otherwise in some of
their rows (name noise), three are mistyped in some, two change schools between two of their rows, and one is a twin or
has a brother or sister near in age at the same school. A student with a single row who is drawn for noise has that one
spelling only, as in life. Beside these rates, and counted in none of them: a middle initial is left out of one row
in eight, a gender of one row in two hundred, and of a thousand students one has a row without a school's code. Half of
the districts have loaded a crosswalk of state student ids, with a few numbers that are wrong.
"""

import csv
import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from bench.files import DISTRICTS, SCHOOLS
from bench.noise import Spelled, name_noise, typing_error
from bench.state_names import Names
from scoreport.cli.demo.files import COLUMNS
from scoreport.lib.text import fold_name
from scoreport.programs.catalog import program

STUDENTS: Final = 200_000
NAME_NOISE, TYPING, MOVED, FAMILIES = 0.04, 0.03, 0.02, 0.01
_SEED: Final = 20261129
_BORN_FROM, _BORN_DAYS = dt.date(2007, 9, 1), 1461
# One to twelve rows a student, five on average.
_ROWS: Final = (12, 13, 13, 12, 11, 9, 8, 7, 6, 4, 3, 2)
_INITIALS: Final = "AAAABBCCDDEEEFGGHIJJJJJKKLLLLMMMMMNNOPRRRSSSTTVWXYZ"
_PLACEHOLDERS: Final = ("0", "9999999999", "N/A")
FIRST_AI_CODE: Final = 500000


class Row(NamedTuple):
    """One CLEP row with the true student, and the noise in it (empty: none)."""

    student: int
    ticket: str
    spelled: Spelled
    ai_code: str
    noise: str


class Numbered(NamedTuple):
    """One row of the crosswalk, with the true student."""

    student: int
    number: str
    spelled: Spelled
    ai_code: str


@dataclass(slots=True)
class Student:
    """Who a student is in truth; ``schools`` is more than one for those who moved."""

    number: int
    spelled: Spelled
    background: str
    schools: list[int]
    rows: int
    always_initial: bool = False


@dataclass(slots=True)
class State:
    """All rows in the order of their tickets, and the crosswalk."""

    rows: list[Row]
    crosswalk: list[Numbered]


def build(students: int = STUDENTS, seed: int = _SEED) -> State:
    """Return the state: about five rows for each student."""
    chance, names = random.Random(seed), Names()
    everybody = [*_students(students, chance, names)]
    rows: list[Row] = []
    for student in everybody:
        rows += _rows_of(student, chance, names)
    chance.shuffle(rows)
    rows = [row._replace(ticket=f"25{number:09}") for number, row in enumerate(rows)]
    return State(rows, [*_crosswalk(everybody, chance)])


def _students(count: int, chance: random.Random, names: Names) -> Iterator[Student]:
    sizes = [chance.lognormvariate(0, 0.7) for _ in range(SCHOOLS)]
    number = 0
    while number < count:
        last, background = names.family(chance)
        gender = chance.choices("FMAU", (495, 495, 4, 6))[0]
        born = _BORN_FROM + dt.timedelta(days=chance.randrange(_BORN_DAYS))
        initial = chance.choice(_INITIALS) if chance.random() < 0.6 else ""
        first = names.first(background, gender, chance)
        if gender == "M" and chance.random() < 0.015:
            last += chance.choice([" Jr.", " III", " II"])
        school = chance.choices(range(SCHOOLS), sizes)[0]
        spelled = Spelled(first, initial, last, gender, born)
        student = Student(number, spelled, background, [school], _how_many(chance))
        yield student
        number += 1
        if number < count and chance.random() < FAMILIES / (2 - FAMILIES):
            yield _beside(student, number, chance, names)
            number += 1


def _how_many(chance: random.Random) -> int:
    return chance.choices(range(1, len(_ROWS) + 1), _ROWS)[0]


def _beside(student: Student, number: int, chance: random.Random, names: Names) -> Student:
    """Return a twin (three of four), or a brother or sister near in age; some are named alike."""
    one = student.spelled
    gender = one.gender if chance.random() < 0.6 else chance.choice("FM")
    first, initial, always = names.first(student.background, gender, chance), one.initial, False
    dice = chance.random()
    if dice < 0.25:
        same = [name for name in names.given[gender].names[:800] if name[0] == one.first[0]] if gender in "FM" else []
        first = chance.choice(same) if same else first
    elif dice < 0.31:
        first, gender = names.like(one.first, chance)
    elif dice < 0.36 and gender in "FM":
        word = one.first.replace("-", " ").split()[0]
        student.spelled = one._replace(first=f"{word} {names.given[gender].draw(chance)}")
        first = f"{word} {names.given[gender].draw(chance)}"
    elif dice < 0.38:
        # Only the initial tells them apart, and they nearly always write it.
        first, always = one.first, True
        student.spelled = one._replace(initial=chance.choice("AEIM"))
        initial = chance.choice("BJLR")
        student.always_initial = True
    elif chance.random() < 0.7:
        initial = chance.choice(_INITIALS)
    while fold_name(first) == fold_name(student.spelled.first) and not always:
        first = names.first("other", gender, chance)
    born = one.born
    if chance.random() < 0.25 and not always:
        born += dt.timedelta(days=chance.randrange(290, 1100))
    spelled = Spelled(first, initial, one.last, gender, born)
    return Student(number, spelled, student.background, student.schools[:1], _how_many(chance), always)


def _rows_of(student: Student, chance: random.Random, names: Names) -> Iterator[Row]:
    """Yield a student's rows as they are written, noise included."""
    count = student.rows
    written = _spellings(student.spelled, count, chance, names)
    schools = [student.schools[0]] * count
    if chance.random() < MOVED:
        student.schools.append(_other_school(student.schools[0], chance))
        since = chance.randrange(1, count) if count > 1 else 0
        schools[since:] = [student.schools[1]] * (count - since)
    lost = chance.randrange(count) if chance.random() < 0.001 else -1
    without_initial = 0.05 if student.always_initial else 0.125
    for place, (spelled, kind) in enumerate(written):
        bare = spelled._replace(
            initial="" if chance.random() < without_initial else spelled.initial,
            gender="U" if chance.random() < 0.005 else spelled.gender,
        )
        kinds = [kind, "moved" if schools[place] != schools[0] else "", "no_school" if place == lost else ""]
        code = chance.choice(["", "000003", "599999"]) if place == lost else str(FIRST_AI_CODE + schools[place])
        yield Row(student.number, "", bare, code, " ".join(filter(None, kinds)))


def _spellings(spelled: Spelled, count: int, chance: random.Random, names: Names) -> list[tuple[Spelled, str]]:
    """Return of each row how the student is spelled, and the noise that this comes from."""
    written = [(spelled, "")] * count
    if chance.random() < NAME_NOISE:
        noise, other = name_noise(spelled, chance, names)
        for place in _some(count, chance, often=0.5):
            written[place] = (other, noise)
    if chance.random() < TYPING:
        # A slip of one registration, or one in an account from which later registrations are filled in.
        places = _some(count, chance, often=0.2)
        before, noise = written[places[0]]
        error, other = typing_error(before, chance)
        for place in places:
            written[place] = (other, f"{noise} {error}".strip())
    return written


def _some(count: int, chance: random.Random, *, often: float) -> range:
    """Return the places of rows that a spelling is in: one, or all from some row on."""
    at = chance.randrange(count)
    return range(at, count) if chance.random() < often else range(at, at + 1)


def _other_school(school: int, chance: random.Random) -> int:
    """Return another school: of the same district for every second student who moves."""
    size = SCHOOLS // DISTRICTS
    first = school // size * size if chance.random() < 0.5 else 0
    return chance.choice([n for n in range(first, first + size if first else SCHOOLS) if n != school])


def _crosswalk(everybody: list[Student], chance: random.Random) -> Iterator[Numbered]:
    """Yield the state's numbers that every second district has loaded; few are wrong."""
    for student in everybody:
        own = f"{7_000_000_000 + student.number * 37}"
        for school in student.schools:
            if school * DISTRICTS // SCHOOLS % 2:
                continue
            dice, number = chance.random(), own
            if dice < 0.001:
                number = f"{7_000_000_000 + chance.choice([student.number ^ 1, chance.randrange(len(everybody))]) * 37}"
            elif dice < 0.002:
                number = chance.choice(_PLACEHOLDERS)
            elif dice < 0.004:
                number = f"{8_000_000_000 + student.number}"
            bare = student.spelled._replace(initial="", gender="U")
            yield Numbered(student.number, number, bare, str(FIRST_AI_CODE + school))


def write(state: State, folder: Path) -> Path:
    """Write the rows as a CLEP file, the truth and the crosswalk beside it; return the CLEP file."""
    path = folder / f"state_{len(state.rows)}.csv"
    exams = [(exam.code, exam.title) for exam in program("clep").active_exams if not exam.waits_for_readers]
    with path.open("w", encoding="utf-8", newline="") as file, path.with_suffix(".truth.csv").open("w") as truth:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        truth.write("ticket,student,noise\n")
        for number, row in enumerate(state.rows):
            one = row.spelled
            day = dt.date(2026, 1, 5) + dt.timedelta(days=number % 150)
            named = (row.ticket, one.first, one.initial, one.last, one.gender, 0, one.born, 7, row.ai_code)
            tested = ("", day, day, "4001", "Community College", "Town", *exams[number // 150 % len(exams)])
            writer.writerow((*named, *tested, 20 + number % 61, day))
            truth.write(f"{row.ticket},{row.student},{row.noise}\n")
    with path.with_suffix(".identifiers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("kind", "issuer", "identifier", "first_name", "last_name", "date_of_birth", "ai_code"))
        for numbered in state.crosswalk:
            spelled = (numbered.spelled.first, numbered.spelled.last, numbered.spelled.born)
            # A file with a placeholder is refused.
            if numbered.number not in _PLACEHOLDERS:
                writer.writerow(("state-student-id", "S", numbered.number, *spelled, numbered.ai_code))
    return path
