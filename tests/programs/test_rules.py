import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreport.lib import business_days, clock
from scoreport.programs.catalog import program
from scoreport.programs.rules import EARLIEST_YEAR, AcademicYear, CodeTable, Exam, ReleasePolicy, offered_years

CLEP = program("clep")
some_day = st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1))
some_zone = st.sampled_from(
    ["America/New_York", "America/Los_Angeles", "America/Phoenix", "Pacific/Honolulu", "Pacific/Guam"]
)
plain_exam = st.sampled_from([exam for exam in CLEP.exams if not exam.waits_for_readers])
essay_exam = st.sampled_from([exam for exam in CLEP.exams if exam.waits_for_readers])


def exam(code: str) -> Exam:
    found = CLEP.exam_by_code(code)
    assert found
    return found


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


# --- Academic years -------------------------------------------------------------------------------


def test_an_academic_year_runs_from_july_to_june():
    year = AcademicYear(2025)
    assert (year.first_day, year.last_day) == (day("2025-07-01"), day("2026-06-30"))
    assert (year.key, year.label, str(year)) == ("2025-2026", "2025–2026", "2025–2026")
    assert year.previous == AcademicYear(2024)
    assert AcademicYear(2024) < year < AcademicYear(2026)


@pytest.mark.parametrize(
    ("on", "start"),
    [("2026-06-30", 2025), ("2026-07-01", 2026), ("2026-01-01", 2025), ("2025-12-31", 2025), ("2028-02-29", 2027)],
)
def test_the_year_of_a_day(on, start):
    assert AcademicYear.of(day(on)) == AcademicYear(start)


@given(some_day)
def test_every_day_belongs_to_one_year(some):
    year = AcademicYear.of(some)
    assert year.contains(some)
    assert not year.previous.contains(some)
    assert not AcademicYear(year.start + 1).contains(some)
    assert year.previous.last_day + dt.timedelta(days=1) == year.first_day


@given(st.integers(1900, 9998).map(AcademicYear))
def test_what_a_year_is_called_reads_back(year):
    assert (
        AcademicYear.parse(year.key) == AcademicYear.parse(year.label) == AcademicYear.parse(f" {year.start} ") == year
    )
    assert year.first_day < year.last_day


@pytest.mark.parametrize(
    "text",
    ["", "2025-2027", "2025-2024", "2025-26", "25", "2025-2026-2027", "٢٠٢٥", "2025/2026", "1899", "9999"],
)
def test_other_text_is_no_year(text):
    with pytest.raises(ValueError, match=r"academic year"):
        AcademicYear.parse(text)


def test_a_report_offers_this_year_and_three_past_ones():
    assert [year.start for year in offered_years(day("2026-11-21"))] == [2026, 2025, 2024, 2023]
    assert [year.start for year in offered_years(day("2026-06-30"))] == [2025, 2024, 2023, 2022]


def test_the_operator_may_open_older_years():
    assert [year.start for year in offered_years(day("2026-11-21"), older=2)] == [2026, 2025, 2024, 2023, 2022, 2021]
    assert offered_years(day("2026-11-21"), older=None)[-1] == EARLIEST_YEAR
    assert offered_years(day("2026-11-21"), older=999) == offered_years(day("2026-11-21"), older=None)


@given(some_day, st.none() | st.integers(0, 50))
def test_offered_years_are_in_a_row_and_start_with_the_running_one(today, older):
    years = offered_years(today, older)
    assert years[0].contains(today)
    assert all(later.previous == earlier for later, earlier in pairwise(years))


# --- Release --------------------------------------------------------------------------------------

NO_ESSAY, CENTRAL, OPTIONAL = "7", "91", "20"
POLICY = ReleasePolicy()


@pytest.mark.parametrize(
    ("code", "tested_on", "scored_on", "released_on"),
    [
        (NO_ESSAY, "2026-11-20", None, "2026-11-23"),  # A Friday.
        (NO_ESSAY, "2026-11-21", "2026-11-21", "2026-11-23"),
        (
            NO_ESSAY,
            "2026-11-25",
            "2026-12-20",
            "2026-11-27",
        ),  # Thanksgiving; when it was scored is no matter.
        (NO_ESSAY, "2026-06-30", None, "2026-07-01"),
        (NO_ESSAY, "2026-07-02", None, "2026-07-06"),
        (NO_ESSAY, "2028-02-29", None, "2028-03-01"),
        (OPTIONAL, "2026-11-16", None, "2026-11-17"),
        (CENTRAL, "2026-07-03", "2026-07-20", "2026-07-21"),
        (CENTRAL, "2026-11-01", "2026-11-20", "2026-11-23"),
        (CENTRAL, "2026-11-01", None, None),
        ("77W", "2026-11-01", None, None),
    ],
)
def test_the_day_of_release(code, tested_on, scored_on, released_on):
    expected = day(released_on) if released_on else None
    assert POLICY.release_on(exam(code), day(tested_on), day(scored_on) if scored_on else None) == expected


