"""The layout ``clep-scores-1``: CLEP scores as CSV, 19 columns (docs/guides/load-scores.md).

Rules of the values: reference college_board.md 1.1 (exams, 20–80), 1.2 (essays), 2.2 (codes).
"""

import re
from datetime import date, datetime

from django.utils.translation import gettext as _

from scoreport.imports import staging
from scoreport.lib.bulk import Cell
from scoreport.lib.clock import local_date
from scoreport.lib.hashes import stable64
from scoreport.lib.tabular import is_hostile
from scoreport.lib.text import clean, is_clean, sort_key
from scoreport.organizations.rules import SchoolRef, is_ai_code
from scoreport.people.rules import Named, keys_of
from scoreport.programs.catalog import program as program_of
from scoreport.programs.rules import AcademicYear, Exam
from scoreport.scores.intake.layouts import About, Problem
from scoreport.scores.intake.store import order
from scoreport.scores.placing import Schools

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,9}", re.ASCII)
_TICKET = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]{0,39}", re.ASCII)
_FIRST_BIRTH = date(1900, 1, 1)
_LONGEST = 500
# The cells of free text, which a spreadsheet could take for a formula.
_TEXT_CELLS = (0, 1, 2, 3, 9, 12, 13, 14)


class ClepScores1:
    """The one layout of CLEP score files so far."""

    name = "clep-scores-1"
    ticket_column = "registration_ticket_number"
    columns: tuple[str, ...] = (
        "registration_ticket_number",
        "first_name",
        "middle_initial",
        "last_name",
        "gender",
        "ethnicity",
        "date_of_birth",
        "grade",
        "ai_code",
        "voucher_code",
        "date_registered",
        "date_tested",
        "test_center_code",
        "test_center_name",
        "test_center_city",
        "exam_code",
        "exam_subject",
        "score",
        "date_scored",
    )

    def checker(self, schools: Schools, at: datetime, zone: str) -> "ClepChecker":
        """Return the checker of this layout's rows."""
        return ClepChecker(schools, at, zone)

    def about(self, cells: list[str]) -> About:
        """Return whose test a row is about."""
        told = dict(zip(self.columns, _cleaned(cells)[0], strict=True))
        return About(
            ticket=told["registration_ticket_number"],
            voucher_code=told["voucher_code"],
            first_name=told["first_name"],
            last_name=told["last_name"],
            birth_date=told["date_of_birth"],
            ai_code=told["ai_code"],
            exam_code=told["exam_code"],
            tested_on=told["date_tested"],
        )


class _Dates(dict[str, date | None]):
    """ISO dates read once each; None for what is not a date of the calendar."""

    def __missing__(self, text: str) -> date | None:
        try:
            value = date.fromisoformat(text) if _ISO.fullmatch(text) else None
        except ValueError:
            return None
        if value is not None:
            self[text] = value
        return value


class _Years(dict[date, int]):
    """The academic years of days, worked out once each."""

    def __missing__(self, day: date) -> int:
        self[day] = AcademicYear.of(day).start
        return self[day]


