"""A made-up program of two measures: a scale with a cut that rose once, and levels with names.

It is what CONTRIBUTING.md's checklist asks of a program: data, a wide model, its table, a layout, and its report.
"""

import csv
import datetime as dt
import io

from django.apps.registry import Apps
from django.db import connection, models

from scoreport.imports.layout import Column, Kind, Layout
from scoreport.programs import catalog
from scoreport.programs.catalog.clep import CLEP
from scoreport.programs.rules import (
    CreditLevel,
    Cut,
    EssayKind,
    Exam,
    ExamGroup,
    Level,
    Measure,
    MeasureKind,
    Program,
    Recommendation,
    ReleasePolicy,
)
from scoreport.reports.rules import Card, Filter, ReportDefinition, RosterColumn, Words, columns
from scoreport.reports.rules import registry as reports
from scoreport.scores import results
from scoreport.scores.intake import registry
from scoreport.scores.intake.plain import plain_layout
from scoreport.scores.results import (
    AbstractResult,
    AbstractResultAssertion,
    Results,
    constraints_of,
    in_range,
    indexes_of,
    store_of,
)

RAISED = dt.date(2025, 7, 1)
SCALE = Measure(
    key="scale",
    label="Scale score",
    kind=MeasureKind.SCALE,
    lowest=100,
    highest=300,
    bins=(100, 150, 200, 250),
    cuts=(Cut(dt.date(2001, 7, 1), 180), Cut(RAISED, 200)),
)
LEVEL = Measure(
    key="level",
    label="Level",
    kind=MeasureKind.LEVEL,
    lowest=1,
    highest=4,
    bins=(1, 2, 3, 4),
    levels=(Level(1, "Beginning"), Level(2, "Nearly there"), Level(3, "There"), Level(4, "Beyond")),
    cuts=(Cut(dt.date(2001, 7, 1), 3),),
)
_GROUP = ExamGroup("skills", "Skills")
_CREDIT = (Recommendation(dt.date(2001, 7, 1), (CreditLevel(1, 200, 3),)),)
SKILLS = Program(
    slug="skills",
    name="Skills",
    groups=(_GROUP,),
    exams=(
        Exam("READ", "Reading", "Reading", _GROUP, recommendations=_CREDIT),
        Exam("WRIT", "Writing", "Writing", _GROUP, EssayKind.CENTRAL, recommendations=_CREDIT),
    ),
    release=ReleasePolicy(),
    measures=(SCALE, LEVEL),
    genders=CLEP.genders,
    ethnicities=CLEP.ethnicities,
    grades=CLEP.grades,
)

_APPS = Apps()


class SkillResult(AbstractResult):
    """One result; ``proctor`` is a column that only this program has."""

    proctor = models.TextField(blank=True, default="")
    scale = models.SmallIntegerField(null=True, blank=True)
    level = models.SmallIntegerField(null=True, blank=True)

    class Meta:
        app_label = "made_up"
        apps = _APPS
        constraints = [*constraints_of("skill", SCALE), in_range("skill_level_in_range", LEVEL)]
        indexes = indexes_of("skill")


class SkillAssertion(AbstractResultAssertion):
    class Meta(AbstractResultAssertion.Meta):
        app_label = "made_up"
        apps = _APPS


