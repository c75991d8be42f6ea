"""What a person does: ask, reply, close, open again; and what stays theirs alone."""

import datetime as dt

import pytest

from scoreport import access
from scoreport.access import NotAllowed
from scoreport.audit.models import Event
from scoreport.audit.queries import broken_links, events_of
from scoreport.audit.rules import Verb
from scoreport.outbox.models import Mail
from scoreport.scores.models import ClepResult
from scoreport.support.actions import asking
from scoreport.support.actions.asking import TooManyRequests
from scoreport.support.models import HelpFile, HelpMessage, HelpRequest
from scoreport.support.moving import NotPossibleNow, WordsMissing
from scoreport.support.queries.requests import UnknownRequest, request_of, requests_of
from scoreport.support.rules.requests import LONGEST_TEXT, MOST_A_DAY, MOST_MESSAGES_A_DAY, Kind, RequestState
from tests.scores.files import load, public_id, row
from tests.support.asks import GOOD, answered, ask, given, stored
from tests.world import AT

pytestmark = pytest.mark.django_db


def test_a_request_has_a_number_a_day_and_a_mail(actor, postman, run_tasks):
    number = ask(actor("amy"), organization="470001", years="2025–2026")
    page = request_of(actor("amy"), number, at=AT)
    assert number >= 1001
    assert (page.info.kind, page.info.state, page.info.due_on) == (
        Kind.REPORT,
        RequestState.OPEN,
        dt.date(2026, 11, 24),
    )
    assert (page.institution, page.years, page.title) == ("Alder High School", "2025–2026", "Counselor")
    assert page.info.organization == "Alder High School (School · AI code 470001)"
    assert [said.text for said in page.thread] == ["Why is the mean of May lower?"]
    run_tasks()
    (mail,) = postman.to("amy@juniper.example")
    assert str(number) in mail["Subject"]
    assert "Nov 24, 2026" in mail.get_content()
    assert f"/help/requests/{number}/" in mail.get_content()


def test_the_same_form_again_asks_once(actor):
    assert ask(actor("amy"), once="form") == ask(actor("amy"), once="form")
    assert HelpRequest.objects.count() == Mail.objects.count() == 1
    ask(actor("amy"), once="another")
    ask(actor("bea"), once="form")
    assert HelpRequest.objects.count() == 3


def test_other_words_of_the_same_form_are_another_request(actor):
    """Who goes back in the browser and writes something else has asked something else."""
    assert ask(actor("amy"), once="form") != ask(actor("amy"), once="form", text="Something else entirely.")
    assert HelpRequest.objects.count() == 2


def test_nobody_is_told_of_requests_of_others(actor):
    number = ask(actor("amy"))
    for name in ("bea", "max", "dan", "sam", "nora", "pat"):
        with pytest.raises(UnknownRequest):
            request_of(actor(name), number, at=AT)
        with pytest.raises(UnknownRequest):
            asking.reply(actor(name), number=number, text="Mine?", at=AT)
        with pytest.raises(UnknownRequest):
            asking.close(actor(name), number=number, at=AT)
        assert requests_of(actor(name), at=AT) == []
    assert [info.number for info in requests_of(actor("amy"), at=AT)] == [number]


def test_who_has_no_role_may_ask_and_nobody_may_not(actor):
    assert ask(actor("nora")) >= 1001
    for nobody in (access.ANONYMOUS, access.command("tests")):
        with pytest.raises(NotAllowed):
            ask(nobody)


def test_what_lies_out_of_reach_does_not_come_along(world, actor):
    load(row("A1"), row("B1", ai_code="470101", last_name="Birch", date_of_birth="2009-01-02"))
    ours, theirs = (public_id(ticket) for ticket in ("A1", "B1"))
    here = ask(actor("amy"), organization="470001", student=ours, page="/reports/?q=Lopez")
    there = ask(actor("amy"), once="2", organization="470101", student=theirs, page="https://evil.example/")
    nothing = ask(actor("amy"), once="3", organization="no such", student="999999999")
    kept = (stored(here).organization, stored(here).student_id, stored(here).page)
    assert (str(kept[0]), *kept[1:]) == (
        "Alder High School",
        ClepResult.objects.get(ticket="A1").student_id,
        "/reports/",
    )
    for number in (there, nothing):
        assert (stored(number).organization, stored(number).student_id, stored(number).page) == (None, None, "")


def test_words_are_needed_and_limited(actor):
    with pytest.raises(WordsMissing, match="few words"):
        ask(actor("amy"), text=" \n \u200b")
    with pytest.raises(WordsMissing, match="5,000"):
        ask(actor("amy"), text="x" * (LONGEST_TEXT + 1))
    assert not HelpRequest.objects.exists()


