"""The figures of the CLEP report, for those who may see individuals and for those who may not."""

import datetime as dt
import itertools
from dataclasses import replace

import pytest
from django.db import OperationalError

from scoreport.access import NotAllowed
from scoreport.organizations.queries import find
from scoreport.programs.rules import AcademicYear
from scoreport.reports import publishing, queries
from scoreport.reports.actions import open_report
from scoreport.reports.models import PublishedCount
from scoreport.reports.rules import Hidden, RosterQuery, Tail
from scoreport.scores.models import ClepResult
from tests.reports.rosters import YEARS, all_years, cancel, exam_titles, store
from tests.scores.files import load, row
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db


def report_of(code: str, query: RosterQuery, actor=OPERATOR, at=AT):
    return queries.report_of(actor, find(code), query, at)


def counted(code: str, years, at=AT):
    """Count the stored tests in Python: takers, tests, at 50 or higher, waiting, canceled; together and by exam."""
    place = find(code).place
    column = {"state": "state_id", "district": "district_id", "school": "school_id"}[place.kind]
    tests = list(ClepResult.objects.filter(**{column: place.id}, is_current=True, year__in=years))

    def of(some):
        canceled = sum(test.canceled_on is not None for test in some)
        released = [test for test in some if test.canceled_on is None and test.released_at and test.released_at <= at]
        at_cut = sum(test.score >= 50 for test in released)
        waiting = len(some) - len(released) - canceled
        return len({test.student_id for test in released}), len(released), at_cut, waiting, canceled

    codes = {test.exam_code for test in tests}
    return of(tests), {code: of([test for test in tests if test.exam_code == code]) for code in codes}


def figures(row):
    return row.takers, row.tests, row.at_cut, row.waiting, row.canceled


@pytest.mark.parametrize("code", ["ALDER-HIGH", "D-ALDER", "ST"])
@pytest.mark.parametrize("year", YEARS)
def test_one_year_is_what_is_stored(world, code, year):
    store()
    assert cancel() > 10
    report = report_of(code, RosterQuery("clep", years=(year,)))
    together, by_exam = counted(code, [year])
    assert figures(report.summary) == together
    assert {row.code: figures(row) for row in report.exams} == by_exam
    assert report.by_year == ()
    assert all(sum(row.bands) == row.tests for row in report.exams)
    assert all(sum(row.bands[6:]) == row.at_cut for row in report.exams)
    assert {row.code: row.title for row in report.exams}.items() <= exam_titles().items()
    assert [row.tests for row in report.exams] == sorted((row.tests for row in report.exams), reverse=True)


@pytest.mark.parametrize("code", ["ALDER-HIGH", "D-ALDER", "ST"])
def test_a_running_year_is_compared_with_the_same_date_and_a_finished_one_with_a_whole_year(world, code):
    """AT is in the year that begins in 2026; a year earlier it was November 21, 2025."""
    store()
    running, finished = (report_of(code, RosterQuery("clep", years=(year,))) for year in (2026, 2025))
    same_date = counted(code, [2025], at=dt.datetime(2025, 11, 21, 17, tzinfo=dt.UTC))[0]
    assert figures(running.before) == (*same_date[:3], None, None)
    assert 0 < same_date[1] < counted(code, [2025])[0][1]
    assert (running.before_until, running.running) == (dt.date(2025, 11, 21), AcademicYear(2026))
    assert figures(finished.before) == counted(code, [2024])[0]
    assert (finished.before_until, finished.running) == (None, None)


def test_the_same_date_is_that_of_the_organization(world):
    """At 02:00 UTC it is still the evening before where Alder is, so what is released on that midnight is not there."""
    load(*(row(f"T{day}", **taken_on(f"2025-02-{day:02}")) for day in (2, 3)))
    at = dt.datetime(2026, 2, 4, 2, tzinfo=dt.UTC)
    report = report_of("ALDER-HIGH", RosterQuery("clep", years=(2025,)), at=at)
    assert (report.before_until, report.before.tests) == (dt.date(2025, 2, 3), 1)
    assert report_of("ALDER-HIGH", RosterQuery("clep", years=(2025,)), at=at + dt.timedelta(hours=4)).before.tests == 2


