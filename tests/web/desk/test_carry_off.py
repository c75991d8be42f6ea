"""Program staff do not carry off the data: a script that reads every address of the desk gets what it may, and no more.

Every name in the files is a canary. The attack walks all files, lists, pages and downloads, the questions of identity,
the claims and the overdue essays.
"""

import datetime as dt
import re

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib.auth import get_user_model

from scoreport.approvals.models import Approval
from scoreport.audit.models import Event
from scoreport.imports.models import ImportFile
from scoreport.reports.queries.sight import looks_at_student
from scoreport.scores.files import visibility
from scoreport.scores.models import ClepResult, ShownRows
from scoreport.scores.rules import RowAccess
from tests.approvals.second import second_staff
from tests.organizations.managing import accept_terms
from tests.scores.claimed import claim
from tests.scores.files import accept, check, load, row, text
from tests.web.desk.pages import approve_all, plain, whole_list
from tests.world import AT

pytestmark = pytest.mark.django_db

KINDS = ("new", "changed", "same", "unmatched", "refused")
CANARY = re.compile(r"Canary[a-z]{4}")
SCHOOLS = {"470001": "ALDER-HIGH", "000905": "ALDER-EARLY", "470101": "BIRCH-HIGH"}
DAY = dt.timedelta(days=1)


