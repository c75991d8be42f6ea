"""Published counts reveal no single student: attacks on random data, and the same attacks with the defense off."""

import itertools
from collections import Counter, defaultdict
from dataclasses import dataclass, replace

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from scoreport.reports.rules import Hidden, Tail, hidden_label, share_of, suppression, tail_label
from scoreport.reports.rules.suppression import LEAST_POSSIBLE, Cell, Count, Leaf, Load, Publisher, least_shown, steps

THRESHOLD = 11
# Three schools in two districts of one state, and a district's tests without a school.
PLACES = {1: (1, 10, 100), 2: (2, 10, 100), 3: (3, 11, 100), 10: (None, 10, 100)}
EXAMS = ("A", "B", "C")


@dataclass(frozen=True)
class Test:
    """One released score, on the day of its release."""

    __test__ = False
    day: int
    place: int
    exam: str
    passed: bool


def leaves_of(tests) -> list[Leaf]:
    """Count tests by school and exam; nobody takes an exam twice."""
    counts: dict[tuple[int, str], Count] = defaultdict(Count)
    for test in tests:
        key = test.place, test.exam
        counts[key] = counts[key] + Count(1, int(test.passed))
    return [Leaf(PLACES[place], exam, counts[place, exam]) for place in PLACES for exam in EXAMS]


def loads_of(tests) -> dict[int, Load]:
    """Return the load of each organization where every test is another student's."""
    found = Counter(place for test in tests for place in PLACES[test.place] if place is not None)
    return {place: Load(number, number, 1) for place, number in found.items()}


def watch(tests, *, days=None, threshold: int = THRESHOLD, cells=None) -> list[dict]:
    """Return what readers of all organizations see together, day by day: every published cell."""
    cells = {} if cells is None else cells
    seen = []
    for day in range(1 + max((test.day for test in tests), default=0)) if days is None else range(days):
        released = [test for test in tests if test.day <= day]
        Publisher(cells, loads_of(released), threshold).publish(leaves_of(released))
        seen.append({key: cell.published for key, cell in cells.items() if cell.published.tests})
    return seen


def is_revealed(tests, number: int, **how) -> bool:
    """Tell whether a reader of everything on every day can rule out that one student's result was the other one.

    They can not, where the same would have been published if it was, be it that another student did the opposite.
    """
    seen = watch(tests, **how)
    flipped = list(tests)
    flipped[number] = replace(tests[number], passed=not tests[number].passed)
    if watch(flipped, **how) == seen:
        return False
    for other, test in enumerate(tests):
        if test.passed == flipped[number].passed:
            swapped = list(flipped)
            swapped[other] = replace(test, passed=not test.passed)
            if watch(swapped, **how) == seen:
                return False
    return True


def history(days: int, *, least: int = 0, most: int = 45):
    one = st.builds(Test, st.integers(0, days - 1), st.sampled_from(sorted(PLACES)), st.sampled_from("AAAB"),
                    st.sampled_from((True, True, True, False)))  # fmt: skip
    return st.lists(one, min_size=least, max_size=most)


@given(history(6, least=1), st.data())
@settings(max_examples=30, deadline=None)
def test_no_result_of_a_student_is_revealed_by_all_figures_of_all_days(tests, data):
    assert not is_revealed(tests, data.draw(st.integers(0, len(tests) - 1)))


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.data())
@settings(max_examples=30, deadline=None)
def test_scores_that_are_released_one_a_day_reveal_nobody(results, data):
    """Today minus yesterday: a page that is read each day while one score is released each day."""
    tests = [Test(day, 1, "A", passed) for day, passed in enumerate(results)]
    assert not is_revealed(tests, data.draw(st.integers(0, len(tests) - 1)))


ALL_PASSED = [Test(day, 1, "A", passed=True) for day in range(13)]


def test_exact_figures_reveal_students_to_the_same_attack(monkeypatch):
    monkeypatch.setattr(suppression, "steps", lambda block: block)
    assert is_revealed(ALL_PASSED, 12, threshold=1)
    assert is_revealed(ALL_PASSED, 3, threshold=THRESHOLD)


