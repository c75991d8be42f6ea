"""Made-up files at the size of a state, written as a stream and kept under var/bench for the next run.

One state, fifty districts, five hundred schools; five tests for two students, in an order that has nothing to do with
schools; names as diverse as people's (four in a hundred are in no list), essays, a few rows without a school and
fewer that are wrong. The same number of rows gives the same bytes.
"""

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from scoreport.cli.demo.files import COLUMNS
from scoreport.cli.demo.names import BACKGROUNDS
from scoreport.programs.catalog import program

DISTRICTS: Final = 50
SCHOOLS: Final = 500
FIRST_DAY: Final = dt.date(2025, 7, 1)
_DAYS: Final = 365
_MASK: Final = (1 << 64) - 1
_STEP: Final = 1_000_003
"""A prime: visiting every so-manieth student brings the rows out of the order of students."""
_GIVEN: Final = tuple(name for b in BACKGROUNDS for name in (*b.girls, *b.boys))
_FAMILY: Final = tuple(name for b in BACKGROUNDS for name in b.families)
_ETHNICITIES: Final = ("9", "9", "9", "4", "4", "3", "2", "12", "0", "1")
_GRADES: Final = ("5", "6", "6", "7", "7", "7")
_CENTERS: Final = tuple((str(4000 + n), f"Community College {n}", f"Town {n}") for n in range(120))


def organizations_file(folder: Path, *, districts: int = DISTRICTS, schools: int = SCHOOLS) -> Path:
    """Return a file of organizations: one state, districts D0…, schools with the AI codes from 500000 on."""
    path = folder / f"organizations_{districts}_{schools}.csv"
    if not path.exists():
        lines = [
            "kind,organization_id,name,parent_id,ai_code,city,state,zip",
            "state,S,State of Bench,,,Bench,WV,25301",
        ]
        lines += [f"district,D{n},District {n},S,,Town {n},WV,25310" for n in range(districts)]
        lines += [
            f"school,H{n},School {n},D{n * districts // schools},{500000 + n},Town {n},WV,25310" for n in range(schools)
        ]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def score_file(folder: Path, rows: int) -> Path:
    """Return a score file of so many rows, written now unless an earlier run did."""
    path = folder / f"scores_{rows}.csv"
    if not path.exists():
        draft = path.with_suffix(".draft")
        with draft.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(_rows(rows))
        draft.replace(path)
    return path


def _rows(rows: int) -> Iterator[tuple[object, ...]]:
    days = [(FIRST_DAY + dt.timedelta(days=n)).isoformat() for n in range(-120, _DAYS + 30)]
    births = [(dt.date(2007, 9, 1) + dt.timedelta(days=n)).isoformat() for n in range(1400)]
    exams = [(exam.code, exam.title, exam.waits_for_readers) for exam in program("clep").active_exams]
    students = max(1, rows * 2 // 5)
    for number in range(rows):
        student = number * _STEP % students
        who, what = mixed(student), mixed(number + (1 << 40))
        code, title, waits = exams[(what & 0xFFFF) * (what >> 16 & 0xFFFF) * len(exams) >> 32]
        day = 120 + (what >> 32) % _DAYS
        wrong = what >> 50 < 3
        yield (
            f"25{number:09}",
            given_name(who),
            "" if who & 3 else "ABCDEFGHJKLMNRST"[who >> 2 & 15],
            family_name(who >> 20),
            "FFFFMMMMMMFFAU"[(who >> 8) % 14],
            _ETHNICITIES[(who >> 12) % 10],
            births[(who >> 40) % 1400],
            _GRADES[(who >> 16) % 6],
            _ai_code(student, what >> 44),
            f"CL{what:016X}"[:12] if what & 7 else "",
            days[day - 3 - (what >> 8) % 110],
            days[day],
            *_CENTERS[(student * 7 + (what >> 21 & 3)) % len(_CENTERS)],
            code,
            title,
            81 if wrong else 25 + ((what >> 3 & 15) + (what >> 24 & 15) + (who >> 32 & 31)) * 50 // 62,
            days[day + 16 if waits else day],
        )


def mixed(number: int) -> int:
    """Return 64 bits that look like chance (splitmix64), the same for the same number."""
    number = (number + 1) * 0x9E3779B97F4A7C15 & _MASK
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    number = (number ^ number >> 27) * 0x94D049BB133111EB & _MASK
    return number ^ number >> 31


def _skewed(dice: int, names: tuple[str, ...]) -> str:
    """Choose as names are distributed: a few are common, many are rare. Takes twenty bits."""
    return names[(dice & 1023) * (dice >> 10 & 1023) * len(names) >> 20]


def given_name(dice: int) -> str:
    name = _skewed(dice, _GIVEN)
    return f"{name} {_skewed(dice >> 24, _GIVEN)}" if dice >> 56 < 20 else name


def family_name(dice: int) -> str:
    name = _skewed(dice, _FAMILY)
    return f"{name}-{_skewed(dice >> 15, _FAMILY)}" if dice >> 30 & 255 < 20 else name


def _ai_code(student: int, dice: int) -> str:
    if dice & 1023 < 15:
        return ("", "000003", "000004", "599999")[dice & 3]
    return str(500000 + student % SCHOOLS)