def test_a_script_is_slowed_down(actor):
    for number in range(MOST_A_DAY):
        ask(actor("amy"), once=str(number))
    with pytest.raises(TooManyRequests):
        ask(actor("amy"), once="more")
    ask(actor("amy"), once="tomorrow", at=AT + dt.timedelta(days=1))
    ask(actor("bea"), once="more")


def test_nobody_fills_the_disk(actor):
    amy = actor("amy")
    number = ask(amy)
    letters = [given(f"{n}.pdf", GOOD["letter.pdf"]) for n in range(3)]
    for round_ in range(10):
        asking.reply(amy, number=number, text=f"Three more: {round_}", files=letters, at=AT)
    with pytest.raises(TooManyRequests):
        asking.reply(amy, number=number, text="And more", files=letters[:1], at=AT)
    with pytest.raises(TooManyRequests):
        ask(amy, once="other", text="Here", files=letters)
    asking.reply(amy, number=number, text="Words still go", at=AT)
    for round_ in range(MOST_MESSAGES_A_DAY - 12):
        asking.reply(amy, number=number, text=f"Word {round_}", at=AT)
    with pytest.raises(TooManyRequests):
        asking.reply(amy, number=number, text="One too many", at=AT)
    asking.reply(amy, number=number, text="A day later", files=letters, at=AT + dt.timedelta(days=1))


def test_a_reply_opens_an_answered_request_with_a_new_day(actor):
    number = ask(actor("amy"))
    answered(actor("pat"), number)
    monday = AT + dt.timedelta(days=9)
    asking.reply(actor("amy"), number=number, text="And June?", at=monday)
    assert (stored(number).state, stored(number).due_on) == (RequestState.OPEN, dt.date(2026, 12, 2))
    assert events_of(verb=Verb.HELP_REOPENED, subject=str(number))


def test_a_reply_to_an_open_request_keeps_its_day(actor):
    number = ask(actor("amy"))
    asking.reply(actor("amy"), number=number, text="It is about May 2026.", at=AT + dt.timedelta(days=2))
    assert stored(number).due_on == dt.date(2026, 11, 24)


def test_the_same_words_twice_are_said_once(actor):
    number = ask(actor("amy"))
    for _click in range(2):
        asking.reply(actor("amy"), number=number, text="Hello?", at=AT)
    assert [said.text for said in request_of(actor("amy"), number, at=AT).thread][1:] == ["Hello?"]


def test_closed_and_opened_again_for_thirty_days(actor):
    number = ask(actor("amy"))
    asking.close(actor("amy"), number=number, at=AT)
    assert stored(number).state == RequestState.CLOSED
    with pytest.raises(NotPossibleNow):
        asking.close(actor("amy"), number=number, at=AT)
    late = AT + dt.timedelta(days=30)
    for again in (asking.reopen, lambda person, **more: asking.reply(person, text="Again", **more)):
        with pytest.raises(NotPossibleNow, match="30 days"):
            again(actor("amy"), number=number, at=late)
    asking.reopen(actor("amy"), number=number, at=late - dt.timedelta(minutes=1))
    assert stored(number).state == RequestState.OPEN


def test_what_fails_leaves_nothing(actor, settings, monkeypatch):
    from scoreport.support.actions import asking as module

    def fail(*_given, **_more):
        raise ZeroDivisionError

    monkeypatch.setattr(module, "post", fail)
    with pytest.raises(ZeroDivisionError):
        ask(actor("amy"), files=[given("letter.pdf", GOOD["letter.pdf"])])
    assert not HelpRequest.objects.exists()
    assert not HelpMessage.objects.exists()
    assert not HelpFile.objects.exists()
    assert not list((settings.MEDIA_ROOT / "help").iterdir())


def test_events_and_mails_know_numbers_and_no_words(actor, run_tasks, postman):
    canary = "Canary-Lopez"
    number = ask(
        actor("amy"), text=canary, title=canary, institution=canary, years=canary, name=canary,
        organization="470001", files=[given(f"{canary}.pdf", GOOD["letter.pdf"])],
    )  # fmt: skip
    answered(actor("pat"), number, f"About {canary}", files=[given(f"{canary}.csv", b"a,b\n")])
    asking.reply(actor("amy"), number=number, text=canary, at=AT)
    asking.close(actor("amy"), number=number, at=AT)
    run_tasks()
    assert len(postman.mails) == 2
    assert [mail for mail in postman.mails if canary in mail.as_string() or canary in mail.get_content()] == []
    told = Event.objects.filter(subject_kind="help-request")
    assert told.count() >= 6
    assert not [event for event in told if canary in f"{event.detail}{event.subject}{event.actor}"]
    # Access managers read the log of their organization, which has nothing of what their people ask.
    assert {event.organization for event in told} == {""}
    assert list(broken_links()) == []
