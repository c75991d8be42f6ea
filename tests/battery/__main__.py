"""``python -m tests.battery PART``: sizes of the battery that are too large for every run; see docs/security.md."""

import sys
from collections.abc import Callable


def _fuzz(arguments: list[str]) -> int:
    from tests.battery.fuzz import main

    return main(arguments)


# The name of each part, and what runs it: it takes the arguments after the name, and returns 1 when anything deviated.
PARTS: dict[str, Callable[[list[str]], int]] = {"fuzz": _fuzz}


def run(arguments: list[str]) -> int:
    """Run the part that is named first."""
    name, *more = arguments or [""]
    if name not in PARTS:
        print(f"Usage: python -m tests.battery {'|'.join(PARTS)} [--help]", file=sys.stderr)  # noqa: T201
        return 2
    return PARTS[name](more)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
