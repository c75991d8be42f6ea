"""What helpers make comes in order and whole, whatever happens to them."""

import os
import subprocess
import sys
import time
from multiprocessing import active_children

import pytest
from django.utils import translation

from scoreport.lib import process_pool
from scoreport.lib.process_pool import map_pieces
from tests.conftest import ROOT
from tests.lib.adding import Adds, Dies, Told


@pytest.fixture(autouse=True)
def slowly(monkeypatch):
    """Let no task be taken while helpers start, so that they get all but the first ones."""
    monkeypatch.setattr(process_pool, "_ALONE", 2)
    begin = process_pool._Crew.each

    def each(self, tasks):
        for future in self._starting:
            future.exception()
        return begin(self, tasks)

    monkeypatch.setattr(process_pool._Crew, "each", each)


def test_results_come_in_order_from_more_than_one_process():
    with translation.override("es"):
        done = list(map_pieces(range(200), Adds, 1000, helpers=2))
    assert [number for number, _pid, _language in done] == list(range(1000, 1200))
    by = [pid for _number, pid, _language in done]
    assert by[:2] == [os.getpid()] * 2
    assert os.getpid() not in by[2:]
    assert {language for *_rest, language in done} == {"es"}
    assert not active_children()


@pytest.mark.parametrize(("tasks", "helpers"), [(0, 2), (1, 2), (2, 2), (9, 1)])
def test_few_tasks_and_one_helper_are_done_here(monkeypatch, tasks, helpers):
    monkeypatch.setattr(process_pool, "_Crew", None)
    assert [number for number, *_rest in map_pieces(range(tasks), Adds, 0, helpers=helpers)] == list(range(tasks))


def test_an_error_of_the_work_is_raised_where_its_task_stands():
    done: list[tuple[int | str, int, str | None]] = []
    with pytest.raises(Told) as caught:
        done.extend(map_pieces([*range(9), "wrong", *range(9)], Adds, 5, helpers=2))
    assert caught.value.args == ("wrong", 5)
    assert [number for number, *_rest in done] == list(range(5, 14))
    assert not active_children()


def test_an_error_of_the_tasks_ends_the_helpers():
    def tasks():
        yield from range(9)
        raise Told

    with pytest.raises(Told):
        list(map_pieces(tasks(), Adds, 0, helpers=2))
    assert not active_children()


def test_whoever_stops_asking_ends_the_helpers():
    results = map_pieces(range(10_000), Adds, 0, helpers=2)
    assert [next(results)[0] for _ in range(20)] == list(range(20))
    assert active_children()
    results.close()
    assert not active_children()


def test_when_helpers_die_their_tasks_are_done_here():
    done = list(map_pieces(range(60), Dies, os.getpid(), helpers=2))
    assert [number for number, *_rest in done] == list(range(60))
    assert {pid for _number, pid, _language in done[31:]} >= {os.getpid()}


def test_helpers_that_cannot_start_are_not_needed(monkeypatch):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "nothing.at.all")
    done = list(map_pieces(range(20), Adds, 0, helpers=2))
    assert [number for number, *_rest in done] == list(range(20))
    assert {pid for _number, pid, _language in done} == {os.getpid()}


@pytest.mark.parametrize("error", [PermissionError, NotImplementedError])
def test_a_machine_that_allows_no_helpers_does_without(monkeypatch, error):
    def refused(*_arguments, **_named):
        raise error

    monkeypatch.setattr(process_pool, "ProcessPoolExecutor", refused)
    assert [number for number, *_rest in map_pieces(range(9), Adds, 0, helpers=2)] == list(range(9))


def test_no_helper_outlives_whoever_started_it():
    """However that ends: here by SIGKILL, of which no process can be told."""
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.lib.adding"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert started.stdout is not None
    helpers = [int(pid) for pid in started.stdout.readline().split()]
    assert len(helpers) == 2
    assert all(map(_is_there, helpers))
    started.kill()
    started.wait()
    started.stdout.close()
    end = time.monotonic() + 30
    while any(map(_is_there, helpers)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(_is_there, helpers))


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
