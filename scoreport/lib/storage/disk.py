"""Files in a folder that only this account can read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from scoreport.lib.storage.interface import Draft, Stored, draft_in, safe, sweep_folder


class DiskStorage:
    """The files of one area, as files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def folder(self) -> Path:
        """Return the folder, made when it is missing."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._folder

    @contextmanager
    def write(self, name: str = "") -> Iterator[Draft]:
        """Give a draft in the same folder, which gets its name when it is complete."""
        with draft_in(self.folder(), name) as draft:
            yield draft
            draft.size = draft.path.stat().st_size
            draft.path.replace(self._folder / safe(draft.name))

    def read(self, name: str) -> BinaryIO:
        """Open a file; raises FileNotFoundError."""
        return (self.folder() / safe(name)).open("rb")

    def open_local(self, name: str) -> BinaryIO:
        """Open a file, which is on this machine already."""
        return self.read(name)

    def size(self, name: str) -> int | None:
        """Return the size of a file in bytes, or nothing when there is none."""
        path = self.folder() / safe(name)
        return path.stat().st_size if path.is_file() else None

    def delete(self, name: str) -> None:
        """Remove a file, if it is there."""
        (self.folder() / safe(name)).unlink(missing_ok=True)

    def older_than(self, instant: datetime) -> list[Stored]:
        """Return what lies in the folder and was written before an instant."""
        with os.scandir(self.folder()) as entries:
            found = [(entry.name, entry.stat()) for entry in entries]
        stored = [Stored(name, stat.st_size, datetime.fromtimestamp(stat.st_mtime, tz=UTC)) for name, stat in found]
        return sorted((one for one in stored if one.at < instant), key=lambda one: one.name)

    def sweep(self, before: datetime) -> int:
        """Remove the drafts of processes that died before an instant; return how many."""
        return sweep_folder(self.folder(), before)
