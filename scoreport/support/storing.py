"""Where files of requests are kept: private, under names that say nothing."""

import datetime as dt
import logging
from collections.abc import Callable
from typing import BinaryIO

from scoreport.lib.storage import put, storage
from scoreport.lib.storage import remove_litter as remove_litter_of

_AREA = "help"
_logger = logging.getLogger(__name__)


def keep(content: bytes) -> str:
    """Write a file and return the name that it is kept under; on a full disk nothing of it stays."""
    return put(storage(_AREA), content)


def read(name: str) -> BinaryIO:
    """Open a kept file for reading; raises FileNotFoundError."""
    return storage(_AREA).read(name)


def remove(name: str) -> None:
    """Remove a file of no row, if it is still there. What cannot be removed now is left over, and in the log."""
    try:
        storage(_AREA).delete(name)
    except OSError:
        _logger.exception("a file of a request could not be removed: %s", name)


def remove_litter(*, before: dt.datetime, known: Callable[[list[str]], set[str]]) -> None:
    """Remove files that belong to no message, which a crash or an outage of the storage left behind."""
    try:
        remove_litter_of(storage(_AREA), before=before, known=known)
    except OSError:
        _logger.exception("files that belong to no request could not be removed")
