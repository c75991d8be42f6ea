import datetime as dt
from collections import Counter
from dataclasses import replace

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from scoreport.programs.catalog import PROGRAMS, UnknownProgram, catalogue_problems, clep, program
from scoreport.programs.rules import CREDIT_GRANTING_SCORE, CreditLevel, EssayKind, Exam, Program, Recommendation

CLEP = program("clep")
TODAY = dt.date(2026, 11, 21)
scores = st.integers(20, 80)
exams = st.sampled_from(CLEP.exams)
days = st.dates(dt.date(1995, 1, 1), dt.date(2040, 1, 1))


def exam(code: str) -> Exam:
    found = CLEP.exam_by_code(code)
    assert found
    return found


def test_programs_are_found_by_their_short_name():
    assert program("clep") is clep.CLEP
    with pytest.raises(UnknownProgram, match=r"There is no program “sat”\. There is: clep\."):
        program("sat")


def test_clep_has_34_exams_and_six_retired_ones():
    assert len(CLEP.active_exams) == 34
    assert Counter(one.group.slug for one in CLEP.active_exams) == {
        "business": 5,
        "composition-literature": 6,
        "world-languages": 4,
        "history-social-sciences": 12,
        "science-mathematics": 7,
    }
    assert {one.code for one in CLEP.exams if one.retired} == {"8", "9", "10", "12", "71", "78"}


def test_two_exams_are_read_centrally_and_four_by_colleges():
    kinds = Counter(one.essay for one in CLEP.active_exams)
    assert kinds == {EssayKind.CENTRAL: 2, EssayKind.OPTIONAL: 4, EssayKind.NONE: 28}
    assert {one.code for one in CLEP.exams if one.waits_for_readers} == {"91", "77W"}


@pytest.mark.parametrize("one", CLEP.active_exams, ids=lambda one: one.code)
def test_ace_recommends_50_for_every_exam(one):
    found = one.recommendation(TODAY)
    assert found
    assert found.levels[0].score == one.cut(TODAY) == CREDIT_GRANTING_SCORE == 50
    assert found.levels[0].level == 1


def test_the_hours_of_all_exams():
    hours = {one.code: [level.hours for level in one.recommendations[-1].levels] for one in CLEP.active_exams}
    assert {code for code, some in hours.items() if some == [6]} == {"91", "5", "18", "26", "7", "2"}
    assert {code: some for code, some in hours.items() if some not in ([3], [6])} == {
        "62": [4],
        "75": [6, 9],
        "76": [6, 9],
        "77": [6, 9],
        "77W": [6, 12],
    }


@pytest.mark.parametrize(
    ("code", "score", "on", "level", "hours"),
    [
        ("7", 50, "2026-01-01", 1, 6),
        ("77", 62, "2026-01-01", 1, 6),
        ("77", 63, "2026-01-01", 2, 9),
        ("75", 60, "2026-01-01", 2, 9),
        ("77W", 64, "2026-01-01", 1, 6),
        ("77W", 65, "2026-01-01", 2, 12),
        ("76", 59, "2022-12-31", 2, 9),
        ("76", 59, "2023-01-01", 1, 6),
        ("76", 62, "2023-01-01", 2, 9),
        ("20", 50, "2015-02-28", 1, 6),
        ("20", 50, "2015-03-01", 1, 3),
    ],
)
def test_the_credit_of_a_score_on_a_day(code, score, on, level, hours):
    found = exam(code).credit(score, dt.date.fromisoformat(on))
    assert found
    assert (found.level, found.hours) == (level, hours)


def test_a_score_below_the_cut_earns_nothing():
    assert exam("7").credit(49, TODAY) is None
    assert exam("77W").credit(49, TODAY) is None


def test_retired_and_very_old_tests_have_no_credit_but_a_cut():
    assert exam("78").credit(80, TODAY) is None
    assert exam("78").cut(TODAY) == 50
    assert exam("7").credit(80, dt.date(2001, 6, 30)) is None
    assert exam("7").cut(dt.date(2001, 6, 30)) == 50


