"""Sign-in services: which protocols there are, and for whom a service may speak; pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
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
class ProviderInfo:
    """A service as the operator sees it; never its secret."""

    slug: str
    name: str
    protocol: Protocol
    organization: str
    organization_code: str
    domains: tuple[str, ...]
    server: str


@dataclass(frozen=True, slots=True)
class ProviderConnection:
    """All that the protocol needs, its secret included: only for the conversation with the service."""

    slug: str
    name: str
    protocol: Protocol
    client_id: str
    secret: str
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SamlService:
    """What a service's SAML metadata says: its name, where people are sent, which certificate signs."""

    entity_id: str
    sso_url: str
    certificate: str
    certificates: int


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
