"""What is compared after each round of a race."""

from collections import Counter
from collections.abc import Mapping
from typing import Any


class Chain:
    """The chain of the audit, looked at piece by piece: what was found whole is not read again."""

    def __init__(self) -> None:
        self._seen: Any = None

    def deviations(self) -> list[str]:
        """Say which events since the last time do not follow from the one before."""
        from scoreport.audit.queries import broken_links, newest

        broken = [f"The chain of the audit is broken: {link}" for link in broken_links(after=self._seen)]
        self._seen = newest()
        return broken


def differences(wanted: Mapping[str, object], found: Mapping[str, object]) -> list[str]:
    """Say what is there in another number than it should be."""
    return [f"{name}: {found.get(name)}, not {number}" for name, number in wanted.items() if found.get(name) != number]


def answered(wanted: Mapping[str, int], answers: Counter[str]) -> list[str]:
    """Say which answers were given, if they are not exactly the ones that should be."""
    asked = {answer: number for answer, number in wanted.items() if number}
    return [] if answers == asked else [f"answers: {dict(answers)}, not {asked}"]
