"""The page of the finder: what counselors type and read, and how a claim begins."""

import pytest

from scoreport.audit.models import Event
from scoreport.scores.models import AttributionRequest, MissingSearch
from scoreport.scores.rules import SEARCHES_A_DAY
from tests.scores.claimed import claim, confirm
from tests.scores.files import load, row
from tests.web.pages import read
from tests.web.pages import sought as sought_in
from tests.world import AT

pytestmark = pytest.mark.django_db

EMPTY = {"organization": "470001", "ticket": "", "voucher": "", "first_name": "", "last_name": "", "birth_date": ""}
ANA = {"first_name": "Ana", "last_name": "Lopez", "birth_date": "2008-04-05"}
REPORT = "/reports/clep/470001/2025-2026/"


def sought(client, **typed: str):
    return client.post("/missing/", EMPTY | typed)


def test_from_the_report_to_the_claim_and_its_answer(client_for, world):
    load(row("T1", ai_code="470003"), row("T2"))
    amy = client_for("amy")
    link = read(amy.get(REPORT)).links()["A student or score is missing?"]
    page = read(amy.get(link))
    assert 'value="470001" selected' in page.markup
    found = read(sought(amy, ticket="T1"))
    assert "In no school's report Biology, tested on Feb 3, 2026" in found.text
    assert "looks like yours with a slip" in found.text
    assert "57" not in found.part("results").text
    form = found.links()["Claim this test"]
    assert "Biology, tested on Feb 3, 2026" in read(amy.get(form)).text
    done = amy.post(form, {**ANA, "reason": "She mistyped our code."}, follow=True)
    assert "Program staff will decide" in read(done).text
    assert "Open" in read(done).rows("stacks claims")[0]
    again = read(sought(amy, ticket="T1"))
    assert "You have claimed it" in again.text
    assert "Claim this test" not in again.links()
    confirm(AttributionRequest.objects.get().pk, actor=world.actor("pat"))
    found = read(sought(amy, ticket="T1"))
    assert "In the report since Feb 4, 2026." in found.text
    student = read(amy.get(found.links()["Open the student"]))
    assert "57" in student.text


def test_a_name_is_taken_over_into_the_claim(client_for, world):
    load(row("T1", ai_code=""))
    amy = client_for("amy")
    form = read(sought(amy, **ANA)).links()["Claim this test"]
    assert "Lopez" not in form
    assert sought_in(r'name="last_name" value="([^"]*)"', read(amy.get(form)).markup)[1] == "Lopez"


def test_names_and_tickets_stand_in_no_address(client_for, world):
    """Whatever is typed is sent by POST; a search by GET finds nothing and is none."""
    load(row("T1", ai_code=""))
    amy = client_for("amy")
    page = read(amy.get("/missing/", ANA))
    assert "Claim this test" not in page.text
    assert not Event.objects.filter(verb="scores:missing:sought").exists()


