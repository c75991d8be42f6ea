"""The store of limits: it counts for all processes, survives restarts, and nothing pushes an entry out of it."""

import datetime as dt

import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.db import OperationalError, connection

from scoreport.accounts import limits
from scoreport.accounts.limits import LimitStore, LimitsUnavailable, remove_expired
from scoreport.accounts.models import LimitEntry
from scoreport.lib.clock import now
from scoreport.organizations import upkeep
from scoreport.organizations.models import CodeTry
from scoreport.organizations.queries import find

pytestmark = pytest.mark.django_db

SECOND = dt.timedelta(seconds=1)


def store(**options):
    return LimitStore("", options)


def expire():
    LimitEntry.objects.update(expires_at=now() - SECOND)


def test_tries_are_counted_in_it_and_what_may_be_lost_is_elsewhere():
    assert isinstance(caches["default"], LimitStore)
    assert {"default", "figures", "orders"} <= set(settings.CACHES)
    assert not any(isinstance(caches[name], LimitStore) for name in set(settings.CACHES) - {"default"})


def test_one_adds_and_others_find_it_there():
    assert store().add("key", [1.5], timeout=60)
    assert store().add("any key, however it is spelled", [1.5], timeout=60)
    assert not store().add("key", [2.5], timeout=60)
    assert store().get("key") == [1.5]
    assert store().delete("key")
    assert not store().delete("key")
    assert store().get("key", "nothing") == "nothing"


def test_what_has_expired_counts_as_nothing():
    store().set("key", value=True, timeout=60)
    store().set("key", value=[1, 2], timeout=60)
    assert store().touch("key", timeout=90)
    expire()
    assert store().get("key") is None
    assert not store().touch("key", timeout=60)
    assert store().add("key", "again", timeout=60)
    assert store().get("key") == "again"


def test_many_other_keys_push_nothing_out():
    store().set("mine", [1.0], timeout=300)
    for number in range(500):
        store().set(f"other {number}", [1.0], timeout=300)
    assert store().get("mine") == [1.0]


def test_a_cache_in_memory_would_lose_it():
    """The negative control: this is where tries were counted before."""
    memory = LocMemCache("limits-control", {"OPTIONS": {"MAX_ENTRIES": 300}})
    memory.set("mine", [1.0], timeout=300)
    for number in range(500):
        memory.set(f"other-{number}", [1.0], timeout=300)
    assert memory.get("mine") is None


def test_the_table_names_nobody():
    store().set("allauth:rl:login_failed:amy@juniper.example", [1.0], timeout=60)
    store().set("allauth:rl:login_failed:ip:192.0.2.7", [1.0], timeout=60)
    rows = str(list(LimitEntry.objects.values()))
    assert "juniper" not in rows
    assert "192.0.2.7" not in rows


def test_it_holds_plain_values_only():
    with pytest.raises(TypeError):
        store().set("key", object())


def test_without_its_table_nothing_is_allowed(monkeypatch):
    def broken(*_args, **_options):
        raise OperationalError

    monkeypatch.setattr(LimitEntry.objects, "filter", broken)
    monkeypatch.setattr(LimitEntry.objects, "bulk_create", broken)
    monkeypatch.setattr(connection, "cursor", broken)
    for ask in (
        lambda: store().get("key"),
        lambda: store().set("key", 1),
        lambda: store().add("key", 1),
        lambda: store().touch("key"),
        lambda: store().delete("key"),
    ):
        with pytest.raises(LimitsUnavailable):
            ask()


def test_what_has_expired_is_removed_by_the_upkeep_and_on_the_way(monkeypatch, world, at):
    store().set("old", 1, timeout=60)
    expire()
    store().set("new", 1, timeout=60)
    assert remove_expired(now()) == 1
    monkeypatch.setattr(limits, "_ADDS_BETWEEN_SWEEPS", 1)
    expire()
    store().add("third", 1, timeout=60)
    assert LimitEntry.objects.count() == 1
    who = {"user_id": world.people["amy"].id, "organization_id": find("470001").id, "was_right": False}
    for hours in (23, 24):
        CodeTry.objects.create(at=at - dt.timedelta(hours=hours), **who)
    LimitEntry.objects.update(expires_at=at)
    upkeep.run(at)
    assert (LimitEntry.objects.count(), CodeTry.objects.count()) == (0, 1)