def taken_on(day: str) -> dict[str, str]:
    return {"date_registered": "2025-01-05", "date_tested": day, "date_scored": day}


@pytest.mark.parametrize(
    ("code", "takers", "exam_takers"), [("ALDER-HIGH", True, True), ("D-ALDER", True, False), ("ST", False, False)]
)
def test_several_years_add_up_and_takers_are_counted_once_or_not_at_all(world, code, takers, exam_takers):
    store()
    report = report_of(code, all_years())
    together, by_exam = counted(code, YEARS)
    assert figures(report.summary)[1:] == together[1:]
    assert report.summary.takers == (together[0] if takers else None)
    assert {row.code: figures(row)[1:] for row in report.exams} == {code: one[1:] for code, one in by_exam.items()}
    assert {row.code: row.takers for row in report.exams} == {
        code: one[0] if exam_takers else None for code, one in by_exam.items()
    }
    assert report.before is None
    assert (report.before_until, report.running) == (None, AcademicYear(2026))
    assert [year.start for year, _summary in report.by_year] == list(YEARS)
    assert sum(summary.tests for _year, summary in report.by_year) == report.summary.tests


def test_means_and_shares_are_rounded_to_a_tenth_and_the_change_is_in_points(world):
    load(*(row(f"N{n}", score=score) for n, score in enumerate(("50", "49", "60"))))
    load(*(row(f"O{n}", score=score, date_tested="2025-02-03", date_registered="2025-01-05", date_scored="2025-02-03")
           for n, score in enumerate(("50", "20"))))  # fmt: skip
    report = report_of("ALDER-HIGH", RosterQuery("clep", years=(2025,)))
    assert (report.summary.percent, report.before.percent, report.change_in_points) == (66.7, 50.0, 16.7)
    assert (report.exams[0].mean, report.exams[0].percent) == (53.0, 66.7)
    assert report_of("ALDER-HIGH", RosterQuery("clep", years=(2024,))).change_in_points is None
    assert report.data_as_of == AT


def test_a_test_that_waits_is_counted_apart_until_its_release(world):
    load(row("T1", date_tested="2026-11-20", date_registered="2026-11-01", date_scored="2026-11-20"))
    query = RosterQuery("clep", years=(2026,))
    before, after = (report_of("D-ALDER", query, at=AT + dt.timedelta(days=days)) for days in (0, 2))
    assert figures(before.summary) == (0, 0, 0, 1, 0)
    assert figures(after.summary) == (1, 1, 1, 0, 0)
    assert (before.empty, before.summary.percent) == ("", None)


@pytest.mark.parametrize(
    ("code", "years", "words"),
    [
        ("ALDER-HIGH", (2026,), "No student of this school took a CLEP exam between July 2026 and today."),
        ("D-ALDER", (2025,), "No student of this district took a CLEP exam from July 2025 to June 2026"),
        ("ST", (2026, 2025), "No student of this state took a CLEP exam between July 2025 and today."),
        ("ST", (2030,), "The academic year 2030–2031 has not begun."),
    ],
)
def test_an_empty_year_says_why_and_when_data_comes(world, code, years, words):
    report = report_of(code, RosterQuery("clep", years=years))
    assert report.empty.startswith(words)
    assert report.summary.percent is None


def test_the_sentence_of_an_empty_year_says_when_scores_come(world):
    assert "one business day after a test" in report_of("ST", RosterQuery("clep", years=(2026,))).empty


def small_and_large(world) -> None:
    """Twenty takers of two exams and three of another; eleven and one of two exams in the year before."""
    days = {"date_tested": "2025-02-03", "date_registered": "2025-01-05", "date_scored": "2025-02-03"}
    rows = []
    for number in range(20):
        name = {"first_name": f"A{number}", "last_name": "Taker"}
        rows += [row(f"A{number}", **name), row(f"C{number}", exam_code="62", **name)]
        rows += [row(f"B{number}", exam_code="30", **name)] if number < 3 else []
        rows += [row(f"D{number}", **name, **days)] if number < 11 else []
        rows += [row(f"E{number}", exam_code="30", **name, **days)] if number == 15 else []
    load(*rows)


def opened(code: str, query: RosterQuery, actor, at=AT):
    return open_report(actor, organization=find(code), query=query, at=at)


