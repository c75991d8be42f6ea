"""Addresses of named pages and of static files, each worked out once in a process; they say nothing of a person."""

from functools import lru_cache

from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.files.storage import storages
from django.templatetags import static as django_static
from django.urls import get_script_prefix, get_urlconf, reverse


def path_of(name: str, *args: object) -> str:
    """Return the path of a named page; raises ``NoReverseMatch`` for an unknown name."""
    return _path(get_urlconf(), get_script_prefix(), name, args)


@lru_cache(maxsize=10_000)
def _path(_urlconf: str | None, _prefix: str, name: str, args: tuple[object, ...]) -> str:
    return reverse(name, args=args or None)


def static(path: str) -> str:
    """Return the address of a static file."""
    return _static(storages["staticfiles"], path)


@lru_cache(maxsize=500)
def _static(_storage: StaticFilesStorage, path: str) -> str:
    return django_static.static(path)
