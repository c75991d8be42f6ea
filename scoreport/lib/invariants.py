"""What a check counts and tells, and how it reads: one state of the database, a batch in memory at a time."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

_BATCH: Final = 2_000
_EXAMPLES: Final = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """What was checked, how much of it, and what deviates; ``examples`` are the first of the deviations."""

    name: str
    checked: int
    deviations: int
    examples: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """What is right and has to be said all the same."""


class CheckReport:
    """Counts while a check runs."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.checked = 0
        self._deviations = 0
        self._examples: list[str] = []
        self._notes: list[str] = []

    def expect(self, what: str, *parts: object, holds: bool) -> None:
        """Count one thing; ``what`` says what is wrong when it does not hold, with ``parts`` put in."""
        self.checked += 1
        if not holds:
            self.deviate(what % parts if parts else what)

    def deviate(self, what: str) -> None:
        """Note a deviation."""
        self._deviations += 1
        if len(self._examples) < _EXAMPLES:
            self._examples.append(what)

    def note(self, what: str) -> None:
        """Note something that is no deviation and has to be said."""
        self._notes.append(what)

    def finding(self) -> Finding:
        """Return what was found."""
        return Finding(self.name, self.checked, self._deviations, tuple(self._examples), tuple(self._notes))


Check = Callable[[datetime], Iterator[Finding]]


@contextmanager
def snapshot() -> Iterator[None]:
    """See one state of the database, without keeping anybody from writing."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield
    else:
        # Django would begin a writing transaction here; a reading one keeps its snapshot and blocks nobody.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ROLLBACK")


def stream(query: str, params: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query, a batch in memory at a time."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, params)
        while rows := cursor.fetchmany(_BATCH):
            yield from rows


def number(query: str, params: Sequence[Any] = ()) -> int:
    """Return the one number that a query gives."""
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return int(cursor.fetchone()[0] or 0)
