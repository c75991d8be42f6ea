"""Many tasks for more processes than one, so that all cores of the machine work on them."""

import gc
import os
import pickle  # noqa: TID251 - what processes of ours send each other, by the standard library's own way
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import closing
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from typing import Any, Final

import django
from django.utils import translation

_ALONE: Final = 4
"""Tasks that are done before helpers are started: they need a second or two to begin."""
_AHEAD: Final = 3
"""Tasks that are begun for each helper, so that none waits for the next one."""


def map_pieces[Given, Task, Done](
    tasks: Iterable[Task],
    make: Callable[[Given], Callable[[Task], Done]],
    given: Given,
    *,
    helpers: int,
) -> Generator[Done]:
    """Yield what ``make(given)`` makes of each task, in the order of the tasks, with so many helpers; one is none.

    Each takes a hundred megabytes. Few tasks need none. What is given, the tasks and what is made of them are pickled;
    ``make`` is importable, and neither it nor its work touches a database. Helpers speak the language that is active
    and see the environment, but no setting that was changed since. They end with the generator, and with this process
    however that goes; when one dies, this process does what is left. Errors of the work are raised where their task
    stands.
    """
    work = make(given)
    remaining = iter(tasks)
    yield from map(work, islice(remaining, _ALONE))
    for task in remaining:  # There is one more.
        crew = _crew(helpers, make, given, work) if helpers > 1 else None
        if crew is None:
            yield from map(work, chain([task], remaining))
            return
        with closing(crew):
            yield from crew.each(chain([task], remaining))


def _crew[Given, Task, Done](
    helpers: int, make: Callable[[Given], Callable[[Task], Done]], given: Given, work: Callable[[Task], Done]
) -> "_Crew[Given, Task, Done] | None":
    """Start helpers; None where the machine allows no semaphores or no more processes."""
    try:
        return _Crew(helpers, make, given, work)
    except (OSError, NotImplementedError):
        return None


class _Crew[Given, Task, Done]:
    """Helpers, each a process of its own."""

    def __init__(
        self,
        helpers: int,
        make: Callable[[Given], Callable[[Task], Done]],
        given: Given,
        work: Callable[[Task], Done],
    ) -> None:
        self._work = work
        self._most = helpers * _AHEAD
        self._pool = ProcessPoolExecutor(
            helpers,
            mp_context=get_context("spawn"),
            initializer=_begin,
            # As bytes: a helper can read them once it has set up Django.
            initargs=(translation.get_language(), pickle.dumps((make, given))),
        )
        self._starting = [self._pool.submit(_started) for _ in range(helpers)]

    def each(self, tasks: Iterable[Task]) -> Generator[Done]:
        """Yield what becomes of each task; until the helpers are there, this process does them."""
        begun: deque[tuple[Task, Future[Done] | None]] = deque()
        for task in tasks:
            if not all(future.done() for future in self._starting):
                yield self._work(task)
                continue
            begun.append((task, self._handed(task)))
            if len(begun) == self._most:
                yield self._done(*begun.popleft())
        while begun:
            yield self._done(*begun.popleft())

    def _handed(self, task: Task) -> Future[Done] | None:
        try:
            return self._pool.submit(_do, task)
        except BrokenExecutor:
            return None

    def _done(self, task: Task, future: Future[Done] | None) -> Done:
        try:
            if future is not None:
                return future.result()
        except BrokenExecutor:
            pass
        return self._work(task)

    def close(self) -> None:
        """Let the helpers go."""
        self._pool.shutdown(cancel_futures=True)


# --- In a helper ---------------------------------------------------------------------------------

_doing: Final[list[Callable[[Any], Any]]] = []
"""The helper's only work, for as long as it lives."""


def _begin(language: str | None, packed: bytes) -> None:
    # Whoever presses Ctrl-C means the process that started this one, and it ends with that.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    django.setup()
    if language:
        translation.activate(language)
    make, given = pickle.loads(packed)  # noqa: S301 - from the process that started this one
    _doing.append(make(given))
    gc.freeze()  # All of this stays.


def _end_with_parent() -> None:
    if parent := parent_process():
        parent.join()
        os._exit(1)


def _started() -> None:
    """Do nothing; that it is done tells that the helper is there."""


def _do(task: Any) -> Any:
    return _doing[0](task)
