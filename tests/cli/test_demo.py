"""The demo: the same story each time, told whole, and open to one click only where it is one."""

import datetime as dt
import hashlib
import re
import smtplib
from functools import cache
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import include, path, reverse

from scoreport.access import Role
from scoreport.accounts.actions import create_person
from scoreport.accounts.queries import addresses
from scoreport.cli.demo import ground, inviting, places
from scoreport.cli.demo.files import Fate, story_files
from scoreport.cli.demo.people import BY_KEY, OTHERS, PEOPLE
from scoreport.cli.demo.stage import Stage
from scoreport.cli.demo.story import acts, begin, play, tell
from scoreport.cli.demo.testing import history
from scoreport.lib.clock import local_date
from scoreport.lib.mail import send
from scoreport.organizations.actions.redeeming import redeem
from scoreport.organizations.queries import find
from scoreport.organizations.queries.terms import must_accept
from scoreport.organizations.queries.users import count_users
from scoreport.organizations.rules.terms import VERSION
from scoreport.organizations.rules.users import UsersQuery
from scoreport.programs.rules import AcademicYear
from scoreport.scores.actions import search
from scoreport.scores.queries import figures
from scoreport.scores.queries.claiming import count_claims
from scoreport.scores.rules import ClaimState, Found
from scoreport.scores.search import SearchCriteria
from scoreport.web.demo.mailbox import mails
from tests.world import OPERATOR

# A demo is built on SQLite.
pytestmark = pytest.mark.once

TODAY = dt.date(2026, 11, 21)
MAILBOX = "scoreport.web.demo.mailbox.EmailBackend"
DEMO_PAGES = [path("", include("scoreport.urls")), path("demo/", include("scoreport.web.demo.urls"))]
urlpatterns = DEMO_PAGES


@pytest.fixture
def demo(settings, tmp_path):
    """Demo mode, with a data folder and addresses of its own."""
    settings.DEMO = True
    settings.DEMO_PEOPLE = tmp_path / "demo_people.json"
    settings.DEMO_MAILS = tmp_path / "demo_mails"
    settings.MAILERS = {"default": {"BACKEND": MAILBOX, "OPTIONS": {"folder": settings.DEMO_MAILS}}}
    settings.ROOT_URLCONF = __name__
    templates: Any = configured.TEMPLATES
    engine, *others = templates
    added = [*engine["OPTIONS"]["context_processors"], "scoreport.web.demo.people.on_sign_in_page"]
    settings.TEMPLATES = [{**engine, "OPTIONS": {**engine["OPTIONS"], "context_processors": added}}, *others]
    return settings


drawn = cache(history)


def told_on(day: dt.date, tests=drawn, seed: int = 1) -> list[tuple[str, str]]:
    running = AcademicYear.of(day).start
    at = dt.datetime.combine(day, dt.time(18), tzinfo=dt.UTC)
    files = story_files(tests(running, seed), running, at, day)
    return [(file.name, hashlib.sha256(file.content).hexdigest()) for file in files]


def test_the_same_number_and_day_tell_the_same_story():
    assert told_on(TODAY) == told_on(TODAY, tests=history)
    assert told_on(TODAY) != told_on(TODAY, seed=2)


def test_the_past_years_stay_as_they_are_while_the_running_one_goes_on():
    assert told_on(TODAY)[:3] == told_on(TODAY + dt.timedelta(days=90))[:3]


@pytest.mark.parametrize("day", [dt.date(2026, 7, 1), dt.date(2026, 8, 2), dt.date(2027, 6, 30), dt.date(2028, 2, 29)])
def test_on_any_day_files_arrive_in_order_and_before_now(day):
    at = dt.datetime.combine(day, dt.time(18), tzinfo=dt.UTC)
    running = AcademicYear.of(day).start
    files = story_files(drawn(running, 1), running, at, day)
    received = [file.received_at for file in files]
    assert received == sorted(received)
    assert received[-1] < at
    assert {file.fate for file in files} == set(Fate)


def test_the_story_has_everybody_it_promises():
    held = {role for person in PEOPLE for role, _place in person.held}
    # Support access is nobody's role: an access manager allows it for a few hours.
    assert held == set(Role) - {Role.SUPPORT}
    assert any(not person.held for person in PEOPLE)
    kinds = [row[0] for row in places.rows()]
    assert (kinds.count("state"), kinds.count("district"), kinds.count("school")) == (2, 4, 24)


DAYS = (
    dt.datetime(2026, 3, 8, 7, 30, tzinfo=dt.UTC),
    dt.datetime(2026, 5, 1, 18, tzinfo=dt.UTC),
    dt.datetime(2026, 5, 2, 6, 30, tzinfo=dt.UTC),
    dt.datetime(2026, 5, 21, 18, tzinfo=dt.UTC),
    dt.datetime(2026, 6, 30, 18, tzinfo=dt.UTC),
    dt.datetime(2026, 7, 1, 6, 30, tzinfo=dt.UTC),
    dt.datetime(2026, 9, 1, 3, tzinfo=dt.UTC),
    dt.datetime(2026, 11, 1, 7, 30, tzinfo=dt.UTC),
    dt.datetime(2028, 2, 29, 18, tzinfo=dt.UTC),
)


