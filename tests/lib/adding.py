"""Work for helpers, which import it; as a program it tells who its helpers are, and waits: ``-m tests.lib.adding``."""

import os
import signal
import time

from django.utils import translation

from scoreport.lib.process_pool import map_pieces


class Told(Exception):
    """What the work raises; it has two arguments, so that sending it is not trivial."""


class Adds:
    """Work that tells who did it."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __call__(self, task: int | str) -> tuple[int | str, int, str | None]:
        if isinstance(task, str):
            raise Told(task, self._number)
        return task + self._number, os.getpid(), translation.get_language()


class Dies(Adds):
    """Work that ends each helper at its second task."""

    def __call__(self, task: int | str) -> tuple[int | str, int, str | None]:
        if task == 31 and os.getpid() != self._number:
            os.kill(os.getpid(), signal.SIGKILL)
        return task, os.getpid(), None


def print_helpers() -> None:
    """Start helpers, tell who they are, and wait."""
    results = map_pieces(iter(int, 1), Adds, 0, helpers=2)
    seen: set[int] = set()
    while len(seen) < 2:
        _number, pid, _language = next(results)
        seen |= {pid} - {os.getpid()}
    print(*seen, flush=True)  # noqa: T201 - for the test that waits for it
    time.sleep(600)


if __name__ == "__main__":
    print_helpers()