_COLUMNS = (
    ("form", "ticket"),
    ("first_name", "first_name"),
    ("last_name", "last_name"),
    ("born", "birth_date"),
    ("gender", "gender"),
    ("grade", "grade"),
    ("school", "ai_code"),
    ("taken", "tested_on"),
    ("test", "exam_code"),
    ("read_on", "scored_on"),
    ("scale", "scale"),
    ("level", "level"),
    ("proctor", "proctor"),
)
RESULTS = Results(
    program=SKILLS,
    model=SkillResult,
    assertions=SkillAssertion,
    store=store_of(
        SkillResult, SkillAssertion, (("proctor", "text"), ("scale", "smallint"), ("level", "smallint")), header="form"
    ),
    columns=_COLUMNS,
)
LAYOUT = Layout(
    "skills-results",
    1,
    (
        Column("form", Kind.IDENTIFIER, required=True),
        Column("first_name", Kind.NAME, required=True),
        Column("last_name", Kind.NAME, required=True),
        Column("born", Kind.DAY, required=True),
        Column("gender", Kind.CHOICE, codes=tuple(CLEP.genders)),
        Column("grade", Kind.CHOICE, codes=tuple(CLEP.grades), required=True),
        Column("school", Kind.DIGITS, digits=6),
        Column("taken", Kind.DAY, required=True),
        Column("test", Kind.CHOICE, codes=("READ", "WRIT"), required=True),
        Column("read_on", Kind.DAY),
        Column("scale", Kind.NUMBER, lowest=100, highest=300, words={"canceled": "canceled"}),
        Column("level", Kind.NUMBER, lowest=1, highest=4),
        Column("proctor"),
    ),
)
REPORT = ReportDefinition(
    program=SKILLS,
    words=Words(
        title="Skills report",
        roster="Skills roster",
        empty="No skills results",
        taken_so_far="%(who)s took a skills test between %(first)s and today.",
        taken="%(who)s took a skills test from %(first)s to %(last)s.",
        timing="Results arrive one business day after a test.",
        student="All skills tests of this student that your roles open.",
        takers="Students tested",
        ticket="Form",
        search="Name or form",
        at_cut="On track",
        below_cut="Not yet on track",
        at_cut_column="On track",
        scores_at_cut="Results on track",
        share="Share on track",
        share_of_scores="Share of results on track",
        cut_in_short="on track",
        cut_help="From 200 on, and before July 2025 from 180 on.",
        chart="Scale scores 100–300",
        chart_label=lambda _count: "%(exam)s: %(tests)s results, %(share)s on track",
    ),
    columns=(
        columns.LAST_NAME,
        columns.FIRST_NAME,
        columns.grade(SKILLS),
        columns.AI_CODE,
        columns.ticket("form", "Form"),
        columns.DATE_TESTED,
        columns.exam(SKILLS, "Test"),
        columns.measure(SKILLS, "scale"),
        columns.measure(SKILLS, "level"),
        RosterColumn("proctor", "Proctor", "proctor", is_free_text=True),
        columns.DATE_CANCELED,
    ),
    exam="exam",
    filters=frozenset(Filter) - {Filter.GENDER, Filter.ETHNICITY},
    cards=(Card.TESTS, Card.AT_CUT, Card.SHARE, Card.PENDING),
    charts=("scale", "level"),
    student_details=(("Level", "level"),),
    default_columns=("last_name", "first_name", "form", "date_tested", "exam", "scale", "level"),
)
ANA = {
    "first_name": "Ana",
    "last_name": "Lopez",
    "born": "2008-04-05",
    "gender": "F",
    "grade": "6",
    "school": "470001",
    "taken": "2026-02-03",
    "test": "READ",
    "read_on": "",
    "scale": "210",
    "level": "3",
    "proctor": "P. Smith",
}


def row(form: str, **cells: str) -> dict[str, str]:
    """Return a good row, with other cells where the test wants them."""
    return {"form": form, **ANA, **cells}


def text(*rows: dict[str, str]) -> bytes:
    """Write rows as a file of the program."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, LAYOUT.names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


def install(monkeypatch) -> None:
    """Have the program, its tables, its layout and its report; the tables go with the transaction of a test."""
    monkeypatch.setattr(catalog, "PROGRAMS", (CLEP, SKILLS))
    monkeypatch.setitem(results._KNOWN, "skills", RESULTS)
    monkeypatch.setitem(registry._LAYOUTS, "skills", plain_layout(RESULTS, LAYOUT))
    monkeypatch.setitem(reports.DEFINITIONS, "skills", REPORT)
    for model in (SkillResult, SkillAssertion):
        editor = connection.schema_editor(collect_sql=True)
        editor.deferred_sql = []
        editor.create_model(model)
        with connection.cursor() as cursor:
            for statement in [*editor.collected_sql, *map(str, editor.deferred_sql)]:
                cursor.execute(statement.rstrip(";"))
