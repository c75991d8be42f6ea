"""The order in which a roster sorts by what students answered: as people read it, "No response" last."""

import pytest
from django.utils import translation

from scoreport.reports.rules.codes import code_ranks
from tests.reports.rosters import COLUMNS

GRADES = [
    "Below 8th grade", "8th grade", "9th grade", "10th grade", "11th grade", "12th grade", "First year of college",
    "Second year of college", "No longer in high school",
]  # fmt: skip
ETHNICITIES = [
    "American Indian/Alaska Native", "Asian", "Black/African American", "Hispanic/Latino",
    "Native Hawaiian/Pacific Islander", "Other", "Two or more races", "White",
]  # fmt: skip


def labels_in_order(key: str, *, descending: bool = False) -> list[str]:
    table, ranks = COLUMNS[key].codes, code_ranks(COLUMNS[key], descending=descending)
    assert table is not None
    assert ranks is not None
    return [str(table.label(code)) for code in sorted(table, key=ranks.key, reverse=descending)]


@pytest.mark.parametrize(
    ("key", "answers", "silent"),
    [
        ("grade", GRADES, ["Unknown", "No response"]),
        ("ethnicity", ETHNICITIES, ["No response"]),
        ("gender", ["Another", "Female", "Male"], ["No response"]),
    ],
)
def test_codes_stand_as_people_read_them_and_no_response_is_last_both_ways(key, answers, silent):
    assert labels_in_order(key) == answers + silent
    assert labels_in_order(key, descending=True) == answers[::-1] + silent


def test_labels_stand_in_the_order_of_the_readers_language_and_grades_in_that_of_school():
    with translation.override("es"):
        assert labels_in_order("ethnicity")[:4] == [
            "Asiático",
            "Blanco",
            "Dos o más razas",
            "Hispano o latino",
        ]
        assert labels_in_order("grade")[:2] == ["Menos de 8.º grado", "8.º grado"]


@pytest.mark.parametrize("descending", [False, True])
def test_a_code_of_another_time_is_an_answer(descending):
    ranks = code_ranks(COLUMNS["grade"], descending=descending)
    assert ranks is not None
    shown = sorted([7, 10, 3, 99, 1], key=ranks.key, reverse=descending)
    assert shown == ([99, 3, 7, 1, 10] if descending else [1, 7, 3, 99, 10])


def test_other_columns_have_no_codes():
    assert code_ranks(COLUMNS["exam_subject"], descending=False) is None
