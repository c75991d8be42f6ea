"""Counts that are published to readers who may not see individuals; pure (decision 35).

Published counts never come from the scores directly. They are sums of *blocks*. A block is at least ``threshold`` new
tests of one exam at one school. Tests left over make blocks by school, then by exam in the district, then by district,
and the same in the state. Each test is in one block at most, and a block is published in steps of five only: whichever
step it is, at least :data:`LEAST_POSSIBLE` numbers of scores at the cut are possible in it. Blocks are independent, so
no sum, difference or comparison of published counts says more than the steps do.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

LEAST_POSSIBLE: Final = 3
"""How many values must be possible for what is hidden."""
STEP: Final = 5
"""Published counts are multiples of it."""
OTHER_EXAMS: Final = ""
"""The exam code of tests that are published without their exam."""
LEVELS: Final = 3
"""School, district, state: the places of a :class:`Leaf`."""

_NEAREST_FROM = 11
# A cell waits for a tenth of what it has, other exams for a quarter, so that large groups are not made of small steps.
_TENTH, _QUARTER = 10, 4


@dataclass(frozen=True, slots=True)
class Count:
    """Tests with a released score, and how many of them are at the cut."""

    tests: int = 0
    at_cut: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.tests + other.tests, self.at_cut + other.at_cut)

    def __sub__(self, other: "Count") -> "Count":
        return Count(self.tests - other.tests, self.at_cut - other.at_cut)


@dataclass(frozen=True, slots=True)
class Leaf:
    """The released tests of one exam at one school, or at a district or state for tests without a school.

    ``places`` are school, district and state; ``repeats`` is how many tests more there are than students.
    """

    places: tuple[int | None, int | None, int | None]
    exam: str
    count: Count = Count()
    repeats: int = 0

    @property
    def key(self) -> tuple[int, str]:
        """The lowest place and the exam."""
        return next(place for place in self.places if place is not None), self.exam


@dataclass(frozen=True, slots=True)
class Load:
    """The tests and students of an organization, and the most tests of one student."""

    tests: int
    takers: int
    most: int


@dataclass(slots=True)
class Cell:
    """What is published of one exam at one organization, and the true numbers behind it.

    ``counted`` is the true count of the blocks behind ``published``. ``taken`` is how much of this school's own tests
    is counted in any block, here or higher up.
    """

    places: tuple[int | None, int | None, int | None]
    published: Count = Count()
    counted: Count = Count()
    taken: Count = Count()


Cells = dict[tuple[int, str], Cell]


@dataclass(slots=True)
class Publisher:
    """Moves released tests into blocks, the lowest organizations first."""

    cells: Cells
    loads: Mapping[int, Load]
    threshold: int
    changed: set[tuple[int, str]] = field(default_factory=set)

    def publish(self, leaves: Iterable[Leaf], *, levels: int = LEVELS) -> None:
        """Add to the cells what can be published of ``leaves``, which hold every leaf that was ever published."""
        leaves = sorted(leaves, key=lambda leaf: leaf.key)
        for leaf in leaves:
            self._cell(leaf.key, leaf.places).places = leaf.places
        for level in range(levels):
            groups: dict[int, list[Leaf]] = defaultdict(list)
            for leaf in leaves:
                if (place := leaf.places[level]) is not None:
                    groups[place].append(leaf)
            for place, group in groups.items():
                places = (*[None] * level, *group[0].places[level:])
                self._organization(place, places, group)  # type: ignore[arg-type]  # as long as Leaf.places

    def _organization(self, place: int, places: tuple[int | None, int | None, int | None], group: list[Leaf]) -> None:
        by_exam: dict[str, list[Leaf]] = defaultdict(list)
        for leaf in group:
            by_exam[leaf.exam].append(leaf)
        for exam, some in by_exam.items():
            count = self._left(some)
            cell = self._cell((place, exam), places)
            enough = max(self.threshold, cell.counted.tests // _TENTH)
            students = count.tests - sum(leaf.repeats for leaf in some)
            self._block((place, exam), some, is_enough=count.tests >= enough and students >= self.threshold)
        count = self._left(group)
        shown = {leaf.key[0] for leaf in group} | {place}
        published = sum(self.cells[key].published.tests for key in self._keys(shown, by_exam))
        enough = max(self.threshold, published // _QUARTER)
        self._cell((place, OTHER_EXAMS), places)
        is_enough = count.tests >= enough and self._students(place, count.tests) >= self.threshold
        self._block((place, OTHER_EXAMS), group, is_enough=is_enough)

    def _keys(self, places: Iterable[int], exams: Collection[str]) -> Iterable[tuple[int, str]]:
        return (key for place in places for exam in (*exams, OTHER_EXAMS) if (key := (place, exam)) in self.cells)

    def _students(self, place: int, tests: int) -> int:
        """Return how many students so many of an organization's tests have at least."""
        load = self.loads.get(place)
        if load is None or not load.most:
            return 0
        return max(tests - (load.tests - load.takers), -(-tests // load.most))

    def _block(self, key: tuple[int, str], group: list[Leaf], *, is_enough: bool) -> None:
        """Publish what is left of a group as a block, or take as much out of what is published."""
        left, cell = self._left(group), self.cells[key]
        rest = Count()
        if is_enough:
            cell.published = cell.published + steps(left)
            cell.counted = cell.counted + left
        elif left.tests <= -self.threshold and cell.counted.tests:
            if -left.tests >= cell.counted.tests:
                rest = left + cell.counted
                cell.published = cell.counted = Count()
            else:
                cell.published = _between(cell.published - steps(Count(-left.tests, -left.at_cut)))
                cell.counted = cell.counted + left
        else:
            return
        self.changed.add(key)
        for leaf in group:
            self._take(leaf, leaf.count)
        self._take(group[0], group[0].count - rest)

    def _take(self, leaf: Leaf, taken: Count) -> None:
        cell = self.cells[leaf.key]
        if cell.taken != taken:
            cell.taken = taken
            self.changed.add(leaf.key)

    def _left(self, group: Iterable[Leaf]) -> Count:
        return sum((leaf.count - self.cells[leaf.key].taken for leaf in group), Count())

    def _cell(self, key: tuple[int, str], places: tuple[int | None, int | None, int | None]) -> Cell:
        return self.cells.setdefault(key, Cell(places))


def steps(block: Count) -> Count:
    """Return what is published of a block of at least five tests.

    At least three numbers of scores at the cut lead to each answer, also for a reader who knows the block's tests.
    """
    tests = block.tests
    # Of fewer tests, rounding up would leave two numbers possible at the ends.
    size = STEP * ((2 * tests + STEP) // (2 * STEP)) if tests >= _NEAREST_FROM else tests - tests % STEP
    at_cut = STEP * ((2 * block.at_cut * size + STEP * tests) // (2 * STEP * tests))
    return Count(size, min(max(at_cut, 0), size))


def least_shown(threshold: int) -> int:
    """Return the smallest count that is shown: what a block of ``threshold`` tests is published as."""
    return steps(Count(threshold)).tests


def _between(count: Count) -> Count:
    tests = max(count.tests, 0)
    return Count(tests, min(max(count.at_cut, 0), tests))
