"""Children that do one thing each, or many things at the same moment, and answer."""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Never

from tests.processes.databases import connect, disconnect

# So many processes have a connection at once: PostgreSQL allows 100, and others may need some.
CONNECTIONS = 64

# An act calls what it is given, once: that call returns for all acts at the same moment.
Wait = Callable[[], None]
Act = Callable[[Wait], Any]


class ChildFailed(Exception):
    """A child raised something, or ended in another way than it should."""


def leave_after(do: Callable[[], Any], answers: int) -> Never:
    """Do what a child is there for, answer, and end without what the parent would still do."""
    code = 1
    try:
        try:
            said = {"answer": do()}
            code = 0
        except BaseException:  # noqa: BLE001 - whatever it is, the parent is told
            said = {"error": traceback.format_exc()}
        with os.fdopen(answers, "w", encoding="utf-8") as stream:
            json.dump(said, stream, default=str)
        with suppress(Exception):
            disconnect()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


class _Child:
    """A process that does one thing and answers through a pipe."""

    def __init__(self, do: Callable[[], Any]) -> None:
        self._answers, answers = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._answers)
            leave_after(do, answers)
        os.close(answers)

    def ended(self) -> tuple[int, dict[str, Any]]:
        """Return how it ended and what it said: nothing when it was killed."""
        with os.fdopen(self._answers, encoding="utf-8") as stream:
            said = stream.read()
        _pid, status = os.waitpid(self.pid, 0)
        return status, json.loads(said) if said else {}


def _answer(status: int, said: dict[str, Any]) -> Any:
    if status or "answer" not in said:
        raise ChildFailed(said.get("error", f"The child ended with {status}."))
    return said["answer"]


def in_a_child(do: Callable[[], Any]) -> Any:
    """Do something in a process of its own, and return what it returns."""
    disconnect()
    return _answer(*_Child(do).ended())


def killed_in_a_child(do: Callable[[], Any]) -> None:
    """Do something in a process of its own that is killed before it is done."""
    disconnect()
    status, said = _Child(do).ended()
    if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
        raise ChildFailed(said.get("error", f"The child was not killed, and ended with {status}."))


def waiting(do: Callable[..., Any], *arguments: Any) -> Act:
    """Return an act that does something as soon as all are there."""

    def act(wait: Wait) -> Any:
        wait()
        return do(*arguments)

    return act


def at_once(acts: Sequence[Act], *, connected: bool = False) -> list[Any]:
    """Let each act in a process of its own go on from one gate, as soon as all are there; return what each returned.

    Who waits there holds no connection, and on PostgreSQL each takes its turn for one afterwards, so that there may be
    more processes than connections. ``connected`` lets a few keep theirs, so that they meet more closely.
    """
    disconnect()
    gate = _Gate(connected=connected)
    children = [_Child(lambda act=act: gate.passed(act)) for act in acts]  # type: ignore[misc]
    gate.open(len(children))
    ended = [child.ended() for child in children]
    gate.close()
    return [_answer(*end) for end in ended]


class _Gate:
    """Three pipes: who is there writes into the first; closing the second lets all go; the third holds free turns."""

    def __init__(self, *, connected: bool) -> None:
        self._connected = connected
        self._ready, self._opened, self._turns = os.pipe(), os.pipe(), os.pipe()
        os.write(self._turns[1], b"." * CONNECTIONS)

    def passed(self, act: Act) -> Any:
        """Do an act in a child: it comes to the gate, and goes on when the gate opens."""
        from django.db import connection

        os.close(self._opened[1])
        turns = connection.vendor == "postgresql"
        waited = []

        def wait() -> None:
            connect() if self._connected else disconnect()
            waited.append(os.write(self._ready[1], b"."))
            os.read(self._opened[0], 1)  # Returns for all of them at once, when the other end is closed.
            if turns:
                os.read(self._turns[0], 1)
            connect()

        try:
            answer = act(wait)
        finally:
            disconnect()
            os.write(self._turns[1] if waited else self._ready[1], b".")
        assert waited, "The act did not wait for the others."
        return answer

    def open(self, count: int) -> None:
        """Open it when so many are there."""
        os.close(self._ready[1])
        there = 0
        while there < count and (said := os.read(self._ready[0], count)):
            there += len(said)
        os.close(self._opened[1])

    def close(self) -> None:
        """Give the other ends back."""
        for end in (self._ready[0], self._opened[0], *self._turns):
            os.close(end)
