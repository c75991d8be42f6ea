"""How much is drawn at random: all of it on SQLite, half as much again on a second database.

Each run draws other examples, so that what the second database draws is new to both.
"""

import os

IS_SECOND = os.environ.get("ONLY_DATABASE") == "1"


def examples(count: int) -> int:
    """Return how many examples a property test that asks a database draws here."""
    return max(1, count // 2) if IS_SECOND else count
