"""A new school gets in: no manager, a lost code, a new one, and then a colleague without any code."""

import re

import pytest

from scoreport.approvals.actions import approve
from scoreport.approvals.queries import waiting
from scoreport.organizations.models import AccessCode
from scoreport.organizations.rules.terms import VERSION
from tests.approvals.second import second_staff
from tests.organizations.entering import with_contact
from tests.web.pages import read
from tests.world import AT

CODE = re.compile(r"\b(?:[A-Z2-9]{4}-){3}[A-Z2-9]{4}\b")
EARLY = "/access-codes/at/000905/"


def fill(person, **fields):
    """Send the form of the page that somebody is on, and read where that leads."""
    return read(person.client.post(person.address, fields, follow=True))


def printed(pat, colleague) -> str:
    """Ask for approval, have it given, print a code, and return it."""
    pat.send("issue/", by="ask", reason="The school has no email yet.")
    (asked,) = waiting(colleague, at=AT)
    approve(colleague, approval_id=asked.id, at=AT)
    pat.open(EARLY)
    shown = read(pat.send("issue/", by="print", replace="on"))
    pat.open(EARLY)
    return str(CODE.findall(shown.text)[0])


@pytest.fixture
def pat(arrive):
    """Return program staff on the page of a school that nobody manages yet."""
    pat = arrive("pat")
    page = pat.click("Access codes")
    assert "A code lets the first access manager of an institution in" in page.text
    pat.open("/access-codes/?q=early&only=without")
    pat.click("Alder Early College")
    return pat


def test_a_new_school_from_the_letter_to_the_tool(world, arrive, pat):
    # Program staff print a letter, which gets lost, and print another one; a colleague approves both.
    pia = second_staff()
    lost, code = (printed(pat, pia) for _time in range(2))
    assert [row[1] for row in pat.page.rows("stacks issued")] == ["Not used yet", "Revoked"]

    # Nora has no role anywhere: the dashboard says what she can do about it.
    nora = arrive("nora")
    assert "No tools yet" in nora.page.text
    nora.open(nora.page.links()["Get access"].replace("score-reports", "managing-access"))
    nora.open("/tools/managing-access/?q=Early 25310")
    page = nora.click("Alder Early College")
    assert "Nobody manages access here yet" in page.text

    # The lost letter turns up; it opens nothing, and says so.
    answer = fill(nora, code=lost)
    assert "This code was taken out of use on 2026-11-21" in answer.text
    terms = fill(nora, code=code)
    assert "Terms and conditions" in terms.text
    nora.open("/tools/managing-access/000905/terms/")
    welcome = fill(nora, version=VERSION, accepted="on")
    assert "You manage access at Alder Early College now." in welcome.text
    # The tool is there with the next click, and no code is left over.
    assert "Access Management/DAT (K–12)" in nora.open("/").text
    assert "/tools/managing-access/" not in nora.page.links().values()
    assert {row[1] for row in pat.open(EARLY).rows("stacks issued")} == {"Used", "Revoked"}
    assert "Nora" in pat.page.text

    # A colleague looks for the school, reads who manages access there, and asks her.
    fay = arrive("fay")
    page = fay.open("/tools/managing-access/000905/")
    assert "Nora, nora@juniper.example (Alder Early College)" in page.text
    fay.click("Request access from them")
    fill(fay, role="access-manager", title="Assistant principal", why="You asked for backup.")
    assert fay.open("/tools/").rows("stacks requests")[0][3] == "Waiting for an answer"


def test_a_code_by_mail_for_whoever_asks(world, arrive, pat, postman, run_tasks):
    with_contact("ALDER-EARLY")
    pat.open(EARLY)
    pat.send("issue/", by="mail", replace="on")
    run_tasks()
    (first,) = CODE.findall(postman.to("principal@alder.example")[0].get_content())

    # The principal has left; Nora asks, and gets a code of her own.
    nora = arrive("nora")
    nora.open("/tools/request-code/?institution=000905")
    sent = fill(nora, title="Principal", why="My predecessor left in June.")
    assert "Your request was sent." in sent.text
    pat.open("/access-codes/")
    pat.click("1 request for a code waits for an answer")
    pat.click("Nora")
    assert "My predecessor left in June." in pat.page.text
    # To anybody but the contact, a code goes only when a second person has approved it.
    assert "No code was issued." in fill(pat, answer="send").text
    fill(pat, answer="ask", reason="I called the school: she is the new principal.")
    pia = second_staff()
    approve(pia, approval_id=waiting(pia, at=AT)[0].id, at=AT)
    fill(pat, answer="send")
    run_tasks()
    (second,) = CODE.findall(postman.to("nora@juniper.example")[0].get_content())
    assert "Alder Early College: nora@juniper.example" in postman.to("principal@alder.example")[-1].get_content()
    assert first != second
    assert nora.open("/tools/").rows("stacks requests")[0][3] == "Granted"
    nora.open("/tools/managing-access/000905/")
    fill(nora, code=second)
    nora.open("/tools/managing-access/000905/terms/")
    fill(nora, version=VERSION, accepted="on")
    assert AccessCode.objects.get(used_at__isnull=False).sent_to == "nora@juniper.example"
