"""``python -m tests.battery NAME [ARGUMENTS…]``: a battery of the design that is too long for ``make test``."""

import importlib
import sys

# The name of each battery, and the function that runs it and returns the code to exit with.
BATTERIES = {
    "fuzz": "tests.battery.fuzz:main",
    "outages": "tests.outages.battery:run",
    "races": "tests.battery.races:main",
}


def main(arguments: list[str]) -> int:
    """Run one battery."""
    if not arguments or arguments[0] not in BATTERIES:
        sys.stderr.write(f"usage: python -m tests.battery {'|'.join(BATTERIES)} [ARGUMENTS…]\n")
        return 2
    module, _, function = BATTERIES[arguments[0]].partition(":")
    return int(getattr(importlib.import_module(module), function)(arguments[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