@given(exams, scores, scores, days)
def test_a_higher_score_never_earns_less(one, some, other, on):
    low, high = (one.credit(score, on) for score in sorted([some, other]))
    assert low is None or (high is not None and high.level >= low.level and high.hours >= low.hours)


@given(exams, scores, days)
def test_credit_starts_at_the_cut(one, score, on):
    if one.recommendation(on):
        assert (one.credit(score, on) is not None) == (score >= one.cut(on))


@given(exams)
def test_codes_find_their_exams(one):
    assert CLEP.exam_by_code(one.code) is one


@given(st.text(max_size=4))
def test_other_codes_find_none(code):
    assert (CLEP.exam_by_code(code) is None) == (code not in {one.code for one in CLEP.exams})


def test_the_scale_is_20_to_80():
    assert [value for value in range(-100, 200) if value in CLEP.main] == list(range(20, 81))


def test_codes_of_people():
    assert list(CLEP.genders) == ["F", "M", "A", "U"]
    assert set(CLEP.ethnicities) == {"0", "1", "2", "3", "4", "8", "9", "10", "12"}
    assert set(CLEP.grades) == {"1", "2", "4", "5", "6", "7", "8", "10", "11", "12", "13"}
    assert sorted(["12", "7", "10", "4"], key=CLEP.grades.order) == ["4", "7", "12", "10"]
    with translation.override("en"):
        assert str(CLEP.grades.label("4")) == "9th grade"
        assert str(CLEP.ethnicities.label("12")) == "Two or more races"


# --- The catalogue checks itself ------------------------------------------------------------------


def test_the_catalogue_is_sound():
    assert CLEP in PROGRAMS
    assert catalogue_problems() == []


def ace(*levels: CreditLevel, since: dt.date = TODAY) -> tuple[Recommendation, ...]:
    return (Recommendation(since, levels),)


ONE = CreditLevel(1, 50, 3)
GROUP = CLEP.groups[0]
OLD = Exam("7", "", "X", GROUP, retired=True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            [Exam("7", "", "X", GROUP, retired=True), Exam("7", "", "Y", GROUP, retired=True)],
            "the code “7” stands for two",
        ),
        (
            [Exam("7", "", "X", GROUP, retired=True), Exam("8", "", "X", GROUP, retired=True)],
            "the title “X” stands for two",
        ),
        ([Exam("7 ", "", "X", GROUP, retired=True)], "not made of letters and digits"),
        ([Exam("", "", "X", GROUP, retired=True)], "not made of letters and digits"),
        ([Exam("7", "", "X", replace(GROUP), retired=True)], "group is not one of the program"),
        ([Exam("7", "", "X", GROUP)], "no credit recommendation"),
        ([Exam("7", "", "X", GROUP, recommendations=ace(ONE) * 2)], "not in the order of their dates"),
        ([Exam("7", "", "X", GROUP, recommendations=ace())], "from low to high"),
        ([Exam("7", "", "X", GROUP, recommendations=ace(CreditLevel(1, 81, 3)))], "not on the scale"),
        ([Exam("7", "", "X", GROUP, recommendations=ace(CreditLevel(1, 60, 3), CreditLevel(2, 50, 6)))], "low to high"),
        ([Exam("7", "", "X", GROUP, recommendations=ace(CreditLevel(2, 50, 3)))], "not counted from 1"),
        ([Exam("7", "", "X", GROUP, recommendations=ace(CreditLevel(1, 50, 0)))], "earns no hours"),
    ],
)
def test_a_mistake_in_the_catalogue_is_told(wrong, said):
    other: Program = replace(CLEP, exams=tuple(wrong))
    (problem,) = catalogue_problems((other,))
    assert problem.startswith("CLEP: ")
    assert said in problem
