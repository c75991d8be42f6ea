"""A request's whole way through the pages, with the mails that are really sent."""

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from scoreport.audit.queries import events_of
from scoreport.scores.models import ClepResult
from scoreport.support.models import HelpRequest
from tests.scores.files import load, public_id, row
from tests.support.asks import GOOD, PDF
from tests.web.desk.pages import plain, table
from tests.web.pages import read, sought

pytestmark = pytest.mark.django_db

CANARY = "Lopez-Canary"
REPORT = "/reports/clep/470001/2026-2027/"


def upload(name="screen of Lopez-Canary.png", content=GOOD["screen.png"]):
    return SimpleUploadedFile(name, content, content_type="application/octet-stream")


def fill(client, address, **changes):
    """Open the form of an address and return what it would send, with changes."""
    page = client.get(address)
    assert page.status_code == 200
    sent = {name: values[-1] for name, values in read(page).fields("/help/requests/new/").items()}
    # A browser sends "on" for a box without a value.
    return sent | ({"with_place": "on"} if "with_place" in sent else {}) | changes


def link_of(mail):
    found = re.search(r"https?://[^/]+(/\S+)", mail.get_content())
    assert found
    return found[1]


class Desk:
    """Somebody of the staff at one request."""

    def __init__(self, client, number) -> None:
        self.client = client
        self.address = f"/desk/requests/{number}/"

    def page(self):
        return read(self.client.get(self.address))

    def send(self, **fields):
        seen = self.page().fields(f"{self.address}answer/")["seen"][0]
        return self.client.post(f"{self.address}answer/", {"do": "send", "seen": seen} | fields)

    def box_with(self, title: str, text: str) -> str:
        """Put a kept answer behind what was typed, and return what stands in the box then."""
        option = sought(rf'<option value="(\d+)">{title}', self.page().markup)
        put = read(self.send(do="insert", canned=option[1], text=text))
        return html.unescape(sought(r"<textarea[^>]*>\s*(.*?)</textarea>", put.markup)[1])


def ask_from_the_report(amy) -> str:
    """Ask about a report that was searched, with a screenshot; return the address of the request."""
    load(row("A1", last_name=CANARY))
    report = amy.get(f"/reports/clep/470001/2025-2026/?q={CANARY}")
    address = read(report).links()["Ask about this report"]
    assert CANARY not in address
    assert "/reports/clep/470001/2025-2026/" in plain(amy.get(address))
    form = fill(amy, address, text=f"Is {CANARY} right?", attachments=[upload()])
    assert (form["years"], form["name"]) == ("2025–2026", "Amy")
    assert form["institution"].startswith("Alder High School")
    return str(amy.post("/help/requests/new/", form).url)


def test_from_the_report_to_the_closed_request(client_for, postman, run_tasks):
    amy, pat = client_for("amy"), client_for("pat")
    mine = ask_from_the_report(amy)
    number = HelpRequest.objects.get().pk + 1000
    run_tasks()
    (received,) = postman.to("amy@juniper.example")
    assert link_of(received) == mine == f"/help/requests/{number}/"

    # Staff see it, keep an answer, and answer with it.
    (line,) = table(pat.get("/desk/requests/"))
    who = "Amy Alder High School (School · AI code 470001)"
    assert line[:4] == [str(number), "Question about a report", who, "Waiting for an answer"]
    pat.post("/desk/requests/answers/new/", {"title": "As of", "language": "en", "text": "Look at “Data as of”."})
    desk = Desk(pat, number)
    assert CANARY in desk.page().text
    box = desk.box_with("As of", "Dear Amy,")
    assert box.split("\n") == ["Dear Amy,", "", "Look at “Data as of”."]
    assert desk.send(text=box, attachments=[upload("answer.pdf", PDF)]).url == desk.address
    run_tasks()

    # Amy is told that there is an answer, reads it, and replies.
    told = postman.to("amy@juniper.example")[-1]
    assert "answered" in told["Subject"]
    page = amy.get(link_of(told))
    assert "Look at “Data as of”." in plain(page)
    assert b"".join(amy.get(read(page).links()["answer.pdf"]).streaming_content) == PDF
    amy.post(f"{mine}reply/", {"text": "Thank you."})

    # Staff answer once more and close; she could open it again.
    assert desk.send(do="settle", text="Gladly.").url == "/desk/requests/"
    assert "Open it again" in plain(amy.get(mine))
    run_tasks()
    assert len(postman.mails) == 3
    assert not [mail for mail in postman.mails if CANARY in mail.get_content() or CANARY in mail.as_string()]
    verbs = {event.facts.verb for event in events_of(subject_kind="help-request")}
    assert {"support:request:asked", "support:request:viewed", "support:request:answered"} <= verbs


