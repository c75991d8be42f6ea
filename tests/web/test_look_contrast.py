"""The colors of the style sheet reach the contrast that WCAG 2.2 AA asks for, in light and in dark."""

import re
from pathlib import Path

import pytest

from scoreport import web

TOKENS = Path(web.__file__).parent / "static" / "css" / "tokens.css"
TEXT, SHAPE = 4.5, 3.0
PAIRS = [
    *(("ink", ground, TEXT) for ground in ("paper", "ground", "sunken", "mark", "action-tint")),
    *(("soft", ground, TEXT) for ground in ("paper", "ground", "sunken", "mark")),
    *(("action", ground, TEXT) for ground in ("paper", "ground", "sunken")),
    *(("action", f"{tint}-tint", TEXT) for tint in ("action", "waiting", "problem")),
    *(("action-strong", ground, TEXT) for ground in ("paper", "ground")),
    ("action-ink", "action", TEXT),
    ("action-ink", "action-strong", TEXT),
    ("high", "paper", TEXT),
    ("high", "mark", TEXT),
    ("done", "done-tint", TEXT),
    ("waiting", "waiting-tint", TEXT),
    ("problem", "problem-tint", TEXT),
    ("problem", "paper", TEXT),
    ("paper", "ink", TEXT),
    *(("edge", ground, SHAPE) for ground in ("paper", "ground")),
    *(("focus", ground, SHAPE) for ground in ("paper", "ground", "sunken", "problem-tint")),
    ("low", "paper", SHAPE),
    ("high", "line", SHAPE),
]


def colors(scheme: str) -> dict[str, str]:
    light, dark = TOKENS.read_text(encoding="utf-8").split("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    if scheme == "dark":
        changed = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark))
        assert changed.keys() == found.keys(), "a color has no twin for the dark"
        found = changed
    return found


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula_knows_its_extremes():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_what_is_read_stands_out(scheme, front, back, least):
    palette = colors(scheme)
    assert contrast(palette[front], palette[back]) >= least
