"""Build the fonts that our pages serve, from the ``fontpkg-public-sans`` package.

``scoreport setup`` calls :func:`build`; the result lies in ``settings.BUILT_ASSETS_DIR``, is never
committed, and is found by static files like everything else. Pages work without it.
"""

import re
from pathlib import Path

import fontpkg_public_sans
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

FONT = "fonts/public-sans.woff2"
STYLESHEET = "css/fonts.css"

# Latin with its extensions (names of people), punctuation, currency, arrows; other scripts come from the system.
_CHARACTERS = "U+0020-007E,U+00A0-024F,U+1E00-1EFF,U+2000-206F,U+20A0-20BF,U+2100-214F,U+2190-2193,U+2212,U+2264,U+2265"
# Equal-width figures for columns; accents that combine.
_FEATURES = ["calt", "ccmp", "kern", "liga", "lnum", "locl", "mark", "mkmk", "pnum", "tnum"]
# The weights that the style sheets use; leaving out hairlines and black saves a twentieth of the file.
_WEIGHTS = (400, 800)

_CSS = """@font-face {{
  font-family: "Public Sans";
  src: url("../{font}") format("woff2");
  font-weight: {lightest} {heaviest};
  font-style: normal;
  font-display: swap;
  unicode-range: {characters};
}}
"""


def build(target: Path) -> list[Path]:
    """Write the font and the style sheet that names it below ``target``; return both paths."""
    font, stylesheet = target / FONT, target / STYLESHEET
    for path in (font, stylesheet):
        path.parent.mkdir(parents=True, exist_ok=True)
    _subset(fontpkg_public_sans.ROOT / "files" / "PublicSans[wght].ttf", font)
    lightest, heaviest = _WEIGHTS
    unicode_range = re.sub(r"U\+0*", "U+", _CHARACTERS).replace(",", ", ")
    css = _CSS.format(font=FONT, lightest=lightest, heaviest=heaviest, characters=unicode_range)
    stylesheet.write_text(css, encoding="utf-8")
    return [font, stylesheet]


def _subset(source: Path, target: Path) -> None:
    """Cut a variable font down to our characters, features and weights, packed as woff2."""
    options = subset.Options()
    options.layout_features = _FEATURES
    font = instancer.instantiateVariableFont(TTFont(source, recalcTimestamp=False), {"wght": _WEIGHTS})
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=subset.parse_unicodes(_CHARACTERS))
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(target)
