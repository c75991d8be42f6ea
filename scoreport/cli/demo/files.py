"""The score files of the story, in the layout ``clep-scores-1``, and what becomes of each."""

import csv
import datetime as dt
import io
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from scoreport.cli.demo.places import ALDER, BIRCH, STATES
from scoreport.cli.demo.testing import Test
from scoreport.programs.catalog.clep.layouts import CLEP_SCORES

COLUMNS: Final = tuple(name for name in CLEP_SCORES.names if name != "status")
"""What CLEP score files have; the demo has no canceled scores in its files."""
_LATE: Final = 3
_DELTA: Final = dt.timedelta(days=35)
_CLOSED: Final = (7, 31)
"""The day after which a year's file is complete: every essay of June has been read."""

Row = list[str]


class Fate(Enum):
    """What is done with a file after it was received."""

    ACCEPTED = auto()
    UNDONE = auto()
    CHECKED = auto()
    """Checked and left alone: it is for the person at the program desk to decide."""


@dataclass(frozen=True, slots=True)
class StoryFile:
    """A file as it arrived, when, and what became of it."""

    name: str
    content: bytes
    received_at: dt.datetime
    fate: Fate


def story_files(tests: Sequence[Test], running: int, at: dt.datetime, today: dt.date) -> list[StoryFile]:
    """Return the files in the order in which they arrived; ``today`` is the day where the story is told."""
    known = _with_late_essays([test for test in tests if test.tested <= today], today)
    known = _with_other_codes(known, lost_tests(tests, running))
    files: list[StoryFile] = []
    for year in range(running - 3, running):
        as_of = min(dt.date(year + 1, *_CLOSED), today)
        rows = [row_of(test, as_of) for test in known if test.year == year]
        files.append(_file(f"clep_{year}_{year + 1}.csv", rows, _noon(as_of, at, hours=9)))
    since = min(dt.date(running, *_CLOSED), today)
    past = [test for test in known if test.year == running - 1]
    corrected = min(since + dt.timedelta(days=24), today)
    files.append(_file(f"clep_{running}_corrections.csv", _corrections(past), _noon(corrected, at, hours=8)))
    files.append(
        _file(
            f"clep_{running - 1}_lakewood_again.csv",
            _mistaken(past),
            _noon(min(corrected + dt.timedelta(days=6), today), at, hours=7),
            Fate.UNDONE,
        )
    )
    for as_of, hours in ((today - _DELTA, 6), (today, 5)):
        rows = [row_of(test, as_of) for test in known if test.tested <= as_of and _is_news(test, running, since, as_of)]
        if rows:
            files.append(_file(f"clep_{as_of.isoformat()}.csv", rows, _noon(as_of, at, hours=hours)))
            since = max(since, as_of)
    name = f"clep_{today.isoformat()}_late_registrations.csv"
    files.append(_file(name, _with_errors(known[-40:], today), at - dt.timedelta(hours=3), Fate.CHECKED))
    files.append(StoryFile("CLEP scores.xlsx", b"PK\x03\x04 not a table", at - dt.timedelta(hours=2), Fate.CHECKED))
    return files


def _noon(day: dt.date, at: dt.datetime, *, hours: int) -> dt.datetime:
    """Return noon at that day, but ``hours`` before now at the latest."""
    return min(dt.datetime.combine(day, dt.time(17), tzinfo=dt.UTC), at - dt.timedelta(hours=hours))


def _with_late_essays(tests: list[Test], today: dt.date) -> list[Test]:
    """Let a few essays of three to six weeks ago wait for their readers still, one of them at Alder."""
    window = (today - dt.timedelta(days=42), today - dt.timedelta(days=23))
    waiting = [test for test in tests if test.exam.waits_for_readers and window[0] <= test.tested <= window[1]]
    alder = ai_code_of(ALDER)
    late = {test.ticket for test in sorted(waiting, key=lambda test: (test.ai_code != alder, test.ticket))[:_LATE]}
    return [replace(test, score=None) if test.ticket in late else test for test in tests]


def lost_tests(tests: Sequence[Test], running: int) -> tuple[Test, ...]:
    """Return four tests of Alder's students in the year before that stand in no report of Alder, whatever the day is.

    In the files they come without a school's code, with another school's, with one that nobody has, and without one.
    """
    alder = [test for test in tests if test.year == running - 1 and test.ai_code == ai_code_of(ALDER)]
    return tuple(_picked(alder, 4, "lost"))