def test_steps_alone_are_not_the_defense(monkeypatch):
    """Rounded totals of each day, without blocks, reveal the student with whom a total moves to the next step."""

    def rounded(tests):
        totals = (sum(test.passed for test in tests if test.day <= day) for day in range(13))
        return [5 * ((passed + 2) // 5) for passed in totals]

    flipped = [*ALL_PASSED[:2], replace(ALL_PASSED[2], passed=False), *ALL_PASSED[3:]]
    assert rounded(ALL_PASSED)[2] != rounded(flipped)[2]
    assert not is_revealed(ALL_PASSED, 2)


def published_of(counts: dict[tuple[int, str], int]) -> dict[tuple[int, str], Count]:
    """Return what readers of all organizations see of so many passed tests by school and exam."""
    loads: Counter[int] = Counter()
    for (place, _exam), number in counts.items():
        for above in PLACES[place]:
            if above is not None:
                loads[above] += number
    cells: dict[tuple[int, str], Cell] = {}
    leaves = [Leaf(PLACES[place], exam, Count(number, number)) for (place, exam), number in counts.items()]
    Publisher(cells, {place: Load(n, n, 1) for place, n in loads.items()}, THRESHOLD).publish(leaves)
    return {key: cell.published for key, cell in cells.items() if cell.published.tests}


def worlds_with(counts: dict[tuple[int, str], int], key: tuple[int, str], enough: int = THRESHOLD) -> set[int]:
    """Return numbers of tests that a small group may have for a reader of everything that is published.

    Tries all numbers of all small groups, until ``enough`` are found. Nothing of the large groups is varied, so a
    reader has even more to doubt.
    """
    published = published_of(counts)
    others = [other for other, number in counts.items() if other != key and number < THRESHOLD]
    possible: set[int] = set()
    for numbers in itertools.product(range(THRESHOLD), repeat=len(others) + 1):
        if numbers[-1] in possible:
            continue
        if published_of(counts | dict(zip([*others, key], numbers, strict=True))) == published:
            possible.add(numbers[-1])
        if len(possible) >= enough:
            break
    return possible


SMALL = st.dictionaries(
    st.tuples(st.sampled_from((1, 2, 10)), st.sampled_from(EXAMS)), st.integers(1, 10), min_size=1, max_size=3
)
LARGE = st.dictionaries(st.tuples(st.sampled_from((2, 3)), st.sampled_from(EXAMS)), st.integers(11, 40), max_size=3)


@given(LARGE, SMALL)
@example({}, {(1, "A"): 9, (1, "B"): 10})
@example({}, {(1, "A"): 1, (1, "B"): 8, (2, "A"): 10})
@settings(max_examples=30, deadline=None, phases=(Phase.explicit, Phase.generate))
def test_no_small_group_can_be_counted_out_from_schools_districts_and_state(large, small):
    """The hidden row from the visible sum, and a district minus its schools."""
    counts = large | small
    for key in small:
        assert len(worlds_with(counts, key, enough=LEAST_POSSIBLE)) >= LEAST_POSSIBLE


def test_exact_sums_count_a_small_group_out_for_the_same_attack(monkeypatch):
    monkeypatch.setattr(suppression, "steps", lambda block: block)
    # Two exams of ten tests each: the exact sum of twenty says that both are ten.
    assert worlds_with({(1, "A"): 10, (1, "B"): 10}, (1, "A")) == {10}


def test_two_groups_of_ten_are_not_given_away_by_their_sum():
    assert worlds_with({(1, "A"): 10, (1, "B"): 10}, (1, "A")) == {8, 9, 10}


@given(history(4, most=80))
@settings(max_examples=30, deadline=None)
def test_every_test_is_counted_in_one_block_at_most_and_figures_move_by_blocks(tests):
    cells: dict[tuple[int, str], Cell] = {}
    seen = watch(tests, cells=cells)
    taken = sum((cell.taken for cell in cells.values()), Count())
    assert taken == sum((cell.counted for cell in cells.values()), Count())
    assert taken.tests <= len(tests)
    least = least_shown(THRESHOLD)
    for before, after in zip([{}, *seen], seen, strict=False):
        for key in after:
            moved = after[key].tests - before.get(key, Count()).tests
            assert moved == 0 or moved >= least
            assert moved or after[key] == before[key]


def test_each_step_leaves_three_numbers_possible():
    for tests in range(5, 120):
        by_step = defaultdict(list)
        for at_cut in range(tests + 1):
            by_step[steps(Count(tests, at_cut))].append(at_cut)
        assert all(len(values) >= LEAST_POSSIBLE for values in by_step.values())
        assert all(count.tests % 5 == count.at_cut % 5 == 0 and 0 <= count.at_cut <= count.tests for count in by_step)
        assert max(abs(count.at_cut - a * count.tests / tests) for count, some in by_step.items() for a in some) < 4


def test_a_block_needs_eleven_students_not_eleven_tests():
    """Four students with three tests each are no group of twelve."""
    leaves = [Leaf(PLACES[1], exam, Count(4, 4)) for exam in EXAMS]
    for load, published in ((Load(12, 4, 3), 0), (Load(12, 12, 1), 10)):
        cells: dict[tuple[int, str], Cell] = {}
        Publisher(cells, {1: load, 10: load, 100: load}, THRESHOLD).publish(leaves)
        assert sum(cell.published.tests for cell in cells.values()) == published
    cells = {}
    Publisher(cells, {}, THRESHOLD).publish([Leaf(PLACES[1], "A", Count(12, 12), repeats=2)])
    assert not any(cell.published.tests for cell in cells.values())


def test_small_groups_are_published_higher_up():
    tests = [Test(0, place, "A", passed=n % 2 == 0) for place in (1, 2) for n in range(8)]
    assert watch(tests) == [{(10, "A"): Count(15, 10)}]


def test_what_is_undone_is_taken_out_again():
    tests = [Test(0, 1, exam, passed=True) for exam in EXAMS for _ in range(30 if exam == "A" else 9)]
    cells: dict[tuple[int, str], Cell] = {}
    assert watch(tests, cells=cells)[0] == {(1, "A"): Count(30, 30), (1, ""): Count(20, 20)}
    watch([Test(0, 1, "A", passed=True)], cells=cells)
    assert {key: cell.published for key, cell in cells.items() if cell.published.tests} == {}
    assert watch(tests, cells=cells)[0].keys() == {(1, "A"), (1, "")}


def test_fewer_taken_out_than_a_block_change_nothing():
    tests = [Test(0, 1, "A", passed=True) for _ in range(30)]
    cells: dict[tuple[int, str], Cell] = {}
    before = watch(tests, cells=cells)
    assert watch(tests[:20], cells=cells) == before
    assert watch(tests[:19], cells=cells)[0] == {(1, "A"): Count(20, 20)}


@pytest.mark.parametrize(
    ("at_cut", "tests", "share"),
    [
        (0, 10, (25, Tail.LOW)), (10, 10, (75, Tail.HIGH)), (5, 10, (50, Tail.NO)), (20, 25, (75, Tail.NO)),
        (0, 50, (10, Tail.LOW)), (5, 55, (10, Tail.NO)), (35, 60, (60, Tail.NO)), (455, 725, (63, Tail.NO)),
        (95, 1000, (10, Tail.LOW)), (905, 1000, (90, Tail.HIGH)),
    ],
)  # fmt: skip
def test_shares_near_nobody_and_everybody_are_not_shown(at_cut, tests, share):
    assert share_of(at_cut, tests) == share


def test_the_limit_of_a_share_near_all_or_none_is_true_of_each_block():
    for tests in range(THRESHOLD, 120):
        for at_cut in range(tests + 1):
            published = steps(Count(tests, at_cut))
            percent, tail = share_of(published.at_cut, published.tests)
            assert tail is not Tail.HIGH or 100 * at_cut / tests >= percent
            assert tail is not Tail.LOW or 100 * at_cut / tests <= percent


def test_what_is_not_shown_says_why():
    assert hidden_label(Hidden.SMALL, 11) == "fewer than 11"
    assert [hidden_label(Hidden.NO, 11), tail_label(Tail.NO, 50.0)] == ["", ""]
    assert [tail_label(Tail.LOW, 10.0), tail_label(Tail.HIGH, 90.0)] == ["less than 10%", "more than 90%"]
