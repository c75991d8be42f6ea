"""The roster against an oracle that reads every stored test and filters and sorts in Python."""

import datetime as dt
from dataclasses import replace

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoreport.access import NotAllowed
from scoreport.organizations.queries import find
from scoreport.programs.catalog import program
from scoreport.reports import queries
from scoreport.reports.queries import order
from scoreport.reports.rules import PAGE_SIZE, Result, RosterQuery
from scoreport.scores import totals
from scoreport.scores.models import ClepResult
from scoreport.scores.queries import visible_scores
from tests.examples import examples
from tests.reports.roster_oracle import expected, points_of
from tests.reports.rosters import ALL_COLUMNS, YEARS, all_years, cancel, store
from tests.scores import files
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db

# One roster serves all examples of a property: they only read it.
READS = settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SORTS = st.tuples(st.sampled_from(ALL_COLUMNS), st.booleans())


# The codes of the rosters of these tests as people read them: gender and ethnicity by label, grades as in school.
@pytest.fixture
def roster(world):
    """Alder and Birch with tests of every kind; each ninth is canceled."""
    store()
    cancel()
    return world


def pages_of(actor, organization, query: RosterQuery, at=AT) -> list[int]:
    """Return the ids of all pages, one after the other."""
    first = queries.roster_page(actor, organization, query, at)
    pages = [queries.roster_page(actor, organization, replace(query, page=n), at) for n in range(1, first.pages + 1)]
    ids = [row.id for page in pages for row in page.rows]
    assert {page.total for page in pages} == {len(ids)}
    assert all(len(page.rows) == PAGE_SIZE for page in pages[:-1])
    return ids


def stored_at(code: str) -> list[ClepResult]:
    """Return all stored tests under an organization."""
    place = find(code).place
    column = {"state": "state_id", "district": "district_id", "school": "school_id"}[place.kind]
    return list(ClepResult.objects.filter(**{column: place.id}))


@pytest.mark.parametrize("code", ["ALDER-HIGH", "D-ALDER", "ST"])
@pytest.mark.parametrize("descending", [False, True])
def test_every_order_shows_every_row_once(roster, code, descending):
    organization, tests = find(code), stored_at(code)
    assert len(tests) > PAGE_SIZE
    for key in ALL_COLUMNS:
        query = all_years(sort=key, descending=descending)
        assert pages_of(OPERATOR, organization, query) == expected(tests, query, state=code == "ST"), key


def _some(values):
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


@st.composite
def asked_for(draw):
    """Draw a query that finds something often enough."""
    sort, descending = draw(SORTS)
    low, high = sorted(draw(st.tuples(st.sampled_from((20, 49, 50, 51)), st.sampled_from((50, 51, 80)))))
    first, last = sorted(draw(st.tuples(*[st.dates(dt.date(2024, 12, 1), dt.date(2026, 11, 20))] * 2)))
    return RosterQuery(
        "clep",
        years=draw(st.sampled_from([YEARS, (2026,), (2026, 2024)])),
        sort=sort,
        descending=descending,
        exams=draw(_some(("18", "91", "77W"))),
        result=draw(st.sampled_from(Result)),
        score_from=draw(st.sampled_from((None, low))),
        score_to=draw(st.sampled_from((None, high))),
        grades=draw(_some((6, 7, 10))),
        genders=draw(_some("FMAU")),
        ethnicities=draw(_some((0, 4, 9, 12))),
        tested_from=draw(st.sampled_from((None, first))),
        tested_to=draw(st.sampled_from((None, last))),
        search=draw(st.sampled_from(("", "", "lop", "LÓPEZ ana", "t00", "T0012", "%", "=1", "hyper", "de leon", "_"))),
    )


@READS
@given(query=asked_for(), code=st.sampled_from(["ALDER-HIGH", "D-ALDER", "ST"]))
def test_filters_find_what_the_oracle_finds(roster, query, code):
    assert pages_of(OPERATOR, find(code), query) == expected(stored_at(code), query, state=code == "ST")


