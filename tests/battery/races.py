"""Races many processes against each other, round after round in one database, and looks at it after each round.

The database is a new one on the PostgreSQL server that DATABASE_URL names, or a SQLite file in a temporary folder.
"""

import argparse
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Protocol

from tests.battery.redeeming import Codes
from tests.battery.sharing import Invitations, Managers
from tests.processes import Act, ChildFailed, at_once, own_database, server_of


class Race(Protocol):
    """What can be raced for, once a round."""

    modules: tuple[str, ...]

    def __init__(self, people: int, rounds: int) -> None: ...

    def prepare(self) -> None:
        """Store what all rounds need."""

    def disarm(self) -> None:
        """Take the guards of the program away, which shows that a race would be found."""

    def acts(self, number: int) -> Sequence[Act]:
        """Store what a round needs, and return what each process does."""

    def deviations(self, number: int, answers: Counter[str]) -> list[str]:
        """Say what is wrong after a round."""

    def figures(self) -> str:
        """Say how closely the processes met."""


RACES: Final[dict[str, type[Race]]] = {"codes": Codes, "invitations": Invitations, "managers": Managers}


def main(arguments: list[str]) -> int:
    """Race, print each deviation and a line of figures; return 1 when anything deviated."""
    asked = _arguments(arguments)
    # Who ends it early gets the database removed too.
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(143))
    race = RACES[asked.race](asked.people, asked.rounds)
    with (
        TemporaryDirectory(prefix="scoreport-races-") as folder,
        own_database(Path(folder), "battery_races", modules=race.modules),
    ):
        race.prepare()
        if asked.unguarded:
            race.disarm()
        began = time.monotonic()
        found = [deviation for number in range(asked.rounds) for deviation in _round(race, number)]
        found += [f"At the end: {link}" for link in _broken_links()]
        seconds = time.monotonic() - began
        figures = race.figures()
    kind = "PostgreSQL" if server_of(os.environ["DATABASE_URL"]) else "SQLite"
    guard = ", without the guards" if asked.unguarded else ""
    print(  # noqa: T201 - its output
        f"races of {asked.race}{guard}: {asked.rounds} rounds, {asked.people} people, {kind}, {seconds:.0f} seconds,"
        f" {figures}, {len(found)} deviations"
    )
    return 1 if found else 0


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.battery races", description=__doc__)
    parser.add_argument("--people", type=int, default=200, help="processes at once; default: 200")
    parser.add_argument("--rounds", type=int, default=50, help="default: 50")
    parser.add_argument("--race", choices=RACES, default="codes", help="what they race for; default: codes")
    parser.add_argument("--unguarded", action="store_true", help="without the guards: it must find deviations")
    return parser.parse_args(arguments)


def _round(race: Race, number: int) -> list[str]:
    """Race once; print and return what is wrong."""
    began = time.monotonic()
    try:
        answers = Counter(map(str, at_once(race.acts(number))))
    except ChildFailed as error:
        found = [str(error)]
    else:
        found = race.deviations(number, answers)
    said = [f"round {number + 1}: {time.monotonic() - began:.1f} s", *found]
    print(*said, sep="\n  ", flush=True)  # noqa: T201 - its output
    return found


def _broken_links() -> list[str]:
    from scoreport.audit.queries import broken_links

    return [str(link) for link in broken_links()]
