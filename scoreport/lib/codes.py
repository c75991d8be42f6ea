"""Codes that people read off paper and type: drawn without look-alikes, and read however they are typed or pasted.

A drawn code is random symbols and one check symbol: the weighted sum of the others modulo 31, a prime and
the size of the alphabet, which notices every wrong symbol and every two that changed places.
"""

import os
import unicodedata
from typing import Final

ALPHABET: Final = "ABCDEFGHKLMNPQRSTUVWXYZ23456789"
"""31 symbols: letters and digits without I, J, O, 0 and 1."""
_GROUP: Final = 4
# What files and people write where there is no code: words, in English and Spanish, and the errors of spreadsheets.
_PLACEHOLDERS: Final = frozenset(
    [
        "NA",
        "NONE",
        "NULL",
        "NIL",
        "NAN",
        "NO",
        "YES",
        "TRUE",
        "FALSE",
        "TBA",
        "TBC",
        "TBD",
        "UNK",
        "UNKNOWN",
        "PENDING",
        "MISSING",
        "EMPTY",
        "BLANK",
        "TEST",
        "NOTAVAILABLE",
        "NOTAPPLICABLE",
        "NOTASSIGNED",
        "NOTKNOWN",
        "NOVALUE",
        "NOVOUCHER",
        "NOTICKET",
        "NONUMBER",
        "VOUCHER",
        "VOUCHERCODE",
        "TICKET",
        "CODE",
        "REF",
        "VALUE",
        "DIV0",
        "NAME",
        "NUM",
        "NINGUNO",
        "NINGUNA",
        "NODISPONIBLE",
        "SINCODIGO",
        "SINCÓDIGO",
    ]
) | {"000003", "000004"}
# Bytes from here on would make the first symbols likelier than the others.
_FAIR: Final = 256 - 256 % len(ALPHABET)
_SYMBOLS: Final = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
_UNFAIR: Final = bytes(range(_FAIR, 256))
_PLACES: Final = {symbol: place for place, symbol in enumerate(ALPHABET)}


def generate(length: int = 16) -> str:
    """Return a new code of ``length`` symbols, the last of which checks the others."""
    drawn = ""
    while len(drawn) < length - 1:
        drawn += "".join(ALPHABET[byte % len(ALPHABET)] for byte in os.urandom(length) if byte < _FAIR)
    drawn = drawn[: length - 1]
    return drawn + _check(drawn)


def generate_many(count: int, length: int = 16) -> list[str]:
    """Return so many different new codes, each as :func:`generate` makes it; one draw of bytes serves thousands."""
    drawn = dict[str, None]()
    while len(drawn) < count:
        wanted = (count - len(drawn)) * (length - 1)
        # One byte in thirty-two is not used.
        fair = os.urandom(wanted + wanted // 16 + 64).translate(_SYMBOLS, _UNFAIR).decode("ascii")
        whole = len(fair) // (length - 1) * (length - 1)
        for start in range(0, min(wanted, whole), length - 1):
            symbols = fair[start : start + length - 1]
            drawn[symbols + _check(symbols)] = None
    return list(drawn)


def normalized(text: str) -> str:
    """Return what was typed or pasted in capitals, letters and digits only.

    Spaces of every kind, dashes, dots, slashes and line breaks only group a code; full-width digits are digits.
    """
    return "".join(symbol for symbol in unicodedata.normalize("NFKC", text).upper() if symbol.isalnum())


def is_placeholder(text: str) -> bool:
    """Tell whether a text only says that there is no code: ``N/A``, ``0000``, ``TBD``, dashes, one symbol repeated.

    The two AI codes that mean "no high school code" are among them.
    """
    code = normalized(text)
    return len(set(code)) <= 1 or code in _PLACEHOLDERS


def is_code(text: str, length: int = 16) -> bool:
    """Tell whether a normalized text can be a code: its length, its symbols, its check symbol."""
    return len(text) == length and set(text) <= set(ALPHABET) and _check(text[:-1]) == text[-1]


def grouped(code: str) -> str:
    """Write a code as people read it: ``ABCD-EFGH-KLMN-PQRS``."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def _check(symbols: str) -> str:
    weighted = sum(place * _PLACES[symbol] for place, symbol in enumerate(symbols, start=1))
    return ALPHABET[weighted % len(ALPHABET)]