WRONG = {
    "nothing": ({}, "Fill in a registration ticket, or a voucher code, or a name"),
    "two ways": ({"ticket": "T1", "last_name": "Lopez"}, "Fill in one of the three"),
    "two numbers": ({"ticket": "T1", "voucher": "V1"}, "Fill in one of the three"),
    "voucher and no birth date": ({"voucher": "V1", "last_name": "Lopez"}, "A name alone finds nobody."),
    "no birth date": ({"first_name": "Ana", "last_name": "Lopez"}, "A name alone finds nobody."),
    "no last name": ({"first_name": "Ana", "birth_date": "2008-04-05"}, "The last name is missing."),
    "no day": ({"last_name": "Lopez", "birth_date": "2008-14-05"}, "This is no day of the calendar."),
    "elsewhere": ({"ticket": "T1", "organization": "470101"}, "There is no such organization"),
    "nowhere": ({"ticket": "T1", "organization": "999999"}, "There is no such organization"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_to_be_put_right(client_for, world, case):
    typed, told = WRONG[case]
    load(row("T1"))
    page = read(sought(client_for("amy"), **typed))
    assert told in page.text
    assert "What is known" not in page.text


def test_nothing_found(client_for, world):
    amy = client_for("amy")
    assert "Nothing that you can see yet is on file under this number." in read(sought(amy, ticket="T9")).text
    assert "Nothing that you may see is on file" in read(sought(amy, **ANA)).text


def test_why_nothing_is_listed_for_a_number(client_for, world):
    load(row("T1", voucher_code="V-77"), row("T2", voucher_code="v77", first_name="Bo"))
    amy = client_for("amy")
    page = read(sought(amy, voucher="V \u2013 77"))
    assert "Several people have it Several people have this voucher code, so no test is listed." in page.text
    assert "Claim this test" not in page.links()
    assert "This is not a voucher code" in read(sought(amy, voucher="n/a")).text
    assert "This is not a ticket" in read(sought(amy, ticket="0000")).text


def test_a_test_of_another_school_needs_more_than_a_voucher_code(client_for, world):
    load(row("T1", voucher_code="V-77", ai_code="470101"))
    amy = client_for("amy")
    page = read(sought(amy, voucher="v77"))
    assert "A voucher code alone is not enough to claim a test of another school." in page.text
    assert "Claim this test" not in page.links()
    form = read(sought(amy, voucher="v77", **ANA)).links()["Claim this test"]
    assert sought_in(r'name="last_name" value="([^"]*)"', read(amy.get(form)).markup)[1] == "Lopez"


def test_the_answer_to_a_name_at_another_school_is_that_to_nobodys(client_for, world):
    load(row("T1", ai_code="000905"), row("T2"))
    amy = client_for("amy")
    here = read(sought(amy, **{**ANA, "birth_date": "2001-01-01"})).part("results").markup
    load(row("T3", ai_code="000905", date_of_birth="2001-01-01"))
    assert read(sought(amy, **{**ANA, "birth_date": "2001-01-01"})).part("results").markup == here


def test_htmx_gets_the_results_alone(client_for, world):
    load(row("T1"))
    headers = {"HX-Request": "true", "HX-Target": "results"}
    part = client_for("amy").post("/missing/", EMPTY | {"ticket": "T1"}, headers=headers)
    assert read(part).text.startswith("What is known")


def test_too_many_searches_are_told_on_the_page(client_for, world):
    amy = client_for("amy")
    person = world.people["amy"].id
    MissingSearch.objects.bulk_create(MissingSearch(person_id=person, at=AT) for _n in range(SEARCHES_A_DAY))
    page = read(sought(amy, ticket="T1"))
    assert f"You have looked for {SEARCHES_A_DAY} scores within a day" in page.text


def test_staff_look_for_whoever_asks_them(client_for, world):
    load(row("T1", ai_code="000905"), row("T2"))
    pat = client_for("pat")
    page = read(pat.get("/missing/"))
    assert page.links()["Claims of schools"] == "/desk/claims/"
    found = read(sought(pat, organization="470001", ticket="T1"))
    assert "In the report of Alder Early College." in found.text
    found = read(sought(pat, organization="", ticket="T1"))
    assert "In the report since" in found.text
    assert "Claim this test" not in found.links()
    assert "Open the student" not in found.links()


@pytest.mark.parametrize(("name", "status"), [("amy", 200), ("dan", 200), ("sam", 200), ("pat", 200)])
def test_who_has_the_tool(client_for, world, name, status):
    client = client_for(name)
    assert read(client.get("/")).links()["Missing scores"] == "/missing/"
    assert client.get("/missing/").status_code == status


@pytest.mark.parametrize("name", ["sue", "max", "fay", "nora"])
def test_who_has_not(client_for, world, name):
    load(row("T1"))
    client = client_for(name)
    assert "Missing scores" not in read(client.get("/")).text
    for answer in (client.get("/missing/"), sought(client, ticket="T1")):
        assert answer.status_code == 403
    assert not Event.objects.filter(verb="scores:missing:sought").exists()


def test_the_report_links_here_only_for_those_who_may_look(client_for, world):
    """Whoever may not look asks for help instead."""
    load(row("T1"))
    link = "A student or score is missing?"
    assert read(client_for("amy").get(REPORT)).links()[link].startswith("/missing/")
    assert not read(client_for("sue").get(REPORT)).links()[link].startswith("/missing/")


def test_a_second_factor_is_asked_for(client_for, world):
    answer = client_for("amy", second_factor=False).get("/missing/")
    assert answer.headers["Location"] == "/account/second-factor/"


def test_claims_are_those_of_the_chosen_school_only(client_for, world):
    load(row("T1", ai_code=""))
    claim(world.actor("bea"), "T1", school="BIRCH-HIGH")
    assert "Lopez" not in read(client_for("amy").get("/missing/?organization=470001")).text
    assert "Lopez" not in read(client_for("amy").get("/missing/?organization=470101")).text
    assert "Lopez" in read(client_for("bea").get("/missing/")).text
