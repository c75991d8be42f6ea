"""The table of outages: part × state, what a person does meanwhile, and what must be true (trust decision 14)."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pytest

type Run = Callable[["Cell", pytest.FixtureRequest], None]

PARTS: Final = (
    "mail", "redis", "postgresql", "openid", "metadata", "clients", "disk", "storage", "anchors", "worker", "key",
)  # fmt: skip
STATES: Final = ("refuse", "black-hole", "slow", "reset", "garbage", "recover")
MOST_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Cell:
    """One part in one state. ``means`` says what the state is for a part that cannot be in it literally."""

    part: str
    state: str
    means: str
    does: str
    holds: str
    run: Run
    is_quick: bool

    def __str__(self) -> str:
        return f"{self.part}-{self.state}"


_cells: dict[tuple[str, str], Cell] = {}


def cell(part: str, *states: str, does: str, holds: str, means: str = "", quick: tuple[str, ...] = ()) -> Any:
    """Enter a function for these states of a part; those of ``quick`` run in ``make test``."""

    def enter(run: Run) -> Run:
        for state in states:
            assert (part, state) not in _cells, (part, state)
            assert part in PARTS
            assert state in STATES
            _cells[part, state] = Cell(part, state, means or state, does, holds, run, state in quick)
        return run

    return enter


def all_cells() -> list[Cell]:
    """Return the whole table, part by part."""
    for part in PARTS:
        importlib.import_module(f"tests.outages.parts.{part}")
    return [_cells[part, state] for part in PARTS for state in STATES]
