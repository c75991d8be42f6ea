"""What program staff do: find, read, answer, note, give away, close."""

import datetime as dt
import threading
from functools import partial

import pytest
from django.db import connection, connections

from scoreport.access import NotAllowed, Role
from scoreport.accounts.actions import create_person
from scoreport.audit.queries import broken_links, events_of
from scoreport.audit.rules import Verb
from scoreport.organizations.actions import grant_role
from scoreport.organizations.queries import actor_of
from scoreport.outbox.models import Mail
from scoreport.support.actions import answering, asking
from scoreport.support.actions.answering import NotStaff
from scoreport.support.actions.canned import TitleMissing, delete_answer, keep_answer
from scoreport.support.models import HelpMessage, HelpRequest
from scoreport.support.moving import NotPossibleNow, Overtaken
from scoreport.support.queries import desk
from scoreport.support.queries.desk import QueueQuery, UnknownCannedAnswer
from scoreport.support.queries.requests import UnknownRequest, request_of
from scoreport.support.rules.requests import Kind, RequestState, Voice
from tests.support.asks import answered, ask, stored
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db


@pytest.fixture
def paz(world):
    """Return a second one of the staff."""
    person = create_person(OPERATOR, email="paz@juniper.example", name="Paz", at=AT)
    grant_role(OPERATOR, email="paz@juniper.example", organization=None, role=Role.PROGRAM_STAFF, at=AT)
    return actor_of(person.id, second_factor=True, at=AT)


def everything(actor, number):
    """Return each thing that staff can do with a request."""
    return {
        "see": lambda: desk.queue(actor, QueueQuery(), at=AT),
        "count": lambda: desk.counts(actor, at=AT),
        "open": lambda: answering.open_request(actor, number=number, at=AT),
        "answer": lambda: answering.answer(actor, number=number, text="Yes", seen=1, at=AT),
        "note": lambda: answering.note(actor, number=number, text="Hm", at=AT),
        "assign": lambda: answering.assign(actor, number=number, to=actor.person_id, instead_of=None, at=AT),
        "settle": lambda: answering.settle(actor, number=number, at=AT),
        "reopen": lambda: answering.reopen(actor, number=number, at=AT),
        "staff": lambda: desk.staff(actor, at=AT),
        "canned": lambda: desk.canned_answers(actor),
        "keep": lambda: keep_answer(actor, title="A", text="B", language="en", at=AT),
        "delete": lambda: delete_answer(actor, answer_id=1, at=AT),
    }


@pytest.mark.parametrize("name", ["amy", "bea", "dan", "fay", "max", "nora", "sam", "sue", "pat without"])
def test_only_staff_with_a_second_factor_may_do_anything(world, name):
    number = ask(world.actor("amy"))
    person = world.actor(name.split()[0], second_factor="without" not in name)
    for act in everything(person, number).values():
        with pytest.raises(NotAllowed):
            act()
    assert (stored(number).state, stored(number).messages) == (RequestState.OPEN, 1)


def test_staff_may(world):
    number = ask(world.actor("amy"))
    pat = everything(world.actor("pat"), number)
    for name in ("see", "count", "open", "answer", "note", "settle", "reopen", "staff", "canned", "keep"):
        pat[name]()
    assert stored(number).assigned_id == world.people["pat"].id


def test_what_does_not_exist_is_not_there(actor):
    for number in (1, 999, 10**6, 2**70):
        with pytest.raises(UnknownRequest):
            answering.open_request(actor("pat"), number=number, at=AT)


def test_notes_are_for_staff_alone(actor):
    number = ask(actor("amy"))
    answering.note(actor("pat"), number=number, text="She called, too.", at=AT)
    answered(actor("pat"), number)
    voices = [said.voice for said in answering.open_request(actor("pat"), number=number, at=AT).thread]
    assert voices == [Voice.PERSON, Voice.NOTE, Voice.STAFF]
    seen = request_of(actor("amy"), number, at=AT).thread
    assert [said.voice for said in seen] == [Voice.PERSON, Voice.STAFF]


