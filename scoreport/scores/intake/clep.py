"""The rows of CLEP score files: what several cells of one say together, and how it is staged.

Rules: reference college_board.md 1.1 (exams, 20–80), 1.2 (essays).
"""

from datetime import date, datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoreport.imports import staging
from scoreport.imports.cells import WRONG
from scoreport.imports.problems import Problem
from scoreport.lib.bulk import Cell
from scoreport.lib.clock import local_date
from scoreport.lib.hashes import stable64
from scoreport.lib.tabular import is_hostile
from scoreport.lib.text import clean, sort_key
from scoreport.organizations.rules import SchoolRef
from scoreport.people.rules import Named, initial_of, keys_of, place_code_of
from scoreport.programs.catalog.clep import CLEP
from scoreport.programs.catalog.clep.layouts import CLEP_SCORES
from scoreport.programs.rules import AcademicYear, Exam, ScoreStatus
from scoreport.scores.intake.layouts import About
from scoreport.scores.intake.store import MISSING, order
from scoreport.scores.school_resolution import Schools

_FIRST_BIRTH: Final = date(1900, 1, 1)
# The cells of free text, which a spreadsheet could take for a formula.
_TEXT_CELLS: Final = (0, 1, 2, 3, 9, 12, 13, 14)
NO_SCORE: Final = gettext_lazy(
    "The score is missing, and this exam has no essay that could still be read. For a canceled score, write CANCELED."
)
_CANCELED: Final = ScoreStatus.CANCELED.value
TICKET_COLUMN: Final = CLEP_SCORES.names[0]


def about(cells: list[str]) -> About:
    """Return whose test a row is about."""
    values = dict(zip(CLEP_SCORES.names, map(clean, cells), strict=True))
    return About(
        ticket=values["registration_ticket_number"],
        voucher_code=values["voucher_code"],
        first_name=values["first_name"],
        last_name=values["last_name"],
        birth_date=values["date_of_birth"],
        ai_code=values["ai_code"],
        exam_code=values["exam_code"],
        tested_on=values["date_tested"],
    )


class _Days(dict[str, date | None]):
    """The days that canonical texts mean, read once each."""

    def __missing__(self, text: str) -> date:
        self[text] = day = date.fromisoformat(text)
        return day


class _Years(dict[date, int]):
    """The academic years of days, worked out once each."""

    def __missing__(self, day: date) -> int:
        self[day] = AcademicYear.of(day).start
        return self[day]