def test_summary_reports_shows_no_group_of_fewer_than_eleven(world, actor):
    small_and_large(world)
    report = opened("ALDER-HIGH", RosterQuery("clep", years=(2025,)), actor("sue"))
    assert report.is_masked
    assert (report.threshold, report.data_as_of) == (11, AT)
    assert [(row.title, row.tests, row.percent, row.tail) for row in report.exams] == [
        ("Biology", 20, 75.0, Tail.HIGH),
        ("Calculus", 20, 75.0, Tail.HIGH),
    ]
    summary = report.summary
    assert (summary.takers, summary.tests, summary.percent, summary.tail) == (None, 40, 75.0, Tail.HIGH)
    for shown in (summary, *report.exams):
        assert (shown.at_cut, shown.waiting, shown.takers) == (None, None, None)
    assert {(row.mean, row.bands) for row in report.exams} == {(None, ())}


def test_the_year_before_is_shown_as_its_own_page_shows_it(world, actor):
    small_and_large(world)
    report = opened("ALDER-HIGH", RosterQuery("clep", years=(2025,)), actor("sue"))
    own_page = opened("ALDER-HIGH", RosterQuery("clep", years=(2024,)), actor("sue"))
    assert report.before == own_page.summary
    assert own_page.summary.tests == 10
    assert report.change_in_points is None


def test_a_running_year_is_not_compared_for_readers_of_summaries(world, actor):
    """Published counts as of a date would differ from day to day by single results; whole years are published."""
    small_and_large(world)
    at = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
    report = opened("ALDER-HIGH", RosterQuery("clep", years=(2025,)), actor("sue", at=at), at=at)
    assert (report.summary.tests, report.before, report.before_until, report.change_in_points) == (40, None, None, None)
    assert report.running == AcademicYear(2025)
    # What is not shown is not published on the way either.
    assert not PublishedCount.objects.filter(year=2024).exists()


def test_whether_there_is_no_test_or_a_few_is_not_shown(world, actor):
    before = opened("ALDER-HIGH", RosterQuery("clep", years=(2025,)), actor("sue"))
    load(*(row(f"A{n}", first_name=f"A{n}") for n in range(10)))
    after = opened("ALDER-HIGH", RosterQuery("clep", years=(2025,)), actor("sue"), at=AT + dt.timedelta(days=8))
    assert replace(before, data_as_of=None) == replace(after, data_as_of=None)
    assert (after.summary.hidden, after.empty, after.exams) == (Hidden.SMALL, "", ())


def test_the_rows_add_up_to_the_summary_so_that_no_hidden_row_is_left(world, actor):
    store(seed=3)
    everybody = (("sue", "ALDER-HIGH", True), ("dan", "D-ALDER", False), ("sam", "ST", False))
    seen = {}
    for who, code, second_factor in everybody:
        report = opened(code, RosterQuery("clep", years=(2026,)), actor(who, second_factor=second_factor))
        assert report.is_masked
        assert sum(row.tests for row in report.exams) == report.summary.tests
        seen[code] = report.summary.tests
    # A district minus its school is what the district published itself.
    own = PublishedCount.objects.filter(year=2026, district_id=find("D-ALDER").id)
    rest = sum(row.tests for row in own.exclude(school_id=find("ALDER-HIGH").id))
    assert seen["D-ALDER"] - seen["ALDER-HIGH"] == rest
    assert rest == 0 or rest >= 10


def test_the_masked_query_has_no_figures_of_its_own(world, actor):
    """What is not published yet is not counted instead."""
    small_and_large(world)
    report = report_of("ALDER-HIGH", RosterQuery("clep", years=(2025,)), actor("sue"))
    assert (report.summary.hidden, report.exams, report.data_as_of) == (Hidden.SMALL, (), None)


def daily(seen_of, first: dt.datetime, days: int) -> list:
    """Return what a reader sees who opens a page each day."""
    return [seen_of(first + dt.timedelta(days=day)) for day in range(days)]


def one_score_a_day(days: int) -> None:
    """Load tests whose scores are released one by one, each the day after its test; odd ones are below 50."""
    first = dt.date(2026, 2, 1)
    dates = [(first + dt.timedelta(days=day)).isoformat() for day in range(days)]
    load(*(row(f"A{n}", first_name=f"A{n}", score="40" if n % 2 else "60", date_registered=day, date_tested=day,
               date_scored=day) for n, day in enumerate(dates)))  # fmt: skip