def test_reading_is_recorded(actor):
    number = ask(actor("amy"))
    answering.open_request(actor("pat"), number=number, at=AT)
    (event,) = events_of(verb=Verb.HELP_VIEWED)
    assert (event.facts.subject, event.facts.actor) == (str(number), "Pat <pat@juniper.example>")


def test_the_person_is_mailed_in_their_language(world, actor, postman, run_tasks):
    from scoreport.accounts.actions import choose_language

    choose_language(actor("amy"), language="es")
    number = ask(actor("amy"))
    answered(actor("pat"), number, settle=True)
    run_tasks()
    subjects = [mail["Subject"] for mail in postman.to("amy@juniper.example")]
    assert len(subjects) == 2
    assert all("solicitud" in subject for subject in subjects)
    assert stored(number).state == RequestState.CLOSED


def test_of_two_answers_to_the_same_words_the_second_is_refused(actor, paz):
    number = ask(actor("amy"))
    answering.answer(actor("pat"), number=number, text="Yes.", seen=1, at=AT)
    with pytest.raises(Overtaken):
        answering.answer(paz, number=number, text="No.", seen=1, at=AT)
    answering.answer(paz, number=number, text="Yes indeed.", seen=2, at=AT)
    texts = [said.text for said in request_of(actor("amy"), number, at=AT).thread]
    assert texts[1:] == ["Yes.", "Yes indeed."]
    assert Mail.objects.filter(kind="help-answered").count() == 2


def test_nobody_closes_without_a_word(actor):
    number = ask(actor("amy"))
    with pytest.raises(NotPossibleNow, match="Answer the request first"):
        answering.settle(actor("pat"), number=number, at=AT)
    answered(actor("pat"), number)
    answering.settle(actor("pat"), number=number, at=AT)
    with pytest.raises(NotPossibleNow):
        answered(actor("pat"), number)
    answering.reopen(actor("pat"), number=number, at=AT)
    assert stored(number).state == RequestState.OPEN


def test_a_request_is_given_to_staff_only(world, actor, paz):
    number = ask(actor("amy"))
    answering.assign(actor("pat"), number=number, to=paz.person_id, instead_of=None, at=AT)
    with pytest.raises(Overtaken):
        answering.assign(actor("pat"), number=number, to=world.people["pat"].id, instead_of=None, at=AT)
    with pytest.raises(NotStaff):
        answering.assign(actor("pat"), number=number, to=world.people["amy"].id, instead_of=paz.person_id, at=AT)
    answering.assign(paz, number=number, to=None, instead_of=paz.person_id, at=AT)
    assert stored(number).assigned_id is None
    assert [person.name for person in desk.staff(paz, at=AT)] == ["Pat", "Paz"]


def test_the_queue_begins_with_what_is_late(actor):
    late = ask(actor("amy"), at=AT - dt.timedelta(days=10))
    new = ask(actor("bea"), kind=Kind.OLDER_DATA)
    done = ask(actor("dan"))
    answered(actor("pat"), done)
    rows, total = desk.queue(actor("pat"), QueueQuery(), at=AT)
    assert [(row.number, row.is_overdue) for row in rows] == [(late, True), (new, False)]
    assert total == 2
    told = desk.counts(actor("pat"), at=AT)
    assert (told.states[RequestState.OPEN], told.states[RequestState.ANSWERED], told.overdue) == (2, 1, 1)
    assert (told.mine, told.unassigned) == (0, 2)


def test_late_is_late_from_the_end_of_the_day_where_the_organization_is(actor):
    number = ask(actor("amy"), organization="470001")
    midnight = dt.datetime(2026, 11, 25, 5, 0, tzinfo=dt.UTC)
    for at, late in ((midnight - dt.timedelta(seconds=1), False), (midnight, True)):
        assert request_of(actor("amy"), number, at=at).info.is_overdue is late


def found(actor, **query):
    return [row.number for row in desk.queue(actor, QueueQuery(**query), at=AT)[0]]


