"""Scoreport refuses to start where it would be unsafe."""

from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import connection

from scoreport.checks import is_loopback, private_data, safe_database, safe_settings
from scoreport.lib.database_url import database
from scoreport.lib.postgresql import USES_BEFORE_PREPARED

PUBLIC = "https://scores.example"


@pytest.fixture(autouse=True)
def installation(settings):
    """Start from an installation that is safe."""
    settings.DEBUG = settings.DEMO = False
    settings.SITE_URL = PUBLIC
    settings.ALLOWED_HOSTS, settings.TRUST_PROXY = ["scores.example"], False
    settings.SECRET_KEY = "k" * 50
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend"}}


def told():
    return [check.id for check in safe_settings()]


def test_a_safe_installation_starts():
    assert told() == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"DEBUG": True}, "scoreport.E001"),
        ({"DEMO": True}, "scoreport.E002"),
        ({"SECRET_KEY": "k" * 49}, "scoreport.E003"),
        ({"SECRET_KEY": "django-insecure-" + "k" * 50}, "scoreport.E003"),
        ({"MAILERS": {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}}, "scoreport.W004"),
        ({"SITE_URL": "http://scores.example"}, "scoreport.E005"),
    ],
)
def test_each_danger_is_told(settings, change, expected):
    for name, value in change.items():
        setattr(settings, name, value)
    assert told() == [expected]


def test_on_ones_own_machine_development_is_fine(settings):
    settings.SITE_URL, settings.ALLOWED_HOSTS = "http://127.0.0.1:8000", ["127.0.0.1"]
    settings.DEBUG = settings.DEMO = True
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}
    assert told() == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:8000", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:8000", True),
        ("http://127.0.0.1.evil.example", False),
        ("http://0.0.0.0:8000", False),
        ("https://10.0.0.1", False),
        ("", False),
    ],
)
def test_what_can_be_reached_from_this_machine_only(url, expected):
    assert is_loopback(url) is expected


def test_data_that_other_accounts_may_read_are_told(settings, monkeypatch, tmp_path):
    file = tmp_path / "scores.sqlite3"
    settings.DATA_DIR = tmp_path
    monkeypatch.setitem(settings.DATABASES, "default", database(f"sqlite:///{file}"))
    for path in (file, tmp_path / "secret_key"):
        path.touch(mode=0o600)
    tmp_path.chmod(0o700)
    assert private_data() == []
    tmp_path.chmod(0o750)
    file.chmod(0o604)
    messages = private_data()
    assert [message.id for message in messages] == ["scoreport.W014"] * 2
    assert f"chmod go-rwx '{file}'" in str(messages[1].hint)


@pytest.mark.django_db
def test_the_checks_are_registered_and_the_test_database_is_fine(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    assert run_checks(databases=["default"]) == []
    assert safe_database() == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://scores@db/scoreport", "-c random_page_cost=1.1"),
        # Of two values of one setting PostgreSQL takes the later.
        ("postgres:///scoreport?options=-c%20random_page_cost=4", "-c random_page_cost=1.1 -c random_page_cost=4"),
    ],
)
def test_postgresql_is_told_of_its_disk_and_the_address_goes_before(url, expected):
    options: Any = database(url)["OPTIONS"]
    assert options["options"] == expected


@pytest.mark.parametrize(("said", "expected"), [("", USES_BEFORE_PREPARED), ("?prepared=no", None)])
def test_statements_are_prepared_unless_the_address_says_no(said, expected):
    options: Any = database(f"postgres://scores@db/scoreport{said}")["OPTIONS"]
    assert options["prepare_threshold"] == expected
    assert "prepared" not in options


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="asks PostgreSQL")
def test_postgresql_took_it():
    with connection.cursor() as cursor:
        cursor.execute("SHOW random_page_cost")
        assert cursor.fetchone() == ("1.1",)
