"""Secrets, and how they are stored.

What must be read again, such as the seed of an authenticator app, is encrypted; what must only be recognized, such as
an access code or the token of a link, becomes a keyed digest, from which nobody comes back.
"""

import base64
import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def generate_token() -> str:
    """Return a new random token for a link: 256 bits, letters that stand in addresses as they are."""
    return secrets.token_urlsafe(32)


def digest(text: str, purpose: str) -> str:
    """Return the keyed digest under which a secret is stored; the same text has another one for each purpose."""
    return _digest(text, purpose, settings.SECRET_KEY)


def digests(text: str, purpose: str) -> list[str]:
    """Return every digest that a secret may be stored under: with the present key, and with the former ones."""
    return [_digest(text, purpose, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _digest(text: str, purpose: str, secret_key: str) -> str:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"digest: {purpose}".encode()).derive(secret_key.encode())
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def encrypt(text: str, purpose: str) -> str:
    """Return text encrypted with the installation's key; what was sealed for one purpose opens for no other."""
    return _keys(purpose, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)).encrypt(text.encode()).decode()


def decrypt(sealed: str, purpose: str) -> str:
    """Return the text again; raises ValueError when it was changed, or sealed with a key that is not known any more."""
    keys = _keys(purpose, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))
    try:
        return keys.decrypt(sealed).decode()
    except InvalidToken as error:
        message = "A stored secret cannot be read. Was SECRET_KEY changed without keeping the old one as a fallback?"
        raise ValueError(message) from error


@lru_cache(maxsize=8)
def _keys(purpose: str, secret_keys: tuple[str, ...]) -> MultiFernet:
    """Derive a key for one purpose from each of the installation's keys; the first one seals."""
    derived = [HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()) for _key in secret_keys]
    raw = [kdf.derive(key.encode()) for kdf, key in zip(derived, secret_keys, strict=True)]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in raw])