@pytest.mark.django_db
@pytest.mark.parametrize("at", DAYS, ids=lambda at: f"{at:%m-%d}")
def test_on_any_day_people_come_to_their_roles_and_ask_for_help(demo, at):
    """The clock changes, the review of the spring, the turn of the academic year, the leap day."""
    stage = Stage(operator=OPERATOR, today=local_date(at, places.STATES[-1].time_zone), at=at)
    begin(stage, at - dt.timedelta(days=1200))
    scenes = list(acts(stage))
    assert max(scene.at for scene in scenes) < at
    play(scenes)
    alder = find(places.ALDER)
    manager = stage.actor("school-manager", at)
    counts = count_users(manager, alder, UsersQuery(), at)
    assert (counts.ending, counts.over) == (1, 2)
    assert counts.by_role[Role.ACCESS_MANAGER] == 1
    assert len(managers_without_terms(at)) == 1


def managers_without_terms(at: dt.datetime) -> list[str]:
    """Return who of the story's managers has not accepted the terms."""
    stage = Stage(operator=OPERATOR, today=at.date(), at=at)
    places_of = [(p.key, place) for p in (*PEOPLE, *OTHERS) for role, place in p.held if role is Role.ACCESS_MANAGER]
    return [key for key, place in places_of if must_accept(stage.actor(key, at), find(place or ""))]


@pytest.mark.slow
@pytest.mark.django_db
def test_the_whole_story_goes_through_the_doors_of_real_files(demo, at):
    told = tell(OPERATOR, seed=1, at=at, progress=lambda _step: None)
    ground.write_people()
    years = range(2023, 2027)
    by_year = figures(OPERATOR, find("MN").place, at, program="clep", years=years)
    assert told.tests > 9000
    assert all(by_year[year].tests > 1000 for year in years if year < 2026)
    assert by_year[2026].waiting > 0
    small = figures(OPERATOR, find(places.DOGWOOD_VALLEY).place, at, program="clep", years=[2025])[2025]
    assert 0 < small.takers < 11
    never = figures(OPERATOR, find(places.JUNIPER).place, at, program="clep", years=years)
    assert sum(figure.tests + figure.waiting for figure in never.values()) == 0
    assert addresses() == {person.email for person in (*PEOPLE, *OTHERS)}
    ground.require_own(OPERATOR)
    decided = (ClaimState.CONFIRMED, ClaimState.DECLINED, ClaimState.OPEN)
    assert [count_claims(OPERATOR)[state] for state in decided] == [1, 1, 1]
    counselor = Stage(operator=OPERATOR, today=TODAY, at=at).actor("counselor", at)
    sought = SearchCriteria(ticket=told.missing.ticket)
    assert search(counselor, organization=find(places.ALDER), criteria=sought, at=at).state is Found.UNATTRIBUTED
    call_command("verify", verbosity=0)


@pytest.mark.django_db
@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.key)
def test_one_click_signs_in_as_a_person_of_the_story(demo, at, person):
    create_person(OPERATOR, email=person.email, name=person.name, at=at)
    ground.write_people()
    browser = Client(**{"scoreport.at": at})
    page = browser.get(reverse("account_login")).content.decode()
    assert person.name in page
    answer = browser.post(reverse("demo_sign_in"), {"person": person.key})
    assert answer.status_code == 302
    request: Any = browser.get(reverse("dashboard")).wsgi_request
    assert request.actor.name == f"{person.name} <{person.email}>"
    assert browser.session["demo_second_factor"] is True


@pytest.mark.django_db
def test_one_click_is_for_the_people_of_the_story_only(demo, world, at):
    ground.write_people()
    browser = Client(**{"scoreport.at": at})
    for stranger in (world.people["amy"].email, "amy", ""):
        assert browser.post(reverse("demo_sign_in"), {"person": stranger}).status_code == 404
    assert browser.get(reverse("demo_sign_in")).status_code == 405


@pytest.mark.django_db
def test_outside_demo_mode_nobody_is_offered_and_nobody_gets_in(demo, at):
    person = PEOPLE[0]
    create_person(OPERATOR, email=person.email, name=person.name, at=at)
    ground.write_people()
    demo.DEMO = False
    browser = Client(**{"scoreport.at": at})
    assert person.name not in browser.get(reverse("account_login")).content.decode()
    assert browser.post(reverse("demo_sign_in"), {"person": person.key}).status_code == 404


def test_without_demo_mode_there_is_no_such_address():
    from scoreport.web.urls import urlpatterns as pages

    assert configured.DEMO is False
    patterns: Any = pages
    assert not any(re.match("demo/", str(page.pattern)) for page in patterns)


def found_by_the_checks():
    return {message.id for message in run_checks(tags=[Tags.security])}


