"""Views of one moment share a transaction: none is lost, none is half, and nobody sees a page before theirs is kept."""

import pytest
from django.db import transaction

from scoreport.access import Actor, ActorKind
from scoreport.audit.queries import events_of
from scoreport.audit.rules import NewEvent, Verb
from scoreport.downloads.models import ViewedRows
from scoreport.reports.actions.view_log import record_view
from tests.world import AT

# As the script has them.
THREADS, VIEWS, ROWS = 6, 5, 50
EACH = THREADS * VIEWS


@pytest.mark.slow
def test_views_of_many_threads_are_all_there_or_refused(script):
    found = script("tests.reports.racing_views")

    # Two processes at once: every view is there once, in an unbroken chain, and some shared a transaction.
    assert [part["raised"] for part in found["raced"]] == [[""] * THREADS] * 2
    assert [part["views"] for part in found["raced"]] == [EACH] * 2
    assert any(part["groups"] < EACH for part in found["raced"])
    raced = sorted(f"{process}{thread}-{n}" for process in "ab" for thread in range(THREADS) for n in range(VIEWS))
    assert found["stored"] == {"subjects": raced, "viewed": [[2 * EACH * ROWS, 2 * EACH]], "chain": True}

    # A process that is killed: what somebody heard of is there, and pages and events are the same number.
    killed = found["killed"]
    assert len(killed["heard"]) >= 3 * THREADS
    assert set(killed["heard"]) <= set(killed["subjects"])
    assert killed["viewed"] == [[len(killed["subjects"]) * ROWS, len(killed["subjects"])]]
    assert killed["chain"]

    # A transaction that fails: everybody in it is told and nothing of it is kept; what came before and after is.
    assert found["failed"]["raised"] == ["", "OperationalError: disk full", "OperationalError: disk full"]
    assert found["failed"]["again"] == [""]
    assert sorted([*killed["subjects"], "again", "first"]) == found["after"]["subjects"]
    assert found["after"]["chain"]

    # A database that is busy with somebody else's write: views wait for it, and then go together.
    assert found["busy"]["raised"] == [""] * 5
    assert found["busy"]["sizes"] == [1, 3]
    assert found["end"]["chain"]
    assert found["end"]["viewed"][0][1] == len(found["end"]["subjects"])


@pytest.mark.django_db
def test_in_a_transaction_of_the_callers_own_a_view_goes_with_it():
    amy = Actor(kind=ActorKind.PERSON, name="Amy <amy@juniper.example>", person_id=7)
    event = NewEvent(Verb.ROSTER_VIEWED, "ALDER-HIGH", "roster", "clep")
    with transaction.atomic():
        record_view(amy, event=event, rows=50, at=AT)
        transaction.set_rollback(True)
    assert events_of(verb=Verb.ROSTER_VIEWED) == []
    record_view(amy, event=event, rows=50, at=AT)
    record_view(amy, event=event, rows=3, at=AT)
    record_view(Actor(kind=ActorKind.COMMAND, name="scoreport demo"), event=event, rows=3, at=AT)
    assert list(ViewedRows.objects.values_list("person_id", "rows", "pages")) == [(7, 53, 2)]
    assert len(events_of(verb=Verb.ROSTER_VIEWED)) == 3
