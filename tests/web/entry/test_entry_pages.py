"""Getting in, page by page: the tools, the institution, the code, the terms, the requests."""

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.urls import include, path

from scoreport.access import Permission, Role
from scoreport.organizations.actions import grant_role
from scoreport.organizations.models import AccessRequest, Membership, TermsAcceptance
from scoreport.organizations.rules.terms import VERSION
from scoreport.web.entry.terms import with_terms
from scoreport.web.rule import rule
from tests.organizations.entering import WRONG, code_for
from tests.web.pages import read
from tests.world import AT

ENTER = "/tools/managing-access/000905/"
TERMS = f"{ENTER}terms/"


def entered(client, code, address=ENTER):
    return client.post(address, {"code": code})


def accepted(client, address=TERMS, **more):
    return client.post(address, {"version": VERSION, "accepted": "on", **more})


# --- The tools ---------------------------------------------------------------------------------------------


def test_the_dashboard_offers_what_one_does_not_have(client_for):
    nora = read(client_for("nora").get("/"))
    assert "Managing Access to support K–12 Assessment Reporting" in nora.text
    assert nora.links()["Get access"] in {"/tools/managing-access/", "/tools/score-reports/"}
    amy = read(client_for("amy").get("/"))
    assert "/tools/score-reports/" not in amy.links().values()
    assert "/tools/managing-access/" in amy.links().values()
    max_ = read(client_for("max").get("/tools/"))
    assert max_.links()["Get access for another institution"] == "/tools/managing-access/"


def test_only_who_has_signed_in_looks_for_institutions(anonymous, world):
    for address in ("/tools/", "/tools/managing-access/?q=alder", ENTER, TERMS, "/tools/request-code/"):
        assert "/account/login/" in anonymous.get(address).headers["Location"]


def test_an_institution_is_found_by_name_or_code(client_for):
    client = client_for("nora")
    found = read(client.get("/tools/managing-access/?q=alder early"))
    assert found.links("found") == {"Alder Early College": ENTER}
    found = read(client.get("/tools/score-reports/?q=25310"))
    assert set(found.links("found").values()) == {
        "/tools/score-reports/470001/", "/tools/score-reports/000905/", "/tools/score-reports/D-ALDER/",
    }  # fmt: skip
    nothing = read(client.get("/tools/managing-access/", {"q": "Cedar & Sons"}))
    assert nothing.links("found") == {
        "My institution is not on the list: ask for access": "/tools/request-code/?name=Cedar+%26+Sons"
    }
    part = client.get("/tools/managing-access/?q=alder", HTTP_HX_REQUEST="true", HTTP_HX_TARGET="found")
    assert part.content.decode().lstrip().startswith('<div id="found">')
    assert client.get("/tools/no-such-tool/").status_code == 404
    assert client.get("/tools/managing-access/999999/").status_code == 404


# --- The code ----------------------------------------------------------------------------------------------


def test_a_code_leads_over_the_terms_to_the_tool(client_for, actor):
    issued = code_for(actor("pat"))
    client = client_for("nora")
    assert "Nobody manages access here yet" in read(client.get(ENTER)).text
    assert entered(client, issued.code).headers["Location"] == TERMS
    shown = read(client.get(TERMS)).text
    assert "Family Educational Rights and Privacy Act" in shown
    assert "Alder Early College" in shown
    # Without the tick, and before anything was sent, nothing has happened.
    assert "Tick the box" in read(client.post(TERMS, {"version": VERSION})).text
    assert not Membership.objects.filter(user__name="Nora").exists()
    answer = accepted(client)
    assert answer.status_code == 302
    assert Membership.objects.get(user__name="Nora").role == Role.ACCESS_MANAGER
    assert TermsAcceptance.objects.get().address == "127.0.0.1"
    assert "You manage access at Alder Early College now." in read(client.get("/")).text
    # What is done is done: the page does not offer it again.
    assert client.get(TERMS).headers["Location"] == ENTER


