"""Folders and files that only the account of this program may read: minors' scores lie in them."""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

UMASK: Final = 0o077
"""With this, whatever a process creates is its own account's alone."""
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def private_folder(path: Path) -> Path:
    """Return a folder, made for this account alone where it is missing; one that is there stays as it is."""
    for folder in reversed((path, *path.parents)):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            # The umask may have taken even the owner's own rights away.
            folder.chmod(0o700)
    return path


def files_of_sqlite(name: str) -> list[Path]:
    """Return the files of a SQLite database that are there: itself, its log and its index of the log."""
    if not name or name == ":memory:" or name.startswith("file:"):
        return []
    return [path for path in map(Path, (name, f"{name}-wal", f"{name}-shm")) if path.exists()]


def private_paths(data_dir: Path, database: Mapping[str, object]) -> list[Path]:
    """Return what has to be private by itself: the data folder, the keys in it, and the database of SQLite."""
    is_sqlite = str(database["ENGINE"]).endswith("sqlite3")
    keys = [data_dir / "secret_key", data_dir / "audit_key"]
    return [data_dir, *keys, *(files_of_sqlite(str(database["NAME"])) if is_sqlite else ())]


def open_to_others(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the paths that other accounts of the machine may read, write or enter."""
    for path in paths:
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:
            continue
        if mode & _OTHERS and not stat.S_ISLNK(mode):
            yield path


def close_to_others(path: Path) -> bool:
    """Take all rights of other accounts away from a path of ours; tell whether there were any to take."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return False
    if status.st_uid != os.geteuid() or stat.S_ISLNK(status.st_mode) or not status.st_mode & _OTHERS:
        return False
    path.chmod(stat.S_IMODE(status.st_mode) & ~_OTHERS)
    return True


def close_all_to_others(folder: Path) -> int:
    """Close a folder of ours and everything in it; return how many of them were open."""
    closed = int(close_to_others(folder))
    for parent, folders, files in os.walk(folder):
        closed += sum(close_to_others(Path(parent, name)) for name in (*folders, *files))
    return closed
