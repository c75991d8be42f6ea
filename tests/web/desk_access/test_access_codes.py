"""The desk of access codes: issuing, printing once, sending, revoking, and answering requests."""

import re

import pytest

from scoreport.organizations.actions.codes import issue_many
from scoreport.organizations.actions.requests import ask_code
from scoreport.organizations.models import AccessCode, AccessRequest
from scoreport.web.desk_access import letters
from scoreport.web.desk_access.views import many
from tests.organizations.entering import code_for, use, with_contact
from tests.web.pages import read
from tests.world import AT

EARLY = "/access-codes/at/000905/"
ISSUED = "/access-codes/issued/"
CODE = re.compile(r"\b(?:[A-Z2-9]{4}-){3}[A-Z2-9]{4}\b")


@pytest.fixture
def pat(client_for):
    return client_for("pat")


@pytest.mark.parametrize("name", ["amy", "max", "nora"])
def test_only_program_staff_come_here(client_for, name):
    client = client_for(name)
    for address in ("/access-codes/", "/access-codes/many/", ISSUED, "/access-codes/requests/", EARLY):
        assert client.get(address).status_code == 403
    assert client.post(f"{EARLY}issue/", {"by": "print"}).status_code == 403
    assert client.post("/access-codes/many/", {"count": "yes"}).status_code == 403
    assert not AccessCode.objects.exists()


def test_institutions_without_a_manager_are_found(pat, actor):
    code_for(actor("pat"))
    page = read(pat.get("/access-codes/?q=alder"))
    assert [row[1:3] for row in page.rows("stacks institutions")] == [["None", "1"], ["1", "0"], ["None", "0"]]
    page = read(pat.get("/access-codes/?q=alder&only=without"))
    names = [row[0] for row in page.rows("stacks institutions")]
    assert names == ["Alder Early College School · AI code 000905", "Alder School District District · Alder"]
    assert "No institution matches" in read(pat.get("/access-codes/?q=zzz")).text


def test_a_new_code_is_shown_once(pat, actor):
    # Ticked boxes and the chosen way are what the form sends by itself.
    assert read(pat.get(EARLY)).fields("issue/") == {"by": ["print"], "replace": [""]}
    assert pat.post(f"{EARLY}issue/", {"by": "print", "replace": "on"}).headers["Location"] == ISSUED
    shown = read(pat.get(ISSUED))
    (code,) = set(CODE.findall(shown.text))
    assert "This page is shown once" in shown.text
    # A second look, in this browser or elsewhere, shows nothing.
    assert "No new codes" in read(pat.get(ISSUED)).text
    assert not CODE.search(read(pat.get(EARLY)).text)
    assert use(actor("nora"), code).organization.code == "ALDER-EARLY"
    row = read(pat.get(EARLY)).rows("stacks issued")[0]
    assert (row[1], row[3]) == ("Used", "On paper")
    assert "Nora <nora@juniper.example>" in row[4]


def test_a_code_goes_by_mail_and_what_comes_back_shows(pat, actor, postman, run_tasks):
    assert pat.post(f"{EARLY}issue/", {"by": "mail"}).headers["Location"] == EARLY
    assert "No code was issued" in read(pat.get(EARLY)).text
    with_contact("ALDER-EARLY")
    postman.refused["principal@alder.example"] = "550 No such mailbox"
    assert read(pat.get(EARLY)).fields("issue/")["by"] == ["mail"]
    assert pat.post(f"{EARLY}issue/", {"by": "mail"}).headers["Location"] == EARLY
    assert "is on its way to principal@alder.example" in read(pat.get(EARLY)).text
    run_tasks()
    assert read(pat.get(EARLY)).rows("stacks issued")[0][3] == "principal@alder.example The mail came back"
    postman.refused.clear()
    pat.post(f"{EARLY}issue/", {"by": "mail", "replace": "on"})
    run_tasks()
    (mail,) = postman.to("principal@alder.example")
    text = mail.get_content()
    assert mail["Subject"] == "Your access code for Alder Early College"
    assert "Hello Pia Principal," in text
    assert "/tools/" in text
    assert [row[1] for row in read(pat.get(EARLY)).rows("stacks issued")] == ["Not used yet", "Revoked"]
    (code,) = CODE.findall(text)
    assert use(actor("nora"), code)


def test_a_code_is_revoked_on_a_page_of_its_own(pat, actor):
    issued = code_for(actor("pat"))
    address = f"{EARLY}{issued.id}/revoke/"
    assert "Revoke this code?" in read(pat.get(address)).text
    assert AccessCode.objects.get().revoked_at is None
    assert pat.get(f"/access-codes/at/470001/{issued.id}/revoke/").status_code == 404
    assert pat.post(f"/access-codes/at/470001/{issued.id}/revoke/").status_code == 404
    assert pat.post(address).headers["Location"] == EARLY
    assert f"The code …{issued.hint} was revoked." in read(pat.get(EARLY)).text
    assert pat.get(address).headers["Location"] == EARLY
    pat.post(address)
    assert "was revoked before" in read(pat.get(EARLY)).text


# --- In bulk -----------------------------------------------------------------------------------------------


