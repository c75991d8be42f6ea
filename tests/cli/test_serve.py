"""Serving: both parts run, a dead worker comes back with its work, and both end together."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.tasks import task
from django_tasks_db.models import DBTaskResult

from scoreport.cli import children
from scoreport.cli.serving import Child, NotServing, Supervisor, only_one, remove_left_uploads, worker_name
from scoreport.organizations.tasks import keep_up
from scoreport.outbox.actions import post
from scoreport.outbox.rules import MailKind
from tests.cli.servers import ROOT, free_port
from tests.world import AT, OPERATOR

SCOREPORT = [sys.executable, "-m", "scoreport.cli.main"]


WORDS = {"organization": "Alder", "role": "Detailed Reports (K–12)", "by": "Max"}


@task()
def add(one: int, other: int) -> int:
    return one + other


def test_no_two_supervisors_give_their_workers_the_same_name(tmp_path):
    assert worker_name(tmp_path) != worker_name(tmp_path)
    assert len(f"{worker_name(tmp_path)}-mail") <= 64


def test_there_is_one_server_for_a_data_folder(tmp_path):
    with only_one(tmp_path), pytest.raises(NotServing, match="already"), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass


# --- Mail waits for nothing else -------------------------------------------------------------------------


def work_off(worker):
    """Let a worker do everything that is ready in its queues, then end."""
    worker.batch = True
    worker.run()


def queued_mail():
    with transaction.atomic():
        return post(OPERATOR, kind=MailKind.ROLE_REVOKED, to="amy@juniper.example", at=AT, **WORDS)


@pytest.mark.django_db(transaction=True)
def test_forty_exports_in_the_queue_do_not_delay_a_mail(postman):
    for number in range(40):
        add.enqueue(number, 1)
    queued_mail()
    work_off(children._patient_worker("serve-here-mail", mail=True))
    assert len(postman.mails) == 1
    assert DBTaskResult.objects.ready().count() == 40
    work_off(children._patient_worker("serve-here"))
    assert DBTaskResult.objects.ready().count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_other_worker_leaves_mails_to_the_mail_worker(postman):
    queued_mail()
    work_off(children._patient_worker("serve-here"))
    assert not postman.mails


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_was_queued_by_an_earlier_version_is_delivered(postman):
    queued_mail()
    DBTaskResult.objects.update(queue_name="default")
    work_off(children._patient_worker("serve-here"))
    assert len(postman.mails) == 1


@pytest.mark.django_db
def test_upkeep_runs_before_the_exports_that_wait():
    add.enqueue(1, 2)
    keep_up.enqueue()
    (first, *_others) = DBTaskResult.objects.ready()
    assert first.task_path == keep_up.module_path


def test_what_uploads_left_behind_is_removed_and_nothing_else(tmp_path):
    for name in ("tmp1.upload.csv", "tmp2.upload.csv", "notes.txt"):
        (tmp_path / name).write_bytes(b"rows")
    for name in ("tmp1.upload.csv", "notes.txt"):
        os.utime(tmp_path / name, (1000, 1000))
    assert remove_left_uploads(tmp_path, now=time.time()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "tmp2.upload.csv"]


# --- The supervisor, with children that only wait ----------------------------------------------------------

WAITING = "import sys; sys.stdin.read()"


def play(line):
    """Return a child that runs a line of Python instead of a server."""
    return Child([sys.executable, "-c", line], os.environ)


@pytest.fixture
def supervisor(tmp_path, monkeypatch):
    monkeypatch.setattr("scoreport.cli.serving._FIRST_PAUSE", 0.01)
    monkeypatch.setattr("scoreport.cli.serving._LOOK_SECONDS", 0.01)
    told: list[str] = []
    made = Supervisor(address=("127.0.0.1", 1), data_dir=tmp_path, tell=told.append)
    made.told = told  # type: ignore[attr-defined]  # beside it, for the tests to read
    made.web, made.worker, made.mail_worker = play(WAITING), play(WAITING), play(WAITING)
    monkeypatch.setattr("scoreport.cli.serving._is_open", lambda _address: True)
    yield made
    for child in (made.web, made.worker, made.mail_worker):
        child.end(time.monotonic())


def test_a_web_server_that_ends_by_itself_ends_everything(supervisor):
    supervisor.web = play("pass")
    with pytest.raises(NotServing, match="by itself"):
        supervisor.run()
    assert supervisor.worker.has_ended()


def test_a_worker_that_ends_is_started_again(supervisor):
    starts = []
    real = supervisor.worker.start

    def start():
        starts.append(1)
        supervisor.worker.command = play("pass" if len(starts) < 3 else WAITING).command
        real()
        if len(starts) == 3:
            supervisor.stopping.set()

    supervisor.worker.start = start
    supervisor.run()
    assert len(starts) == 3
    assert supervisor.mail_worker.has_ended()
    assert sum("It starts again" in line for line in supervisor.told) == 2
    assert supervisor.web.has_ended()
    assert supervisor.worker.has_ended()


def test_a_signal_ends_both_and_is_handled_as_before_afterwards(supervisor):
    before = signal.getsignal(signal.SIGTERM)
    supervisor.tell = lambda _line: os.kill(os.getpid(), signal.SIGTERM)
    supervisor.run()
    assert supervisor.web.has_ended()
    assert supervisor.worker.has_ended()
    assert signal.getsignal(signal.SIGTERM) is before


def test_workers_run_without_a_web_server(supervisor):
    supervisor.address = None
    supervisor.tell = lambda line: (supervisor.told.append(line), supervisor.stopping.set())
    supervisor.run()
    assert supervisor.web.process is None
    assert supervisor.worker.has_ended()
    assert supervisor.mail_worker.has_ended()
    assert supervisor.told == [f"Working as {supervisor.name}. Ctrl+C ends it."]


def test_a_web_server_runs_without_workers(supervisor):
    supervisor.with_workers = False
    supervisor.tell = lambda _line: supervisor.stopping.set()
    supervisor.run()
    assert supervisor.web.has_ended()
    assert supervisor.worker.process is supervisor.mail_worker.process is None


def test_a_server_that_does_not_open_its_port_is_given_up(supervisor, monkeypatch):
    monkeypatch.setattr("scoreport.cli.serving._is_open", lambda _address: False)
    monkeypatch.setattr("scoreport.cli.serving._START_SECONDS", 0.05)
    with pytest.raises(NotServing, match="did not start"):
        supervisor.run()


def test_a_child_that_does_not_end_is_ended(tmp_path):
    ready = tmp_path / "ready"
    child = play(
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f" pathlib.Path({str(ready)!r}).touch(); time.sleep(60)"
    )
    child.start()
    wait_for(ready.exists)
    child.end(time.monotonic() + 0.05)
    assert child.process.returncode == -signal.SIGKILL


def test_passwords_are_hashed_by_no_more_cores_than_there_are(tmp_path):
    made = Supervisor(address=("127.0.0.1", 1), processes=999, data_dir=tmp_path, tell=print)
    assert made.web.environment["PASSWORD_HASHES_AT_ONCE"] == "1"


# --- The whole, for real -----------------------------------------------------------------------------------


def children_of(pid):
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {
        int(number): Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode() for number in listed
    }


@contextmanager
def running(environment, *command):
    started = subprocess.Popen(  # noqa: S603 - our own command
        [*SCOREPORT, *command], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        yield started
    finally:
        started.kill()
        started.wait()
        assert started.stderr
        started.stderr.close()


def serving(environment, port):
    return running(environment, "serve", "--port", str(port), "--workers", "1")


def ask_once(port):
    """Get a page: a server waits 20 seconds for a process that gets the signal to stop while it still starts."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/account/login/") as page:
        assert page.status == 200


