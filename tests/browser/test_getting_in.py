"""The ways in that the program describes, walked in a browser from the first mail to the report.

Nobody types an address that no mail or page has told them; everything is done as a person does it.
"""

import csv
import re

import pytest
from playwright.sync_api import expect

from scoreport.access import Role
from scoreport.approvals.actions import approve
from scoreport.approvals.queries import waiting
from tests.browser.conftest import DESKTOP
from tests.browser.people import NARROW, Person, link_in
from tests.organizations.entering import with_contact
from tests.organizations.managing import give
from tests.reports import rosters
from tests.world import AT, OPERATOR

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CODE = re.compile(r"\b(?:[A-Z2-9]{4}-){3}[A-Z2-9]{4}\b")
SCORE = re.compile(r"^\d\d$", re.MULTILINE)
DETAILED = "Detailed Reports (K–12)"
MANAGER = "Access Management/DAT (K–12)"
PIA = "principal@alder.example"


@pytest.fixture
def person(visitor):
    """Return a function that puts somebody in front of a browser; without a name: whom nobody knows yet."""

    def make(name: str | None = None, **options) -> Person:
        made = Person(visitor(name, **options))
        if name:
            made.go("/")
        return made

    return make


@pytest.fixture
def mail_of(postman, run_tasks):
    """Return a function that delivers what is to be delivered, and returns the newest mail to an address."""

    def newest(email: str):
        run_tasks()
        return postman.to(email)[-1]

    return newest


@pytest.fixture
def staff(world, person):
    """Return program staff on the page of a school that nobody manages, with its principal on file."""
    with_contact("ALDER-EARLY", PIA)
    pat = person("pat")
    pat.tool("Access codes")
    return pat


def send_code(pat, mail_of, email: str) -> tuple[str, str]:
    """Send a code to the contact of the school; return it, and where its mail leads."""
    pat.find("early", "Alder Early College")
    pat.press("Email the code")
    pat.reads(f"was emailed to {email}")
    mail = mail_of(email)
    return CODE.findall(mail.get_content())[0], link_in(mail)


def send_when_approved(staff, address: str) -> None:
    """Ask to email a code to the person who asked for it; the operator approves, for want of a colleague."""
    staff.fill(reason="I called the school: she is the new principal.")
    staff.press("Ask for approval")
    staff.reads("There is no second member of program staff.")
    approve(OPERATOR, approval_id=waiting(OPERATOR, at=AT)[0].id, at=AT)
    staff.go(address)
    staff.press("Email the code to this person")


def manage(manager) -> None:
    """Open Managing Access for the first time: the terms come first."""
    manager.tool("Managing access")
    manager.accept_terms()
    manager.reads("You have accepted the terms and conditions.")


def assign(manager, email: str, role: str) -> None:
    """Give a role to a person who has one here, from a page of Managing Access."""
    fill_in_role(manager, email, role)
    manager.press("Assign the roles")
    manager.reads("now has, until")


def fill_in_role(manager, email: str, role: str) -> None:
    """Fill in the form of Assign roles and continue to its confirmation."""
    manager.follow("Assign roles", within="nav.tabs")
    manager.fill(email=email)
    manager.tick(role)
    manager.press("Go on")


def give_first_role(manager, email: str, role: str, invited, mail_of, place: str) -> None:
    """Assign a person their first role here: they accept an invitation before it begins."""
    fill_in_role(manager, email, role)
    manager.press("Send invitation")
    manager.reads(f"Invitation sent to {email}.")
    invited.go(link_in(mail_of(email)))
    invited.press("Accept the invitation")
    invited.reads(f"Welcome to {place}.")


def shown(reader) -> list[tuple[str, str]]:
    """Return ticket and score of each row of the roster; a test that waits has none."""
    cells = [row.locator("th, td").all_inner_texts() for row in reader.page.locator("#results tbody tr").all()]
    return [(row[7], score[0] if (score := SCORE.findall(row[-2])) else "") for row in cells]


def exported(reader) -> list[tuple[str, str]]:
    """Export what is shown, and return ticket and score of each row of the file."""
    reader.page.locator(".export summary").click()
    with reader.page.expect_download() as begun:
        reader.page.locator(".export").get_by_role("button", name="CSV").click()
    with begun.value.path().open(encoding="utf-8-sig", newline="") as file:
        return [(row["registration_ticket_number"], row["score"]) for row in csv.DictReader(file)]


