"""What changed, read from the changelog that comes with the program; its text is data and never markup."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a list of points; a text is its pieces, each with whether it is code."""

    is_list: bool
    texts: tuple[tuple[tuple[str, bool], ...], ...]


@dataclass(frozen=True, slots=True)
class Release:
    """One version: its heading and what is told below it."""

    heading: str
    blocks: tuple[Block, ...]


def path_of() -> Path | None:
    """Return where the changelog lies: in an installed package, or beside the package in a clone; None without one."""
    for folder in (settings.PACKAGE_DIR, settings.BASE_DIR):
        if (folder / "CHANGELOG.md").is_file():
            return Path(folder / "CHANGELOG.md")
    return None


@cache
def releases() -> tuple[Release, ...]:
    """Return the versions, the newest first; none where there is no changelog."""
    path = path_of()
    return tuple(read(path.read_text(encoding="utf-8"))) if path else ()


def read(text: str) -> Iterator[Release]:
    """Yield the versions of a changelog: headings of the second level, paragraphs and points."""
    _above, *parts = re.split(r"^## +(.+)$", text, flags=re.MULTILINE)
    for heading, body in zip(parts[::2], parts[1::2], strict=True):
        yield Release(_plain(heading), tuple(_blocks(body)))


def _blocks(body: str) -> Iterator[Block]:
    for part in re.split(r"\n\s*\n", body.strip()):
        if not part.strip():
            continue
        if re.match(r"\s*[-*] ", part):
            points = re.split(r"^\s*[-*] +", part, flags=re.MULTILINE)[1:]
            yield Block(True, tuple(_pieces(point) for point in points))
        else:
            yield Block(False, (_pieces(part.lstrip("#")),))


def _pieces(text: str) -> tuple[tuple[str, bool], ...]:
    """Split a text at its backquotes; links are named and not followed, emphasis is left to the words."""
    parts = _plain(text).split("`")
    return tuple((part, number % 2 == 1) for number, part in enumerate(parts) if part)


def _plain(text: str) -> str:
    linked = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return " ".join(linked.replace("**", "").split())
