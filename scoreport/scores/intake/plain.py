"""The rows of a program whose files need no rules of their own: a layout, and where its columns are stored, are enough.

What several values say together is checked as for every program: days in their order, an exam of the program, a result
that is there, pending or canceled.
"""

from datetime import date, datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoreport.imports import staging
from scoreport.imports.cells import WRONG
from scoreport.imports.layout import Layout
from scoreport.imports.problems import Problem
from scoreport.lib.bulk import Cell
from scoreport.lib.clock import local_date
from scoreport.lib.hashes import stable64
from scoreport.lib.tabular import is_hostile
from scoreport.lib.text import sort_key
from scoreport.organizations.rules import SchoolRef
from scoreport.people.rules import Named, initial_of, keys_of, place_code_of
from scoreport.programs.rules import AcademicYear, Exam, ScoreStatus
from scoreport.scores.intake.layouts import About, ScoreLayout
from scoreport.scores.intake.store import MISSING, order
from scoreport.scores.results import Results
from scoreport.scores.school_resolution import Schools

_FIRST_BIRTH: Final = date(1900, 1, 1)
_CANCELED: Final = ScoreStatus.CANCELED.value
NO_VALUE: Final = gettext_lazy(
    "The result is missing, and none is pending for this exam. For a canceled result, write CANCELED."
)


def plain_layout(results: Results, layout: Layout) -> ScoreLayout:
    """Return a layout whose rows :class:`PlainChecker` checks; the store names the column of the ticket."""
    file_columns = {stored: column for column, stored in results.columns}
    places = {stored: layout.names.index(column) for stored, column in file_columns.items()}

    def about(cells: list[str]) -> About:
        def cell(stored: str) -> str:
            return cells[places[stored]] if stored in places else ""

        named = {name: cell(name) for name in ("first_name", "last_name", "birth_date", "ai_code", "exam_code")}
        return About(ticket=cell("ticket"), voucher_code=cell("voucher_code"), tested_on=cell("tested_on"), **named)

    return ScoreLayout(
        layout,
        file_columns["ticket"],
        lambda schools, at, zone: PlainChecker(results, places, schools, at, zone),
        about,
        file_columns[results.value],
        NO_VALUE,
    )


class PlainChecker:
    """Checks rows by what several of their values say together, and stages them."""

    def __init__(self, results: Results, places: dict[str, int], schools: Schools, at: datetime, zone: str) -> None:
        self._results, self._places = results, places
        self._schools, self._at, self._zone = schools, at, zone
        self._names = {stored: column for column, stored in results.columns}
        self._order = order(schools)

    def check(self, line: int, cells: list[str], problems: list[Problem]) -> tuple[Cell, ...] | list[Problem]:
        """Return the staged row, or every rule that the row breaks."""
        problems = list(problems)
        said = {stored: cells[place] for stored, place in self._places.items()}
        school = self._schools.of(self._results.program.slug, said["ticket"], said.get("ai_code", ""))
        zone = school.time_zone if school else self._zone
        days = {name: _day(said.get(name, "")) for name in ("birth_date", "tested_on", "scored_on")}
        self._check_days(problems, said, days, local_date(self._at, zone))
        exam = self._results.program.exam_by_code(said["exam_code"])
        born, tested = days["birth_date"], days["tested_on"]
        if problems or exam is None or born is None or tested is None:
            return problems
        return self._staged(line, said, school, exam, (born, tested, days["scored_on"]))

    def _check_days(
        self, problems: list[Problem], said: dict[str, str], days: dict[str, date | None], today: date
    ) -> None:
        born, tested, scored = days["birth_date"], days["tested_on"], days["scored_on"]
        if tested is None:
            return
        if tested > today:
            reason = _("This day is still to come. A test cannot have been taken after today, %(today)s.")
            self._refuse(problems, said, "tested_on", reason % {"today": today.isoformat()})
            return
        if born is not None and not _FIRST_BIRTH <= born < tested:
            reason = _("A test taker was born after 1900 and before the test. Correct the date of birth.")
            self._refuse(problems, said, "birth_date", reason)
        if scored is not None and scored < tested:
            reason = _("Scored before the test of %(tested)s. Correct one of the two dates.")
            self._refuse(problems, said, "scored_on", reason % {"tested": tested.isoformat()})
        elif scored is not None and scored > today:
            reason = _("This day is still to come. A score cannot be from after today, %(today)s.")
            self._refuse(problems, said, "scored_on", reason % {"today": today.isoformat()})

    def _refuse(self, problems: list[Problem], said: dict[str, str], stored: str, reason: str) -> None:
        problems.append(Problem(self._names[stored], said[stored], reason))

    def _measured(self, said: dict[str, str], exam: Exam) -> tuple[dict[str, int | None], str]:
        """Return the measures and the status; of a canceled result nothing is stored."""
        keys = [measure.key for measure in self._results.program.measures]
        if _CANCELED in {said.get("status", ""), *(said[key] for key in keys)}:
            return dict.fromkeys(keys), _CANCELED
        values = {key: int(said[key]) if said[key] else None for key in keys}
        if values[self._results.value] is not None:
            return values, ""
        return dict.fromkeys(keys), "" if exam.waits_for_readers else MISSING

    def _staged(
        self,
        line: int,
        said: dict[str, str],
        school: SchoolRef | None,
        exam: Exam,
        days: tuple[date, date, date | None],
    ) -> tuple[Cell, ...]:
        """Return the row in the order of the program's store."""
        born, tested, scored = days
        values, status = self._measured(said, exam)
        places = (school.school_id, school.district_id, school.state_id) if school else (None, None, None)
        keys = keys_of(Named(said["first_name"], said["last_name"], born, places[0]))
        row: dict[str, Cell] = {
            **self._told(said, values, status),
            "line": line,
            "store_order": self._order[places[0]] | line,
            "year": AcademicYear.of(tested).start,
            "school_id": places[0],
            "district_id": places[1],
            "state_id": places[2],
            "fold_given": keys.fold_given,
            "fold_last": keys.fold_last,
            "fold_initial": initial_of(said.get("middle_initial", "")),
            "place_code": place_code_of(places[0], said.get("ai_code", ""), said["ticket"]),
            "record_key": keys.record,
            "name_birth_key": keys.name_birth,
            "name_school_key": keys.name_school,
            "letters_key": keys.letters,
            "scored_on": None,
            "released_at": None,
        }
        if values[self._results.value] is not None:
            zone = school.time_zone if school else self._zone
            released = self._results.program.release.release_at(exam, tested, scored, zone)
            row |= {"scored_on": said.get("scored_on") or None, "released_at": staging.spelled(released)}
        return tuple(row[name] for name in self._results.store.staged_columns)

    def _told(self, said: dict[str, str], values: dict[str, int | None], status: str) -> dict[str, Cell]:
        """Return what the file itself says, with what its absent columns mean, and a digest of it all."""
        cells = said | {key: "" if value is None else str(value) for key, value in values.items()}
        return {
            "middle_initial": "",
            "gender": "",
            "ai_code": "",
            **said,
            **values,
            "program": self._results.program.slug,
            "row_hash": stable64("\x1f".join([*cells.values(), _CANCELED if status else ""])),
            "sort_first": sort_key(said["first_name"]),
            "sort_last": sort_key(said["last_name"]),
            "ethnicity": int(said.get("ethnicity") or 0),
            "grade": int(said.get("grade") or 0),
            "status": status,
            "is_hostile": any(map(is_hostile, said.values())),
        }


def _day(text: str) -> date | None:
    return None if text in {"", WRONG} else date.fromisoformat(text)
