"""What Scoreport refuses to start with: settings and data that would be unsafe together.

Errors stop every command; warnings are told. ``scoreport.W…`` and ``scoreport.E…`` are the ids
by which ``SILENCED_SYSTEM_CHECKS`` knows them.
"""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's own name
from django.db import OperationalError, connection
from django.urls import NoReverseMatch, reverse  # noqa: TID251 - the checks look at the whole installation

from scoreport.lib import clock
from scoreport.lib.private import open_to_others, private_paths
from scoreport.lib.storage import Storage, in_s3, put, storage
from scoreport.web import local_only

_PROBE = b"scoreport check\n"
_STORAGE_HINT = "Look at the address, the bucket, the key and its rights; the guide “Operate” lists them."
_SHORTEST_KEY = 50
# A development key that was left in, in one of its usual forms.
_CARELESS_KEYS = ("django-insecure-", "changeme", "secret")


@register(Tags.security)
def safe_settings(**_: object) -> list[CheckMessage]:
    """Look at the settings together."""
    return [*_development(), *_one_click(), *_key(), *_mail(), *_addresses(), *_endpoint()]


@register(Tags.security)
def private_data(**_: object) -> list[CheckMessage]:
    """Look whether other accounts of the machine may read people's data."""
    return [
        Warning(
            f"Other accounts of this machine may read {path}.",
            hint=f"Run: scoreport setup. Or, as the owner: chmod go-rwx '{path}'",
            id="scoreport.W014",
        )
        for path in open_to_others(private_paths(settings.DATA_DIR, settings.DATABASES["default"]))
    ]


@register(Tags.database)
def safe_database(*, databases: Sequence[str] | None = None, **_: object) -> list[CheckMessage]:
    """Look at the database; Django asks for this only in commands that are about it (migrate, check --database)."""
    if databases and connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode")
            mode = cursor.fetchone()[0]
        if mode not in {"wal", "memory"}:
            hint = "Put the data folder on a local disk; network file systems cannot do it."
            return [Error(f"SQLite runs in {mode} mode instead of WAL.", hint=hint, id="scoreport.E006")]
    return []


def usable_storage(**_: object) -> list[CheckMessage]:
    """Look whether files can be stored, read and removed; ``scoreport check`` asks for this, as it may take a while."""
    areas = {"STORAGE_URL" if settings.FILES_IN_S3 else "the data folder": storage("checks")}
    if settings.ANCHORS_IN_S3 is not None:
        areas["AUDIT_ANCHOR_STORAGE_URL"] = in_s3(settings.ANCHORS_IN_S3, "checks")
    return [
        Error(f"Files cannot be stored in {where}: {reason}", hint=_STORAGE_HINT, id="scoreport.E015")
        for where, files in areas.items()
        if (reason := _fault_of(files))
    ]


def _fault_of(files: Storage) -> str:
    """Store, read, list and remove a file; say what does not work."""
    try:
        name = put(files, _PROBE)
        with files.read(name) as file:
            fits = file.read() == _PROBE
        files.older_than(clock.now())
        files.delete(name)
    except OSError as error:
        return str(error.strerror)
    return "" if fits else "other bytes came back."


def is_loopback(url: str) -> bool:
    """Tell whether an address can be reached from this machine only."""
    return local_only.is_loopback(urlsplit(url).hostname or "")


@register(Tags.security)
def local_data(**_: object) -> list[CheckMessage]:
    """Look whether DEMO or DEBUG is on with a database that was not made for it; without both nothing is asked."""
    if not local_only.mode():
        return []
    try:
        problems = list(local_only.problems_of_database())
    except OperationalError:
        # No database, no data; the command that needs one will say so.
        return []
    return [Error(problem, id="scoreport.E012") for problem in problems]


def _development() -> Iterator[CheckMessage]:
    if settings.DEBUG and not is_loopback(settings.SITE_URL):
        message = "DEBUG is on, and SITE_URL is an address that others can reach: error pages would show people's data."
        yield Error(message, hint="Set DEBUG=no.", id="scoreport.E001")
    if settings.DEMO and not is_loopback(settings.SITE_URL):
        message = "DEMO is on, and SITE_URL is an address that others can reach: anybody could sign in as anybody."
        yield Error(message, hint="Set DEMO=no, or SITE_URL to an address of this machine.", id="scoreport.E002")
    if is_loopback(settings.SITE_URL):
        yield from (Error(problem, id="scoreport.E011") for problem in local_only.problems_of_settings())


def _one_click() -> Iterator[CheckMessage]:
    """Refuse an address that signs anybody in where it is no demo: with real people it would be an open door."""
    try:
        address = reverse("demo_sign_in")
    except NoReverseMatch:
        return
    if not settings.DEMO:
        hint = "Leave scoreport.web.demo out of the addresses, or set DEMO=yes where all people are made up."
        yield Error(f"{address} signs in with one click, and this is no demo.", hint=hint, id="scoreport.E007")


def _key() -> Iterator[CheckMessage]:
    key = settings.SECRET_KEY
    if len(key) < _SHORTEST_KEY or key.startswith(_CARELESS_KEYS):
        hint = f"Use {_SHORTEST_KEY} random characters or more, or leave it out: one is drawn at the first start."
        yield Error("SECRET_KEY can be guessed.", hint=hint, id="scoreport.E003")


def _mail() -> Iterator[CheckMessage]:
    if str(settings.MAILERS["default"]["BACKEND"]).endswith("console.EmailBackend") and not is_loopback(
        settings.SITE_URL
    ):
        hint = "Set EMAIL_HOST. Until then, links to set a password stand in the log."
        yield Warning("No mail server is set, so nobody gets any mail.", hint=hint, id="scoreport.W004")


def _addresses() -> Iterator[CheckMessage]:
    if not is_loopback(settings.SITE_URL) and not settings.SITE_URL.startswith("https://"):
        message = "SITE_URL is an address that others can reach, without https: passwords and scores would be readable."
        yield Error(message, hint="Serve through a proxy with TLS and set SITE_URL=https://…", id="scoreport.E005")


def _endpoint() -> Iterator[CheckMessage]:
    places = [place for place in (settings.FILES_IN_S3, settings.ANCHORS_IN_S3) if place is not None]
    if any(place.access.endpoint.startswith("http://") and not is_loopback(place.access.endpoint) for place in places):
        hint = "Give the storage TLS and set S3_ENDPOINT=https://…"
        yield Warning("Files travel to S3_ENDPOINT readable, without https.", hint=hint, id="scoreport.W016")