def test_the_code_lies_nowhere_in_clear(client_for, actor):
    issued = code_for(actor("pat"))
    client = client_for("nora")
    entered(client, issued.code)
    kept = client.session["scoreport_code"]
    plain = issued.code.replace("-", "")
    assert plain not in kept
    assert all(plain not in str(row.get_decoded()) for row in Session.objects.all())
    assert plain not in read(client.get(TERMS)).markup.replace("-", "")


def test_wrong_codes_get_one_answer(client_for, actor):
    elsewhere = code_for(actor("pat"), "ALDER-HIGH")
    client = client_for("nora")
    answers = [entered(client, code) for code in (WRONG, elsewhere.code)]
    assert {answer.status_code for answer in answers} == {200}
    told = {read(answer).part("id_code_error").text for answer in answers}
    assert len(told) == 1
    assert "a code works for one institution only" in told.pop()
    assert client.get(TERMS).headers["Location"] == ENTER
    assert entered(client, WRONG).status_code == 200
    assert "Try again in 30 seconds" in read(entered(client, elsewhere.code)).text


def test_a_slip_is_told_and_not_counted(client_for, actor):
    issued = code_for(actor("pat"))
    client = client_for("nora")
    swapped = issued.code[1] + issued.code[0] + issued.code[2:]
    for _time in range(5):
        if swapped != issued.code:
            assert "There is a slip in this code" in read(entered(client, swapped)).text
        assert "this one has 15" in read(entered(client, issued.code[:-1])).text
        assert "Enter the code from your mail or letter" in read(entered(client, " ")).text
    assert entered(client, issued.code.lower().replace("-", " ")).headers["Location"] == TERMS


def test_a_code_that_was_used_meanwhile_sends_back(client_for, actor):
    issued = code_for(actor("pat"))
    nora, fay = client_for("nora"), client_for("fay")
    for client in (nora, fay):
        entered(client, issued.code)
    accepted(nora)
    answer = accepted(fay)
    assert answer.headers["Location"] == ENTER
    assert "This code was used on 2026-11-21" in read(fay.get(ENTER)).text
    assert not Membership.objects.filter(user__name="Fay", role=Role.ACCESS_MANAGER).exists()


def test_a_code_is_accepted_for_the_institution_that_it_was_entered_for(client_for, actor):
    issued = code_for(actor("pat"))
    client = client_for("nora")
    entered(client, issued.code)
    other = "/tools/managing-access/470001/terms/"
    assert client.get(other).headers["Location"] == "/tools/managing-access/470001/"
    assert accepted(client, other).headers["Location"] == "/tools/managing-access/470001/"
    assert not Membership.objects.filter(user__name="Nora").exists()


def test_terms_of_another_version_are_shown_again(client_for, actor):
    issued = code_for(actor("pat"))
    client = client_for("nora")
    entered(client, issued.code)
    assert accepted(client, version="2001-01").headers["Location"] == TERMS
    assert "The terms and conditions have changed" in read(client.get(TERMS)).text
    assert accepted(client).status_code == 302
    assert Membership.objects.filter(user__name="Nora").exists()


def test_who_manages_there_already_is_told(client_for, actor):
    issued = code_for(actor("pat"), "ALDER-HIGH")
    answer = entered(client_for("max"), issued.code, "/tools/managing-access/470001/")
    assert "You are an access manager of Alder High School already" in read(answer).text


# --- Asking ------------------------------------------------------------------------------------------------


def test_who_manages_access_is_named_at_once(client_for):
    client = client_for("nora")
    page = read(client.get("/tools/managing-access/470001/"))
    assert "Max, max@juniper.example (Alder High School)" in page.text
    assert page.links()["Request access from them"] == "/tools/score-reports/470001/?role=access-manager"
    page = read(client.get("/tools/score-reports/470001/?role=access-manager"))
    assert "max@juniper.example" in page.text
    assert page.fields("/tools/score-reports/470001/")["role"] == ["access-manager"]
    page = read(client.get("/tools/score-reports/000905/"))
    assert "Nobody manages access here yet" in page.text
    assert page.links()["Ask for an access code"] == "/tools/request-code/?institution=000905"


