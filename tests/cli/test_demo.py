"""The demo: the same story each time, told whole, and open to one click only where it is one."""

import datetime as dt
import hashlib
import re
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
from scoreport.cli.demo import ground, places
from scoreport.cli.demo.files import Fate, story_files
from scoreport.cli.demo.people import OTHERS, PEOPLE
from scoreport.cli.demo.story import tell
from scoreport.cli.demo.testing import history
from scoreport.organizations.queries import find
from scoreport.programs.rules import AcademicYear
from scoreport.scores.queries import figures
from tests.world import OPERATOR

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
