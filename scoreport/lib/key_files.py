"""Secrets that the program draws for itself and keeps in a file."""

import contextlib
import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def kept_secret(path: Path) -> str:
    """Return the secret in a file, which is drawn at the first start and readable by the program alone."""
    if not path.exists():
        # Written whole before it has its name: of several processes that start at once, none reads half a secret.
        drawn = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(drawn, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            # The umask may have taken even the owner's own rights away.
            os.fchmod(file.fileno(), 0o600)
            file.write(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(drawn, path)
        drawn.unlink()
    try:
        return _read(path)
    except (OSError, UnicodeDecodeError) as error:
        message = f"The key {path} cannot be read: {error}. Put it back from your copy, readable by this account."
        raise ImproperlyConfigured(message) from error


def _read(path: Path) -> str:
    """Return what a file holds; raises OSError for what is no file, because reading a pipe would never end."""
    if not path.is_file():
        message = "it is not a file"
        raise OSError(message)
    return path.read_text(encoding="utf-8").strip()
