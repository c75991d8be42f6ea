"""What lies in Redis is read as data: nothing that somebody put there is run."""

import ast
import os
import pickle
import socket
from array import array
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.cache.backends.redis import RedisCache
from hypothesis import given
from hypothesis import strategies as st

from scoreport import settings as product
from scoreport.lib.cache_values import CacheSerializer
from tests.repo.source import ROOT, tree

HOST, PORT = "127.0.0.1", 6379
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text() | st.dates(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_characters="\x00")), inner),
    max_leaves=20,
)
NUMBERS = st.lists(st.integers(-(2**63), 2**63 - 1)).map(lambda numbers: array("q", numbers))


class Attack:
    """An object that makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def through(value: Any) -> Any:
    stored = CacheSerializer().dumps(value)
    return CacheSerializer().loads(str(stored).encode() if isinstance(stored, int) else stored)


@given(PLAIN | NUMBERS | st.lists(NUMBERS))
def test_plain_data_and_arrays_come_out_as_they_went_in(value):
    assert through(value) == value


def test_whole_numbers_stay_countable_and_objects_are_refused():
    assert CacheSerializer().dumps(5) == 5
    assert CacheSerializer().dumps(True) == b"true"
    with pytest.raises(TypeError, match="plain data"):
        CacheSerializer().dumps(Path())


@given(st.binary())
def test_any_bytes_are_a_value_or_nothing(data):
    CacheSerializer().loads(data)


def test_a_pickle_is_not_run(tmp_path):
    attack = pickle.dumps(Attack(tmp_path / "made"))
    assert CacheSerializer().loads(attack) is None
    assert not (tmp_path / "made").exists()
    pickle.loads(attack)  # noqa: S301 - the attack works where it is let
    assert (tmp_path / "made").exists()


def redis(monkeypatch) -> RedisCache:
    """Return a cache as it is configured where REDIS_URL is set."""
    monkeypatch.setenv("REDIS_URL", f"redis://{HOST}:{PORT}/15")
    configured: dict[str, Any] = product.cache("default", entries=1)
    assert configured.pop("BACKEND").endswith("RedisCache")
    return RedisCache(configured.pop("LOCATION"), {**configured, "KEY_PREFIX": f"test-{os.getpid()}"})


def answers() -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex((HOST, PORT)) == 0


@pytest.mark.skipif(not answers(), reason="No Redis answers on this machine.")
def test_a_poisoned_value_in_redis_is_not_run(monkeypatch, tmp_path):
    cache = redis(monkeypatch)
    client: Any = cache._cache.get_client()  # to write as an attacker does
    try:
        cache.set("order", array("q", [3, 1, 2]), 60)
        assert cache.get("order") == array("q", [3, 1, 2])
        client.set(cache.make_and_validate_key("order"), pickle.dumps(Attack(tmp_path / "made")))
        assert cache.get("order") is None
        assert not (tmp_path / "made").exists()
        cache.set("tries", 1, 60)
        assert (cache.incr("tries"), cache.get("tries")) == (2, 2)
        cache.set("day", [date(2026, 11, 29)], 60)
        assert cache.get("day") == [date(2026, 11, 29)]
    finally:
        for key in ("order", "tries", "day"):
            cache.delete(key)
        cache.close()


def test_every_cache_of_redis_reads_data_only(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://localhost")
    assert {"default", "orders"} <= set(product.CACHES)
    for name in product.CACHES:
        options: Any = product.cache(name, entries=1)["OPTIONS"]
        assert options["serializer"] == "scoreport.lib.cache_values.CacheSerializer"


def unpickling(source: ast.AST) -> bool:
    names = {"pickle", "cPickle", "dill", "marshal", "shelve", "joblib", "cloudpickle"}
    imported = {
        alias.name.partition(".")[0]
        for node in ast.walk(source)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    imported |= {node.module or "" for node in ast.walk(source) if isinstance(node, ast.ImportFrom)}
    return bool(names & imported)


def test_nothing_else_unpickles():
    """Processes of ours talk by pickle (lib/process_pool); sessions, tasks and caches do not."""
    found = [path.relative_to(ROOT) for path in (ROOT / "scoreport").rglob("*.py") if unpickling(tree(path))]
    assert found == [Path("scoreport/lib/process_pool.py")]
    text = (ROOT / "scoreport" / "settings.py").read_text("utf-8")
    assert "SESSION_SERIALIZER" not in text
    assert "PickleSerializer" not in text
