"""The definition of each program's report fits its results, and each misfit is reported."""

from dataclasses import replace

import pytest

from scoreport.programs import catalog
from scoreport.programs.catalog import UnknownProgram
from scoreport.reports.queries.definitions import definition_problems
from scoreport.reports.rules import RosterColumn, definition_of, definitions, first_program, program_of_stored, registry
from scoreport.scores import queries as scores
from tests.reports.rosters import DEFINITION
from tests.world import AT, OPERATOR


def test_every_report_is_sound():
    assert definition_problems() == []
    assert [known.program for known in definitions()] == list(catalog.PROGRAMS)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"columns": (*DEFINITION.columns, DEFINITION.columns[0])},
            "two columns of its report are called “first_name”.",
        ),
        ({"columns": DEFINITION.columns[:-2]}, "no column of its report shows its main measure."),
        (
            {"columns": (*DEFINITION.columns, RosterColumn("shoe_size", "Shoe size", "shoe_size"))},
            "its results do not have what the column “shoe_size” shows.",
        ),
        # The number itself is for nobody outside of scores.
        (
            {"columns": (*DEFINITION.columns, RosterColumn("raw", "Raw", "score"))},
            "its results do not have what the column “raw” shows.",
        ),
        ({"default_sort": "shoe_size"}, "its report has no column “shoe_size”."),
        ({"exam": "shoe_size"}, "its report has no column “shoe_size”."),
        ({"student_details": (("Shoes", "shoe_size"),)}, "its report has no column “shoe_size”."),
        ({"charts": ("level",)}, "the charts of its report are not its measures, the main one first."),
        ({"charts": ()}, "the charts of its report are not its measures, the main one first."),
    ],
)
def test_what_does_not_fit_is_told(monkeypatch, changes, problem):
    monkeypatch.setitem(registry.DEFINITIONS, "clep", replace(DEFINITION, **changes))
    assert definition_problems() == [f"CLEP: {problem}"]


def test_a_program_without_a_report_is_told(monkeypatch):
    monkeypatch.delitem(registry.DEFINITIONS, "clep")
    assert definition_problems() == ["CLEP: it has no report."]
    assert definitions() == ()
    with pytest.raises(UnknownProgram):
        definition_of("clep")


@pytest.mark.django_db
def test_the_columns_of_a_program_are_those_that_a_visible_test_has(world):
    visible = scores.visible_scores(OPERATOR, AT, program="clep")
    for name in scores.columns_shown("clep"):
        assert list(visible.values(name)) == []


def test_what_was_stored_before_there_were_programs_is_of_the_first():
    assert program_of_stored({"program": "skills"}) == "skills"
    assert program_of_stored({}) == program_of_stored({"program": ""}) == first_program() == "clep"
