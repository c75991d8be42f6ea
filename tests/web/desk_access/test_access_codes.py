"""The desk of access codes: issuing, printing once, sending, revoking, and answering requests."""

import re

import pytest

from scoreport.approvals.actions import approve
from scoreport.approvals.queries import own
from scoreport.organizations.actions.codes import issue_many
from scoreport.organizations.actions.requests import ask_code
from scoreport.organizations.models import AccessCode, AccessRequest
from scoreport.web.desk_access import letters
from scoreport.web.desk_access.views import many
from tests.approvals.second import second_staff
from tests.organizations.entering import code_for, may_print, may_send, use, with_contact
from tests.web.pages import read
from tests.world import AT, OPERATOR

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
    may_print(actor("pat"))
    assert "Issue and print" in read(pat.get(EARLY)).text
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
    assert "The code goes to the contact on file: Pia Principal, principal@alder.example." in read(pat.get(EARLY)).text
    assert pat.post(f"{EARLY}issue/", {"by": "mail"}).headers["Location"] == EARLY
    assert "was emailed to principal@alder.example" in read(pat.get(EARLY)).text
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
    assert form == {"under": [""], "without": [""], "how": ["email"]}
    counted = read(pat.get("/access-codes/many/?count=yes&under=D-ALDER&without=on&how=email"))
    chosen = counted.part("chosen").text
    assert "1 institution" in chosen
    assert "left out" in chosen
    assert "1 earlier code that nobody has used is revoked" in chosen
    assert AccessCode.objects.count() == 1
    forms = re.findall(r'<form class="inline".*?</form>', counted.markup, re.DOTALL)
    sent = dict(re.findall(r'name="(count|under|without|how)" value="([^"]*)"', forms[-1]))
    assert sent == {"count": "yes", "under": "D-ALDER", "without": "on", "how": "email"}
    assert pat.post("/access-codes/many/", sent).headers["Location"] == "/access-codes/"
    assert "1 access code emailed." in read(pat.get("/access-codes/")).text
    assert AccessCode.objects.get(revoked_at=None).sent_to == "principal@alder.example"


def test_codes_on_paper_in_bulk_need_a_second_person(pat, actor, client_for, postman, run_tasks):
    pia = second_staff()
    with_contact("ALDER-EARLY")
    chosen = {"count": "yes", "under": "D-ALDER", "without": "on", "how": "paper"}
    assert "No code was issued." in read(pat.post("/access-codes/many/", chosen)).text
    assert not AccessCode.objects.exists()
    assert pat.post("/access-codes/many/", chosen | {"ask": "yes", "reason": " "}).status_code == 200
    reason = "Two schools have no email."
    assert pat.post("/access-codes/many/", chosen | {"ask": "yes", "reason": reason}).status_code == 302
    info = own(actor("pat"), at=AT)[0]
    assert info.subject == ("Print 2 access codes: for Alder School District (D-ALDER) and those under it")
    approve(pia, approval_id=info.id, at=AT)
    page = read(pat.get(f"/approvals/{info.id}/"))
    assert page.links()["Continue"] == "/access-codes/many/?count=yes&under=D-ALDER&how=paper&without=on"
    assert pat.post("/access-codes/many/", chosen).headers["Location"] == ISSUED
    assert len(CODE.findall(read(pat.get(ISSUED)).text)) == 2
    run_tasks()
    (told,) = postman.to("principal@alder.example")
    assert "An access code was issued" in told["Subject"]
    assert "- Alder Early College" in told.get_content()
    assert not CODE.search(told.get_content())


def test_too_many_or_none_are_not_issued(pat, monkeypatch):
    monkeypatch.setattr(many, "MOST", 5)
    for _method in ("get", "post"):
        page = read(getattr(pat, _method)("/access-codes/many/", {"count": "yes", "how": "paper"}))
        assert "6 institutions" in page.text
        assert "scoreport access-code bulk" in page.text
    page = read(pat.get("/access-codes/many/?count=yes&how=email"))
    assert "No institution is chosen by this" in page.text
    page = read(pat.get("/access-codes/many/?count=yes&under=NOWHERE&how=email"))
    assert "There is no organization with the id or AI code" in page.text
    assert not AccessCode.objects.exists()


