"""Tries what the other scripts lean on: that no child can fail unseen.

Not a test itself: tests/processes/test_children.py starts it.

    python -m tests.processes.trying FOLDER
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from tests.processes import Wait, at_once, in_a_child, killed_in_a_child, own_database, waiting
from tests.processes.children import ChildFailed


def main() -> None:
    """Say how each try ended."""
    with own_database(Path(sys.argv[1]), "trying"):
        tries: dict[str, Callable[[], object]] = {
            "answers": lambda: at_once([waiting(_add, number, 1) for number in range(100)]) == list(range(1, 101)),
            "raises": lambda: at_once([waiting(_add, 1, 1), waiting(_add, 1, "a")]),
            "raises before": lambda: at_once([waiting(_add, 1, 1), _too_early]),
            "does not wait": lambda: at_once([waiting(_add, 1, 1), lambda _wait: 2]),
            "is killed": lambda: in_a_child(_end),
            "is not killed": lambda: killed_in_a_child(lambda: 2),
            "connects": lambda: at_once([waiting(_connections)] * 3),
        }
        print(json.dumps({name: _ended(do) for name, do in tries.items()}))  # noqa: T201 - its output


def _ended(do: Callable[[], object]) -> object:
    try:
        return do()
    except ChildFailed as error:
        return str(error).splitlines()[-1]


def _add(one: int, other: int) -> int:
    return one + other


def _too_early(_wait: Wait) -> None:
    message = "too early"
    raise ValueError(message)


def _end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _connections() -> bool:
    from django.db import connection

    return connection.connection is not None


if __name__ == "__main__":
    main()
