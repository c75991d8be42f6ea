"""Questions of identity as pages show them: both records side by side, with what speaks for one student and for two."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.access import Actor
from scoreport.organizations import queries as organizations
from scoreport.organizations.rules import OrganizationInfo
from scoreport.people.cases import evidence
from scoreport.people.queries import CaseInfo, RecordInfo
from scoreport.programs.catalog import PROGRAMS
from scoreport.scores.queries import RecordTests, record_tests
from scoreport.web.desk import match_labels, words
from scoreport.web.formats import day, number

_NAMED_FILES: Final = 2
_NONE: Final = "–"


@dataclass(frozen=True, slots=True)
class Row:
    """What both records say of one thing; ``differs`` where that may mean two students."""

    label: str
    newer: str
    older: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the page shows it; of its records the newer one comes first."""

    case: CaseInfo
    why: str
    answer: str
    names: tuple[str, str]
    rows: tuple[Row, ...]
    suggests_one: tuple[str, ...]
    suggests_two: tuple[str, ...]


def questions_of(actor: Actor, found: Iterable[CaseInfo]) -> list[Question]:
    """Describe questions for a page that has recorded that they are seen."""
    asked = list(found)
    records = [record for case in asked for record in (case.record, case.candidate)]
    tests = record_tests(actor, {record.id for record in records})
    schools = organizations.infos({record.school_id for record in records if record.school_id})
    return [_question(case, tests, schools) for case in asked]


def _question(case: CaseInfo, tests: Mapping[int, RecordTests], schools: Mapping[int, OrganizationInfo]) -> Question:
    newer, older = sorted((case.record, case.candidate), key=lambda record: -record.id)
    found = evidence(case)
    return Question(
        case=case,
        why=match_labels.reason_sentence(case.reason),
        answer=words.answer_label(case.state),
        names=(_name(newer), _name(older)),
        rows=tuple(_rows(newer, older, tests, schools)),
        suggests_one=tuple(map(match_labels.clue_label, found.speaks_for)),
        suggests_two=tuple(map(match_labels.clue_label, found.speaks_against)),
    )


def _rows(
    newer: RecordInfo,
    older: RecordInfo,
    tests: Mapping[int, RecordTests],
    schools: Mapping[int, OrganizationInfo],
) -> Iterator[Row]:
    for label, tell in (
        (_("Name"), _name),
        (_("Date of birth"), lambda one: day(one.birth_date)),
        (_("Gender"), lambda one: str(PROGRAMS[0].genders.label(one.gender))),
        (_("School"), lambda one: _school(one, schools)),
        (_("Student IDs"), _identifiers),
    ):
        mine, theirs = tell(newer), tell(older)
        if (mine, theirs) != (_NONE, _NONE):
            yield Row(label, mine, theirs, mine != theirs)
    # Grades change, and tests and files always differ: they say nothing for or against by that.
    for label, say in (
        (_("Grade"), _grade),
        (_("Tests"), _taken),
        (_("From"), _source),
    ):
        yield Row(label, say(newer, tests[newer.id]), say(older, tests[older.id]), differs=False)


def _name(record: RecordInfo) -> str:
    given = " ".join(filter(None, (record.first_name, record.initial.upper())))
    return f"{record.last_name}, {given}" if given else record.last_name


def _school(record: RecordInfo, schools: Mapping[int, OrganizationInfo]) -> str:
    if record.school_id and record.school_id in schools:
        return schools[record.school_id].name
    return _("Unknown (AI code %(code)s)") % {"code": record.school_code} if record.school_code else _("Unknown")


def _identifiers(record: RecordInfo) -> str:
    return (
        ", ".join(f"{match_labels.identifier_label(kind)} {value}" for kind, _by, value in record.identifiers) or _NONE
    )


def _grade(_record: RecordInfo, tests: RecordTests) -> str:
    grades = PROGRAMS[0].grades
    answered = [str(grade) for grade in tests.grades if grades.is_answered(str(grade))]
    return str(grades.label(answered[0])) if answered else _NONE


def _taken(_record: RecordInfo, tests: RecordTests) -> str:
    """Say how many tests a record has, and when."""
    if tests.first_on is None or tests.last_on is None:
        return _("None")
    if tests.first_on == tests.last_on:
        return f"{number(tests.tests)} ({day(tests.first_on)})"
    return f"{number(tests.tests)} ({day(tests.first_on)} – {day(tests.last_on)})"


def _source(record: RecordInfo, tests: RecordTests) -> str:
    """Say which files a record comes from."""
    named, more = ", ".join(tests.files[:_NAMED_FILES]), len(tests.files) - _NAMED_FILES
    if more > 0:
        return ngettext("%(files)s and %(count)s more file", "%(files)s and %(count)s more files", more) % {
            "files": named,
            "count": number(more),
        }
    return named or (_("A list of student IDs") if record.identifiers else _NONE)
