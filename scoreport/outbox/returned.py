"""Reading what mail servers send back: delivery status notifications (RFC 3464)."""

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import IO, Final

from scoreport.lib.text import clean

_MOST_BYTES: Final = 1_000_000
_LONGEST_REASON: Final = 300
_LONGEST_ID: Final = 998  # A line of a mail (RFC 5322, 2.1.1)


@dataclass(frozen=True, slots=True)
class Returned:
    """A mail that came back, by its Message-ID, and what the server said."""

    message_id: str
    reason: str


def read(file: IO[bytes]) -> Returned | None:
    """Return what a notification says; None for anything else, and for a mail that is only late.

    Whatever the bytes are, nothing is raised: strangers write them.
    """
    notification = BytesParser(policy=compat32).parsebytes(file.read(_MOST_BYTES))
    parts = list(notification.walk())
    failures = [block for part in parts for block in _blocks(part) if _header(block, "Action").lower() == "failed"]
    message_id = next(_message_ids(parts), "")
    if not failures or not message_id:
        return None
    said = _header(failures[0], "Diagnostic-Code").partition(";")[2] or _header(failures[0], "Status")
    return Returned(message_id=message_id[:_LONGEST_ID], reason=clean(said)[:_LONGEST_REASON])


def _blocks(part: Message) -> Iterator[Message]:
    """Yield the fields about each recipient; the parser makes a small message of each block."""
    if part.get_content_type() == "message/delivery-status":
        payload = part.get_payload()
        if isinstance(payload, list):
            yield from (block for block in payload if isinstance(block, Message))


def _message_ids(parts: list[Message]) -> Iterator[str]:
    """Yield the Message-IDs of the mail that came back: whole, or its headers alone."""
    for part in parts:
        payload = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(payload, list) and payload:
            yield _header(payload[0], "Message-ID")
        if part.get_content_type() == "text/rfc822-headers" and isinstance(payload, str):
            yield _header(BytesParser(policy=compat32).parsebytes(payload.encode(errors="replace")), "Message-ID")


def _header(message: object, name: str) -> str:
    return " ".join(str(message.get(name, "")).split()) if isinstance(message, Message) else ""
