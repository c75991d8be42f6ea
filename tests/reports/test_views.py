"""Saved views: a name and a link for what was asked, and never for what may be seen."""

import pytest

from scoreport.access import NotAllowed
from scoreport.audit.queries import events_of
from scoreport.organizations.queries import find
from scoreport.reports import actions, queries
from scoreport.reports.rules import Result, RosterQuery, SavedViewInfo, parse
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db

QUERY = RosterQuery("clep", years=(2025,), sort="score", descending=True, result=Result.AT_CUT, search="Lopez", page=3)


def save(actor, name: str = "Ready for credit", query: RosterQuery = QUERY, code: str = "ALDER-HIGH") -> SavedViewInfo:
    return actions.save_view(actor, organization=find(code), name=name, query=query, at=AT)


def test_a_view_asks_again_what_was_asked(world, actor):
    view = save(actor("amy"))
    assert view.is_mine
    assert view.organization.code == "ALDER-HIGH"
    assert parse(view.params, program="clep", default_year=2000).query == QUERY.with_()
    assert queries.saved_views(actor("amy"), find("ALDER-HIGH")) == (view,)
    assert queries.saved_views(actor("amy"), find("ALDER-EARLY")) == ()


def test_views_are_listed_by_name_and_are_ones_own(world, actor):
    for name in ("b", "a"):
        save(actor("dan"), name)
    assert [view.name for view in queries.saved_views(actor("dan"))] == ["a", "b"]
    assert queries.saved_views(actor("amy")) == ()
    assert queries.saved_views(OPERATOR) == ()


def test_a_link_opens_for_colleagues_and_for_nobody_else(world, actor):
    view = save(actor("amy"))
    colleague = queries.saved_view(actor("dan"), view.slug)
    assert (colleague.name, colleague.is_mine, colleague.params) == (view.name, False, view.params)
    for who in ("bea", "max", "fay", "pat", "nora"):
        with pytest.raises(queries.UnknownView) as refusal:
            queries.saved_view(actor(who), view.slug)
        with pytest.raises(queries.UnknownView) as unknown:
            queries.saved_view(actor(who), "nobody-saved-this")
        assert str(refusal.value) == str(unknown.value)


def test_a_name_that_was_searched_for_is_not_for_readers_of_aggregates(world, actor):
    view = save(actor("amy"))
    assert "q" not in queries.saved_view(actor("sue"), view.slug).params


def test_names_are_there_and_once_a_person(world, actor):
    view = save(actor("amy"))
    save(actor("dan"), view.name)
    with pytest.raises(actions.ViewNameTaken):
        save(actor("amy"), f"  {view.name} ")
    with pytest.raises(actions.ViewNameMissing):
        save(actor("amy"), " \u200b ")
    other = save(actor("amy"), "Other")
    with pytest.raises(actions.ViewNameTaken):
        actions.rename_view(actor("amy"), view_id=other.id, name=view.name, at=AT)


def test_a_view_can_be_renamed_and_its_link_stays(world, actor):
    view = save(actor("amy"))
    renamed = actions.rename_view(actor("amy"), view_id=view.id, name="Spring", at=AT)
    assert (renamed.slug, renamed.name) == (view.slug, "Spring")


def test_a_deleted_view_opens_nothing(world, actor):
    view = save(actor("amy"))
    actions.delete_view(actor("amy"), view_id=view.id, at=AT)
    with pytest.raises(queries.UnknownView):
        queries.saved_view(actor("amy"), view.slug)


def test_views_of_others_cannot_be_changed(world, actor):
    view = save(actor("amy"))
    with pytest.raises(queries.UnknownView):
        actions.rename_view(actor("dan"), view_id=view.id, name="Mine", at=AT)
    with pytest.raises(queries.UnknownView):
        actions.delete_view(actor("dan"), view_id=view.id, at=AT)
    with pytest.raises(actions.NobodyToKeepItFor):
        actions.delete_view(OPERATOR, view_id=view.id, at=AT)


def test_without_reports_there_is_nothing_to_save(world, actor):
    with pytest.raises(NotAllowed):
        save(actor("bea"))


def test_what_happens_to_a_view_is_recorded_without_its_words(world, actor):
    view = save(actor("amy"))
    actions.rename_view(actor("amy"), view_id=view.id, name="Spring", at=AT)
    actions.delete_view(actor("amy"), view_id=view.id, at=AT)
    events = events_of(subject_kind="saved-view", subject=str(view.id))
    assert {event.facts.verb for event in events} == {
        "reports:view:saved",
        "reports:view:renamed",
        "reports:view:deleted",
    }
    assert "Lopez" not in str(events)


def test_whoever_opens_a_roster_is_recorded_without_the_name_they_searched_for(world, actor):
    actions.open_roster(actor("amy"), organization=find("ALDER-HIGH"), query=QUERY, at=AT)
    (event,) = events_of(subject_kind="roster", organization="ALDER-HIGH")
    assert event.facts.verb == "reports:roster:viewed"
    query = "year=2025-2026&sort=-score&result=at-cut"
    assert event.facts.detail == {"program": "clep", "query": query, "rows": 0, "searched": True}