def choose_year(reader, label: str) -> None:
    """Change the academic year at the top of the page."""
    menu = reader.page.locator("header details.narrow" if reader.is_narrow else "header details.year")
    menu.locator("summary").click()
    reader.leave_by(menu.get_by_role("link", name=label))
    expect(reader.page.get_by_role("heading", level=1)).to_have_text("CLEP report")


def switch_to(reader, organization: str) -> None:
    """Go from the institution that somebody was busy with to another one."""
    menu = reader.page.locator("header details.organization")
    menu.locator("summary").click()
    reader.leave_by(menu.get_by_role("link", name=organization))


def enter_code(pia, code: str) -> None:
    """Go from the dashboard over General and Get access to the institution, the code, the terms and the tool."""
    pia.home()
    pia.follow(re.compile("^Get access.*Managing Access"))
    for words, told in (
        ("zzz", "No institution matches"),
        ("25310", "3 institutions found"),
        ("Early 25310", "1 institution found"),
    ):
        pia.page.get_by_role("searchbox").fill(words)
        pia.reads(told)
    pia.find("000905", "Alder Early College")
    pia.reads("Nobody manages access here yet")
    pia.fill(code=code.lower().replace("-", " "))
    pia.press("Continue")
    pia.accept_terms("Accept and get access")
    pia.reads("You manage access at Alder Early College now.")


def sort_and_export(reader) -> None:
    """Go to the year before, put the best score first, and find the rows in the same order in the file."""
    choose_year(reader, "2025–2026")
    for direction in ("ascending", "descending"):
        reader.page.locator("#sort-score").click()
        expect(reader.page.locator("th.score")).to_have_attribute("aria-sort", direction)
    rows = shown(reader)
    scores = [int(score) for _ticket, score in rows if score]
    assert len(scores) > 1
    assert scores == sorted(scores, reverse=True)
    assert exported(reader) == rows


@pytest.mark.parametrize("viewport", [DESKTOP, NARROW], ids=["desktop", "phone"])
def test_a_school_without_a_manager(person, staff, mail_of, viewport):
    rosters.store(160)
    code, way = send_code(staff, mail_of, PIA)

    # The mail names the page; it wants an account first, and comes back to itself afterwards.
    pia = person(viewport=viewport)
    pia.go(way)
    pia.follow("Create an account", within="body")
    pia.sign_up("Pia Principal", PIA, mail_of)
    assert pia.path == way

    pia.home()
    pia.reads("No tools yet", "Add tools and services", "General")
    pia.account("Sign-in and security")
    pia.add_app()

    enter_code(pia, code)

    # The tool is there; it opens no report, until she gives herself the role that does.
    pia.home()
    expect(pia.page.locator(".card.tool").get_by_role("link", name="Score reports")).to_have_count(0)
    pia.tool("Managing access")
    pia.reads("There is one access manager only")
    assign(pia, PIA, DETAILED)

    pia.tool("Score reports")
    sort_and_export(pia)


def test_a_colleague_without_an_account(person, mail_of, world):
    rosters.store(60)
    manager = person("max")
    manage(manager)
    manager.follow("Invite users", within="nav.tabs")
    manager.fill(email="new@alder.example", name="Nell Newcomer")
    manager.tick(DETAILED)
    manager.press("Send invitation")
    manager.reads("new@alder.example is invited.")

    nell = person()
    nell.go(link_in(mail_of("new@alder.example")))
    nell.reads(DETAILED)
    nell.press("Create your account")
    nell.sign_up("Nell Newcomer", "new@alder.example", mail_of, known=True)
    nell.press("Accept the invitation")
    nell.reads("Welcome to Alder High School.")
    assert "accepted your invitation" in mail_of("max@juniper.example")["Subject"]

    # Figures at once; the roster after a second factor, and back to it from there.
    nell.tool("Score reports")
    choose_year(nell, "2025–2026")
    report = nell.path
    nell.reads("The roster opens with a second factor")
    nell.follow("Set it up now")
    nell.add_app()
    nell.follow("Go on to the page you came for")
    assert nell.path == report
    assert shown(nell)


def test_a_colleague_with_an_account(person, mail_of, world):
    rosters.store(60)
    nora = person("nora")
    nora.reads("No tools yet")
    manager = person("max")
    manage(manager)
    give_first_role(manager, "nora@juniper.example", DETAILED, nora, mail_of, "Alder High School")
    nora.tool("Score reports")
    choose_year(nora, "2025–2026")
    assert shown(nora)


