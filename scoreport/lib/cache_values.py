"""How values lie in Redis: as data that is read, never as objects that are built.

Django's own way is pickle, and unpickling runs what it reads: with one write to Redis anybody would run programs here.
Values are JSON, with two additions: a date, and an array of whole numbers, which the order of a roster is.
"""

import base64
import json
import sys
from array import array
from datetime import date
from typing import Any, Final

# An object of JSON with this one name is what the name says.
_NUMBERS: Final = "\x00int64"
_DATE: Final = "\x00date"


class CacheSerializer:
    """Turns values of the cache into bytes and back, for Django's ``RedisCache`` (``OPTIONS["serializer"]``)."""

    def dumps(self, value: Any) -> int | bytes:
        """Return a value as it lies in Redis. Raises TypeError for what is no plain data."""
        # Redis adds to whole numbers by itself, so they stay as they are; True is none.
        if type(value) is int:
            return value
        return json.dumps(value, default=_encoded, ensure_ascii=False, separators=(",", ":")).encode()

    def loads(self, data: bytes) -> Any:
        """Return the value, or None, as if nothing were stored, for bytes that we did not write."""
        try:
            return json.loads(data, object_hook=_decoded)
        except (ValueError, TypeError, RecursionError):
            return None


def _encoded(value: Any) -> dict[str, str]:
    if isinstance(value, array):
        return {_NUMBERS: base64.b64encode(_lowest_byte_first(array("q", value)).tobytes()).decode("ascii")}
    if type(value) is date:
        return {_DATE: value.isoformat()}
    message = f"A {type(value).__name__} is not kept in the cache: make plain data of it."
    raise TypeError(message)


def _decoded(value: dict[str, Any]) -> Any:
    if value.keys() == {_NUMBERS}:
        return _lowest_byte_first(array("q", base64.b64decode(value[_NUMBERS], validate=True)))
    if value.keys() == {_DATE}:
        return date.fromisoformat(value[_DATE])
    return value


def _lowest_byte_first(numbers: "array[int]") -> "array[int]":
    """Turn the bytes of each number round on machines that keep the highest first."""
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers
