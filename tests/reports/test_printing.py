"""Printing a roster: all rows in their order, within the limits of exports, and recorded."""

import datetime as dt
from dataclasses import replace

import pytest

from scoreport.access import NotAllowed
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.downloads import row_limits
from scoreport.downloads.models import ExportedRows
from scoreport.organizations.queries import find
from scoreport.reports import actions, queries
from scoreport.reports.actions import TooLongToPrint
from scoreport.reports.rules import Format
from tests.reports.rosters import all_years, store
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db


@pytest.fixture
def roster(world):
    store()
    return world


def printed(actor, code="ALDER-HIGH", query=None, at=AT):
    return actions.print_roster(actor, organization=find(code), query=query or all_years(), at=at)


@pytest.mark.parametrize("sort", ["last_name", "score", "grade", "date_canceled"])
def test_a_printout_has_every_row_of_every_page_in_the_order_of_the_pages(roster, sort):
    query = all_years(sort=sort, descending=True)
    page = queries.roster_page(OPERATOR, find("ST"), query, AT)
    assert page.pages > 2
    on_screen = [
        row.id
        for number in range(1, page.pages + 1)
        for row in queries.roster_page(OPERATOR, find("ST"), query.with_(page=number), AT).rows
    ]
    told = printed(OPERATOR, "ST", query)
    assert [row.id for row in told.rows] == on_screen
    assert (told.total, told.first, told.last) == (page.total, 1, page.total)


def test_it_is_recorded_with_its_rows_and_counted_once_a_day(roster, actor):
    amy, query = actor("amy"), all_years(exams=("18",))
    rows = printed(amy, query=query).total
    printed(amy, query=query)
    events = [event.facts for event in events_of(verb=Verb.ROSTER_PRINTED)]
    assert [(event.organization, event.detail["rows"]) for event in events] == [("ALDER-HIGH", rows)] * 2
    assert "exam=18" in str(events[0].detail["query"])
    assert list(ExportedRows.objects.values_list("rows", flat=True)) == [rows]
    actions.export_roster(amy, organization=find("ALDER-HIGH"), query=query, file_format=Format.CSV, at=AT)
    assert row_limits.allowance(amy, at=AT).used == 2 * rows
    tomorrow = AT + dt.timedelta(days=1)
    printed(replace(amy, signed_in_at=tomorrow), query=query, at=tomorrow)
    assert ExportedRows.objects.count() == 3


def test_more_rows_than_are_left_for_the_day_are_not_printed(roster, actor, settings):
    settings.EXPORT_ROWS_A_DAY = 10
    with pytest.raises(TooLongToPrint, match="10 of 10") as refusal:
        printed(actor("amy"))
    assert refusal.value.rows > 10
    assert not events_of(verb=Verb.ROSTER_PRINTED)
    assert printed(OPERATOR).total == refusal.value.rows


def test_more_rows_than_a_printout_has_are_not_printed(roster, actor, settings):
    settings.PRINT_ROWS = 5
    with pytest.raises(TooLongToPrint, match="up to 5 rows"):
        printed(actor("amy"))
    assert not ExportedRows.objects.exists()


def test_it_takes_a_fresh_sign_in_a_second_factor_and_the_right_to_export(roster, world, actor):
    amy = actor("amy")
    with pytest.raises(NotAllowed) as refusal:
        printed(replace(amy, signed_in_at=AT - dt.timedelta(minutes=16)))
    assert refusal.value.needs_fresh_sign_in
    with pytest.raises(NotAllowed):
        printed(world.actor("amy", second_factor=False))
    for who in ("sue", "bea", "max", "pat"):
        with pytest.raises(NotAllowed):
            printed(actor(who))
    assert not ExportedRows.objects.exists()
