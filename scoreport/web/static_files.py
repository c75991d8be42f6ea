"""Fonts and static files as ``scoreport setup`` makes them: anew only when what they are made from has changed.

To subset the font and to compress everything takes some seconds of a processor, which the second ``setup`` of an
installation need not spend.
"""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from scoreport.web import assets

_MADE_BY: Final = ("brotli", "Django", "fontpkg-public-sans", "fonttools", "whitenoise")
"""Packages of which another version may write other files."""


def bring_up_to_date() -> bool:
    """Build the fonts and collect all static files, and say whether anything had to be done."""
    made_from = settings.DATA_DIR / "static_made_from"
    sources = sources_digest(settings.STORAGES["staticfiles"]["BACKEND"])
    if made_from.is_file() and made_from.read_text(encoding="utf-8") == sources and _all_there():
        return False
    made_from.unlink(missing_ok=True)
    assets.build(settings.BUILT_ASSETS_DIR)
    call_command("collectstatic", interactive=False, verbosity=0)
    made_from.write_text(sources, encoding="utf-8")
    return True


def sources_digest(storage: str) -> str:
    """Return a digest of all that the files are made from; ``storage`` names the class that collects them."""
    facts = hashlib.sha256(Path(assets.__file__).read_bytes())
    facts.update(repr([storage, *(version(name) for name in _MADE_BY)]).encode())
    for finder in get_finders():
        for path, source in sorted(finder.list([]), key=lambda found: found[0]):
            if Path(source.location) != Path(settings.BUILT_ASSETS_DIR):
                facts.update(f"\n{path}\n".encode() + Path(source.path(path)).read_bytes())
    return facts.hexdigest()


def _all_there() -> bool:
    """Say whether the fonts and every collected file lie where they belong."""
    root = Path(settings.STATIC_ROOT)
    try:
        paths = json.loads((root / "staticfiles.json").read_text(encoding="utf-8"))["paths"]
        collected = [*paths, *paths.values()]
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return False
    fonts = [Path(settings.BUILT_ASSETS_DIR) / name for name in (assets.FONT, assets.STYLESHEET)]
    return all(path.is_file() for path in [*fonts, *(root / name for name in collected)])
