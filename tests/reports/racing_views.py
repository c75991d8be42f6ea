"""Lets many threads of two processes record views at the same moment, and one process be killed meanwhile.

Not a test itself: tests/reports/test_racing_views.py starts it as a process of its own, so that each process has
connections of its own to a database that is really shared, on SQLite and PostgreSQL.

    python -m tests.reports.racing_views FOLDER
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.processes import Wait, at_once, in_a_child, killed_in_a_child, own_database

FOLDER = Path(sys.argv[1])
THREADS, VIEWS, ROWS = 6, 5, 50
ACKNOWLEDGED = FOLDER / "acknowledged"


def main() -> None:
    """Race, kill, fail, and print what came of it."""
    with own_database(FOLDER, "racing_views", modules=("scoreport.reports.actions.view_log",)):
        print(  # noqa: T201 - its output
            json.dumps(
                {
                    "raced": at_once([_many("a"), _many("b")], connected=True),
                    "stored": in_a_child(_stored),
                    "killed": _killed(),
                    "failed": in_a_child(_failed),
                    "after": in_a_child(_stored),
                    "busy": in_a_child(_busy),
                    "end": in_a_child(_stored),
                }
            )
        )


def _view(subject: str, *, at: Any = None) -> None:
    """Record that one person looked at a page."""
    from scoreport.access import Actor, ActorKind
    from scoreport.audit.rules import NewEvent, Verb
    from scoreport.reports.actions.view_log import record_view
    from tests.world import AT

    amy = Actor(kind=ActorKind.PERSON, name="Amy <amy@juniper.example>", person_id=7)
    record_view(amy, event=NewEvent(Verb.ROSTER_VIEWED, "ALDER-HIGH", "roster", subject), rows=ROWS, at=at or AT)


def _in_threads(*works: Callable[[], None]) -> list[str]:
    """Do each in a thread with a connection of its own; return what each raised, or nothing."""
    from django.db import connection

    raised = [""] * len(works)

    def run(number: int) -> None:
        try:
            works[number]()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            raised[number] = f"{type(error).__name__}: {error}"
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number], daemon=True) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


def _sizes() -> list[int]:
    """Return a list to which the size of each group is added from now on."""
    from scoreport.reports.actions import view_log

    sizes: list[int] = []
    views: Any = view_log._VIEWS
    write = views._write

    def noted(parts: Any) -> None:
        sizes.append(len(parts))
        write(parts)

    views._write = noted
    return sizes


def _many(process: str) -> Callable[[Wait], Any]:
    def act(wait: Wait) -> Any:
        sizes = _sizes()
        wait()
        works = [
            lambda thread=thread: [_view(f"{process}{thread}-{n}") for n in range(VIEWS)] for thread in range(THREADS)
        ]
        return {"raised": _in_threads(*works), "groups": len(sizes), "views": sum(sizes)}

    return act


def _stored() -> dict[str, Any]:
    from scoreport.audit.models import Event
    from scoreport.audit.queries import broken_links
    from scoreport.downloads.models import ViewedRows

    return {
        "subjects": sorted(Event.objects.values_list("subject", flat=True)),
        "viewed": list(ViewedRows.objects.values_list("rows", "pages")),
        "chain": list(broken_links()) == [],
    }


def _killed() -> dict[str, Any]:
    """Kill a process whose threads record views; return those of which a thread heard that they are recorded."""

    def act() -> None:
        told = os.open(ACKNOWLEDGED, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        heard = threading.Semaphore(0)

        def look(thread: int) -> None:
            for number in range(10_000):
                _view(f"k{thread}-{number}")
                os.write(told, f"k{thread}-{number}\n".encode())
                heard.release()

        threading.Thread(
            target=_in_threads, args=[lambda thread=thread: look(thread) for thread in range(THREADS)], daemon=True
        ).start()
        for _view_number in range(3 * THREADS):
            heard.acquire()
        os.kill(os.getpid(), signal.SIGKILL)

    killed_in_a_child(act)
    return {"heard": ACKNOWLEDGED.read_text().split(), **in_a_child(_stored)}


def _failed() -> dict[str, Any]:
    """Let a group fail: a first view is held until two others wait, of which one cannot be written."""
    from django.db import OperationalError

    from scoreport.reports.actions import view_log

    views: Any = view_log._VIEWS
    write, first = views._write, threading.Event()

    def failing(parts: Any) -> None:
        subjects = [part.facts.subject for part in parts]
        if "first" in subjects:
            first.set()
            _until(lambda: len(views._line) == 2)
        write(parts)
        if "bad" in subjects:
            raise OperationalError("disk full")  # noqa: TRY003, EM101 - as a database says it

    views._write = failing

    def later(subject: str) -> None:
        first.wait(30)
        _view(subject)

    raised = _in_threads(lambda: _view("first"), lambda: later("bad"), lambda: later("good"))
    views._write = write
    return {"raised": raised, "again": _in_threads(lambda: _view("again"))}


def _busy() -> dict[str, Any]:
    """Let views wait for somebody else's write, until all of them stand in the line."""
    from django.db import transaction

    from scoreport.lib.locks import Lock, hold
    from scoreport.reports.actions import view_log

    views: Any = view_log._VIEWS
    sizes, held = _sizes(), threading.Event()

    def writer() -> None:
        with transaction.atomic():
            hold(Lock.EVENTS)
            held.set()
            _until(lambda: len(views._line) == 3)

    def look(subject: str) -> None:
        held.wait(30)
        _view(subject)

    raised = _in_threads(writer, *(lambda number=number: look(f"busy{number}") for number in range(4)))
    return {"raised": raised, "sizes": sizes}


def _until(is_so: Callable[[], bool]) -> None:
    for _try in range(3000):
        if is_so():
            return
        time.sleep(0.005)
    raise TimeoutError


if __name__ == "__main__":
    main()