def test_the_question_for_the_access_manager_is_answered_at_once(client_for, world):
    page = client_for("amy").get("/help/requests/new/?kind=access-manager")
    assert "Max" in plain(page)
    assert "mailto:max@juniper.example" in read(page).markup
    assert not HelpRequest.objects.exists()
    anyway = read(page).links()["This does not help: ask us"]
    assert client_for("amy").get(anyway).status_code == 200
    form = fill(client_for("amy"), anyway, text="Max has left.")
    client_for("amy").post("/help/requests/new/", form)
    assert HelpRequest.objects.get().kind == "access-manager"


def test_who_has_no_role_is_told_where_to_look(client_for):
    assert "no role at an institution" in plain(client_for("nora").get("/help/requests/new/?kind=access-manager"))


def test_the_managers_of_others_are_not_told_by_an_address(client_for):
    page = client_for("amy").get("/help/requests/new/?kind=access-manager&organization=470101")
    assert "Alder High School" in plain(page)
    assert "Birch" not in plain(page)


def test_a_students_page_sends_the_number_and_never_the_name(client_for):
    load(row("A1", last_name=CANARY))
    amy = client_for("amy")
    student = next(
        link
        for link in read(amy.get("/reports/clep/470001/2025-2026/")).links("results").values()
        if "students" in link
    )
    links = read(amy.get(student)).links()
    address = links["A name, a birth date or a school is wrong"]
    assert CANARY not in address
    form = fill(amy, address, text="The first name is wrong.")
    assert CANARY not in str(form)
    amy.post("/help/requests/new/", form)
    made = HelpRequest.objects.get()
    assert f"/students/{public_id('A1')}/" in made.page
    assert made.student_id == ClepResult.objects.get().student_id
    assert str(made.organization) == "Alder High School"
    told = plain(client_for("pat").get(f"/desk/requests/{made.pk + 1000}/"))
    assert f"Student record {public_id('A1')}" in told
    assert CANARY not in told


def test_where_i_was_can_be_left_out(client_for):
    amy = client_for("amy")
    form = fill(amy, "/help/requests/new/?kind=report&organization=470001&page=/reports/&student=1", text="Hello")
    del form["with_place"]
    amy.post("/help/requests/new/", form)
    made = HelpRequest.objects.get()
    assert (made.organization, made.page, made.student_id) == (None, "", None)


def test_older_data_asks_for_everything_that_the_mail_asked_for(client_for):
    amy = client_for("amy")
    form = fill(amy, "/help/requests/new/?kind=older-data", text="All scores.", years="", title="")
    refused = plain(amy.post("/help/requests/new/", form))
    assert "2 things to put right" in refused
    amy.post("/help/requests/new/", form | {"years": "2015–2016", "title": "Principal"})
    assert HelpRequest.objects.get().years == "2015–2016"
    # The title need not be typed again.
    assert fill(amy, "/help/requests/new/?kind=older-data")["title"] == "Principal"


def test_a_form_sent_twice_is_one_request(client_for):
    amy = client_for("amy")
    form = fill(amy, "/help/requests/new/?kind=other", text="Hello")
    first, second = (amy.post("/help/requests/new/", form).url for _click in range(2))
    assert first == second
    assert HelpRequest.objects.count() == 1


@pytest.mark.parametrize(
    "query",
    [
        "?kind=nonsense",
        "?kind=report&student=xyz&year=" + "x" * 500,
        "?organization=" + "y" * 500,
        "?kind=report&page=//evil",
    ],
)
def test_whatever_an_address_says_there_is_a_page(client_for, query):
    page = client_for("amy").get(f"/help/requests/new/{query}")
    assert page.status_code == 200
    assert "evil" not in plain(page)


def test_a_request_without_a_known_kind_is_asked_for_it(client_for):
    assert "What is it about?" in plain(client_for("amy").post("/help/requests/new/", {"kind": "nonsense"}))