class ClepChecker:
    """Checks rows of ``clep-scores-1``; holds what is looked up again and again."""

    def __init__(self, schools: Schools, at: datetime, zone: str) -> None:
        self._schools = schools
        self._at = at
        self._zone = zone
        self._program = program_of("clep")
        self._exams = self._program.exams_by_code
        self._low, self._high = self._program.lowest_score, self._program.highest_score
        self._tables = (
            ("gender", 4, self._program.genders.labels),
            ("ethnicity", 5, self._program.ethnicities.labels),
            ("grade", 7, self._program.grades.labels),
        )
        self._order = order(schools)
        self._dates = _Dates({"": None})
        self._today: dict[str, date] = {}
        self._released: dict[tuple[bool, date, date | None, str], Cell] = {}
        self._years = _Years()

    def check(self, line: int, cells: list[str]) -> tuple[Cell, ...] | list[Problem]:
        """Return the staged row, or every rule that the row breaks.

        A rule about two values is left out when one of them is itself wrong, so that one slip gives one reason.
        """
        cells, problems = _cleaned(cells)
        cells[4], cells[5], cells[7] = cells[4] or "U", cells[5] or "0", cells[7] or "10"
        school = self._schools.of("clep", cells[0], cells[8])
        exam = self._exams.get(cells[15])
        self._check_codes(problems, cells, exam)
        days = self._check_days(problems, cells, school.time_zone if school else self._zone)
        points = self._check_score(problems, cells, exam, days[3])
        if problems or exam is None or days[0] is None or days[2] is None:
            return problems
        return self._staged(line, cells, school, exam, (days[0], days[2], days[3]), points)

    def _check_codes(self, problems: list[Problem], cells: list[str], exam: Exam | None) -> None:
        if not _TICKET.fullmatch(cells[0]):
            reason = (
                _("This is not a registration ticket number: up to 40 letters and digits without spaces.")
                if cells[0]
                else _("The registration ticket number is missing. Every test has one; ask the sender for it.")
            )
            problems.append(Problem("registration_ticket_number", cells[0], reason))
        if not cells[3]:
            reason = _("The last name is missing. Put a student's only name into this column.")
            problems.append(Problem("last_name", "", reason))
        for column, place, known in self._tables:
            if cells[place] not in known:
                reason = _("There is no such code. Use one of %(codes)s, or leave the cell empty for no response.")
                problems.append(Problem(column, cells[place], reason % {"codes": ", ".join(known)}))
        if cells[8] and cells[8] not in self._schools.by_code and not is_ai_code(cells[8]):
            reason = _("An AI code has six digits; leading zeros may have been lost. Leave it empty if there is none.")
            problems.append(Problem("ai_code", cells[8], reason))
        if exam is None:
            reason = _("There is no CLEP exam with this code. Compare it with the list of exam codes.")
            problems.append(Problem("exam_code", cells[15], reason))

    def _check_days(
        self, problems: list[Problem], cells: list[str], zone: str
    ) -> tuple[date | None, date | None, date | None, date | None]:
        """Return the days of birth, registration, test and scoring, each None where it is absent or wrong."""
        known = self._dates
        born, registered, tested, scored = known[cells[6]], known[cells[10]], known[cells[11]], known[cells[18]]
        if born is None or registered is None or tested is None or scored is None:
            self._check_written(problems, cells)
        if tested is not None:
            self._check_order(problems, cells, (born, registered, tested, scored), self._local_today(zone))
        return born, registered, tested, scored

    def _check_written(self, problems: list[Problem], cells: list[str]) -> None:
        """Tell of dates that are missing or none; only tests with a score have a day of scoring."""
        for column, place in (("date_of_birth", 6), ("date_registered", 10), ("date_tested", 11), ("date_scored", 18)):
            value = cells[place]
            if value and self._dates[value] is None:
                reason = _("This is no day of the calendar, or not written as YYYY-MM-DD.")
                problems.append(Problem(column, value, reason))
            elif not value and column != "date_scored":
                problems.append(Problem(column, "", _("The date is missing. Write it as YYYY-MM-DD.")))

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
    ) -> int | None:
        """Return the score, or None where it is wrong or the test waits for its readers."""
        value = cells[17]
        if not value:
            if exam is not None and not exam.waits_for_readers:
                reason = _("The score is missing, and this exam has no essay that could still be read.")
                problems.append(Problem("score", "", reason))
            return None
        if not _WHOLE.fullmatch(value) or not self._low <= int(value) <= self._high:
            reason = _("A CLEP score is a whole number from %(low)d to %(high)d.")
            problems.append(Problem("score", value, reason % {"low": self._low, "high": self._high}))
            return None
        if exam is not None and exam.waits_for_readers and scored is None and not cells[18]:
            reason = _("The date scored is missing. Scores of exams with essays are released by it.")
            problems.append(Problem("date_scored", "", reason))
        return int(value)

    def _staged(
        self,
        line: int,
        cells: list[str],
        school: SchoolRef | None,
        exam: Exam,
        days: tuple[date, date, date | None],
        points: int | None,
    ) -> tuple[Cell, ...]:
        """Return the row in the order of ``store.STORE``, days and instants as text: they were read from it."""
        born, tested, scored = days
        if points is None:
            scored = None
        first, last = cells[1], cells[3]
        zone = school.time_zone if school else self._zone
        places = (school.school_id, school.district_id, school.state_id) if school else (None, None, None)
        keys = keys_of(Named(first, last, born, places[0]))
        # The subject's wording is left out: the code names the exam. Codes left empty count as "no response".
        # Cleaned cells hold no control character, so this one tells them apart.
        content = stable64("\x1f".join(cells[:16] + cells[17:]))
        released = None if points is None else self._release(exam, tested, scored, zone)
        return (
            *(line, self._order[places[0]] | line, "clep", cells[0], content),
            *(first, cells[2], last, sort_key(first), sort_key(last)),
            *(cells[4], int(cells[5]), cells[6], int(cells[7]), cells[8], cells[9], cells[10], cells[11]),
            *(cells[12], cells[13], cells[14], exam.code, exam.title, points, scored and cells[18]),
            *(self._years[tested], *places, released, _has_hostile(cells)),
            *keys,
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


def _cleaned(cells: list[str]) -> tuple[list[str], list[Problem]]:
    """Clean all cells, at once where nothing needs it: nearly always, and fifteen million times in a large file.

    Returns with them what is wrong with their lengths.
    """
    together = f"|{'|'.join(cells)}|"
    plain = is_clean(together) and " |" not in together and "| " not in together
    if plain and len(together) <= _LONGEST:
        return cells, []
    if not plain:
        cells = [clean(cell) for cell in cells]
    return cells, _too_long(cells)


def _too_long(cells: list[str]) -> list[Problem]:
    reason = _("This is longer than 500 characters. Shorten it.")
    named = zip(ClepScores1.columns, cells, strict=True)
    return [Problem(column, f"{value[:60]}…", reason) for column, value in named if len(value) > _LONGEST]


def _has_hostile(cells: list[str]) -> bool:
    """Tell whether a cell of free text could be taken for a formula; what begins with a letter or digit could not."""
    starts = cells[0][:1] + cells[1][:1] + cells[2][:1] + cells[3][:1] + cells[9][:1]
    starts += cells[12][:1] + cells[13][:1] + cells[14][:1]
    return not starts.isalnum() and any(is_hostile(cells[n]) for n in _TEXT_CELLS)
