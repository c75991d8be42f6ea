"""The values of a mail as they are stored: sealed, with days and instants that come back as such, in their zones."""

import datetime as dt
import json
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from scoreport.lib.clock import local
from scoreport.lib.secrets import decrypt, encrypt
from scoreport.outbox.rules import Value

_PURPOSE = "mail"


def sealed(values: Mapping[str, Value]) -> str:
    """Return values encrypted."""
    return encrypt(json.dumps({name: _written(value) for name, value in values.items()}), _PURPOSE)


def unsealed(text: str) -> dict[str, Value]:
    """Return sealed values again; raises ValueError when the key has changed."""
    stored: dict[str, object] = json.loads(decrypt(text, _PURPOSE))
    return {name: _read(value) for name, value in stored.items()}


def _written(value: Value) -> object:
    if isinstance(value, dt.datetime):
        own = {"zone": value.tzinfo.key} if isinstance(value.tzinfo, ZoneInfo) else {}
        return {"instant": value.astimezone(dt.UTC).isoformat(), **own}
    return {"day": value.isoformat()} if isinstance(value, dt.date) else value


def _read(value: object) -> Value:
    match value:
        case {"instant": str(text), "zone": str(name)}:
            return local(dt.datetime.fromisoformat(text), name)
        case {"instant": str(text)}:
            return dt.datetime.fromisoformat(text)
        case {"day": str(text)}:
            return dt.date.fromisoformat(text)
        case str() | int() | bool():
            return value
        case list():
            return [str(item) for item in value]
        case _:
            message = f"A mail cannot carry {value!r}."
            raise TypeError(message)
