"""Sign-in services: which protocols there are, and for whom a service may speak; pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

# Domains where anybody gets an address: no school or district can speak for them.
PUBLIC_MAIL: Final = frozenset(
    {
        "aol.com",
        "gmail.com",
        "googlemail.com",
        "hotmail.com",
        "icloud.com",
        "live.com",
        "msn.com",
        "outlook.com",
        "proton.me",
        "protonmail.com",
        "yahoo.com",
    }
)
# Words that already mean a protocol where services are looked up.
_TAKEN: Final = frozenset({"openid-connect", "saml"})
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_SLUG: Final = 50
_DOMAIN: Final = re.compile(r"(?=.{4,253}\Z)([^\W_]([\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}")
# How Microsoft Entra ID names a tenant in `tid`, and its own tenants of everybody, which no school speaks for.
_TENANT: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CONSUMERS: Final = frozenset({"9188040d-6c67-4c5b-b112-36a304b66dad", "f8cdef31-a31e-4b4a-93e4-5f571e91255a"})
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class Protocol(StrEnum):
    """How a sign-in service tells who somebody is."""

    OPENID_CONNECT = "openid-connect"
    SAML = "saml"


@dataclass(frozen=True, slots=True)
class ProviderOffer:
    """A service as the sign-in page offers it to whoever has named an address of its domain."""

    slug: str
    name: str
    protocol: Protocol


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that a SAML service signs with: base64 of it, and when it expires."""

    x509: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ProviderInfo:
    """A service as the operator sees it; never its secret.

    ``problem`` says why its metadata could not be renewed; ``refusal`` why nobody signs in by it now.
    """

    slug: str
    name: str
    protocol: Protocol
    organization: str
    organization_code: str
    domains: tuple[str, ...]
    server: str
    tenants: tuple[str, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    valid_until: datetime | None = None
    metadata_url: str = ""
    problem: str = ""
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class ProviderConnection:
    """All that the protocol needs, its secret included: only for the conversation with the service.

    ``certificates`` are those that count now. With a ``refusal`` nobody signs in, and it says why.
    """

    slug: str
    name: str
    protocol: Protocol
    client_id: str
    secret: str
    settings: Mapping[str, str]
    tenants: frozenset[str] = frozenset()
    certificates: tuple[Certificate, ...] = ()
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class SamlService:
    """What a service's SAML metadata says: its name, where people are sent, which certificates sign, until when.

    ``cache_seconds`` is for how long the metadata may be used before it is fetched again; ``metadata_url`` is where
    it was fetched from, if it was.
    """

    entity_id: str
    sso_url: str
    certificates: tuple[Certificate, ...]
    valid_until: datetime | None = None
    cache_seconds: int | None = None
    metadata_url: str = ""


def current(certificates: Iterable[Certificate], at: datetime) -> tuple[Certificate, ...]:
    """Return the certificates that have not expired."""
    return tuple(one for one in certificates if one.ends_at > at)


def is_tenant(text: str) -> bool:
    """Tell whether a text names a tenant of Microsoft Entra ID that one school or district can have."""
    return _TENANT.fullmatch(text) is not None and text not in _CONSUMERS


def normalized_domain(text: str) -> str:
    """Return a domain in the one spelling that is stored: NFC, lower case, no dot at the end."""
    return unicodedata.normalize("NFC", text.strip()).lower().rstrip(".")


def domain_of(email: str) -> str:
    """Return the domain of an e-mail address; nothing when it has none."""
    return normalized_domain(email.rpartition("@")[2]) if "@" in email else ""


def is_domain(text: str) -> bool:
    """Tell whether a normalized text can be the domain of addresses."""
    return _DOMAIN.fullmatch(text) is not None


def is_slug(text: str) -> bool:
    """Tell whether a text can name a service in addresses: lower-case letters, digits, single hyphens."""
    return _SLUG.fullmatch(text) is not None and len(text) <= _LONGEST_SLUG and text not in _TAKEN


def is_safe_server(url: str) -> bool:
    """Tell whether a service can be spoken with: encrypted, or on this very machine."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )
