"""A roster query and the address that carries it: nothing is lost on the way, and nothing in an address breaks it."""

import datetime as dt
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreport.lib.text import clean
from scoreport.programs.catalog import program
from scoreport.reports.rules import Result, RosterQuery, parse
from tests.reports.rosters import ALL_COLUMNS

CLEP = program("clep")
CODES = st.sampled_from([exam.code for exam in CLEP.exams])
SCORES = st.integers(20, 80)
DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1))


def upwards(ends):
    """Put two ends in their order; None is open."""
    low, high = ends
    return (high, low) if low is not None and high is not None and low > high else (low, high)


@st.composite
def queries(draw):
    """Draw any query that people can ask for."""
    low, high = upwards(draw(st.tuples(st.none() | SCORES, st.none() | SCORES)))
    first, last = upwards(draw(st.tuples(st.none() | DAYS, st.none() | DAYS)))
    grades, genders, ethnicities, columns = (
        draw(st.sets(st.sampled_from(tuple(known)), max_size=4))
        for known in (CLEP.grades, CLEP.genders, CLEP.ethnicities, ALL_COLUMNS)
    )
    return RosterQuery(
        "clep",
        years=tuple(sorted(draw(st.sets(st.integers(2001, 2090), max_size=4)), reverse=True)),
        sort=draw(st.sampled_from(ALL_COLUMNS)),
        descending=draw(st.booleans()),
        exams=tuple(sorted(draw(st.sets(CODES, max_size=3)))),
        result=draw(st.sampled_from(Result)),
        score_from=low,
        score_to=high,
        grades=tuple(int(code) for code in CLEP.grades if code in grades),
        genders=tuple(code for code in CLEP.genders if code in genders),
        ethnicities=tuple(int(code) for code in CLEP.ethnicities if code in ethnicities),
        tested_from=first,
        tested_to=last,
        schools=tuple(sorted(draw(st.sets(st.integers(1, 10**12), max_size=3)))),
        search=clean(draw(st.text(max_size=40)))[:100].strip(),
        columns=tuple(key for key in ALL_COLUMNS if key in columns) or ALL_COLUMNS,
        page=draw(st.integers(1, 10**6)),
    )


@given(queries())
def test_an_address_carries_a_query_whole(query):
    address = urlencode(query.to_params(), doseq=True)
    parsed = parse(parse_qs(address), program="clep", default_year=2026)
    assert parsed.query == query
    assert parsed.notices == ()


@given(queries())
def test_a_saved_view_is_its_parameters_without_the_page(query):
    assert parse(query.to_params(page=False), program="clep", default_year=2026).query == query.with_()


NAMES = (
    "year", "sort", "exam", "result", "score_from", "score_to", "band", "grade", "gender", "ethnicity", "tested_from",
    "tested_to", "school", "q", "columns", "page", "nonsense",
)  # fmt: skip
VALUES = st.text() | st.sampled_from(["all", "-score", "50-54", "٣", "1e9", "2025-2027", "9" * 40, "-", "\0", "0"])


@given(st.dictionaries(st.sampled_from(NAMES), st.lists(VALUES, max_size=5)))
def test_no_address_breaks_the_page(params):
    parsed = parse(params, program="clep", default_year=2026)
    again = parse(parsed.query.to_params(), program="clep", default_year=2026)
    assert again.query == parsed.query
    assert again.notices == ()
    assert len(parsed.notices) <= 5


def test_what_nobody_knows_is_left_out_and_said():
    parsed = parse({"exam": ["18", "999"], "sort": ["shoe_size"], "grade": ["12th"]}, program="clep", default_year=2026)
    assert parsed.query == RosterQuery("clep", years=(2026,), exams=("18",))
    assert len(parsed.notices) == 3
    assert "“shoe_size”" in parsed.notices[0]


@pytest.mark.parametrize(
    ("params", "ends"),
    [
        ({"band": ["50-54"]}, (50, 54)),
        ({"band": ["50-"]}, (50, None)),
        ({"band": ["-49"]}, (None, 49)),
        ({"band": ["54–50"]}, (50, 54)),
        ({"band": ["50-54"], "score_from": ["60"]}, (60, None)),
        ({"score_from": ["70"], "score_to": ["30"]}, (30, 70)),
        ({"band": ["10-90"]}, (None, None)),
        ({"band": ["-"]}, (None, None)),
        ({"score_from": ["19"]}, (None, None)),
    ],
)
def test_scores_come_as_ends_or_as_a_band(params, ends):
    query = parse(params, program="clep", default_year=2026).query
    assert (query.score_from, query.score_to) == ends


@pytest.mark.parametrize(
    ("years", "read"),
    [([], (2026,)), (["all"], ()), (["2024-2025", "2025-2026"], (2025, 2024)), (["2025-2027"], (2026,))],
)
def test_years_are_the_running_one_unless_told(years, read):
    assert parse({"year": years}, program="clep", default_year=2026).query.years == read


def test_a_click_on_a_header_sorts_and_a_second_one_turns_it_round():
    query = RosterQuery("clep", page=7)
    once = query.sorted_by("score")
    assert (once.sort, once.descending, once.page) == ("score", False, 1)
    assert once.sorted_by("score").descending
    assert not once.sorted_by("score").sorted_by("score").descending
    assert not once.sorted_by("score").sorted_by("grade").descending


def test_filters_can_be_taken_off():
    query = RosterQuery("clep", years=(2025,), sort="grade", grades=(6,), search="x", page=3)
    assert query.is_filtered
    assert query.without_filters() == RosterQuery("clep", years=(2025,), sort="grade", page=3)
    assert not query.without_filters().is_filtered
