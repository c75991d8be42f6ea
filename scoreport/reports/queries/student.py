"""One student over the years, as far as the reader's roles reach."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, NotFound, Permission
from scoreport.lib.clock import local_date
from scoreport.organizations.queries import infos
from scoreport.organizations.rules import OrganizationInfo
from scoreport.people.queries import public_ids
from scoreport.programs.catalog import program
from scoreport.programs.rules import CREDIT_GRANTING_SCORE, AcademicYear, CreditLevel
from scoreport.reports.queries.roster import full_name, is_waiting, waiting_of
from scoreport.reports.rules import PROGRAM, Correction, StudentReport, StudentResult
from scoreport.reports.rules.codes import code_table
from scoreport.scores import queries as scores

_COLUMNS = (
    "ticket",
    "first_name",
    "last_name",
    "birth_date",
    "gender",
    "ethnicity",
    "grade",
    "exam_code",
    "exam_subject",
    "year",
    "registered_on",
    "tested_on",
    "school_id",
    "test_center_name",
    "points",
    "is_released",
    "canceled_on",
)


class UnknownStudent(NotFound):
    """There is no such student with a test that the reader may see."""


def student_page(actor: Actor, student_id: int, at: datetime) -> StudentReport:
    """Return a student's tests over all years at the organizations where the reader may open rosters.

    Raises :class:`UnknownStudent`, and :class:`scoreport.access.NotAllowed` without any such organization.
    """
    access.require(actor, Permission.SCORES_ROSTER_READ)
    visible = scores.visible_scores(actor, at, program=PROGRAM).filter(student_id=student_id)
    rows = list(visible.order_by("-tested_on", "-id").values(*_COLUMNS))
    if not rows:
        raise UnknownStudent(_("There is no such student."))
    schools = infos({row["school_id"] for row in rows if row["school_id"] is not None})
    corrections = _corrections(actor, student_id, at)
    results = tuple(_result(row, schools.get(row["school_id"]), corrections, at) for row in rows)
    newest = rows[0]
    names = dict.fromkeys(full_name(row["first_name"], row["last_name"]) for row in rows)
    name, *others = names
    return StudentReport(
        public_id=public_ids([student_id])[student_id],
        name=name,
        first_name=newest["first_name"],
        last_name=newest["last_name"],
        birth_date=newest["birth_date"],
        other_names=tuple(others),
        gender=_label("gender", newest),
        ethnicity=_label("ethnicity", newest),
        grade=_latest_answer("grade", rows),
        schools=tuple(sorted(schools.values(), key=lambda school: (school.name, school.id))),
        results=results,
        tests=sum(result.canceled_on is None for result in results),
        scores_at_cut=sum(result.at_cut for result in results),
        credit_hours=_hours(results),
        data_as_of=scores.data_as_of(PROGRAM),
    )


def _label(key: str, row: dict[str, Any]) -> str:
    table = code_table(key)
    return str(table.label(str(row[key]))) if table else str(row[key])


def _latest_answer(key: str, rows: list[dict[str, Any]]) -> str:
    """Return the label of the latest answer that says something; ``rows`` are newest first.

    For grades: a student who leaves the question out at a later test is in the grade of the test before. Gender and
    ethnicity are as the newest test says, since a student may choose to answer them no longer.
    """
    table = code_table(key)
    return _label(key, next((row for row in rows if table is None or table.is_answered(str(row[key]))), rows[0]))


def _hours(results: tuple[StudentResult, ...]) -> int:
    """Return the hours that are recommended for all results: an exam earns once, at the highest level reached."""
    best: dict[str, int] = {}
    for result in results:
        if result.earned:
            best[result.exam_code] = max(best.get(result.exam_code, 0), result.earned.hours)
    return sum(best.values())


def _corrections(actor: Actor, student_id: int, at: datetime) -> dict[str, tuple[Correction, ...]]:
    """Return what was said of each test that was told of differently at some time, oldest first."""
    said: dict[str, list[Correction]] = defaultdict(list)
    for version in scores.versions(actor, student_id, at, program=PROGRAM):
        correction = Correction(version.said_at, version.points, version.is_current, version.change)
        said[version.ticket].append(correction)
    return {ticket: tuple(found) for ticket, found in said.items() if len(found) > 1}


def _result(
    row: dict[str, Any],
    school: OrganizationInfo | None,
    corrections: dict[str, tuple[Correction, ...]],
    at: datetime,
) -> StudentResult:
    points, tested_on = row["points"], row["tested_on"]
    exam = program(PROGRAM).exam_by_code(row["exam_code"])
    recommended = exam.recommendation(tested_on) if exam else None
    earned: CreditLevel | None = exam.credit(points, tested_on) if exam and points is not None else None
    today = local_date(at, school.time_zone) if school else at.date()
    return StudentResult(
        ticket=row["ticket"],
        exam_code=row["exam_code"],
        exam=row["exam_subject"],
        year=AcademicYear(row["year"]),
        registered_on=row["registered_on"],
        tested_on=tested_on,
        school=school.name if school else "",
        test_center=row["test_center_name"],
        points=points,
        at_cut=points is not None and points >= CREDIT_GRANTING_SCORE,
        credit=recommended.levels if recommended else (),
        earned=earned,
        waiting=waiting_of(row["exam_code"], tested_on, today) if is_waiting(row) else None,
        canceled_on=row["canceled_on"],
        corrections=corrections.get(row["ticket"], ()),
    )
