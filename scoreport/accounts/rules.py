"""Who signs in, and how long a password must be; pure."""

import unicodedata
from dataclasses import dataclass

from scoreport.lib.text import clean

# Trust decision 3 (after NIST SP 800-63B-4): length instead of rules about characters.
LENGTH_ALONE = 15
LENGTH_WITH_SECOND_FACTOR = 8


@dataclass(frozen=True, slots=True)
class PersonInfo:
    """Somebody who may sign in, as pages and commands see them."""

    id: int
    email: str
    name: str
    language: str
    is_active: bool

    @property
    def as_text(self) -> str:
        """How they are named where a record must stay readable for ever: name and address."""
        return f"{self.name} <{self.email}>"


@dataclass(frozen=True, slots=True)
class PasswordLink:
    """The two parts of a link that sets a password once; a delivery makes the address of them."""

    uid: str
    key: str


def normalized_email(value: str) -> str:
    """Return an e-mail address in the one spelling that is stored: cleaned, NFC, lower case."""
    return unicodedata.normalize("NFC", clean(value)).lower()


def least_length(*, has_second_factor: bool) -> int:
    """Return how many characters a password needs: fewer when it is not the only thing that is asked for."""
    return LENGTH_WITH_SECOND_FACTOR if has_second_factor else LENGTH_ALONE
