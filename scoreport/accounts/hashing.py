"""Argon2id with the parameters of trust decision 3, and never more hashes at once than processor cores."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils.translation import gettext as _

from scoreport.access import Refused

# Nobody waits longer for a page than ten seconds (trust decision 14); the hash itself takes its part of them.
_PATIENCE_SECONDS = 8

_slots = threading.BoundedSemaphore(settings.PASSWORD_HASHES_AT_ONCE)


class TooManySignIns(Refused):
    """So many people sign in at this moment that waiting longer would help nobody."""


class ScoreportArgon2Hasher(Argon2PasswordHasher):
    """Argon2id, 19 MiB, two passes, one lane: the least that OWASP advises, 15 a second on two cores.

    A hash fills a core and 19 MiB while it runs. Without a bound, a results day would slow down
    everybody's pages and end in a lack of memory; with it, sign-ins stand in a line.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with _turn():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _turn():
            return super().verify(password, encoded)


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for a free core; raises :class:`TooManySignIns` when that takes too long."""
    if not _slots.acquire(timeout=_PATIENCE_SECONDS):
        raise TooManySignIns(_("Very many people are signing in at this moment. Wait a minute, then try again."))
    try:
        yield
    finally:
        _slots.release()
