"""The geometry of charts that are drawn on the server, as data of SVG paths."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bars:
    """The bars of a histogram below and from the cut on, each as one path, and where the cut stands."""

    low: str
    high: str
    cut: float


def bars(counts: Sequence[int], *, least: int, most: int, cut: float, width: int, height: int) -> Bars:
    """Draw bins of equal width, lowest first; an empty bin has no bar, and the smallest one can still be seen."""
    top, step = max(*counts, 1), width / len(counts)
    low: list[str] = []
    high: list[str] = []
    for place, count in enumerate(counts):
        if count:
            tall = round(max((height - 5) * count / top, 1.5), 2)
            path = f"M{place * step + 0.75:g} {height - 1}v{-tall:g}h{step - 1.5:g}v{tall:g}z"
            (high if least + (most - least) * place / len(counts) >= cut else low).append(path)
    return Bars("".join(low), "".join(high), round((cut - least) / (most - least) * width, 2))