def test_a_code_that_was_lost(person, staff, mail_of):
    lost, _way = send_code(staff, mail_of, PIA)

    # Nora has no code. She asks for one where she would enter it.
    nora = person("nora")
    nora.follow(re.compile("^Get access.*Managing Access"))
    nora.find("000905", "Alder Early College")
    nora.follow("Ask for an access code")
    nora.fill(title="Principal", why="The mail went to my predecessor, who left in June.")
    nora.press("Send the request")
    nora.reads("Your request was sent.", "Waiting for an answer")

    # Staff read it, take the old code out of use, and send a new one.
    staff.tool("Access codes")
    staff.follow("1 request for a code waits for an answer")
    staff.follow("Nora")
    asked = staff.path
    staff.reads("The mail went to my predecessor")
    staff.follow("Its codes so far")
    staff.follow(re.compile("^Revoke"))
    staff.press("Revoke the code")
    staff.reads("was revoked.", "Revoked")
    staff.go(asked)
    send_when_approved(staff, asked)
    new = CODE.findall(mail_of("nora@juniper.example").get_content())[0]

    nora.home()
    nora.follow(re.compile("^Get access.*Managing Access"))
    nora.find("000905", "Alder Early College")
    nora.fill(code=lost)
    nora.press("Continue")
    nora.reads("This code was taken out of use on 2026-11-21")
    nora.fill(code=new)
    nora.press("Continue")
    nora.accept_terms("Accept and get access")
    nora.reads("You manage access at Alder Early College now.")


def ask_the_new_manager(sue, fay, mail_of) -> None:
    """Read who the access manager is now, ask her, and open the roster when she has granted it."""
    sue.follow("Who is our access manager?")
    sue.reads("Fay", "fay@juniper.example")
    sue.reads_nowhere("Nora")
    sue.follow("Request access from them")
    sue.tick(DETAILED)
    sue.fill(title="Counselor", why="I advise our seniors on credit.")
    sue.press("Send the request")

    fay.go(link_in(mail_of("fay@juniper.example")))
    fay.accept_terms()
    fay.reads("I advise our seniors on credit.")
    fay.follow("Grant")
    fay.press("Grant")
    fay.reads("Sue has access now, and was told.")

    mail = mail_of("sue@juniper.example")
    assert mail["Subject"] == "Your request was granted: Alder High School"
    sue.go(link_in(mail))
    sue.tool("Score reports")
    choose_year(sue, "2025–2026")
    assert shown(sue)


def test_a_manager_leaves(person, mail_of, world):
    rosters.store(60)
    give("nora", Role.ACCESS_MANAGER)
    nora, fay, sue = person("nora"), person("fay"), person("sue")

    # Of two managers, one takes the other's role away.
    manage(nora)
    nora.follow(re.compile("^Revoke.*Max, Access Management"))
    nora.press("Revoke the role")
    nora.reads("Max does not have the role")
    assert "Alder High School" in mail_of("max@juniper.example")["Subject"]

    # The last one cannot go without a successor.
    own = re.compile("^Revoke.*Nora, Access Management")
    nora.follow(own)
    nora.press("Revoke the role")
    nora.reads(
        re.compile("is the last access manager of Alder High School. Make somebody else an access manager first")
    )
    nora.follow("Assign a backup")
    expect(nora.page.get_by_label(MANAGER)).to_be_checked()
    give_first_role(nora, "fay@juniper.example", MANAGER, fay, mail_of, "Alder High School")
    nora.follow("Users", within="nav.tabs")
    nora.follow(own)
    nora.press("Revoke the role")
    nora.reads("Nora does not have the role", "No tools yet")

    ask_the_new_manager(sue, fay, mail_of)


def test_a_district(person, mail_of, world):
    rosters.store(60)
    give("dan", Role.ACCESS_MANAGER, "D-ALDER")
    dan, nora = person("dan"), person("nora")
    dan.tool("Managing access")
    dan.find("early", "Alder Early College")
    dan.reads("Before you manage access at Alder School District")
    dan.accept_terms()
    dan.reads("There is no access manager here")
    dan.follow("Assign one")
    give_first_role(dan, "nora@juniper.example", MANAGER, nora, mail_of, "Alder Early College")
    manage(nora)
    nora.reads("Alder Early College", MANAGER)

    # The report of the district holds the rows of both schools.
    dan.tool("Score reports")
    switch_to(dan, "Alder School District")
    choose_year(dan, "2025–2026")
    dan.reads("Alder School District")
    codes = {row.locator("th, td").nth(6).inner_text() for row in dan.page.locator("#results tbody tr").all()}
    assert codes == {"470001", "000905"}