@pytest.mark.django_db
def test_a_check_refuses_one_click_outside_demo_mode(demo):
    assert "scoreport.E007" not in found_by_the_checks()
    demo.DEMO = False
    assert "scoreport.E007" in found_by_the_checks()


@pytest.mark.django_db
def test_a_demo_needs_demo_mode(settings):
    assert settings.DEMO is False
    with pytest.raises(CommandError, match="DEMO=yes"):
        call_command("demo")


@pytest.mark.django_db
def test_a_demo_is_not_built_over_other_people(demo, world):
    before = addresses()
    with pytest.raises(CommandError, match="not of the demo"):
        call_command("demo")
    assert addresses() == before


@pytest.mark.django_db
def test_a_demo_is_not_built_over_other_files(demo):
    demo.MEDIA_ROOT.mkdir()
    kept = demo.MEDIA_ROOT / "scores.csv"
    kept.write_bytes(b"somebody's")
    with pytest.raises(CommandError, match="data folder"):
        call_command("demo")
    assert kept.exists()


# --- The mailbox -----------------------------------------------------------------------------------------


@pytest.fixture
def told(demo, at, run_tasks):
    """Tell the story without its score files, and deliver all its mails."""
    stage = Stage(operator=OPERATOR, today=TODAY, at=at)
    begin(stage, at - dt.timedelta(days=1200))
    play(acts(stage))
    ground.write_people()
    run_tasks()
    return stage


def mailbox(browser: Client, **asked: str) -> str:
    return browser.get(reverse("demo_mails"), asked).content.decode()


@pytest.mark.django_db
def test_an_access_code_in_the_mailbox_opens_its_tool(told, at):
    person = BY_KEY["new-principal"]
    page = mailbox(Client(**{"scoreport.at": at}), to=person.email)
    code = re.search(r"\b(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}\b", page)
    assert code
    principal = told.actor(person.key, at)
    redeem(principal, organization=places.HAWTHORN, code=code[0], terms=VERSION, at=at)
    assert not must_accept(told.actor(person.key, at), find(places.HAWTHORN))


@pytest.mark.django_db
def test_an_invitation_in_the_mailbox_leads_over_one_click_to_its_page(told, at):
    person = BY_KEY["invited"]
    browser = Client(**{"scoreport.at": at})
    link = re.search(r'href="(/[^"]*invitation[^"]*)"', mailbox(browser, to=person.email))
    assert link
    answer = browser.get(link[1], follow=True)
    assert answer.status_code == 200
    browser.post(reverse("demo_sign_in"), {"person": person.key, "next": link[1]}, follow=True)
    answer = browser.get(link[1], follow=True)
    assert "Alder High School" in answer.content.decode()


@pytest.mark.django_db
def test_one_click_leads_on_to_the_page_that_asked_and_to_no_other_host(told, at):
    browser = Client(**{"scoreport.at": at})
    page = browser.get(reverse("account_login"), {"next": "/files/"}).content.decode()
    assert page.count('name="next" value="/files/"') > len(PEOPLE)
    for wanted, target in (("/files/", "/files/"), ("https://elsewhere.example/", "/")):
        answer = browser.post(reverse("demo_sign_in"), {"person": "counselor", "next": wanted})
        assert answer["Location"] == target


@pytest.mark.django_db
def test_the_mailbox_tells_everybody_the_newest_mail_first(demo, at):
    browser = Client(**{"scoreport.at": at})
    assert "No mails yet" in mailbox(browser)
    for number in range(25):
        send(to=f"p{number % 2}@alder.example", subject=f"Mail <{number:02}>", text=f"{demo.SITE_URL}/files/ and "
             "https://elsewhere.example/ are links.\n", message_id=f"<{number}@test>")  # fmt: skip
    page = mailbox(browser)
    assert re.findall(r"Mail &lt;(\d\d)&gt;", page) == [f"{number:02}" for number in range(24, 4, -1)]
    assert 'href="/files/"' in page
    assert 'href="https://elsewhere' not in page
    assert re.findall(r"Mail &lt;(\d\d)&gt;", mailbox(browser, to="p0@alder.example", page="99"))[-1] == "00"
    assert reverse("demo_mails") in browser.get(reverse("account_login")).content.decode()


@pytest.mark.django_db
def test_a_mail_to_nobody_comes_back_and_others_are_kept(demo):
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(to=inviting.NOT_THERE, subject="Lost", text="Words.\n", message_id="<1@test>")
    send(to="amy@alder.example", subject="Kept", text="Words.\n", message_id="<2@test>")
    assert [mail.subject for mail in mails(to="", first=0, limit=9)[0]] == ["Kept"]


@pytest.mark.django_db
def test_outside_demo_mode_nobody_reads_mails(demo, at):
    send(to="amy@alder.example", subject="Secret", text="Words.\n", message_id="<1@test>")
    demo.DEMO = False
    answer = Client(**{"scoreport.at": at}).get(reverse("demo_mails"))
    assert answer.status_code == 404
    assert "Secret" not in answer.content.decode()
