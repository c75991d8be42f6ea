"""Names for the made-up state: as common as in the United States, and written as families write them."""

import csv
import random
from bisect import bisect
from collections.abc import Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Final

from rapidfuzz.distance import OSA

from scoreport.cli.demo.names import BACKGROUNDS
from scoreport.lib.text import fold_name

_DATA: Final = Path(__file__).parent / "data"
_PLAIN, _LATIN, _ASIAN, _AFRICAN = BACKGROUNDS[:4]
_SELDOM: Final = BACKGROUNDS[4:]
# Of a hundred students of Hispanic and of Asian families, how many have a given name of their family's language.
_OF_THE_LANGUAGE: Final = 55
_UMLAUTS: Final = ("Müller", "Schröder", "Grünwald", "Köhler", "Jäger", "Krüger", "Schäfer", "Böhm", "Öztürk", "Åberg")
_AS_WRITTEN: Final = {
    "Delacruz": "de la Cruz",
    "Delarosa": "de la Rosa",
    "Delatorre": "de la Torre",
    "Deleon": "De León",
    "Delgado": "Delgado",
    "Vandyke": "Van Dyke",
    "Vanhorn": "Van Horn",
    "Stclair": "St. Clair",
    "Stjohn": "St. John",
}
_IRISH: Final = frozenset(
    f"O{rest}" for rest in ("brien", "connor", "neal", "neill", "donnell", "dell", "malley", "hara", "leary", "rourke")
)


class Urn:
    """Names, drawn as often as their weights say."""

    def __init__(self, weighted: Iterable[tuple[str, float]]) -> None:
        pairs = list(weighted)
        self.names = [name for name, _weight in pairs]
        self._sums = list(accumulate(weight for _name, weight in pairs))

    def draw(self, chance: random.Random) -> str:
        return self.names[bisect(self._sums, chance.random() * self._sums[-1])]


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _by_rank(names: Iterable[str]) -> Urn:
    """Weigh names without counts as names are distributed: a few are common, many are rare."""
    return Urn(
        (name, 1 / (rank + 8)) for rank, name in enumerate(sorted(set(names), key=lambda name: (fold_name(name), name)))
    )


def _written(name: str) -> str:
    """Write a name of the census, which knows no accents, spaces and apostrophes, as families write it."""
    if name in _IRISH:
        return f"O'{name[1:].title()}"
    if name.startswith("Mc") and len(name) > len("Mcx"):
        return f"Mc{name[2:].title()}"
    return _AS_WRITTEN.get(name) or _ACCENTED.get(fold_name(name), name)


_ACCENTED: Final = {fold_name(name): name for name in _LATIN.families if "-" not in name}


class Names:
    """The names of the state."""

    def __init__(self) -> None:
        surnames = list(_rows("surnames.csv"))
        origins = [(_written(r["name"]), int(r["hispanic_percent"]), int(r["asian_percent"])) for r in surnames]
        self._surnames = Urn((r["name"], float(r["per_million"]) * _growth(r)) for r in surnames)
        self._origin = dict(zip(self._surnames.names, origins, strict=True))
        given = list(_rows("given_names.csv"))
        self.given = {
            gender: Urn((r["name"], float(r["births"])) for r in given if r["gender"] == gender) for gender in "FM"
        }
        self._latin = {"F": _by_rank(_LATIN.girls), "M": _by_rank(_LATIN.boys)}
        self._asian = {"F": _by_rank(_ASIAN.girls), "M": _by_rank(_ASIAN.boys)}
        self._african = {"F": _by_rank(_AFRICAN.girls), "M": _by_rank(_AFRICAN.boys)}
        self._hispanic = Urn(
            (_written(r["name"]), float(r["per_million"])) for r in surnames if int(r["hispanic_percent"]) > 80
        )

    def family(self, chance: random.Random) -> tuple[str, str]:
        """Return a last name and the background that given names of this family have."""
        dice = chance.random()
        if dice < 0.004:
            seldom = chance.randrange(len(_SELDOM))
            return chance.choice(_SELDOM[seldom].families), f"seldom {seldom}"
        if dice < 0.008:
            return chance.choice(_UMLAUTS), "other"
        drawn = self._surnames.draw(chance)
        name, hispanic, asian = self._origin[drawn]
        dice = chance.random() * 100
        if dice < hispanic:
            return self._hispanic_family(name, chance), "hispanic"
        if dice < hispanic + asian:
            return name, "asian"
        if chance.random() < 0.03:
            return f"{name}-{self._origin[self._surnames.draw(chance)][0]}", "other"
        return name, "african" if chance.random() < 0.04 else "other"

    def _hispanic_family(self, name: str, chance: random.Random) -> str:
        dice = chance.random()
        if dice < 0.25:
            return f"{name} {self._hispanic.draw(chance)}"
        return f"{name}-{self._hispanic.draw(chance)}" if dice < 0.33 else name

    def surname(self, chance: random.Random) -> str:
        """Return a last name of one word, for a family's second."""
        return self._origin[self._surnames.draw(chance)][0]

    def first(self, background: str, gender: str, chance: random.Random) -> str:
        """Return a given name, now and then two."""
        key = gender if gender in self.given else chance.choice("FM")
        urn = self._urn(background, key, chance)
        name = urn.draw(chance)
        if chance.random() < (0.12 if background == "hispanic" else 0.025):
            more = urn.draw(chance)
            return name if more == name else f"{name}{'-' if chance.random() < 0.15 else ' '}{more}"
        return name

    def _urn(self, background: str, gender: str, chance: random.Random) -> Urn:
        if background.startswith("seldom"):
            rare = _SELDOM[int(background.split()[1])]
            return _by_rank(rare.girls if gender == "F" else rare.boys)
        own = {"hispanic": self._latin, "asian": self._asian, "african": self._african}.get(background)
        return own[gender] if own and chance.random() * 100 < _OF_THE_LANGUAGE else self.given[gender]

    def like(self, name: str, chance: random.Random) -> tuple[str, str]:
        """Return a common given name that is one slip from another common one, and its gender; else any."""
        common = [(other, gender) for gender in "FM" for other in self.given[gender].names[:500]]
        near = [pair for pair in common if OSA.distance(name, pair[0], score_cutoff=1) == 1]
        return chance.choice(near or common)


def _growth(row: dict[str, str]) -> float:
    """Return how much more common a name is among students of today than among everybody in 2000."""
    return 1 + 1.2 * int(row["hispanic_percent"]) / 100 + 0.8 * int(row["asian_percent"]) / 100
