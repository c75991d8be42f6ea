"""Received files: private, named by their SHA-256."""

import hashlib
from collections.abc import Iterable
from typing import IO

from scoreport.lib.storage import Storage, storage


class TooLarge(Exception):
    """The file is larger than this installation takes."""


def received() -> Storage:
    """Return the storage of received files of every kind; it is called scores, as before there were others."""
    return storage("scores")


def keep(chunks: Iterable[bytes], *, limit: int) -> tuple[str, str, int]:
    """Write a file under its SHA-256 and return (its name in the storage, SHA-256, size in bytes).

    Raises :class:`TooLarge` as soon as more than ``limit`` bytes came; nothing stays then.
    """
    digest, size = hashlib.sha256(), 0
    with received().write() as draft:
        with draft.path.open("wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise TooLarge(limit)
                digest.update(chunk)
                file.write(chunk)
        draft.name = digest.hexdigest()
    return draft.name, draft.name, size


def read(path: str) -> IO[bytes]:
    """Open a received file for reading, as often as one likes; raises OSError."""
    return received().open_local(path)


def count_lines(file: IO[bytes]) -> int:
    """Count the line ends of a file, about its rows, for a progress bar; it is then read from its beginning again."""
    lines = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
    file.seek(0)
    return lines