@READS
@given(query=asked_for())
def test_the_count_beside_a_filter_is_of_the_same_years(roster, query):
    page = queries.roster_page(OPERATOR, find("D-ALDER"), query, AT)
    assert page.total_unfiltered == len(expected(stored_at("D-ALDER"), query.without_filters()))


def test_schools_are_a_filter_and_those_of_others_find_nothing(roster):
    alder, early, birch = (find(code) for code in ("D-ALDER", "ALDER-EARLY", "BIRCH-HIGH"))
    query = all_years(schools=(early.id,))
    assert pages_of(OPERATOR, alder, query) == expected(stored_at("ALDER-EARLY"), all_years())
    assert pages_of(OPERATOR, alder, all_years(schools=(birch.id,))) == []
    assert pages_of(OPERATOR, alder, all_years(schools=(987654,))) == []


@pytest.fixture
def long(monkeypatch):
    """Take every roster of more than ten rows for a long one, of which only the outermost rows are near an end."""
    monkeypatch.setattr(order, "SHORT", 10)
    monkeypatch.setattr(order, "NEAR", 3)
    monkeypatch.setattr(order, "KEPT", 0)


@pytest.fixture(params=["counted", "kept"])
def either(request, long, monkeypatch):
    """Take the long rosters once for ones of a state's size and once for ones of a district's."""
    if request.param == "kept":
        monkeypatch.setattr(order, "KEPT", 100_000)


@pytest.mark.parametrize("code", ["D-ALDER", "ST"])
@pytest.mark.parametrize("descending", [False, True])
def test_a_long_roster_has_the_same_order(roster, either, code, descending):
    organization, tests = find(code), stored_at(code)
    for key in ALL_COLUMNS:
        query = all_years(sort=key, descending=descending)
        parts = order.segments(OPERATOR, organization, query, AT)
        everything = expected(tests, query, state=code == "ST")
        for first in range(0, len(everything), 11):
            assert order.ids_of(parts, first, 11) == everything[first : first + 11], (key, first)


@pytest.mark.parametrize("descending", [False, True])
def test_a_code_of_another_time_has_a_place_in_a_long_roster(roster, either, descending):
    ClepResult.objects.filter(grade=7).update(grade=99)
    parts = order.segments(OPERATOR, find("ST"), all_years(sort="grade", descending=descending), AT)
    shown = [pk for first in range(0, parts[0].size, 11) for pk in order.ids_of(parts, first, 11)]
    grades = dict(ClepResult.objects.values_list("pk", "grade"))
    assert len(set(shown)) == len(shown) == parts[0].size
    in_order = list(dict.fromkeys(grades[pk] for pk in shown))
    assert in_order == ([99, 12, 6, 10] if descending else [6, 12, 99, 10])


@READS
@given(query=asked_for(), code=st.sampled_from(["D-ALDER", "ST"]))
def test_filters_of_a_long_roster_find_what_the_oracle_finds(roster, either, query, code):
    assert pages_of(OPERATOR, find(code), query) == expected(stored_at(code), query, state=code == "ST")