@given(plain_exam, some_day, st.none() | some_day)
def test_without_a_central_essay_it_is_the_first_business_day_after_the_test(one, tested_on, scored_on):
    assert POLICY.release_on(one, tested_on, scored_on) == business_days.next_business_day(tested_on)


@given(essay_exam, some_day, some_day)
def test_with_a_central_essay_it_is_the_first_business_day_after_the_score(one, tested_on, scored_on):
    released_on = POLICY.release_on(one, tested_on, scored_on)
    assert released_on
    assert released_on > max(tested_on, scored_on)
    assert business_days.is_business_day(released_on)
    assert released_on <= max(tested_on, scored_on) + dt.timedelta(days=5)


@given(plain_exam | essay_exam, some_day, some_day, st.integers(0, 60))
def test_later_tests_are_never_released_earlier(one, tested_on, scored_on, more):
    later = dt.timedelta(days=more)
    first = POLICY.release_on(one, tested_on, scored_on)
    second = POLICY.release_on(one, tested_on + later, scored_on + later)
    assert first
    assert second
    assert first <= second


@given(plain_exam | essay_exam, some_day, some_day, some_zone)
def test_a_score_is_released_when_the_day_starts_where_the_organization_is(one, tested_on, scored_on, zone):
    at = POLICY.release_at(one, tested_on, scored_on, zone)
    assert at
    assert at.tzinfo is dt.UTC
    assert clock.local_date(at, zone) == POLICY.release_on(one, tested_on, scored_on)
    assert clock.local_date(at - dt.timedelta(seconds=1), zone) < clock.local_date(at, zone)


@pytest.mark.parametrize(
    ("tested_on", "zone", "at"),
    [
        ("2026-06-30", "America/New_York", "2026-07-01T04:00Z"),
        ("2026-06-30", "Pacific/Guam", "2026-06-30T14:00Z"),
        ("2026-03-06", "America/New_York", "2026-03-09T04:00Z"),  # Summer time begins on the weekend between.
        ("2026-10-30", "America/New_York", "2026-11-02T05:00Z"),  # And ends.
        ("2026-10-30", "America/Phoenix", "2026-11-02T07:00Z"),
    ],
)
def test_the_instant_of_release(tested_on, zone, at):
    assert POLICY.release_at(exam(NO_ESSAY), day(tested_on), None, zone) == clock.parse_instant(at)


def test_what_waits_has_no_instant_of_release():
    assert POLICY.release_at(exam(CENTRAL), day("2026-11-01"), None, "America/New_York") is None


def test_an_essay_is_expected_two_to_three_weeks_after_the_test():
    assert POLICY.expected_between(exam(CENTRAL), day("2026-11-01")) == (day("2026-11-15"), day("2026-11-22"))
    assert POLICY.expected_between(exam(NO_ESSAY), day("2026-11-20")) == (day("2026-11-23"), day("2026-11-23"))


@pytest.mark.parametrize(
    ("code", "scored_on", "today", "late"),
    [
        (CENTRAL, None, "2026-11-22", False),
        (CENTRAL, None, "2026-11-23", True),
        (CENTRAL, "2026-11-23", "2026-11-23", False),
        (NO_ESSAY, None, "2026-12-31", False),
    ],
)
def test_an_essay_is_late_after_three_weeks(code, scored_on, today, late):
    scored = day(scored_on) if scored_on else None
    assert POLICY.is_overdue(exam(code), day("2026-11-01"), scored, day(today)) is late


# --- Codes ----------------------------------------------------------------------------------------


def test_a_code_table_knows_its_codes_and_their_order():
    table = CodeTable("Size", {"S": "Small", "L": "Large"})
    assert list(table) == ["S", "L"]
    assert "S" in table
    assert "M" not in table
    assert [table.label("L"), table.label("M")] == ["Large", "M"]
    assert sorted(["M", "L", "S"], key=table.order) == ["S", "L", "M"]
