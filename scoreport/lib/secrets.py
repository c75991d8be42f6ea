"""Secrets that must be read again, such as the seed of an authenticator app: encrypted wherever they are stored."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def seal(text: str, purpose: str) -> str:
    """Return text encrypted with the installation's key; what was sealed for one purpose opens for no other."""
    return _keys(purpose, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)).encrypt(text.encode()).decode()


def unseal(sealed: str, purpose: str) -> str:
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