def test_a_few_that_wait_are_looked_for_once_among_many(roster, long, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(order, "KEPT", 100_000)
    parts = order.segments(OPERATOR, find("D-ALDER"), all_years(sort="score"), AT)
    total, waiting = parts[0].scope, parts[-1].size
    monkeypatch.setattr(order, "SHORT", waiting)
    assert 0 < waiting < total
    found = order.ids_of(parts, total - waiting, waiting)
    assert found == expected(stored_at("D-ALDER"), all_years(sort="score"))[-waiting:]
    with django_assert_num_queries(0):
        assert order.ids_of(parts, total - waiting, waiting) == found


def test_what_was_counted_before_is_not_trusted_when_the_tests_have_changed(roster, long):
    query = all_years(sort="gender")
    before = order.segments(OPERATOR, find("ST"), query, AT)
    order.ids_of(before, 40, 11)
    # Same number of tests, same files, other values: an import of schools does such things.
    ClepResult.objects.filter(gender="F").update(gender="U")
    everything = expected(stored_at("ST"), query, state=True)
    parts = order.segments(OPERATOR, find("ST"), query, AT)
    for first in range(0, len(everything), 11):
        assert len(order.ids_of(parts, first, 11)) == len(everything[first : first + 11])


def count_totals_anew():
    """Count all totals, as whatever changes a test does for those that it touches."""
    with connection.cursor() as cursor:
        rows = ClepResult.objects.values_list("program", "district_id", "state_id", "year")
        totals.recompute(cursor, totals.keys_of(rows))


def test_the_number_that_a_filter_finds_is_kept_no_longer_than_its_tests(roster):
    alder, query = find("D-ALDER"), all_years(genders=("F",))
    before = pages_of(OPERATOR, alder, query)
    ClepResult.objects.filter(pk=before[0]).update(gender="M")
    count_totals_anew()
    assert pages_of(OPERATOR, alder, query) == before[1:]


@pytest.mark.parametrize("change", ["a correction", "another school", "another student"])
def test_an_order_is_kept_no_longer_than_its_tests(roster, either, change):
    alder, query = find("D-ALDER"), all_years()
    before = pages_of(OPERATOR, alder, query)
    first = ClepResult.objects.get(pk=before[0])
    if change == "a correction":
        files.load(files.row(first.ticket, last_name="Zzyzx", exam_code=first.exam_code, exam_subject=""))
    else:
        # The number of tests stays what it was: one comes for the one that goes.
        other = ClepResult.objects.filter(is_current=True, year=first.year, district_id=find("D-BIRCH").id)[0]
        swapped = [(first, other), (other, first)]
        places = [(mine.pk, theirs.district_id, theirs.sort_last) for mine, theirs in swapped]
        for pk, district, name in places:
            changed = {"district_id": district} if change == "another school" else {"sort_last": name}
            ClepResult.objects.filter(pk=pk).update(**changed)
        count_totals_anew()
    after = pages_of(OPERATOR, alder, query)
    assert after == expected(stored_at("D-ALDER"), query)
    assert after != before


@pytest.mark.parametrize("size", [1, 7, 200])
def test_the_nearer_end_is_the_same_place(roster, size):
    for query in (all_years(), all_years(sort="score", descending=True)):
        parts = order.segments(OPERATOR, find("D-ALDER"), query, AT)
        everything = order.ids_of(parts, 0, 10_000)
        assert everything == expected(stored_at("D-ALDER"), query)
        for first in range(0, len(everything) + 1, 13):
            assert order.ids_of(parts, first, size) == everything[first : first + size]


def test_a_page_beyond_the_last_is_the_last(roster):
    page = queries.roster_page(OPERATOR, find("ALDER-HIGH"), all_years(page=10**9), AT)
    assert page.page == page.pages == page.query.page
    assert (page.last, page.first) == (page.total, page.total - len(page.rows) + 1)


def test_the_twin_in_sql_agrees_with_the_rule(roster):
    moments = [AT - dt.timedelta(days=days, seconds=1) for days in (0, 1, 2, 3, 15, 40, 400)]
    releases = [test.released_at for test in ClepResult.objects.all() if test.released_at]
    for at in [*moments, min(releases), max(releases)]:
        seen = dict(visible_scores(OPERATOR, at, program="clep").values_list("pk", "points"))
        assert seen == {test.pk: points_of(test, at) for test in ClepResult.objects.filter(is_current=True)}
        released = dict(visible_scores(OPERATOR, at, program="clep").values_list("pk", "is_released"))
        assert released == {pk: points is not None for pk, points in seen.items()}


def test_cells_stand_in_the_order_of_the_columns_with_words_for_codes(roster):
    query = all_years(columns=("last_name", "gender", "ethnicity", "grade", "score"), exams=("18",))
    page = queries.roster_page(OPERATOR, find("ALDER-HIGH"), query, AT)
    clep = program("clep")
    for row in page.rows:
        test = ClepResult.objects.get(pk=row.id)
        assert row.cells == (
            test.last_name,
            clep.genders.label(test.gender),
            clep.ethnicities.label(str(test.ethnicity)),
            clep.grades.label(str(test.grade)),
            points_of(test),
        )
        assert row.school == "Alder High School"


def test_waiting_says_when_and_whether_it_is_late(roster):
    page = queries.roster_page(OPERATOR, find("ST"), RosterQuery("clep", years=YEARS, result=Result.WAITING), AT)
    seen = set()
    for row in page.rows:
        test = ClepResult.objects.get(pk=row.id)
        waiting = row.waiting
        assert waiting is not None
        if test.exam_code in {"91", "77W"}:
            assert waiting.expected_from == test.tested_on + dt.timedelta(days=14)
            assert waiting.expected_to == test.tested_on + dt.timedelta(days=21)
            assert waiting.is_overdue == (waiting.expected_to < dt.date(2026, 11, 21))
        else:
            # Tested on Friday 20 November, so Monday is the next business day.
            assert waiting.expected_from == waiting.expected_to == dt.date(2026, 11, 23)
        seen.add((test.exam_code in {"91", "77W"}, waiting.is_overdue))
    assert seen == {(True, True), (True, False), (False, False)}


def test_years_that_are_not_offered_are_said_and_left_out(roster, actor):
    page = queries.roster_page(actor("dan"), find("D-ALDER"), RosterQuery("clep", years=(2026, 2019)), AT)
    assert page.query.years == (2026,)
    assert "2019–2020" in page.notices[0]
    assert queries.roster_page(actor("dan"), find("D-ALDER"), RosterQuery("clep"), AT).query.years == (
        2026,
        2025,
        2024,
        2023,
    )


def test_the_operator_may_open_older_years(roster, actor, settings):
    settings.OLDER_ACADEMIC_YEARS = 4
    page = queries.roster_page(actor("dan"), find("D-ALDER"), RosterQuery("clep", years=(2026, 2019)), AT)
    assert page.query.years == (2026, 2019)


@pytest.mark.parametrize(
    ("who", "where", "may"),
    [
        ("amy", "ALDER-HIGH", True),
        ("amy", "ALDER-EARLY", False),
        ("amy", "D-ALDER", False),
        ("dan", "ALDER-EARLY", True),
        ("bea", "ALDER-HIGH", False),
        ("sue", "ALDER-HIGH", False),
        ("max", "ALDER-HIGH", False),
        ("fay", "ALDER-HIGH", False),
        ("pat", "ALDER-HIGH", False),
        ("nora", "ALDER-HIGH", False),
    ],
)
def test_only_detailed_reports_opens_a_roster(roster, actor, who, where, may):
    organization = find(where)
    if may:
        assert queries.roster_page(actor(who), organization, all_years(), AT).total == len(stored_at(where))
    else:
        with pytest.raises(NotAllowed):
            queries.roster_page(actor(who), organization, all_years(), AT)


def test_a_roster_needs_a_second_factor(roster, actor):
    with pytest.raises(NotAllowed) as refusal:
        queries.roster_page(actor("amy", second_factor=False), find("ALDER-HIGH"), all_years(), AT)
    assert refusal.value.needs_second_factor


def test_filters_offer_what_occurs_and_mark_what_is_chosen(roster, actor):
    query = all_years(exams=("18", "62"), grades=(6,), score_from=50, score_to=54, result=Result.AT_CUT)
    offered = queries.filter_options(actor("dan"), find("D-ALDER"), query, AT)
    occurring = {test.exam_code for test in stored_at("D-ALDER")}
    assert {option.value for option in offered.exams} == occurring | {"62"}
    assert [option.label for option in offered.exams] == sorted(option.label for option in offered.exams)
    chosen = {name: [o.value for o in getattr(offered, name) if o.chosen] for name in offered.__dataclass_fields__}
    assert chosen == {
        "years": ["2026-2027", "2025-2026", "2024-2025"],
        "exams": ["18", "62"],
        "results": ["at-cut"],
        "bands": ["50-54"],
        "grades": ["6"],
        "genders": [],
        "ethnicities": [],
        "schools": [],
    }
    assert [option.label for option in offered.schools] == ["Alder Early College", "Alder High School"]
    assert queries.filter_options(actor("amy"), find("ALDER-HIGH"), all_years(), AT).schools == ()
