"""DEMO and DEBUG open this machine only, and only a database that was made for it; each attack is refused."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory

from scoreport.lib.purpose import Purpose, purpose, set_purpose
from scoreport.web import local_only
from tests.cli.servers import ROOT, free_port
from tests.cli.test_serve import SCOREPORT

HERE = {"SITE_URL": "http://127.0.0.1:8000", "ALLOWED_HOSTS": ["127.0.0.1", "localhost", "[::1]"], "TRUST_PROXY": False}


@pytest.fixture(params=["DEMO", "DEBUG"])
def opened(request, settings):
    """Switch one of the two on, where everything else is as it should be."""
    for name, value in HERE.items():
        setattr(settings, name, value)
    setattr(settings, request.param, True)
    return settings


def made_for(settings) -> Purpose:
    return Purpose.DEMO if settings.DEMO else Purpose.DEVELOPMENT


def refused(**given: str) -> str:
    with pytest.raises(local_only.NotLocal) as refusal:
        local_only.require(**given)
    return str(refusal.value)


def ids() -> set[str]:
    return {str(message.id) for message in run_checks(tags=[Tags.security])}


@pytest.mark.django_db
def test_a_database_that_was_made_for_it_is_opened_on_this_machine(opened):
    set_purpose(made_for(opened))
    for host in ("127.0.0.1", "localhost", "::1", "127.8.8.8"):
        local_only.require(host=host)
    assert not ids() & {"scoreport.E001", "scoreport.E002", "scoreport.E011", "scoreport.E012"}


@pytest.mark.django_db
def test_real_people_are_refused_whatever_the_folder_says(opened, world, tmp_path):
    """The file that marks the folder of a demo was copied into a real installation."""
    opened.DATA_DIR, opened.DEMO_PEOPLE = tmp_path, tmp_path / "demo_people.json"
    opened.DEMO_PEOPLE.write_text("[]")
    assert "opens only a database that" in refused()
    assert "scoreport.E012" in ids()
    for command in ("serve", "runserver"):
        with pytest.raises(CommandError, match="opens only a database that"):
            call_command(command, "--skip-checks", *(["--noreload"] if command == "runserver" else []))
    with pytest.raises(CommandError, match="opens only a database that"):
        call_command("setup", skip_checks=True)
    assert purpose() is None


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.8", "scores.example"])  # noqa: S104 - what is refused
def test_other_addresses_are_refused(opened, host):
    set_purpose(made_for(opened))
    assert "on 127.0.0.1 only" in refused(host=host)
    with pytest.raises(CommandError, match=r"on 127\.0\.0\.1 only"):
        call_command("serve", host=host, skip_checks=True)


def test_the_server_for_development_listens_here_only(opened, db):
    set_purpose(made_for(opened))
    with pytest.raises(CommandError, match=r"on 127\.0\.0\.1 only"):
        call_command("runserver", "0.0.0.0:0", "--noreload", "--skip-checks")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"SITE_URL": "https://scores.example"}, "SITE_URL on this machine"),
        ({"ALLOWED_HOSTS": ["127.0.0.1", "scores.example"]}, r"ALLOWED_HOSTS names scores\.example"),
        ({"ALLOWED_HOSTS": ["*"]}, "ALLOWED_HOSTS names"),
        ({"TRUST_PROXY": True}, "a proxy is in front"),
    ],
)
def test_a_proxy_in_front_is_refused(opened, change, sentence):
    set_purpose(made_for(opened))
    for name, value in change.items():
        setattr(opened, name, value)
    with pytest.raises(local_only.NotLocal, match=sentence):
        local_only.require()
    assert ids() & {"scoreport.E001", "scoreport.E002", "scoreport.E011"}


@pytest.mark.django_db
def test_a_demo_holds_its_own_organizations_only(settings, world):
    for name, value in (HERE | {"DEMO": True}).items():
        setattr(settings, name, value)
    set_purpose(Purpose.DEMO, organizations=["ST"])
    assert "the demo's own organizations" in refused()


@pytest.mark.django_db
def test_an_empty_database_may_be_set_up_and_not_served(settings):
    for name, value in (HERE | {"DEMO": True}).items():
        setattr(settings, name, value)
    assert list(local_only.problems_of_database()) == []
    assert "opens only a database that scoreport demo has built" in refused()


@pytest.mark.django_db
def test_a_demo_is_not_served_as_an_installation(settings):
    set_purpose(Purpose.DEMO)
    for command in ("serve", "setup"):
        with pytest.raises(CommandError, match="built by scoreport demo"):
            call_command(command, skip_checks=True)


@pytest.mark.django_db
def test_what_development_set_up_is_real_from_the_first_setup_without_it(settings, monkeypatch, tmp_path):
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr("scoreport.cli.management.commands.setup.static_files.bring_up_to_date", lambda: False)
    monkeypatch.setattr("scoreport.cli.management.commands.setup.call_command", lambda *_args, **_options: None)
    settings.DEBUG = True
    call_command("setup", skip_checks=True)
    assert purpose() is Purpose.DEVELOPMENT
    settings.DEBUG = False
    call_command("setup", skip_checks=True)
    assert purpose() is None


@pytest.mark.django_db
def test_neither_setting_asks_the_database_anything(django_assert_num_queries):
    with django_assert_num_queries(0):
        local_only.require(host="0.0.0.0")  # noqa: S104 - what a real installation may do
    assert connection.vendor


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "10.0.0.8"}, 403),
        ({"REMOTE_ADDR": ""}, 403),
        ({"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 403),
        ({"HTTP_FORWARDED": "for=10.0.0.8"}, 403),
        ({"HTTP_VIA": "1.1 proxy"}, 403),
    ],
)
def test_requests_from_elsewhere_and_through_proxies_are_refused(asked: dict[str, Any], status):
    answer = local_only.LocalOnlyMiddleware(lambda _request: HttpResponse())(RequestFactory().get("/", **asked))
    assert answer.status_code == status


# --- For real ---------------------------------------------------------------------------------------------


def run(environment, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.slow
def test_a_real_installation_does_not_start_as_a_demo(tmp_path):
    own = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DEBUG", "DEMO"}}
    own["SCOREPORT_DATA_DIR"] = str(tmp_path / "real")
    assert run(own, *SCOREPORT, "migrate", "--verbosity", "0").returncode == 0
    made = run(own, *SCOREPORT, "add-person", "ann@alder.example", "--name", "Ann", "--role", "program-staff")
    assert made.returncode == 0, made.stderr
    (tmp_path / "real" / "demo_people.json").write_text("[]")
    wsgi = [sys.executable, "-c", "import scoreport.wsgi"]
    for setting, command in (("DEMO", [*SCOREPORT, "serve", "--port", str(free_port())]), ("DEBUG", wsgi)):
        said = run(own | {setting: "yes"}, *command)
        assert said.returncode == 1
        assert f"{setting}=yes opens only a database that" in said.stderr
