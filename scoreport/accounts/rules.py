"""Who signs in, and how long a password must be; pure."""

import datetime as dt
import unicodedata
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from scoreport.lib.text import clean

# Trust decision 3 (after NIST SP 800-63B-4): length instead of rules about characters.
LENGTH_ALONE = 15
LENGTH_WITH_SECOND_FACTOR = 8

# Beside the limits that allauth has of its own: how many tries within how long, by address ("ip") or by what is tried
# ("key"). A whole school comes from one address. A guesser with many addresses has a hundred tries a day for an
# account; a browser in which its person has signed in before counts apart.
SIGN_IN_LIMITS: Final = {
    "login": "",  # the product's own view of the sign-in page counts instead: sign_in
    "login_failed": "10/m/ip,5/5m/key,100/d/key",
    "login_failed_known_device": "5/5m/key,100/d/key",
    "saml_response": "120/m/ip",
    "second_factor": "10/m/ip,5/5m/key,100/d/key",
    "second_factor_known_device": "5/5m/key,100/d/key",
    "sign_in": "30/m/ip",
    "sign_in_known_device": "10/m/key",
    "sign_in_service": "30/m/ip",
}


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


# What a browser calls itself: many name others too, to be served alike, so the first match counts.
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Device:
    """A browser and what it runs on, as far as it says so; both may be empty."""

    browser: str
    system: str

    @property
    def as_text(self) -> str:
        """The device in words, in the reader's language."""
        if self.browser and self.system:
            return _("%(browser)s on %(system)s") % {"browser": self.browser, "system": self.system}
        return self.browser or self.system or _("Unknown browser")


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """One place where a person is signed in."""

    id: int
    device: Device
    address: str
    started_at: dt.datetime
    seen_at: dt.datetime
    is_current: bool


def device_of(user_agent: str) -> Device:
    """Read from a browser's own words what it is; what it does not say stays empty."""
    return Device(
        browser=next((name for mark, name in _BROWSERS if mark in user_agent), ""),
        system=next((name for mark, name in _SYSTEMS if mark in user_agent), ""),
    )


def normalized_email(value: str) -> str:
    """Return an e-mail address in the one spelling that is stored: cleaned, NFC, lower case."""
    return unicodedata.normalize("NFC", clean(value)).lower()


def least_length(*, has_second_factor: bool) -> int:
    """Return how many characters a password needs: fewer when it is not the only thing that is asked for."""
    return LENGTH_WITH_SECOND_FACTOR if has_second_factor else LENGTH_ALONE
