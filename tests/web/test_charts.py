"""Bars are as tall as their counts, stand where their bins lie, and are never too small to be seen."""

import re

from hypothesis import given
from hypothesis import strategies as st

from scoreport.web.charts import Bars, bars

_BAR = re.compile(r"M([\d.]+) ([\d.]+)v-([\d.]+)h([\d.]+)v([\d.]+)z")


def drawn(path: str) -> list[tuple[float, ...]]:
    """Return x, foot, height, width and height again of each bar of a path."""
    assert _BAR.sub("", path) == ""
    return [tuple(map(float, bar)) for bar in _BAR.findall(path)]


def of(counts: list[int]) -> Bars:
    return bars(counts, least=20, most=80, cut=50, width=156, height=36)


@given(st.lists(st.integers(0, 10_000_000), min_size=12, max_size=12))
def test_bars(counts):
    found = of(counts)
    low, high = drawn(found.low), drawn(found.high)
    assert (len(low), len(high)) == (sum(map(bool, counts[:6])), sum(map(bool, counts[6:])))
    filled = [(place, count) for place, count in enumerate(counts) if count]
    for (place, count), (x, foot, up, width, down) in zip(filled, low + high, strict=True):
        assert (x, foot, width) == (place * 13 + 0.75, 35, 11.5)
        assert up == down == round(max(31 * count / max(counts), 1.5), 2)


def test_nothing_is_drawn_of_nothing():
    assert of([0] * 12) == Bars("", "", 78.0)