def test_a_role_is_asked_for_and_withdrawn(client_for, at):
    client = client_for("nora")
    given = {"role": "detailed-reports", "title": "Counselor", "why": "I advise the seniors."}
    assert client.post("/tools/score-reports/470001/", {**given, "why": ""}).status_code == 200
    assert client.post("/tools/score-reports/470001/", {**given, "role": "program-staff"}).status_code == 200
    assert not AccessRequest.objects.exists()
    assert client.post("/tools/score-reports/470001/", given).headers["Location"] == "/tools/"
    (row,) = read(client.get("/tools/")).rows("stacks requests")
    assert row[:2] == ["Detailed Reports (K–12)", "Alder High School"]
    assert row[3:] == ["Waiting for an answer", "Withdraw"]
    assert "asked for this already" in read(client.post("/tools/score-reports/470001/", given)).text
    number = AccessRequest.objects.get().pk
    address = f"/tools/requests/{number}/withdraw/"
    assert client_for("fay").post(address).status_code == 404
    assert "Withdraw this request?" in read(client.get(address)).text
    assert client.post(address).headers["Location"] == "/tools/"
    assert read(client.get("/tools/")).rows("stacks requests")[0][3:] == ["Withdrawn", ""]
    client.post(address)
    assert "not open any more" in read(client.get("/tools/")).text


def test_a_code_is_asked_for(client_for):
    client = client_for("nora")
    page = read(client.get("/tools/request-code/?institution=470001"))
    assert "Somebody manages access here already" in page.text
    given = {"title": "Principal", "why": "We are new."}
    address = "/tools/request-code/?institution=000905"
    assert client.post(address, given).headers["Location"] == "/tools/"
    assert "asked for this already" in read(client.post(address, given)).text
    typed = client.get("/tools/request-code/?name=Cedar Falls")
    assert read(typed).fields("name=Cedar%20Falls")["institution"] == ["Cedar Falls"]
    client.post("/tools/request-code/?name=Cedar", {**given, "institution": "Cedar Falls High"})
    wishes = [row[:2] for row in read(client.get("/tools/")).rows("stacks requests")]
    wish = "Access code: Managing Access to support K–12 Assessment Reporting"
    assert wishes == [[wish, "Cedar Falls High"], [wish, "Alder Early College"]]
    assert client.get("/tools/request-code/?institution=999999").status_code == 404


# --- The terms, again --------------------------------------------------------------------------------------


@rule(Permission.ACCESS_READ)
@with_terms
def managed(request, address):
    from django.http import HttpResponse

    return HttpResponse(f"<p>{address}</p>")


urlpatterns = [path("managed/<str:address>/", managed, name="managed"), path("", include("scoreport.urls"))]


@pytest.mark.urls("tests.web.entry.test_entry_pages")
def test_terms_that_changed_are_asked_for_when_the_tool_is_opened(client_for, operator):
    client = client_for("max")
    sent = client.get("/managed/470001/?tab=users").headers["Location"]
    assert sent == "/terms/470001/?next=%2Fmanaged%2F470001%2F%3Ftab%3Dusers"
    assert "Tick the box" in read(client.post(sent, {"version": VERSION})).text
    assert client.post(sent, {"version": VERSION, "accepted": "on"}).headers["Location"] == "/managed/470001/?tab=users"
    assert client.get("/managed/470001/").content == b"<p>470001</p>"
    TermsAcceptance.objects.update(version="2001-01", accepted_at=AT - dt.timedelta(days=1))
    assert client.get("/managed/470001/").status_code == 302
    assert client.post("/managed/470001/").headers["Location"] == "/terms/470001/?next=%2Fmanaged%2F470001%2F"
    # The address to go on to is one of ours.
    away = "/terms/470001/?next=https%3A%2F%2Fevil.example%2F"
    assert client.post(away, {"version": VERSION, "accepted": "on"}).headers["Location"] == "/"
    # What is not one's own does not exist.
    assert client.get("/managed/470101/").status_code == client.get("/terms/470101/").status_code == 404
    grant_role(operator, email="dan@juniper.example", organization="D-BIRCH", role=Role.ACCESS_MANAGER, at=AT)
    dan = client_for("dan")
    assert dan.get("/terms/470101/").status_code == 200
    assert dan.get("/terms/470001/").status_code == 200