def _with_other_codes(tests: list[Test], lost: Sequence[Test]) -> list[Test]:
    """Give lost tests the codes by which they were lost."""
    codes = dict(zip((test.ticket for test in lost), ("", ai_code_of(BIRCH), "989110", ""), strict=False))
    return [replace(test, ai_code=codes[test.ticket]) if test.ticket in codes else test for test in tests]


def ai_code_of(code: str) -> str:
    """Return the AI code of a school."""
    schools = (school for state in STATES for district in state.districts for school in district.schools)
    return next(school.ai_code for school in schools if school.code == code)


def _is_news(test: Test, running: int, since: dt.date, as_of: dt.date) -> bool:
    """Tell whether a file of the running year has a row of the test: all of that year, and essays read meanwhile."""
    return test.year == running or (
        test.exam.waits_for_readers and test.score is not None and since < test.scored <= as_of
    )


def row_of(test: Test, as_of: dt.date) -> Row:
    """Return a test as a row of a file of that day."""
    is_scored = test.score is not None and test.scored <= as_of
    return [
        test.ticket,
        test.first,
        test.middle,
        test.last,
        test.gender,
        test.ethnicity,
        test.born.isoformat(),
        test.grade,
        test.ai_code,
        test.voucher,
        test.registered.isoformat(),
        test.tested.isoformat(),
        *test.center,
        test.exam.code,
        test.exam.title,
        str(test.score) if is_scored else "",
        test.scored.isoformat() if is_scored else "",
    ]


def _file(name: str, rows: list[Row], received_at: dt.datetime, fate: Fate = Fate.ACCEPTED) -> StoryFile:
    return StoryFile(name, csv_of(rows), received_at, fate)


def csv_of(rows: Iterable[Row]) -> bytes:
    """Return a score file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue().encode()


def _picked(tests: Sequence[Test], number: int, why: str) -> list[Test]:
    scored = [test for test in tests if test.score is not None and not test.exam.waits_for_readers]
    return random.Random(why).sample(scored, min(number, len(scored)))


def _corrections(tests: Sequence[Test]) -> list[Row]:
    """Return a dozen rows that came out otherwise: scores, a school, a name, and one of quite another person."""
    rows = []
    for place, test in enumerate(_picked(tests, 12, "corrections")):
        told = test
        if place < 8:
            told = replace(test, score=min(80, max(20, (test.score or 50) + (3 if place % 2 else -2))))
        elif place == 8:
            told = replace(test, ai_code=ai_code_of(ALDER))
        elif place == 9:
            told = replace(test, last=f"{test.last}-Hansen")
        elif place == 10:
            told = replace(test, first="Wilhelmina", last="Featherstone", born=dt.date(test.born.year, 3, 3))
        else:
            told = replace(test, born=test.born + dt.timedelta(days=1))
        rows.append(row_of(told, dt.date.max))
    return rows


def _mistaken(tests: Sequence[Test]) -> list[Row]:
    """Return rows in which somebody shifted a column: every score is off by a few points."""
    alder = [test for test in tests if test.ai_code == ai_code_of(ALDER)]
    shifted = (replace(test, score=max(20, (test.score or 50) - 5)) for test in _picked(alder, 40, "mistaken"))
    return [row_of(test, dt.date.max) for test in shifted]


def _with_errors(tests: Sequence[Test], today: dt.date) -> list[Row]:
    """Return new rows of which every second one breaks a rule, each another one."""
    rows = [row_of(test, today) for test in tests]
    for number, row in enumerate(rows):
        row[0] = f"{row[0][:2]}88{number:07}"
    tomorrow = (today + dt.timedelta(days=1)).isoformat()
    wrong: list[tuple[str, str]] = [
        ("score", "81"),
        ("score", "5O"),
        ("score", "54.5"),
        ("exam_code", "999"),
        ("date_tested", tomorrow),
        ("date_tested", "2/30/2026"),
        ("date_of_birth", "2008-02-30"),
        ("date_registered", tomorrow),
        ("registration_ticket_number", ""),
        ("ai_code", "12345"),
        ("last_name", ""),
        ("gender", "X"),
        ("ethnicity", "7"),
        ("grade", "3"),
    ]
    for place, (column, value) in enumerate(wrong):
        rows[2 * place][COLUMNS.index(column)] = value
    rows[-1][0] = rows[-3][0]
    return rows
