"""Every invariant of what is stored about scores, checked against the data itself.

Nothing is changed by it. Each check sees one consistent state of the database, so it may run
while people work.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from scoreport.lib.invariants import Check, Finding, snapshot
from scoreport.scores.verify import canceled, claims, figures, people, storage, values, versions

CHECKS: Final[tuple[Check, ...]] = (
    *versions.CHECKS,
    *values.CHECKS,
    *people.CHECKS,
    *figures.CHECKS,
    *claims.CHECKS,
    *canceled.CHECKS,
    *storage.CHECKS,
)


# This one derives links in transactions of its own, which it rolls back.
_ALONE: Final[tuple[Check, ...]] = (people.links_are_derivable,)


def steps() -> int:
    """Return how many steps :func:`verify` takes."""
    return len(CHECKS) + len(_ALONE)


def verify(*, at: datetime, progress: Callable[[int], None], anchors: Path | None = None) -> Iterator[Finding]:
    """Yield what each check found, as soon as it is through; ``progress`` is called with 1 after each step.

    ``anchors`` is a file of anchors that was kept elsewhere, to be compared beside the installation's own.
    """
    for check in CHECKS:
        with snapshot():
            yield from storage.anchored(at, anchors) if check is storage.anchored else check(at)
        progress(1)
    for check in _ALONE:
        yield from check(at)
        progress(1)


__all__ = ["CHECKS", "Finding", "steps", "verify"]