def name(number: int) -> str:
    return "Canary" + "".join(chr(97 + number // 26**place % 26) for place in range(4))


def rows(first: int, count: int, **cells: str) -> list[dict[str, str]]:
    codes = list(SCHOOLS)
    return [
        row(f"T{n:05}", **({"last_name": name(n), "first_name": f"Ana {n}", "ai_code": codes[n % 3]} | cells))
        for n in range(first, first + count)
    ]


@pytest.fixture
def sample(world):
    """Four accepted files: one of pat's with rows of every kind, a colleague's, the operator's, an old one of pat's."""
    pat, pia = world.actor("pat"), second_staff()
    accept(check(text(*rows(0, 60)), name="old.csv", by=pat, at=AT - 60 * DAY), at=AT - 60 * DAY)
    accept(check(text(*rows(60, 60), *rows(120, 10, ai_code="")), name="pias.csv", by=pia))
    accept(check(text(*rows(200, 60)), name="operator.csv"))
    mine = [
        *rows(0, 5, score="44"), *rows(60, 20), *rows(300, 60), *rows(400, 4, ai_code=""),
        *rows(500, 3, last_name="", first_name="Canaryzzzz"),
    ]  # fmt: skip
    return accept(check(text(*mine), name="mine.csv", by=pat))


def attack(client) -> set[str]:
    """Read everything that GET gives, and return the canaries that sing."""
    heard: set[str] = set()
    addresses = ["/desk/", "/desk/waiting/", "/desk/claims/", "/matching/", "/matching/?state=answered"]
    for file in ImportFile.objects.values_list("pk", flat=True):
        addresses += [f"/desk/files/{file}/", f"/desk/files/{file}/reasons.csv"]
        for kind in KINDS:
            addresses += [f"/desk/files/{file}/{kind}.csv", f"/desk/files/{file}/{kind}/whole/"]
            addresses += [f"/desk/files/{file}/{kind}/?page={page}" for page in range(1, 5)]
    for address in addresses:
        response = client.get(address)
        heard |= set(CANARY.findall(response.getvalue().decode()))
    return heard


def test_a_script_gets_the_problem_rows_of_its_own_new_files_only(client_for, sample):
    changed, unmatched = {name(n) for n in range(5)}, {name(n) for n in range(400, 404)}
    assert attack(client_for("pat")) == changed | unmatched


def test_a_colleagues_and_an_old_file_give_nothing(client_for, sample):
    client = client_for("pat")
    ImportFile.objects.filter(pk=sample.pk).update(handled_by_id=None)
    assert attack(client) == set()
    ImportFile.objects.all().update(handled_by_id=client.session["_auth_user_id"], accepted_at=AT - 31 * DAY)
    assert attack(client) == set()


def test_without_the_rule_the_script_would_get_everything(client_for, sample, monkeypatch):
    """The negative control."""
    monkeypatch.setattr(visibility, "row_access_of", lambda *_args: RowAccess.PAGES)
    monkeypatch.setattr("scoreport.scores.files.row_access_of", lambda *_args: RowAccess.PAGES)
    everything = {name(n) for part in (range(130), range(200, 260), range(300, 360), range(400, 404)) for n in part}
    assert attack(client_for("pat")) == everything


def test_a_file_that_waits_gives_its_handler_a_sample_and_others_counts(client_for, world):
    check(text(*rows(0, 60)), by=second_staff())
    mine = check(text(*rows(60, 60)), by=world.actor("pat"))
    client = client_for("pat")
    assert attack(client) == {name(n) for n in range(60, 80)}
    said = plain(client.get(f"/desk/files/{mine.pk - 1}/new/"))
    assert "Only the person who handles this file sees its rows: Pia <pia@juniper.example>." in said
    assert "60" in plain(client.get(f"/desk/files/{mine.pk - 1}/"))


def test_taking_over_every_file_ends_at_the_limit_of_the_day(client_for, world, settings):
    settings.STAFF_ROWS_A_DAY = 50
    pia = second_staff()
    for first in (0, 100, 200):
        accept(check(text(*rows(first, 40, ai_code="")), by=pia))
    client = client_for("pat")
    for file in ImportFile.objects.values_list("pk", flat=True):
        client.post(f"/desk/files/{file}/take-over/")
    assert len(attack(client)) == 40
    assert Event.objects.filter(verb="scores:file:taken-over").count() == 3


def test_every_look_stands_in_the_log_of_each_school(client_for, sample):
    client = client_for("pat")
    client.get(f"/desk/files/{sample.pk}/changed/")
    events = Event.objects.filter(verb="scores:file:rows-shown", subject=str(sample.pk)).order_by("organization")
    assert [(event.organization, event.detail["rows"], event.detail["list"]) for event in events] == [
        ("ALDER-EARLY", 2, "changed"), ("ALDER-HIGH", 2, "changed"), ("BIRCH-HIGH", 1, "changed"),
    ]  # fmt: skip
    assert "looked at 2 rows of score file" in plain(log_of(client_for, "max", "ALDER-HIGH"))


def log_of(client_for, who, organization):
    client = client_for(who)
    accept_terms(get_user_model().objects.get(email=f"{who}@juniper.example").pk)
    return client.get(f"/managing/{organization}/log/")


def test_the_school_of_the_row_before_a_change_sees_it_as_well(client_for, world):
    """Whoever uploads guessed tickets sees what is on file for them: its school reads that."""
    accept(check(text(row("T1", last_name="Canaryaaaa", ai_code="470101"))))
    guess = check(text(row("T1", last_name="Guess")), by=world.actor("pat"))
    assert "Canaryaaaa" in plain(client_for("pat").get(f"/desk/files/{guess.pk}/changed/"))
    events = Event.objects.filter(verb="scores:file:rows-shown", subject=str(guess.pk))
    assert {event.organization for event in events} == {"ALDER-HIGH", "BIRCH-HIGH"}


def test_one_approval_is_one_download_of_one_list(client_for, sample):
    client = client_for("pat")
    assert CANARY.findall(str(whole_list(client, sample.pk, "new")))
    for kind in ("new", "same", "changed"):
        response = client.post(f"/desk/files/{sample.pk}/{kind}/whole/")
        assert (response.status_code, CANARY.findall(response.getvalue().decode())) == (302, [])
    taken = Event.objects.filter(verb="scores:file:rows-taken-out").order_by("organization")
    assert [(event.organization, event.detail["rows"]) for event in taken] == [
        ("ALDER-EARLY", 20), ("ALDER-HIGH", 20), ("BIRCH-HIGH", 20),
    ]  # fmt: skip


def test_nobody_approves_their_own(client_for, sample):
    client, address = client_for("pat"), f"/desk/files/{sample.pk}/new/whole/"
    client.post(address, {"reason": "Because."})
    number = Approval.objects.get().pk
    assert "Waiting for approval" in plain(client.get(address))
    client.post(f"/approvals/{number}/", {"answer": "approve"})
    assert not CANARY.findall(client.post(address).getvalue().decode())


def test_an_old_sign_in_is_confirmed_first(client_for, sample):
    client, address = client_for("pat"), f"/desk/files/{sample.pk}/new/whole/"
    client.post(address, {"reason": "Because."})
    approve_all()
    session = client.session
    for proof in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        proof["at"] = (AT - dt.timedelta(minutes=16)).timestamp()
    session.save()
    assert client.post(address).url.startswith("/account/reauthenticate/")
    assert Approval.objects.get().state == "approved"


def test_the_approved_request_leads_back(client_for, sample):
    client = client_for("pat")
    client.post(f"/desk/files/{sample.pk}/new/whole/", {"reason": "Because."})
    approve_all()
    page = client.get(f"/approvals/{Approval.objects.get().pk}/").content.decode()
    assert f"/desk/files/{sample.pk}/new/whole/" in page


@pytest.fixture
def narrow(settings, sample, client_for):
    settings.STAFF_ROWS_A_DAY = 50
    client = client_for("pat")
    client.get(f"/desk/files/{sample.pk}/changed/")
    ShownRows.objects.create(person_id=client.session["_auth_user_id"], at=AT, what="before", rows=44)
    return client


def test_a_page_that_is_reloaded_counts_once(narrow, sample):
    for _again in range(3):
        assert CANARY.findall(plain(narrow.get(f"/desk/files/{sample.pk}/changed/")))


def test_more_rows_need_a_second_person(narrow, sample):
    address = f"/desk/files/{sample.pk}/unmatched/"
    assert narrow.get(address).url == "/desk/more-rows/"
    assert narrow.get(address, headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/desk/more-rows/"
    assert "You have seen 49 of the 50" in plain(narrow.get("/desk/more-rows/"))
    narrow.post("/desk/more-rows/", {"reason": "A large file."})
    assert narrow.get(address).status_code == 302
    approve_all()
    assert CANARY.findall(plain(narrow.get(address)))
    assert Approval.objects.get().state == "used"


def test_the_next_day_it_begins_again(narrow, sample, client_for):
    tomorrow = client_for("pat", now=AT + DAY + dt.timedelta(minutes=1))
    assert CANARY.findall(plain(tomorrow.get(f"/desk/files/{sample.pk}/unmatched/")))


def test_questions_and_essays_are_rows_too(narrow, sample):
    load(row("Q1", last_name="Canaryqqqq"), row("Q2", last_name="Canaryqqqq", ai_code="000905"))
    load(row("E1", exam_code="91", score="", date_scored="", date_tested="2026-08-01"), *_essays())
    assert narrow.get("/matching/").url == "/desk/more-rows/"
    assert narrow.get("/desk/waiting/").url == "/desk/more-rows/"


def _essays():
    return [row(f"E{n}", exam_code="91", score="", date_scored="", date_tested="2026-08-01") for n in (2, 3)]


def test_questions_claims_searches_and_essays_stand_in_the_log_of_each_school(client_for, world):
    load(row("Q1", last_name="Canaryqqqq"), row("Q2", last_name="Canaryqqqq", ai_code="000905"))
    load(row("E1", ai_code="470101", exam_code="91", score="", date_scored="", date_tested="2026-08-01"))
    load(row("R1", ai_code="470101"))
    client = client_for("pat")
    number = claim(world.actor("amy"), "R1")
    client.get("/matching/")
    client.get("/desk/waiting/")
    client.get(f"/desk/claims/{number}/")
    typed = {"organization": "", "ticket": "R1", "voucher": "", "first_name": "", "last_name": "", "birth_date": ""}
    client.post("/missing/", typed)
    events = Event.objects.exclude(organization="").filter(actor__startswith="Pat").order_by("verb", "organization")
    assert [(event.verb, event.organization) for event in events] == [
        ("people:match:records-shown", "ALDER-EARLY"),
        ("people:match:records-shown", "ALDER-HIGH"),
        ("scores:claim:row-shown", "ALDER-HIGH"),
        ("scores:claim:row-shown", "BIRCH-HIGH"),
        ("scores:late-essay:shown", "BIRCH-HIGH"),
        ("scores:missing:found", "BIRCH-HIGH"),
    ]


def test_who_looked_at_a_student_includes_the_desk(client_for, world):
    load(row("T1", score="40"), row("T2", first_name="Bo", date_of_birth="2008-01-01"))
    file = load(row("T1", score="50"), row("T2", first_name="Bo", date_of_birth="2008-01-01"), by=world.actor("pat"))
    client_for("pat").get(f"/desk/files/{file.pk}/changed/")
    found = {}
    for ticket in ("T1", "T2"):
        student = ClepResult.objects.get(ticket=ticket, is_current=True).student_id
        looks = looks_at_student(world.actor("max"), student)
        found[ticket] = [(look.event.facts.verb, look.organization) for look in looks]
    assert found == {"T1": [("scores:file:rows-shown", "Alder High School")], "T2": []}
