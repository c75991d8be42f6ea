"""The values of each stored score: in range, and whatever is derived from them derived anew."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from scoreport.lib.invariants import Check, CheckReport, Finding
from scoreport.lib.tabular import is_hostile
from scoreport.lib.text import clean, sort_key
from scoreport.organizations.rules import is_ai_code
from scoreport.programs.catalog import program as program_of
from scoreport.programs.rules import AcademicYear, CodeTable, Measure
from scoreport.scores import school_resolution
from scoreport.scores.cancellations import release_of, value_of
from scoreport.scores.results import AbstractResult, all_results, results_of

_TICKET: Final = re.compile(r"\S{1,40}")
_TEXTS: Final = (
    "ticket",
    "first_name",
    "middle_initial",
    "last_name",
    "voucher_code",
    "test_center_code",
    "test_center_name",
    "test_center_city",
)


class _Reader:
    """Looks at one score after the other; one pass serves all checks of values."""

    def __init__(self) -> None:
        self._schools = school_resolution.schools()
        self.range = CheckReport(_("Every value lies in its range: scores, codes, dates in order, text cleaned"))
        self.year = CheckReport(_("The academic year is that of the date tested"))
        self.keys = CheckReport(_("Names are sorted by the keys that they give"))
        self.guard = CheckReport(_("Rows that a spreadsheet could run are known as such"))
        self.places = CheckReport(_("School, district and state are those of the AI code, or of the placement"))
        self.release = CheckReport(_("Release instants are those of the program's policy"))

    def tallies(self) -> tuple[CheckReport, ...]:
        return self.range, self.year, self.keys, self.guard, self.places, self.release

    def look(self, row: AbstractResult) -> None:
        what, school = row.ticket, self._schools.of(row.program, row.ticket, row.ai_code)
        self.range.expect(what, holds=_is_in_range(row))
        self.year.expect(what, holds=row.year == AcademicYear.of(row.tested_on).start)
        keys = (sort_key(row.first_name), sort_key(row.last_name))
        self.keys.expect(what, holds=(row.sort_first, row.sort_last) == keys)
        hostile = any(is_hostile(getattr(row, name, "")) for name in _TEXTS)
        self.guard.expect(what, holds=row.is_hostile == hostile)
        places = (school.school_id, school.district_id, school.state_id) if school else (None, None, None)
        self.places.expect(what, holds=(row.school_id, row.district_id, row.state_id) == places)
        zone = school.time_zone if school else settings.TIME_ZONE
        self.release.expect(what, holds=row.released_at == release_of(row, zone))


def _is_in_range(row: AbstractResult) -> bool:
    program = program_of(row.program)
    exam = program.exam_by_code(row.exam_code)
    return (
        exam is not None
        and (value_of(row) is not None or exam.waits_for_readers or bool(row.status))
        and all(value is None or value in measure for measure, value in _measures(row))
        and _TICKET.fullmatch(row.ticket) is not None
        and all(str(getattr(row, name)) in table for name, table in _codes(row))
        and (not row.ai_code or is_ai_code(row.ai_code))
        and getattr(row, "registered_on", row.tested_on) <= row.tested_on
        and row.birth_date < row.tested_on
        and (row.scored_on is None or row.tested_on <= row.scored_on)
        and bool(row.last_name)
        and all(clean(value) == value for name in _TEXTS if (value := getattr(row, name, "")))
    )


def _codes(row: AbstractResult) -> Iterator[tuple[str, CodeTable]]:
    """Yield the columns of codes that the program's files have, with what they may hold."""
    program, stored = program_of(row.program), {column for _file, column in results_of(row.program).columns}
    tables = {"gender": program.genders, "ethnicity": program.ethnicities, "grade": program.grades}
    yield from ((name, table) for name, table in tables.items() if name in stored)


def _measures(row: AbstractResult) -> Iterator[tuple[Measure, int | None]]:
    for measure in program_of(row.program).measures:
        yield measure, getattr(row, measure.key)


def values(_at: datetime) -> Iterator[Finding]:
    """Check the values of every score, the superseded ones too."""
    reader = _Reader()
    for results in all_results():
        for row in results.model.objects.order_by("pk").iterator(chunk_size=2_000):
            reader.look(row)
    yield from (report.finding() for report in reader.tallies())


CHECKS: tuple[Check, ...] = (values,)
