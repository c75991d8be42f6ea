"""Where received score files lie on disk: private, named by their content."""

import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from django.conf import settings


class TooLarge(Exception):
    """The file is larger than this installation takes."""


def folder() -> Path:
    """Return the folder of received files, made when it is missing."""
    path = Path(settings.MEDIA_ROOT) / "scores"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def keep(chunks: Iterable[bytes], *, limit: int) -> tuple[str, str, int]:
    """Write a file under its SHA-256 and return (path in the folder, SHA-256, size in bytes).

    Raises :class:`TooLarge` as soon as more than ``limit`` bytes came; nothing stays then.
    """
    digest, size = hashlib.sha256(), 0
    draft = folder() / f"draft-{secrets.token_hex(8)}"
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise TooLarge(limit)
                digest.update(chunk)
                file.write(chunk)
        name = digest.hexdigest()
        draft.replace(folder() / name)
    finally:
        draft.unlink(missing_ok=True)
    return name, name, size


def read(path: str) -> IO[bytes]:
    """Open a kept file for reading."""
    return (folder() / path).open("rb")


def count_lines(path: str) -> int:
    """Count the line ends of a kept file: about its rows, for a progress bar."""
    with read(path) as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
