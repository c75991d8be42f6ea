"""Each part fails in each way: reads go on, the person is told, nothing hangs, and nothing opens that was closed.

Here are the quick cells; ``python -m tests.battery outages`` runs all of them.
"""

import os
import time

import pytest
from _pytest.outcomes import Failed
from redis.exceptions import RedisError

from scoreport.lib.time_limit import TimeLimit
from tests.outages.cells import MOST_SECONDS, PARTS, STATES, Cell, all_cells
from tests.outages.parts import mail, redis

ALL = all_cells()
CHOSEN = ALL if os.environ.get("SCOREPORT_BATTERY") == "outages" else [cell for cell in ALL if cell.is_quick]


def test_the_table_is_whole():
    assert [(cell.part, cell.state) for cell in ALL] == [(part, state) for part in PARTS for state in STATES]
    assert len(ALL) == 66
    assert len([cell for cell in ALL if cell.is_quick]) >= 20
    assert all(cell.does and cell.holds for cell in ALL)


@pytest.mark.django_db
@pytest.mark.parametrize("cell", CHOSEN, ids=str)
def test_the_cell_holds(cell: Cell, request):
    began = time.monotonic()
    cell.run(cell, request)
    # Each wait for a part is measured in the cell; with the way there and back it is still no long wait.
    assert time.monotonic() - began < 6 * MOST_SECONDS


# --- With a defense off, the cell fails -----------------------------------------------------------


def plain_redis(monkeypatch, _settings):
    """Take the cache of Django, for which Redis is no option."""
    backend = "django.core.cache.backends.redis.RedisCache"
    real = redis.settings_of
    monkeypatch.setattr(redis, "settings_of", lambda port: real(port) | {"BACKEND": backend, "OPTIONS": {}})


def no_limits(_monkeypatch, settings):
    """Count no tries."""
    settings.ACCOUNT_RATE_LIMITS = False


def plain_mail(monkeypatch, _settings):
    """Send by Django's own backend, which does not tell a lost answer from a lost mail."""
    monkeypatch.setattr(mail, "BACKEND", "django.core.mail.backends.smtp.EmailBackend")


def no_sentence(monkeypatch, _settings):
    """Take every part that is down for an error of ours."""
    monkeypatch.setattr("scoreport.web.outage._STORAGE", frozenset())


def a_disk(monkeypatch, _settings):
    """Say of the object storage what is said of a disk."""
    monkeypatch.setattr("scoreport.web.outage.StorageUnavailable", ())


def a_missing_file(monkeypatch, _settings):
    """Take any refusal of the object storage for a file that is not there."""
    monkeypatch.setattr("scoreport.lib.storage.s3._refusal", lambda _error: FileNotFoundError())


def half_lines(monkeypatch, _settings):
    """Leave in the file of anchors what a full disk took of a line."""
    monkeypatch.setattr("scoreport.audit.anchors.os.ftruncate", lambda *_arguments: None)


def no_total_limit(monkeypatch, _settings):
    """Ask a sign-in service without a limit of time for all questions together."""
    patient = type("Patient", (TimeLimit,), {"watch": lambda _self, _socket: None})
    monkeypatch.setattr("scoreport.web.service_adapter.TimeLimit", patient)
    monkeypatch.setattr("tests.outages.servers._LONGEST_SECONDS", 3.0)


def any_file(monkeypatch, _settings):
    """Read a key from whatever has its name."""
    monkeypatch.setattr("scoreport.lib.key_files._read", lambda _path: "a new key that nobody knows of")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "defense_off"),
    [
        ("redis-refuse", plain_redis),
        ("redis-refuse", no_limits),
        ("mail-recover", plain_mail),
        ("disk-refuse", no_sentence),
        ("storage-refuse", a_disk),
        ("storage-garbage", a_missing_file),
        ("anchors-reset", half_lines),
        ("openid-slow", no_total_limit),
        ("key-refuse", any_file),
    ],
)
def test_without_a_defense_the_cell_fails(name, defense_off, request, monkeypatch, settings):
    defense_off(monkeypatch, settings)
    (cell,) = [one for one in ALL if str(one) == name]
    with pytest.raises((AssertionError, RedisError, Failed)):
        cell.run(cell, request)