def test_letters_as_a_file_print_anywhere(world, actor):
    issued = issue_many(OPERATOR, at=AT)
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
    assert "No code was issued." in read(pat.post(address, {"answer": "send"})).text
    assert pat.post(address, {"answer": "ask", "reason": "I called the school."}).status_code == 302
    assert "Waiting for approval" in read(pat.get(address)).text
    approve(OPERATOR, approval_id=own(actor("pat"), at=AT)[0].id, at=AT)
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
    may_send(actor("pat"), number, "000905")
    assert pat.post(address, {"answer": "send", "organization": "000905"}).status_code == 302
    assert AccessCode.objects.get().organization.code == "ALDER-EARLY"


def test_a_request_is_answered_through_the_contact_on_file(pat, actor, client_for, postman, run_tasks):
    with_contact("ALDER-EARLY")
    number = ask(actor("nora"))
    address = f"/access-codes/requests/{number}/"
    assert "The code goes to Pia Principal, principal@alder.example." in read(pat.get(address)).text
    assert pat.post(address, {"answer": "contact"}).status_code == 302
    run_tasks()
    (mail,) = postman.to("principal@alder.example")
    assert CODE.search(mail.get_content())
    (told,) = postman.to("nora@juniper.example")
    assert "The code was emailed to the contact on file" in told.get_content()
    assert not CODE.search(told.get_content())
    assert "The code was emailed to the contact on file" in read(client_for("nora").get("/tools/")).text


# --- What a second person approves ---------------------------------------------------------------------------


def test_printing_needs_a_second_person_and_tells_the_school(pat, actor, client_for, postman, run_tasks):
    pia = second_staff()
    with_contact("ALDER-EARLY")
    page = read(pat.get(EARLY))
    assert "A second member of program staff has to approve this first." in page.text
    pat.post(f"{EARLY}issue/", {"by": "print"})
    assert "No code was issued." in read(pat.get(EARLY)).text
    pat.post(f"{EARLY}issue/", {"by": "ask", "reason": ""})
    assert "Say why you need this" in read(pat.get(EARLY)).text
    pat.post(f"{EARLY}issue/", {"by": "ask", "reason": "Their mailbox is full."})
    assert "Waiting for approval" in read(pat.get(EARLY)).text
    assert not AccessCode.objects.exists()
    info = own(actor("pat"), at=AT)[0]
    approve(pia, approval_id=info.id, at=AT)
    assert read(pat.get(f"/approvals/{info.id}/")).links()["Continue"] == "/access-codes/at/ALDER-EARLY/"
    assert pat.post(f"{EARLY}issue/", {"by": "print"}).headers["Location"] == ISSUED
    run_tasks()
    assert len(postman.to("pia@juniper.example")) == 1
    (told,) = postman.to("principal@alder.example")
    assert not CODE.search(told.get_content())
    # An approval is good once.
    pat.post(f"{EARLY}issue/", {"by": "print"})
    assert AccessCode.objects.count() == 1


def test_a_contact_is_named_by_two_people(pat, actor, postman, run_tasks):
    pia = second_staff()
    with_contact("ALDER-EARLY")
    address = f"{EARLY}contact/"
    assert "Pia Principal" in read(pat.get(address)).text
    new = {"name": "Nell Newcomer", "email": "nell@alder.example", "reason": "Pia has retired."}
    assert "program staff" in read(pat.post(address, new | {"email": "pia@juniper.example"})).text
    assert pat.post(address, new).headers["Location"] == EARLY
    pat.post(address, {"apply": "yes"})
    assert "Nothing was changed" in read(pat.get(address)).text
    info = own(actor("pat"), at=AT)[0]
    approve(pia, approval_id=info.id, at=AT)
    assert read(pat.get(f"/approvals/{info.id}/")).links()["Continue"] == "/access-codes/at/ALDER-EARLY/contact/"
    assert "nell@alder.example" in read(pat.get(address)).text
    assert pat.post(address, {"apply": "yes"}).headers["Location"] == EARLY
    page = read(pat.get(EARLY))
    assert "Nell Newcomer, nell@alder.example" in page.text
    assert "was changed less than 72 hours ago" in page.text
    run_tasks()
    (told,) = postman.to("principal@alder.example")
    assert "Alder Early College: principal@alder.example → nell@alder.example" in told.get_content()
