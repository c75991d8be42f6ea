"""Amounts of US dollars as whole cents: read exactly, written exactly, never a floating number."""

import re
from typing import Final

_AMOUNT: Final = re.compile(r"\$?(?P<dollars>[0-9]{1,7}|[0-9]{1,3}(?:,[0-9]{3}){1,2})(?:\.(?P<cents>[0-9]{2}))?")


def read_cents(text: str) -> int:
    """Return the cents of "97", "97.00", "$97.00" or "$1,097.00"; raises ValueError with a sentence otherwise."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        message = f"“{text}” is not an amount in dollars. Write it like 97.00."
        raise ValueError(message)
    return int(found["dollars"].replace(",", "")) * 100 + int(found["cents"] or 0)


def written(cents: int) -> str:
    """Return an amount as files and JSON hold it: "97.00"."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def dollars(cents: int) -> str:
    """Return an amount as people read it: "$1,097.00"."""
    sign = "-" if cents < 0 else ""
    return f"{sign}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"
