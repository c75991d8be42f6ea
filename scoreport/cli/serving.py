"""A web server and two workers under one supervisor, together on one machine or apart on several."""

import fcntl
import hashlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Final

from django.utils.translation import gettext as _

from scoreport.access import Refused

_LOOK_SECONDS: Final = 0.25
# Longer than the web server takes to end its own processes; a task may be at work for that long.
_GRACE_SECONDS: Final = 30.0
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 30.0
# A worker that lived this long did not end because of how it was started.
_STEADY_SECONDS: Final = 60.0
_START_SECONDS: Final = 30.0
# The data folder may be shared, and another machine may be reading an upload.
_LEFT_SECONDS: Final = 86_400.0

Tell = Callable[[str], None]


class NotServing(Refused):
    """The server cannot be started, or it ended by itself."""


@dataclass
class Child:
    """A process that is kept running."""

    command: list[str]
    environment: Mapping[str, str]
    pause: float = field(default=_FIRST_PAUSE, init=False)
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)

    def start(self) -> None:
        """Start the process, with a pipe whose end tells it that we are gone."""
        self._let_go()
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own module, with arguments that were parsed
            self.command, stdin=subprocess.PIPE, env=dict(self.environment)
        )

    def has_ended(self) -> bool:
        """Tell whether the process is gone."""
        return self.process is not None and self.process.poll() is not None

    def end(self, deadline: float) -> None:
        """Ask the process to end, wait for it until ``deadline``, then end it."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._let_go()

    def _let_go(self) -> None:
        """Close our end of the pipe of a process that has ended."""
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()


class Supervisor:
    """Starts the web server and the workers, restarts a worker that dies, and ends all of them together.

    Without an address there is no web server; without ``with_workers`` there are no workers.
    """

    def __init__(
        self,
        *,
        data_dir: Path,
        tell: Tell,
        address: tuple[str, int] | None = None,
        processes: int = 1,
        with_workers: bool = True,
    ) -> None:
        self.address = address
        self.with_workers = with_workers
        self.tell = tell
        self.stopping = threading.Event()
        cores = os.process_cpu_count() or 1
        # The bound of password hashes is for the machine, and each process keeps its part of it.
        environment = {"PASSWORD_HASHES_AT_ONCE": str(max(1, cores // processes)), **os.environ}
        module = [sys.executable, "-m", "scoreport.cli.children"]
        host, port = address or ("", 0)
        self.web = Child([*module, "web", host, str(port), str(processes)], environment)
        # A worker that is started again has the same name, so that it takes up its own job without waiting.
        self.name = worker_name(data_dir)
        self.worker = Child([*module, "worker", self.name], environment)
        self.mail_worker = Child([*module, "mail-worker", f"{self.name}-mail"], environment)

    def run(self) -> None:
        """Serve and work until SIGINT or SIGTERM; raises :class:`NotServing` when the web server ends by itself."""
        with _signals(self._stop):
            for child in self._children:
                child.start()
            try:
                if self.address:
                    self._wait_until_open(self.address)
                else:
                    self.tell(_("Working as %(name)s. Ctrl+C ends it.") % {"name": self.name})
                while not self.stopping.wait(_LOOK_SECONDS):
                    self._look()
            finally:
                self._end_all()

    @property
    def _children(self) -> tuple[Child, ...]:
        return ((self.web,) if self.address else ()) + self._workers

    @property
    def _workers(self) -> tuple[Child, ...]:
        return (self.worker, self.mail_worker) if self.with_workers else ()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping.set()

    def _wait_until_open(self, address: tuple[str, int]) -> None:
        """Say where the pages are as soon as they are there."""
        host, port = address
        deadline = time.monotonic() + _START_SECONDS
        while not self.stopping.wait(_LOOK_SECONDS):
            self._look()
            if _is_open(address):
                self.tell(_("Serving on http://%(host)s:%(port)d. Ctrl+C ends it.") % {"host": host, "port": port})
                return
            if time.monotonic() > deadline:
                raise NotServing(_("The web server did not start. What it says stands above."))

    def _look(self) -> None:
        if self.web.has_ended():
            raise NotServing(_("The web server ended by itself. What it says stands above."))
        for worker in self._workers:
            if worker.has_ended():
                self._start_again(worker)

    def _start_again(self, worker: Child) -> None:
        steady = time.monotonic() - worker.started_at > _STEADY_SECONDS
        worker.pause = _FIRST_PAUSE if steady else min(worker.pause * 2, _LONGEST_PAUSE)
        self.tell(_("The worker ended by itself. It starts again in %(seconds)d s.") % {"seconds": worker.pause})
        if not self.stopping.wait(worker.pause):
            worker.start()

    def _end_all(self) -> None:
        deadline = time.monotonic() + _GRACE_SECONDS
        for child in self._children:
            if child.process is not None:
                child.process.terminate()
        for child in self._children:
            child.end(deadline)


def worker_name(data_dir: Path) -> str:
    """Return a name for the workers of one supervisor: no other one has it, on whatever machine."""
    place = hashlib.sha256(str(data_dir).encode()).hexdigest()[:8]
    return f"{socket.gethostname()[:30]}-{place}-{secrets.token_hex(4)}"


@contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Hold the data folder for one server at a time; raises :class:`NotServing` when there is one already."""
    with (data_dir / "serve.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NotServing(_("A server runs with this data folder already.")) from error
        yield


def remove_left_uploads(folder: Path, *, now: float) -> int:
    """Remove the files of uploads that ended with their server a day ago or more; return how many."""
    removed = 0
    for path in folder.glob("*.upload*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < now - _LEFT_SECONDS:
                path.unlink()
                removed += 1
    return removed


@contextmanager
def _signals(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _is_open(address: tuple[str, int]) -> bool:
    host, port = address
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared with, not bound to
    try:
        with socket.create_connection((reachable, port), timeout=1):
            return True
    except OSError:
        return False
