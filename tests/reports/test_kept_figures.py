"""Figures of a school that are kept are those that counting would give, after whatever people do and at any time."""

import datetime as dt
from typing import Any

import pytest
from django.core.cache import caches
from hypothesis import HealthCheck, given, settings

from scoreport.access import NotAllowed
from scoreport.downloads import row_limits
from scoreport.downloads.queries import count_open
from scoreport.organizations.queries import find
from scoreport.reports import queries
from scoreport.reports.actions import save_view
from scoreport.reports.rules import RosterQuery
from scoreport.scores import queries as scores
from scoreport.scores.models import ClepResult
from tests.examples import examples
from tests.reports.rosters import YEARS, store
from tests.scores.files import load, row
from tests.scores.test_any_history import HISTORIES, _in_a_world, _World
from tests.world import AT, OPERATOR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

LATER = dt.timedelta(days=60)


def kept(school, year, at):
    report = queries.report_of(OPERATOR, school, RosterQuery("clep", years=(year,)), at)
    exams = {exam.code: (exam.takers, exam.tests, exam.at_cut, exam.waiting, exam.bands) for exam in report.exams}
    summary = report.summary
    return (summary.takers, summary.tests, summary.at_cut, summary.waiting, summary.canceled), exams, report.rows


def counted(school, year, at):
    about: Any = {"program": "clep", "years": [year]}
    together = scores.figures(OPERATOR, school.place, at, **about)[year]
    exams = scores.figures_by_exam(OPERATOR, school.place, at, **about)
    rows = scores.visible_scores(OPERATOR, at, program="clep", place=school.place).filter(year=year).count()
    return (
        (together.takers, together.tests, together.at_cut, together.waiting, together.canceled),
        {code: (exam.takers, exam.tests, exam.at_cut, exam.waiting, exam.bands) for code, exam in exams.items()},
        rows,
    )


@settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(history=HISTORIES)
def test_whatever_people_do_the_figures_are_those_of_now(history):
    def play():
        world, found = _World(), [find(code) for code in ("ALDER-HIGH", "BIRCH-HIGH")]
        for step, (act, what) in enumerate(history):
            getattr(world, act)(what, AT + dt.timedelta(minutes=step))
            for school in found:
                for at in (AT, AT + LATER):
                    assert kept(school, 2025, at) == counted(school, 2025, at), (act, what)

    # Another history begins with the same numbers, as no database does that was not restored.
    caches["figures"].clear()
    _in_a_world(play)


def test_kept_figures_are_used_and_only_until_the_next_release(django_assert_num_queries):
    store()
    school = find("ALDER-HIGH")
    release = scores.visible_scores(OPERATOR, AT, program="clep", place=school.place).filter(released_at__gt=AT)
    moment = release.order_by("released_at").values_list("released_at", flat=True)[0]
    assert moment is not None
    before = kept(school, 2026, moment - dt.timedelta(microseconds=1))
    with django_assert_num_queries(1):
        assert kept(school, 2026, moment - dt.timedelta(seconds=1)) == before
    assert kept(school, 2026, moment) == counted(school, 2026, moment)
    assert kept(school, 2026, moment)[0][1] > before[0][1]
    # Time does not run backwards, but clocks of two servers differ.
    assert kept(school, 2026, moment - dt.timedelta(seconds=1)) == before


def test_tests_that_stand_alone_are_counted_each_time():
    """Nobody writes totals of a school without district and state, so nothing would say that it has changed."""
    school = find("ALDER-HIGH")
    load(row("T1"))
    ClepResult.objects.update(district_id=None, state_id=None)
    assert kept(school, 2025, AT)[0][1] == 1
    ClepResult.objects.update(is_current=False)
    assert kept(school, 2025, AT)[0][1] == 0


@pytest.mark.parametrize("sort", ["last_name", "-score", "grade", "date_canceled", "-registration_ticket_number"])
def test_a_small_roster_is_in_the_order_of_all_rosters(world, sort):
    """One statement gives a page of a small roster; filters, which change nothing here, take the other way."""
    store()
    school = find("ALDER-HIGH")
    for year in YEARS:
        query = RosterQuery("clep", years=(year,), sort=sort.removeprefix("-"), descending=sort.startswith("-"))
        total = queries.roster_page(OPERATOR, school, query, AT).total
        for number in (1, 2, 9):
            asked = query.with_(page=number)
            assert queries.roster_page(OPERATOR, school, asked, AT, known=total) == queries.roster_page(
                OPERATOR, school, asked, AT
            )


def test_remembered_statements_ask_for_rights_each_time(world):
    store()
    school, query = find("ALDER-HIGH"), RosterQuery("clep", years=(2025,))
    assert queries.roster_page(world.actor("amy"), school, query, AT, known=10).rows
    for name in ("sue", "bea"):
        with pytest.raises(NotAllowed):
            queries.roster_page(world.actor(name), school, query, AT, known=10)


def test_what_is_ones_own_beside_a_roster_is_what_the_parts_say(world):
    store()
    amy, school = world.actor("amy"), find("ALDER-HIGH")
    for name in ("b", "a"):
        save_view(amy, organization=school, query=RosterQuery("clep", years=(2025,)), name=name, at=AT)
    row_limits.count_export(amy, organization=school.code, key="one", rows=30, at=AT)
    row_limits.count_export(amy, organization=school.code, key="two", rows=500, is_approved=True, at=AT)
    own = queries.own_of_roster(amy, school, "clep", AT)
    assert own.views == queries.saved_views(amy, school)
    assert own.allowance == row_limits.allowance(amy, at=AT)
    assert own.allowance.left < own.allowance.limit
    assert own.preparing == count_open(amy, at=AT) == 0
    assert queries.own_of_roster(world.actor("dan"), school, "clep", AT).views == ()
