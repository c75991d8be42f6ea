"""The addresses for what watches Scoreport tell the truth, to anyone, cheaply, and nothing more."""

import pytest
from django.core.cache import caches
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from scoreport.web.health import checks
from tests.jobs.queue import beat

GOOD = {"database": "ok", "migrations": "ok", "cache": "ok", "disk": "ok", "worker": "ok"}


@pytest.fixture(autouse=True)
def look_again():
    checks.forget()
    yield
    checks.forget()


def workers(*, silent=0):
    beat("one", silent)
    beat("two", silent)
    from scoreport.jobs.models import WorkerBeat

    WorkerBeat.objects.filter(name="two").update(queue="mail")


def asked(client):
    checks.forget()
    answer = client.get("/health/ready")
    return answer.status_code, answer.json()


@pytest.mark.django_db
def test_all_is_well(client):
    workers()
    assert asked(client) == (200, {"status": "ok", "checks": GOOD})


def test_a_process_that_answers_is_alive_whatever_else_is_down(client):
    """Without a database: this test may not use one."""
    answer = client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["Content-Type"] == "application/json"
    assert client.post("/health/live").status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("silent", [None, 61])
def test_without_a_recent_heartbeat_the_worker_is_down(client, silent):
    if silent:
        workers(silent=silent)
    assert asked(client) == (503, {"status": "down", "checks": {**GOOD, "worker": "down"}})


@pytest.mark.django_db
def test_emails_need_their_own_worker(client):
    beat("one")
    assert asked(client)[1]["checks"]["worker"] == "down"


@pytest.mark.django_db
def test_a_migration_that_is_missing_shows(client):
    workers()
    MigrationRecorder(connection).record_unapplied("jobs", "0001_initial")
    assert asked(client) == (503, {"status": "down", "checks": {**GOOD, "migrations": "down"}})


@pytest.mark.django_db
def test_a_dead_cache_is_told_and_stops_nobody(client, monkeypatch):
    workers()
    monkeypatch.setattr(type(caches["figures"]), "get", lambda *_args, **_values: None)
    assert asked(client) == (200, {"status": "degraded", "checks": {**GOOD, "cache": "down"}})


@pytest.mark.django_db
def test_a_disk_that_cannot_be_written_shows(client, settings, tmp_path):
    workers()
    (tmp_path / "a file").touch()
    settings.MEDIA_ROOT = tmp_path / "a file"
    assert asked(client) == (503, {"status": "down", "checks": {**GOOD, "disk": "down"}})


@pytest.mark.django_db
def test_a_disk_that_is_nearly_full_shows(client, monkeypatch):
    workers()
    monkeypatch.setattr(checks, "_LEAST_FREE_BYTES", 1 << 80)
    assert asked(client)[1]["checks"]["disk"] == "down"


@pytest.mark.django_db
def test_a_database_that_is_away_is_told_in_words_without_names(client, monkeypatch):
    def away():
        message = "connection to server at db.example.org, user scoreport failed"
        raise OperationalError(message)

    monkeypatch.setattr(checks, "_database", away)
    status, told = asked(client)
    assert (status, told["checks"]) == (
        503, {**GOOD, "database": "down", "migrations": "unknown", "worker": "unknown"},
    )  # fmt: skip
    assert "db.example.org" not in str(told)


@pytest.mark.django_db
def test_asking_often_looks_once(client, django_assert_num_queries):
    workers()
    checks.forget()
    with django_assert_num_queries(4):
        for _time in range(20):
            assert client.get("/health/ready").status_code == 200
