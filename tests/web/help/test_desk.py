"""The desk: the queue with its filters, a request with its forms, kept answers; and who gets in."""

import datetime as dt

import pytest

from scoreport.support.models import CannedAnswer
from scoreport.support.rules.requests import Kind, RequestState
from tests.support.asks import answered, ask, stored
from tests.web.desk.pages import plain, table
from tests.web.pages import read
from tests.world import AT, MARKUP

pytestmark = pytest.mark.django_db


@pytest.fixture
def pat(client_for):
    return client_for("pat")


def numbers(response) -> list[str]:
    return [line[0] for line in table(response)]


def test_late_requests_lead_and_are_counted(pat, actor):
    new = ask(actor("bea"))
    late = ask(actor("amy"), at=AT - dt.timedelta(days=9))
    page = pat.get("/desk/requests/")
    assert numbers(page) == [str(late), str(new)]
    assert "One request is overdue." in plain(page)
    assert table(page)[0][3] == "Overdue"


def test_the_choices_and_the_search(pat, actor):
    amy, bea = ask(actor("amy")), ask(actor("bea"), kind=Kind.OLDER_DATA)
    answered(actor("pat"), bea)
    assert numbers(pat.get("/desk/requests/?state=answered")) == [str(bea)]
    assert numbers(pat.get("/desk/requests/?kind=report")) == [str(amy)]
    assert numbers(pat.get(f"/desk/requests/?q={bea}")) == [str(bea)]
    assert numbers(pat.get("/desk/requests/?q=AMY")) == [str(amy)]
    assert "nobody of this name" in plain(pat.get("/desk/requests/?q=zzz"))
    for nonsense in ("?state=x", "?whose=x&page=-1", "?page=99999999", "?kind=x&q=%00"):
        assert pat.get(f"/desk/requests/{nonsense}").status_code == 200
    pat.post(f"/desk/requests/{amy}/assign/", {"do": "mine", "instead_of": ""})
    assert numbers(pat.get("/desk/requests/?whose=mine")) == [str(amy)]
    assert "No requests here" in plain(pat.get("/desk/requests/?whose=nobody"))


def test_hostile_words_are_words(pat, client_for, actor):
    number = ask(actor("amy"), text=MARKUP, title=MARKUP, institution=MARKUP, name=MARKUP, years=MARKUP)
    for client, address in ((pat, f"/desk/requests/{number}/"), (client_for("amy"), f"/help/requests/{number}/")):
        page = client.get(address)
        assert MARKUP in plain(page) or "onerror" in plain(page)
        assert "<img src=x" not in read(page).markup


def test_an_answer_that_came_too_late_keeps_its_words(pat, actor):
    number = ask(actor("amy"))
    answered(actor("pat"), number, "Yes.")
    late = {"do": "send", "seen": "1", "text": "No, never."}
    page = pat.post(f"/desk/requests/{number}/answer/", late)
    assert "Somebody else has written" in plain(page)
    assert "No, never." in read(page).markup
    assert "Yes." in plain(page)
    again = {name: values[-1] for name, values in read(page).fields(f"{number}/answer/").items()}
    assert pat.post(f"/desk/requests/{number}/answer/", {"do": "send", "text": "No, never."} | again).status_code == 302


def test_notes_are_marked_and_stay_here(pat, client_for, actor):
    number = ask(actor("amy"))
    pat.post(f"/desk/requests/{number}/note/", {"note": "She called twice."})
    assert "Note: only staff see it" in plain(pat.get(f"/desk/requests/{number}/"))
    assert "called twice" not in plain(client_for("amy").get(f"/help/requests/{number}/"))
    assert "few words" in plain(pat.post(f"/desk/requests/{number}/note/", {"note": " "}, follow=True))


def test_what_is_not_possible_is_told(pat, actor):
    number = ask(actor("amy"))
    assert "Answer the request first" in plain(pat.post(f"/desk/requests/{number}/close/", follow=True))
    answered(actor("pat"), number)
    assert "The request is closed" in plain(pat.post(f"/desk/requests/{number}/close/", follow=True))
    assert "This request is closed. Open it again to answer." in plain(pat.get(f"/desk/requests/{number}/"))
    assert "open again" in plain(pat.post(f"/desk/requests/{number}/reopen/", follow=True))
    taken = pat.post(f"/desk/requests/{number}/assign/", {"to": "999999", "instead_of": "999998"}, follow=True)
    assert "program staff only" in plain(taken)
    taken = pat.post(f"/desk/requests/{number}/assign/", {"do": "mine", "instead_of": ""}, follow=True)
    assert "Somebody else has taken" in plain(taken)


