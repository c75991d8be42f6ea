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
from scoreport.programs.rules import AcademicYear, CodeTable, CreditLevel
from scoreport.reports.queries.roster import full_name, is_waiting, shown_in, waiting_of
from scoreport.reports.rules import Correction, ReportDefinition, StudentReport, StudentResult, definition_of
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
    "year",
    "tested_on",
    "school_id",
    "points",
    "is_released",
    "canceled_on",
)


class UnknownStudent(NotFound):
    """There is no such student with a test that the reader may see."""


def student_page(actor: Actor, student_id: int, at: datetime, *, program: str) -> StudentReport:
    """Return a student's tests in a program over all years at the organizations where the reader may open rosters.

    Raises :class:`UnknownStudent`, and :class:`scoreport.access.NotAllowed` without any such organization.
    """
    access.require(actor, Permission.SCORES_ROSTER_READ)
    definition = definition_of(program)
    visible = scores.visible_scores(actor, at, program=program).filter(student_id=student_id)
    rows = list(visible.order_by("-tested_on", "-id").values(*sorted({*_COLUMNS, *_own_fields(definition)})))
    if not rows:
        raise UnknownStudent(_("There is no such student."))
    schools = infos({row["school_id"] for row in rows if row["school_id"] is not None})
    corrections = _corrections(actor, student_id, program, at)
    results = tuple(_result(definition, row, schools.get(row["school_id"]), corrections, at) for row in rows)
    newest, known = rows[0], definition.program
    names = dict.fromkeys(full_name(row["first_name"], row["last_name"]) for row in rows)
    name, *others = names
    return StudentReport(
        program=program,
        public_id=public_ids([student_id])[student_id],
        name=name,
        first_name=newest["first_name"],
        last_name=newest["last_name"],
        birth_date=newest["birth_date"],
        other_names=tuple(others),
        gender=str(known.genders.label(newest["gender"])),
        ethnicity=str(known.ethnicities.label(str(newest["ethnicity"]))),
        grade=_latest_answer(known.grades, rows),
        schools=tuple(sorted(schools.values(), key=lambda school: (school.name, school.id))),
        results=results,
        tests=sum(result.canceled_on is None for result in results),
        scores_at_cut=sum(result.at_cut for result in results),
        credit_hours=_hours(results),
        data_as_of=scores.data_as_of(program),
    )


def sees_student(actor: Actor, student_id: int, at: datetime) -> bool:
    """Tell whether the actor may see a test of a student, in whichever program.

    Raises :class:`scoreport.access.NotAllowed` without an organization where the actor may open rosters.
    """
    return any(
        visible.filter(student_id=student_id).exists() for visible in scores.visible_of_every_program(actor, at)
    )  # fmt: skip


def _own_fields(definition: ReportDefinition) -> set[str]:
    """Return the fields that a program's page of a student shows beside those that all programs have."""
    keys = (definition.exam, *(key for _label, key in definition.student_details))
    return {definition.by_key[key].field for key in keys}


def _latest_answer(grades: CodeTable, rows: list[dict[str, Any]]) -> str:
    """Return the label of the latest grade that says something; ``rows`` are newest first.

    A student who leaves the question out at a later test is in the grade of the test before. Gender and ethnicity are
    as the newest test says, since a student may choose to answer them no longer.
    """
    newest = next((row for row in rows if grades.is_answered(str(row["grade"]))), rows[0])
    return str(grades.label(str(newest["grade"])))


def _hours(results: tuple[StudentResult, ...]) -> int:
    """Return the hours that are recommended for all results: an exam earns once, at the highest level reached."""
    best: dict[str, int] = {}
    for result in results:
        if result.earned:
            best[result.exam_code] = max(best.get(result.exam_code, 0), result.earned.hours)
    return sum(best.values())


def _corrections(actor: Actor, student_id: int, program: str, at: datetime) -> dict[str, tuple[Correction, ...]]:
    """Return what was said of each test that was told of differently at some time, oldest first."""
    said: dict[str, list[Correction]] = defaultdict(list)
    for version in scores.versions(actor, student_id, at, program=program):
        correction = Correction(version.said_at, version.points, version.is_current, version.change)
        said[version.ticket].append(correction)
    return {ticket: tuple(found) for ticket, found in said.items() if len(found) > 1}


def _result(
    definition: ReportDefinition,
    row: dict[str, Any],
    school: OrganizationInfo | None,
    corrections: dict[str, tuple[Correction, ...]],
    at: datetime,
) -> StudentResult:
    points, tested_on = row["points"], row["tested_on"]
    exam = definition.program.exam_by_code(row["exam_code"])
    recommended = exam.recommendation(tested_on) if exam else None
    earned: CreditLevel | None = exam.credit(points, tested_on) if exam and points is not None else None
    today = local_date(at, school.time_zone) if school else at.date()
    return StudentResult(
        ticket=row["ticket"],
        exam_code=row["exam_code"],
        exam=shown_in(definition.by_key[definition.exam], row),
        year=AcademicYear(row["year"]),
        tested_on=tested_on,
        school=school.name if school else "",
        details=tuple(shown_in(definition.by_key[key], row) for _label, key in definition.student_details),
        points=points,
        shown="" if points is None else str(definition.main.label_of(points)),
        at_cut=definition.main.is_reached(points, tested_on),
        credit=recommended.levels if recommended else (),
        earned=earned,
        waiting=waiting_of(definition.program.slug, row["exam_code"], tested_on, today) if is_waiting(row) else None,
        canceled_on=row["canceled_on"],
        corrections=corrections.get(row["ticket"], ()),
    )