def wait_for(what, seconds=30):
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def worker_of(pid):
    return next((number for number, line in children_of(pid).items() if "children worker " in line), None)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="It looks for processes where Linux keeps them.")
def test_serve_answers_restarts_its_worker_and_leaves_nothing_behind(installation):
    port = free_port()
    with serving(installation, port) as server:
        assert f"Serving on http://127.0.0.1:{port}" in server.stderr.readline()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/account/login/") as page:
            assert page.status == 200
            assert page.headers["Cache-Control"] == "no-store, private"
        first = worker_of(server.pid)
        os.kill(first, signal.SIGKILL)
        second = wait_for(lambda: (found := worker_of(server.pid)) != first and found)
        family = children_of(server.pid)
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=40) == 0
        assert second in family
        wait_for(lambda: not any(Path(f"/proc/{number}").exists() for number in family))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="It looks for processes where Linux keeps them.")
def test_a_server_that_is_killed_takes_its_children_along(installation):
    port = free_port()
    with serving(installation, port) as server:
        assert "Serving on" in server.stderr.readline()
        ask_once(port)
        family = children_of(server.pid)
        assert len(family) == 3
        server.kill()
        server.wait()
        wait_for(lambda: not any(Path(f"/proc/{number}").exists() for number in family))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="It looks for processes where Linux keeps them.")
def test_web_and_worker_run_apart(installation):
    port = free_port()
    one = ("--workers", "1")
    with running(installation, "web", "--port", str(port), *one) as web, running(installation, "worker") as worker:
        assert f"Serving on http://127.0.0.1:{port}" in web.stderr.readline()
        assert "Working as" in worker.stderr.readline()
        ask_once(port)
        assert len(children_of(web.pid)) == 1
        assert len(children_of(worker.pid)) == 2
        for process in (web, worker):
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=40) == 0


def test_a_worker_without_a_heartbeat_is_not_started():
    with pytest.raises(CommandError, match="scoreport worker"):
        call_command("db_worker", batch=True)