def test_kept_answers_are_made_changed_and_deleted(pat):
    assert "No kept answers yet" in plain(pat.get("/desk/requests/answers/"))
    pat.post("/desk/requests/answers/new/", {"title": "Essay", "language": "es", "text": "Tres semanas."})
    kept = CannedAnswer.objects.get()
    assert table(pat.get("/desk/requests/answers/"))[0][:3] == ["Essay", "Español", "Tres semanas."]
    twice = pat.post("/desk/requests/answers/new/", {"title": "Essay", "language": "es", "text": "Again."})
    assert "another answer with the title" in plain(twice)
    pat.post(f"/desk/requests/answers/{kept.pk}/", {"title": "Essays", "language": "es", "text": "Dos semanas."})
    assert "Essays" in plain(pat.get(f"/desk/requests/answers/{kept.pk}/delete/"))
    assert CannedAnswer.objects.count() == 1
    pat.post(f"/desk/requests/answers/{kept.pk}/delete/")
    assert not CannedAnswer.objects.exists()


def test_nothing_is_put_into_the_box_by_mistake(pat, actor):
    number = ask(actor("amy"))
    address = f"/desk/requests/{number}/answer/"
    assert "Choose an answer" in plain(pat.post(address, {"do": "insert", "canned": "", "text": "Mine", "seen": "1"}))
    assert pat.post(address, {"do": "insert", "canned": "999999", "text": "Mine", "seen": "1"}).status_code == 404
    assert stored(number).state == RequestState.OPEN


@pytest.mark.parametrize("name", ["amy", "max", "dan", "sue", "nora", "bea", "fay", "sam"])
def test_others_do_not_get_in(client_for, actor, name):
    number = ask(actor("amy"))
    for address in ("", "answers/", f"{number}/", "1/"):
        assert client_for(name).get(f"/desk/requests/{address}").status_code == 403
    for act in ("answer", "note", "assign", "close", "reopen"):
        assert client_for(name).post(f"/desk/requests/{number}/{act}/", {"text": "x", "seen": 1}).status_code == 403
    assert stored(number).messages == 1


def test_staff_need_their_second_factor(client_for, actor):
    number = ask(actor("amy"))
    pat = client_for("pat", second_factor=False)
    for address in ("/desk/requests/", f"/desk/requests/{number}/"):
        assert pat.get(address).url == "/account/second-factor/"


@pytest.mark.parametrize("name", ["max", "dan", "bea", "pat", "nora"])
def test_a_request_of_others_does_not_exist(client_for, actor, name):
    number = ask(actor("amy"))
    client = client_for(name)
    for path in ("", "files/1/"):
        here, nowhere = (client.get(f"/help/requests/{n}/{path}") for n in (number, 999_999))
        assert (here.status_code, here.content) == (nowhere.status_code, nowhere.content)
        assert here.status_code == 404
    for act in ("reply", "close", "reopen"):
        assert client.post(f"/help/requests/{number}/{act}/", {"text": "x"}).status_code == 404
    assert client.get("/help/requests/" + "9" * 40 + "/").status_code == 404


def test_my_requests_are_mine(client_for, actor):
    first, second = ask(actor("amy")), ask(actor("amy"), once="2", kind=Kind.OTHER)
    ask(actor("bea"))
    answered(actor("pat"), first)
    lines = table(client_for("amy").get("/help/requests/"))
    assert [line[:3] for line in lines] == [
        [str(second), "Something else", "Waiting for an answer by Nov 24, 2026"],
        [str(first), "Question about a report", "Answer given"],
    ]
    assert "No requests yet" in plain(client_for("nora").get("/help/requests/"))


def test_replies_that_cannot_be_keep_their_words(client_for, actor):
    number = ask(actor("amy"))
    amy = client_for("amy")
    assert "Write a few words first" in plain(amy.post(f"/help/requests/{number}/reply/", {"text": " "}))
    amy.post(f"/help/requests/{number}/close/")
    assert "Open it again" in plain(amy.get(f"/help/requests/{number}/"))
    late = client_for("amy", now=AT + dt.timedelta(days=31))
    page = late.get(f"/help/requests/{number}/")
    assert "closed more than 30 days ago" in plain(page)
    assert "Open it again" not in plain(page)
    assert "30 days" in plain(late.post(f"/help/requests/{number}/reopen/", follow=True))


def test_the_tool_stands_in_the_navigation_and_marks_itself_alone(pat, client_for):
    page = read(pat.get("/desk/requests/"))
    assert page.markup.count('aria-current="page"') >= 1
    assert '<a href="/desk/" aria-current' not in page.markup
    assert "Requests for help" in plain(pat.get("/"))
    assert "Requests for help" not in plain(client_for("amy").get("/"))