def test_codes_in_bulk_are_counted_and_then_issued(pat, actor):
    with_contact("ALDER-EARLY")
    code_for(actor("pat"))
    form = read(pat.get("/access-codes/many/")).fields("many/")
    assert form == {"under": [""], "without": [""], "send": [""]}
    counted = read(pat.get("/access-codes/many/?count=yes&under=D-ALDER&without=on&send=on"))
    chosen = counted.part("chosen").text
    assert "2 institutions" in chosen
    assert "1 code goes out by mail" in chosen
    assert "1 earlier code that nobody has used is revoked" in chosen
    assert AccessCode.objects.count() == 1
    forms = re.findall(r'<form class="inline".*?</form>', counted.markup, re.DOTALL)
    sent = dict(re.findall(r'name="(count|under|without|send|contact)" value="([^"]*)"', forms[-1]))
    assert sent == {"count": "yes", "under": "D-ALDER", "without": "on", "send": "on"}
    assert pat.post("/access-codes/many/", sent).headers["Location"] == ISSUED
    page = read(pat.get(ISSUED))
    assert "On their way by mail: 1 access code." in page.text
    assert len(CODE.findall(page.text)) == 1
    assert "Alder School District" in page.text
    assert AccessCode.objects.filter(revoked_at=None).count() == 2


def test_too_many_or_none_are_not_issued(pat, monkeypatch):
    monkeypatch.setattr(many, "MOST", 5)
    for _method in ("get", "post"):
        page = read(getattr(pat, _method)("/access-codes/many/", {"count": "yes"}))
        assert "6 institutions" in page.text
        assert "scoreport access-code bulk" in page.text
    page = read(pat.get("/access-codes/many/?count=yes&contact=on"))
    assert "No institution is chosen by this" in page.text
    page = read(pat.get("/access-codes/many/?count=yes&under=NOWHERE"))
    assert "There is no organization with the id or AI code" in page.text
    assert not AccessCode.objects.exists()


def test_letters_as_a_file_print_anywhere(world, actor):
    issued = issue_many(actor("pat"), at=AT)
    text = letters.as_file(letters.letters_of(issued), day=AT.date())
    assert text.count('<article class="letter">') == 6
    assert set(CODE.findall(text)) == {one.code for one in issued}
    assert "break-after: page" in text
    assert "<link" not in text
    # Birch is hostile: what it calls itself stays text.
    assert "<script" not in text


# --- Requests ----------------------------------------------------------------------------------------------


def ask(actor, **wanted):
    return ask_code(actor, **{"organization": "000905", "title": "Principal", "why": "We are new.", "at": AT, **wanted})


def test_a_request_is_answered_with_a_code(pat, actor, postman, run_tasks):
    number = ask(actor("nora"))
    assert "1 request for a code waits for an answer" in read(pat.get("/access-codes/")).text
    (row,) = read(pat.get("/access-codes/requests/")).rows("stacks asked")
    assert row[:2] == ["Nora Principal", "Alder Early College"]
    address = f"/access-codes/requests/{number}/"
    page = read(pat.get(address))
    assert "nora@juniper.example" in page.text
    assert "None, neither here nor above." in page.text
    assert pat.post(address, {"answer": "whatever"}).status_code == 200
    assert pat.post(address, {"answer": "send"}).headers["Location"] == "/access-codes/requests/"
    run_tasks()
    (code,) = CODE.findall(postman.to("nora@juniper.example")[0].get_content())
    assert use(actor("nora"), code)
    assert "Nobody waits for an answer" in read(pat.get("/access-codes/requests/")).text
    assert "Granted" in read(pat.get("/access-codes/requests/?show=answered")).text
    pat.post(address, {"answer": "send"})
    assert "not open any more" in read(pat.get("/access-codes/requests/")).text
    assert AccessCode.objects.count() == 1


def test_a_request_is_declined_with_a_sentence(pat, actor, client_for, postman, run_tasks):
    number = ask(actor("nora"), organization="470001")
    address = f"/access-codes/requests/{number}/"
    assert "This institution has an access manager" in read(pat.get(address)).text
    assert pat.post(address, {"answer": "decline", "sentence": ""}).status_code == 200
    pat.post(address, {"answer": "decline", "sentence": "Ask Max, who manages access."})
    run_tasks()
    (mail,) = postman.to("nora@juniper.example")
    assert "Your request was declined: Alder High School" in mail["Subject"]
    assert "Ask Max, who manages access." in mail.get_content()
    assert "Ask Max, who manages access." in read(client_for("nora").get("/tools/")).text
    assert "Ask Max, who manages access." in read(pat.get(address)).text


def test_an_institution_that_is_not_on_file_is_chosen_first(pat, actor):
    number = ask(actor("nora"), organization=None, institution="Alder Early")
    address = f"/access-codes/requests/{number}/"
    page = read(pat.get(address))
    assert page.links()["Look for it"] == "/access-codes/?q=Alder%20Early"
    assert pat.post(address, {"answer": "send"}).status_code == 200
    unknown = pat.post(address, {"answer": "send", "organization": "999999"})
    assert "There is no organization with the id or AI code" in read(unknown).text
    assert AccessRequest.objects.get().state == "open"
    assert pat.post(address, {"answer": "send", "organization": "000905"}).status_code == 302
    assert AccessCode.objects.get().organization.code == "ALDER-EARLY"
