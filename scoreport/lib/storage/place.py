"""Where an S3-compatible storage is, as the environment says."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True, slots=True)
class Access:
    """How an S3-compatible storage is reached, and the key for it."""

    endpoint: str
    region: str
    encryption: str
    """What the storage is asked to encrypt with; ``none`` asks for nothing."""
    key_id: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket, the first part of the names in it, and how it is reached."""

    bucket: str
    prefix: str
    access: Access

    @property
    def label(self) -> str:
        """Return the address, which holds no key."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


def place(setting: str, url: str, access: Access) -> Place | None:
    """Return the place of an address ``s3://bucket/prefix``; nothing without an address."""
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.netloc or "@" in parts.netloc or parts.query or parts.fragment:
        message = f"{setting} must be s3://BUCKET or s3://BUCKET/PREFIX, without a key in it."
        raise ImproperlyConfigured(message)
    if not (access.key_id and access.secret):
        message = f"{setting} needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        raise ImproperlyConfigured(message)
    if access.endpoint and urlsplit(access.endpoint).scheme not in {"http", "https"}:
        message = "S3_ENDPOINT must begin with https://."
        raise ImproperlyConfigured(message)
    return Place(parts.netloc, parts.path.strip("/"), access)
