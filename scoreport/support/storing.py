"""Where files of requests lie on disk: private, under names that say nothing."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from django.conf import settings


def folder() -> Path:
    """Return the folder of these files; nobody but the program may look into it."""
    path = Path(settings.MEDIA_ROOT) / "help"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def keep(content: bytes) -> str:
    """Write a file and return the name that it lies under; on a full disk nothing of it stays."""
    name = secrets.token_hex(16)
    path = folder() / name
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError:
        with suppress(OSError):
            path.unlink()
        raise
    return name


def read(name: str) -> BinaryIO:
    """Open a kept file for reading; raises FileNotFoundError."""
    return (folder() / name).open("rb")


def remove(name: str) -> None:
    """Take a file off the disk, if it is still there."""
    (folder() / name).unlink(missing_ok=True)
