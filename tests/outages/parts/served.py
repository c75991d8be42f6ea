"""An installation of its own, served for real: by ``scoreport serve``'s web server, on SQLite or PostgreSQL."""

import os
import sys
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import static_made
from tests.cli.servers import free_port, started


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return the environment of an installation in a folder."""
    own = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DEBUG", "DEMO"}}
    return own | {"SCOREPORT_DATA_DIR": str(folder), "CLIENT_TIMEOUT_SECONDS": "1"} | more


def set_up(own: Mapping[str, str]) -> None:
    """Set an installation up."""
    static_made.set_up(own)


@contextmanager
def server(own: Mapping[str, str]) -> Any:
    """Serve pages and yield the port."""
    port = free_port()
    command = [sys.executable, "-m", "scoreport.cli.children", "web", "127.0.0.1", str(port), "1"]
    with started(command, port, env=dict(own)) as it:
        yield it