def test_scores_released_one_by_one_show_only_when_eleven_have_come(world, actor):
    one_score_a_day(40)
    first = dt.datetime(2026, 2, 1, 18, tzinfo=dt.UTC)
    sue = actor("sue")

    def page(at):
        report = opened("ALDER-HIGH", RosterQuery("clep", years=(2025,)), sue, at)
        return report.summary.tests or 0, report.summary.percent

    seen = daily(page, first, 60)
    changes = [(one, other) for one, other in itertools.pairwise(seen) if one != other]
    assert 1 <= len(changes) <= 4
    assert all(other[0] - one[0] >= 10 for one, other in changes)
    assert 20 <= seen[-1][0] <= 45


def test_exact_figures_show_each_score_on_its_day_to_the_same_reader(world, actor):
    """The attack is real: with exact figures the same daily look reveals who passed."""
    one_score_a_day(8)
    first = dt.datetime(2026, 2, 1, 18, tzinfo=dt.UTC)

    def page(at):
        report = report_of("ALDER-HIGH", RosterQuery("clep", years=(2025,)), actor("amy"), at)
        return report.summary.tests, report.summary.at_cut

    seen = daily(page, first, 14)
    assert {other[0] - one[0] for one, other in itertools.pairwise(seen)} >= {1}


def test_a_reader_does_not_wait_for_a_busy_database(world, actor, monkeypatch):
    small_and_large(world)

    def busy(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr(publishing, "_publish", busy)
    assert opened("ALDER-HIGH", RosterQuery("clep", years=(2025,)), actor("sue")).summary.hidden is Hidden.SMALL


def test_published_figures_are_read_with_few_queries(world, actor, django_assert_max_num_queries):
    store()
    person, organization = actor("dan", second_factor=False), find("D-ALDER")
    opened("D-ALDER", RosterQuery("clep", years=(2025,)), person)
    with django_assert_max_num_queries(2):
        queries.report_of(person, organization, RosterQuery("clep", years=(2025,)), AT)


def test_summary_reports_shows_one_year_at_a_time(world, actor):
    small_and_large(world)
    report = opened("ALDER-HIGH", all_years(), actor("sue"))
    assert [year.start for year in report.years] == [2026]
    assert report.by_year == ()
    assert "one academic year" in report.notices[0]


def test_filters_and_order_change_nothing_of_a_summary(world, actor):
    small_and_large(world)
    plain = opened("ALDER-HIGH", RosterQuery("clep", years=(2025,)), actor("sue"))
    filters = ({"exams": ("62",)}, {"grades": (12,), "search": "A1"}, {"score_from": 50, "tested_from": AT.date()})
    for query in (RosterQuery("clep", years=(2025,), **found) for found in filters):
        assert opened("ALDER-HIGH", query, actor("sue")) == plain


def test_the_threshold_is_a_setting(world, actor, settings):
    settings.SMALL_GROUP_THRESHOLD = 21
    small_and_large(world)
    report = opened("ALDER-HIGH", RosterQuery("clep", years=(2025,)), actor("sue"))
    assert (report.summary.hidden, report.exams) == (Hidden.SMALL, ())


def test_detailed_reports_shows_everything(world, actor):
    small_and_large(world)
    report = report_of("ALDER-HIGH", RosterQuery("clep", years=(2025,)), actor("amy"))
    assert not report.is_masked
    assert sorted(row.tests for row in report.exams) == [3, 20, 20]
    assert report_of("ALDER-HIGH", RosterQuery("clep", years=(2025,)), actor("amy", second_factor=False)).is_masked


@pytest.mark.parametrize(
    ("who", "where"), [("bea", "ALDER-HIGH"), ("sue", "ALDER-EARLY"), ("max", "ALDER-HIGH"), ("fay", "D-ALDER"),
                       ("pat", "ST"), ("nora", "ALDER-HIGH")]
)  # fmt: skip
def test_without_a_role_for_reports_there_is_no_report(world, actor, who, where):
    with pytest.raises(NotAllowed):
        report_of(where, RosterQuery("clep", years=(2026,)), actor(who))
