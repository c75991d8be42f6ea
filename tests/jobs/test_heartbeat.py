"""A worker says that it runs, ends when another one has its job, and judges others only when that is fair."""

import pytest
from django.db import OperationalError

from scoreport.jobs.heartbeat import Heartbeat
from scoreport.jobs.models import WorkerBeat
from tests.jobs.queue import beat

pytestmark = pytest.mark.django_db


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def lost():
    return []


@pytest.fixture
def heartbeat(clock, lost):
    made = Heartbeat("one", queue="default", lost=lambda: lost.append(1), clock=clock)
    made.begin()
    return made


def age():
    """Return how many seconds the beat is old by the database's clock."""
    from django.db.models import F
    from django.db.models.functions import Now

    return WorkerBeat.objects.annotate(now=Now()).values_list(F("now") - F("beat_at"), flat=True).get().total_seconds()


def test_a_beat_is_as_young_as_the_database_says(heartbeat):
    beat("one", 50)
    assert age() > 40
    assert heartbeat.beat()
    assert age() < 10


def test_a_worker_whose_row_was_taken_ends(heartbeat, lost):
    WorkerBeat.objects.all().delete()
    assert heartbeat.beat() is False
    assert lost


def test_a_worker_that_ends_is_no_longer_listed(heartbeat):
    heartbeat.end()
    assert not WorkerBeat.objects.exists()


def test_workers_that_are_silent_for_a_day_are_forgotten():
    beat("old", 86_500)
    beat("dead", 3600)
    Heartbeat("one", queue="default").begin()
    assert set(WorkerBeat.objects.values_list("name", flat=True)) == {"dead", "one"}


def run_for(heartbeat, clock, seconds):
    for _beat in range(seconds // 5):
        clock.now += 5
        heartbeat.beat()


def test_a_worker_judges_others_after_a_minute_of_its_own(heartbeat, clock):
    assert not heartbeat.may_judge
    run_for(heartbeat, clock, 55)
    assert not heartbeat.may_judge
    run_for(heartbeat, clock, 5)
    assert heartbeat.may_judge


def test_after_a_database_that_was_away_everyone_has_a_minute(heartbeat, clock, monkeypatch, lost):
    run_for(heartbeat, clock, 60)

    def away(*_args, **_values):
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr("django.db.models.query.QuerySet.update", away)
        run_for(heartbeat, clock, 300)
    assert not heartbeat.may_judge
    heartbeat.beat()
    assert not heartbeat.may_judge
    run_for(heartbeat, clock, 60)
    assert heartbeat.may_judge
    assert not lost


def test_after_a_beat_that_took_long_everyone_has_a_minute(heartbeat, clock):
    """SQLite lets a beat wait while another process stores a million rows."""
    run_for(heartbeat, clock, 120)
    clock.now += 45
    heartbeat.beat()
    assert not heartbeat.may_judge
