"""What every storage of files can do."""

import errno
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, Protocol

DRAFT: Final = "draft-"
"""Files that are being written are called so, wherever they lie."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,199}")


class StorageUnavailable(OSError):
    """The object storage cannot be reached, or refuses; the message is for the log."""

    def __init__(self, message: str) -> None:
        super().__init__(errno.EIO, message)


@dataclass(slots=True)
class Draft:
    """A file to fill at ``path``. Its random name may be replaced; its size is known when the block has ended."""

    path: Path
    name: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Stored:
    """A file in a storage."""

    name: str
    size: int
    at: datetime


class Storage(Protocol):
    """The files of one area. Each call raises OSError when the storage cannot be used."""

    def write(self, name: str = "") -> AbstractContextManager[Draft]:
        """Give a draft to fill; it is stored when the block ends, and nothing stays when the block raises."""

    def read(self, name: str) -> BinaryIO:
        """Open a file to read it once from its beginning; raises FileNotFoundError."""

    def open_local(self, name: str) -> BinaryIO:
        """Open a file that is read more than once; a copy on this machine is gone when it is closed."""

    def size(self, name: str) -> int | None:
        """Return the size of a file in bytes, or nothing when there is none."""

    def delete(self, name: str) -> None:
        """Remove a file, if it is there."""

    def older_than(self, instant: datetime) -> list[Stored]:
        """Return the files, drafts too, that were written before an instant."""

    def sweep(self, before: datetime) -> int:
        """Remove the drafts of processes that died before an instant; return how many."""


def remove_litter(storage: Storage, *, before: datetime, known: Callable[[list[str]], set[str]]) -> int:
    """Remove what was written before an instant and is not known, and old drafts; return how many.

    ``known`` returns which of some names belong to something. A process that was killed, or a storage that was away
    when a file was to be removed, leaves files of students behind that belong to nothing.
    """
    old = [one.name for one in storage.older_than(before) if not one.name.startswith(DRAFT)]
    wanted = known(old)
    litter = [name for name in old if name not in wanted]
    for name in litter:
        storage.delete(name)
    return len(litter) + storage.sweep(before)


def put(storage: Storage, content: bytes, name: str = "") -> str:
    """Store some bytes and return their name."""
    with storage.write(name) as draft:
        draft.path.write_bytes(content)
    return draft.name


def new_name() -> str:
    """Return a name that says nothing."""
    return secrets.token_hex(16)


def safe(name: str) -> str:
    """Return a name as it is; raises ValueError for one that could lead out of the area."""
    if not _NAME.fullmatch(name) or name.startswith(DRAFT):
        message = "This is not a name of a stored file."
        raise ValueError(message)
    return name


@contextmanager
def draft_in(folder: Path, name: str) -> Iterator[Draft]:
    """Make an empty draft that only this account can read; it is removed unless the block moved it away."""
    path = folder / f"{DRAFT}{new_name()}"
    path.touch(mode=0o600, exist_ok=False)
    try:
        yield Draft(path, safe(name) if name else new_name())
    finally:
        with suppress(OSError):
            path.unlink()


def sweep_folder(folder: Path, before: datetime) -> int:
    """Remove the drafts in a folder that nobody wrote to since an instant; return how many."""
    old = [path for path in folder.glob(f"{DRAFT}*") if path.stat().st_mtime < before.timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