class ClepChecker:
    """Checks rows of ``clep-scores-1`` by what several of their values say together, and stages them."""

    def __init__(self, schools: Schools, at: datetime, zone: str) -> None:
        self._schools = schools
        self._at = at
        self._zone = zone
        self._program = CLEP
        self._exams = CLEP.exams_by_code
        self._order = order(schools)
        self._days = _Days({"": None, WRONG: None})
        self._today: dict[str, date] = {}
        self._released: dict[tuple[bool, date, date | None, str], Cell] = {}
        self._years = _Years()

    def check(self, line: int, cells: list[str], problems: list[Problem]) -> tuple[Cell, ...] | list[Problem]:
        """Return the staged row, or every rule that the row breaks.

        A rule about two values is left out when one of them is itself wrong, so that one slip gives one reason.
        """
        problems = list(problems)
        school = self._schools.of("clep", cells[0], cells[8])
        exam = self._exams.get(cells[15])
        days = self._check_days(problems, cells, school.time_zone if school else self._zone)
        points, status = self._check_score(problems, cells, exam, days[3])
        if problems or exam is None or days[0] is None or days[2] is None:
            return problems
        return self._staged(line, cells, school, exam, (days[0], days[2], days[3]), (points, status))

    def _check_days(
        self, problems: list[Problem], cells: list[str], zone: str
    ) -> tuple[date | None, date | None, date | None, date | None]:
        """Return the days of birth, registration, test and scoring, each None where it is absent or wrong."""
        known = self._days
        born, registered, tested, scored = known[cells[6]], known[cells[10]], known[cells[11]], known[cells[18]]
        if tested is not None:
            self._check_order(problems, cells, (born, registered, tested, scored), self._local_today(zone))
        return born, registered, tested, scored

    def _check_order(
        self,
        problems: list[Problem],
        cells: list[str],
        days: tuple[date | None, date | None, date, date | None],
        today: date,
    ) -> None:
        born, registered, tested, scored = days
        if tested > today:
            reason = _("This day is still to come. A test cannot have been taken after today, %(today)s.")
            problems.append(Problem("date_tested", cells[11], reason % {"today": today.isoformat()}))
            return
        if registered is not None and registered > tested:
            reason = _("Registered after the test of %(tested)s. Correct one of the two dates.")
            problems.append(Problem("date_registered", cells[10], reason % {"tested": tested.isoformat()}))
        if born is not None and not _FIRST_BIRTH <= born < tested:
            reason = _("A test taker was born after 1900 and before the test. Correct the date of birth.")
            problems.append(Problem("date_of_birth", cells[6], reason))
        if scored is not None and scored < tested:
            reason = _("Scored before the test of %(tested)s. Correct one of the two dates.")
            problems.append(Problem("date_scored", cells[18], reason % {"tested": tested.isoformat()}))
        elif scored is not None and scored > today:
            reason = _("This day is still to come. A score cannot be from after today, %(today)s.")
            problems.append(Problem("date_scored", cells[18], reason % {"today": today.isoformat()}))

    def _check_score(
        self, problems: list[Problem], cells: list[str], exam: Exam | None, scored: date | None
    ) -> tuple[int | None, str]:
        """Return the score and its status; None where it is wrong, canceled, or the test waits for its readers."""
        value = cells[17]
        if _CANCELED in {value, cells[19]}:
            return None, _CANCELED
        if WRONG in {value, cells[19]}:
            return None, ""
        if not value:
            return None, self._empty_score(problems, cells, exam)
        if exam is not None and exam.waits_for_readers and scored is None and not cells[18]:
            reason = _("The date scored is missing. Scores of exams with essays are released by it.")
            problems.append(Problem("date_scored", "", reason))
        return int(value), ""

    def _empty_score(self, problems: list[Problem], cells: list[str], exam: Exam | None) -> str:
        """Return the status of a row without a score: it waits for its readers, may cancel a score, or lost it."""
        if exam is None or exam.waits_for_readers:
            return ""
        if cells[18]:
            problems.append(Problem("score", "", str(NO_SCORE)))
        return MISSING

    def _staged(
        self,
        line: int,
        cells: list[str],
        school: SchoolRef | None,
        exam: Exam,
        days: tuple[date, date, date | None],
        result: tuple[int | None, str],
    ) -> tuple[Cell, ...]:
        """Return the row in the order of ``scores.programs.clep``, days and instants as text, as they were read."""
        (born, tested, scored), (points, status) = days, result
        if points is None:
            scored = None
        first, last = cells[1], cells[3]
        zone = school.time_zone if school else self._zone
        places = (school.school_id, school.district_id, school.state_id) if school else (None, None, None)
        keys = keys_of(Named(first, last, born, places[0]))
        # The subject's text is left out: the code names the exam. Codes left empty count as "no response".
        # Cleaned cells hold no control character, so this one tells them apart. Of a canceled score nothing is stored.
        row_hash = stable64("\x1f".join(cells[:16] + (["", "", _CANCELED] if status else cells[17:19])))
        released = None if points is None else self._release(exam, tested, scored, zone)
        return (
            *(line, self._order[places[0]] | line, "clep", cells[0], row_hash),
            *(first, cells[2], last, sort_key(first), sort_key(last)),
            *(cells[4], int(cells[5]), cells[6], int(cells[7]), cells[8], cells[11], exam.code),
            *(scored and cells[18], status, self._years[tested], *places, released, _has_hostile(cells)),
            *(cells[9], cells[10], cells[12], cells[13], cells[14], exam.title, points),
            *(keys.fold_given, keys.fold_last, initial_of(cells[2]), place_code_of(places[0], cells[8], cells[0])),
            *(keys.record, keys.name_birth, keys.name_school, keys.letters),
        )

    def _local_today(self, zone: str) -> date:
        if zone not in self._today:
            self._today[zone] = local_date(self._at, zone)
        return self._today[zone]

    def _release(self, exam: Exam, tested: date, scored: date | None, zone: str) -> Cell:
        key = (exam.waits_for_readers, tested, scored, zone)
        if key not in self._released:
            self._released[key] = staging.spelled(self._program.release.release_at(exam, tested, scored, zone))
        return self._released[key]


def _has_hostile(cells: list[str]) -> bool:
    """Tell whether a cell of free text could be taken for a formula; what begins with a letter or digit could not."""
    starts = cells[0][:1] + cells[1][:1] + cells[2][:1] + cells[3][:1] + cells[9][:1]
    starts += cells[12][:1] + cells[13][:1] + cells[14][:1]
    return not starts.isalnum() and any(is_hostile(cells[n]) for n in _TEXT_CELLS)
