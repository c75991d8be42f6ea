"""The values of each stored score: in range, and whatever is derived from them derived anew."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from scoreport.lib.tabular import is_hostile
from scoreport.lib.text import clean, sort_key
from scoreport.organizations.rules import SchoolRef, is_ai_code
from scoreport.programs.catalog import program as program_of
from scoreport.programs.rules import AcademicYear
from scoreport.scores import school_resolution
from scoreport.scores.models import Score
from scoreport.scores.verify.report import Check, CheckReport, Finding

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

    def look(self, row: Score) -> None:
        what, school = row.ticket, self._schools.of(row.program, row.ticket, row.ai_code)
        self.range.expect(what, holds=_is_in_range(row))
        self.year.expect(what, holds=row.year == AcademicYear.of(row.tested_on).start)
        keys = (sort_key(row.first_name), sort_key(row.last_name))
        self.keys.expect(what, holds=(row.sort_first, row.sort_last) == keys)
        hostile = any(is_hostile(getattr(row, name)) for name in _TEXTS)
        self.guard.expect(what, holds=row.is_hostile == hostile)
        places = (school.school_id, school.district_id, school.state_id) if school else (None, None, None)
        self.places.expect(what, holds=(row.school_id, row.district_id, row.state_id) == places)
        self.release.expect(what, holds=row.released_at == _release(row, school))


def _is_in_range(row: Score) -> bool:
    program = program_of(row.program)
    exam = program.exam_by_code(row.exam_code)
    return (
        exam is not None
        and (program.is_score(row.score) if row.score is not None else exam.waits_for_readers or bool(row.status))
        and _TICKET.fullmatch(row.ticket) is not None
        and row.gender in program.genders
        and str(row.ethnicity) in program.ethnicities
        and str(row.grade) in program.grades
        and (not row.ai_code or is_ai_code(row.ai_code))
        and row.registered_on <= row.tested_on
        and row.birth_date < row.tested_on
        and (row.scored_on is None or row.tested_on <= row.scored_on)
        and bool(row.last_name)
        and all(clean(value) == value for name in _TEXTS if (value := getattr(row, name)))
    )


def _release(row: Score, school: SchoolRef | None) -> datetime | None:
    program = program_of(row.program)
    exam = program.exam_by_code(row.exam_code)
    if exam is None or row.score is None or row.canceled_on is not None:
        return None
    zone = school.time_zone if school else settings.TIME_ZONE
    return program.release.release_at(exam, row.tested_on, row.scored_on, zone)


def values(_at: datetime) -> Iterator[Finding]:
    """Check the values of every score, the superseded ones too."""
    reader = _Reader()
    for row in Score.objects.order_by("pk").iterator(chunk_size=2_000):
        reader.look(row)
    yield from (report.finding() for report in reader.tallies())


CHECKS: tuple[Check, ...] = (values,)
