"""A disk that is full, read-only, gone or slow, for the files that the program makes in one folder."""

import builtins
import errno
import io
import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@contextmanager
def full(at_most: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes: what fits is written, the rest is an error, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (at_most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def patched(folder: Path, before: Any) -> Iterator[None]:
    """Call ``before(writes)`` whenever something under a folder is opened."""
    real_os, real_io = os.open, io.open

    def os_open(path: Any, flags: int, *more: Any, **options: Any) -> int:
        if _is_in(path, folder):
            before(bool(flags & _WRITES))
        return real_os(path, flags, *more, **options)

    def io_open(file: Any, mode: str = "r", *more: Any, **options: Any) -> Any:
        if _is_in(file, folder):
            before(bool(set(mode) & set("wax+")))
        return real_io(file, mode, *more, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", os_open)
        patch.setattr(io, "open", io_open)
        patch.setattr(builtins, "open", io_open)
        yield


def read_only(folder: Path) -> Any:
    """Refuse what writes; the tests may run as root, which no right of a file stops."""

    def before(writes: bool) -> None:  # noqa: FBT001 - called by position only
        if writes:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(folder))

    return patched(folder, before)


def slow(folder: Path, seconds: float) -> Any:
    """Let each opening take its time."""
    return patched(folder, lambda _writes: time.sleep(seconds))


@contextmanager
def gone(folder: Path) -> Iterator[None]:
    """Put a file in the place of a folder, which comes back afterwards with all that was in it."""
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder.with_name(folder.name + ".aside")
    folder.rename(aside)
    folder.touch()
    try:
        yield
    finally:
        folder.unlink()
        aside.rename(folder)


def _is_in(path: Any, folder: Path) -> bool:
    return isinstance(path, str | os.PathLike) and str(os.fspath(path)).startswith(str(folder))
