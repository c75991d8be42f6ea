"""Values that the operator sets in the environment."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def env(name: str, default: str = "") -> str:
    """Read a text; ``NAME_FILE`` names a file that holds it (for secrets)."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            message = f"{name}_FILE names {path}, which cannot be read: {error}"
            raise ImproperlyConfigured(message) from error
    return os.environ.get(name, default).strip()


def env_bool(name: str, *, default: bool = False) -> bool:
    """Read yes or no; raises on anything else."""
    value = env(name, "yes" if default else "no").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off", ""}:
        return False
    message = f"{name}={value!r} is neither yes nor no."
    raise ImproperlyConfigured(message)


def env_int(name: str, default: int, *, least: int = 0) -> int:
    """Read a whole number of at least ``least``; nothing is the default; raises on anything else."""
    value = env(name) or str(default)
    if not value.lstrip("-").isdigit() or int(value) < least:
        message = f"{name}={value!r} is not a whole number of {least} or more."
        raise ImproperlyConfigured(message)
    return int(value)


def env_list(name: str, default: str = "") -> list[str]:
    """Read words separated by commas."""
    return [word.strip() for word in env(name, default).split(",") if word.strip()]
