"""Addresses of databases as Django's settings."""

from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SQLITE_START: Final = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536;"
    " PRAGMA mmap_size=268435456;"
)
POSTGRESQL_START: Final = "-c random_page_cost=1.1"


def database(url: str) -> dict[str, object]:
    """Turn ``sqlite:///path`` or ``postgres://user:password@host:port/name`` into Django's settings.

    SQLite writes at once or waits (IMMEDIATE), so that a check and the write after it are one
    step; PostgreSQL gets a pool, because a connection for each request costs four fifths of
    the requests (docs/performance.md), and is told that its disk has no arm to move, since it
    would otherwise read a whole state rather than look for one district (decision 34). What
    the address says goes before. A server that is away is noticed within seconds: by a new
    connection, by a request that waits for one, and by a connection whose other end is gone.
    ``prepared=no`` in the address is for poolers that lose prepared statements.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        options: dict[str, object] = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_START}
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path.removeprefix("/") if parts.path.startswith("//") is False else parts.path[1:],
            "CONN_MAX_AGE": None,
            "OPTIONS": options,
        }
    if parts.scheme in {"postgres", "postgresql"}:
        return _postgresql(parts)
    message = "DATABASE_URL must begin with sqlite:// or postgres://."
    raise ImproperlyConfigured(message)


def _postgresql(parts: SplitResult) -> dict[str, object]:
    from scoreport.lib.database_wait import LimitedConnection
    from scoreport.lib.postgresql import USES_BEFORE_PREPARED, check_unless_silent

    pool: dict[str, object] = {"min_size": 1, "max_size": 8, "timeout": 3, "reconnect_timeout": 3}
    pool |= {"connection_class": LimitedConnection, "check": check_unless_silent}
    said = {"connect_timeout": "2", "keepalives_idle": "30", "tcp_user_timeout": "30000"}
    said |= dict(parse_qsl(parts.query))
    prepared = said.pop("prepared", "yes") != "no"
    said["options"] = f"{POSTGRESQL_START} {said.get('options', '')}".rstrip()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"pool": pool, "prepare_threshold": USES_BEFORE_PREPARED if prepared else None, **said},
    }
