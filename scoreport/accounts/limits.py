"""The store of limits: how often something was tried, in a table that all processes share and a restart keeps.

It is Django's default cache (``CACHES``), because that is where django-allauth counts tries and remembers used
codes. Unlike other caches it never drops an entry before its time, so no number of searches or emails pushes a
counter out. Nothing else belongs in it; what may be lost is kept in a cache with a name of its own.
"""

import datetime as dt
import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils.translation import gettext as _

from scoreport.access import Refused
from scoreport.accounts.models import LimitEntry
from scoreport.lib import clock
from scoreport.lib.secrets import digest

_PURPOSE: Final = "limit"
_FOREVER: Final = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
_ADDS_BETWEEN_SWEEPS: Final = 500

# One statement, so that of several processes exactly one adds; an entry whose time is over counts as none.
_ADD: Final = (
    "INSERT INTO accounts_limitentry (digest, value, expires_at) VALUES (%s, %s, %s)"
    " ON CONFLICT (digest) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at"
    " WHERE accounts_limitentry.expires_at <= %s"
)

_adds = itertools.count(1)


class LimitsUnavailable(Refused):
    """Tries cannot be counted at this moment, so none is allowed."""


class LimitStore(BaseCache):
    """A cache backend that keeps JSON values in :class:`LimitEntry` until they expire.

    Where the table cannot be read or written, :class:`LimitsUnavailable` is raised, so that a limit never opens
    because its store is down. Django calls a cache without a time, so this is one of the places that read the clock.
    """

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Store a value where there is none; tell whether this call did."""
        as_stored = connection.ops.adapt_datetimefield_value
        ends, now = as_stored(self._ends(timeout)), as_stored(clock.now())
        with _or_unavailable(), connection.cursor() as cursor:
            cursor.execute(_ADD, [self._digest(key, version), json.dumps(value), ends, now])
            was_added = bool(cursor.rowcount == 1)
        if next(_adds) % _ADDS_BETWEEN_SWEEPS == 0:
            with suppress(DatabaseError), transaction.atomic():
                remove_expired(clock.now())
        return was_added

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return a value whose time is not over."""
        with _or_unavailable():
            found = LimitEntry.objects.filter(digest=self._digest(key, version), expires_at__gt=clock.now())
            value = found.values_list("value", flat=True).first()
        return default if value is None else json.loads(value)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Store a value, whatever was there."""
        row = LimitEntry(digest=self._digest(key, version), value=json.dumps(value), expires_at=self._ends(timeout))
        fields = ["value", "expires_at"]
        with _or_unavailable():
            LimitEntry.objects.bulk_create([row], update_conflicts=True, unique_fields=["digest"], update_fields=fields)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Change when a value expires; tell whether there was one."""
        with _or_unavailable():
            found = LimitEntry.objects.filter(digest=self._digest(key, version), expires_at__gt=clock.now())
            return bool(found.update(expires_at=self._ends(timeout)))

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Remove a value; tell whether there was one."""
        with _or_unavailable():
            return bool(LimitEntry.objects.filter(digest=self._digest(key, version)).delete()[0])

    def clear(self) -> None:
        """Remove everything."""
        with _or_unavailable():
            LimitEntry.objects.all().delete()

    def _digest(self, key: Any, version: int | None) -> str:
        # Any key may be stored as its digest, whatever other caches could not store.
        return digest(self.make_key(key, version=version), _PURPOSE)

    def _ends(self, timeout: Any) -> dt.datetime:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return _FOREVER if seconds is None else clock.now() + dt.timedelta(seconds=seconds)


def remove_expired(at: dt.datetime) -> int:
    """Remove what no longer matters; return how many entries that were."""
    return int(LimitEntry.objects.filter(expires_at__lte=at).delete()[0])


@contextmanager
def _or_unavailable() -> Iterator[None]:
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        message = _("Sign-in is busy at this moment. Wait a minute, then try again.")
        raise LimitsUnavailable(message) from error