def test_the_queue_is_filtered_and_searched(world, actor):
    pat = actor("pat")
    amy, bea, dan = ask(actor("amy")), ask(actor("bea"), kind=Kind.OLDER_DATA), ask(actor("dan"))
    answering.assign(pat, number=bea, to=pat.person_id, instead_of=None, at=AT)
    answered(pat, dan)
    assert found(pat, whose="mine") == [bea]
    assert found(pat, whose="nobody") == [amy]
    assert found(pat, kind=Kind.OLDER_DATA) == [bea]
    assert found(pat, state=RequestState.ANSWERED) == [dan]
    assert found(pat, search=f"#{dan}") == [dan]
    assert found(pat, search="DÁN juniper") == [dan]
    assert set(found(pat, search="juniper")) == {amy, bea, dan}
    for nothing in ("nobody here", "9" * 30, "%", "'; DROP", "٣"):
        assert found(pat, search=nothing) == []


def test_answers_are_kept_changed_and_removed(actor):
    pat = actor("pat")
    number = keep_answer(pat, title="Essay", text="Two to three weeks.", language="en", at=AT)
    keep_answer(pat, title="Essay", text="De dos a tres semanas.", language="es", at=AT)
    with pytest.raises(TitleMissing, match="another answer"):
        keep_answer(pat, title="Essay", text="Again.", language="en", at=AT)
    with pytest.raises(TitleMissing):
        keep_answer(pat, title=" ", text="Again.", language="en", at=AT)
    keep_answer(pat, title="Essays", text="Three weeks.", language="en", answer_id=number, at=AT)
    assert desk.canned_answer(pat, number).text == "Three weeks."
    delete_answer(pat, answer_id=number, at=AT)
    for gone in (
        lambda: desk.canned_answer(pat, number),
        lambda: delete_answer(pat, answer_id=number, at=AT),
        lambda: keep_answer(pat, title="X", text="Y", language="en", answer_id=number, at=AT),
    ):
        with pytest.raises(UnknownCannedAnswer):
            gone()


def at_once(*acts):
    """Do everything at the same moment and return what came of each; one after the other where there is one writer."""
    results: list[str] = []
    is_crowd = connection.vendor == "postgresql"
    ready = threading.Barrier(len(acts) if is_crowd else 1)

    def run(act):
        ready.wait(10)
        try:
            act()
            results.append("done")
        except Overtaken:
            results.append("overtaken")

    def run_and_leave(act):
        try:
            run(act)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run_and_leave, args=(act,)) for act in acts if is_crowd]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for act in () if is_crowd else acts:
        run(act)
    return sorted(results)


@pytest.mark.django_db(transaction=True)
def test_many_answers_and_assignments_at_once(world, paz):
    people = [world.actor("pat"), paz] * 2
    for round_ in range(5):
        number = ask(world.actor("amy"), once=str(round_))
        answers = [partial(answering.answer, who, number=number, text="Yes.", seen=1, at=AT) for who in people]
        assert at_once(*answers) == ["done", *["overtaken"] * 3]
        assert HelpMessage.objects.filter(request=stored(number), voice=Voice.STAFF).count() == 1
        HelpRequest.objects.update(assigned=None)
        takes = [
            partial(answering.assign, who, number=number, to=who.person_id, instead_of=None, at=AT) for who in people
        ]
        assert at_once(*takes) == ["done", *["overtaken"] * 3]
    assert Mail.objects.filter(kind="help-answered").count() == 5
    assert list(broken_links()) == []


@pytest.mark.django_db(transaction=True)
def test_a_reply_and_an_answer_at_once_lose_nothing(world):
    amy, pat = world.actor("amy"), world.actor("pat")
    for round_ in range(5):
        number = ask(amy, once=str(round_))
        got = at_once(
            partial(answering.answer, pat, number=number, text="Yes.", seen=1, at=AT),
            partial(asking.reply, amy, number=number, text="One more thing.", at=AT),
        )
        thread = [said.text for said in request_of(amy, number, at=AT).thread]
        assert got.count("done") == len(thread) - 1
        # Whatever the order was, the reply was not lost; an answer that came after it was refused.
        assert "One more thing." in thread
        assert stored(number).state == RequestState.OPEN
