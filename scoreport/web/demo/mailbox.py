"""The post of a demo: every mail is laid into one mailbox that everybody may read, and none leaves the machine."""

import re
import secrets
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from scoreport.lib.clock import now

NOBODY: Final = "@gone.example"
"""Nobody has a mailbox at such an address, so that a demo shows what becomes of mails that come back."""
_LINK: Final = re.compile(r"https?://\S+")


class EmailBackend(BaseEmailBackend):
    """Keeps mails as files in ``folder``, the newest last by name."""

    def __init__(self, *, folder: str | Path, **options: Any) -> None:
        super().__init__(**options)
        self._folder = Path(folder)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep mails; raises ``SMTPRecipientsRefused``, like a mail server, for an address that nobody has."""
        for message in email_messages:
            gone = [address for address in message.to if address.endswith(NOBODY)]
            if gone:
                raise smtplib.SMTPRecipientsRefused(dict.fromkeys(gone, (550, b"No such mailbox here.")))
            self._keep(message.message().as_bytes())
        return len(email_messages)

    def _keep(self, content: bytes) -> None:
        """Write one file, which is there whole or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{now():%Y%m%d%H%M%S%f}-{secrets.token_hex(4)}.part"
        path.write_bytes(content)
        path.rename(path.with_suffix(".eml"))


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a mail; with ``url`` they are a link to a page of the demo."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A mail as the mailbox shows it."""

    to: str
    subject: str
    sent_at: datetime | None
    pieces: tuple[Piece, ...]


def mails(*, to: str, first: int, limit: int) -> tuple[list[KeptMail], int]:
    """Return some of the demo's mails, the newest first, and how many there are; ``to`` "" means everybody."""
    found = [_read(path) for path in sorted(settings.DEMO_MAILS.glob("*.eml"), reverse=True)]
    wanted = [mail for mail in found if to in {"", mail.to}]
    return wanted[first : first + limit], len(wanted)


def _read(path: Path) -> KeptMail:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = message.get_body(("plain",))
    text = str(body.get_content()) if body else ""
    date = message["Date"]
    return KeptMail(
        to=str(message["To"]),
        subject=str(message["Subject"]),
        sent_at=parsedate_to_datetime(str(date)) if date else None,
        pieces=tuple(_pieces(text.strip())),
    )


def _pieces(text: str) -> list[Piece]:
    """Return a text with its links taken out; those to the demo lead to wherever it is served."""
    pieces: list[Piece] = []
    end = 0
    for link in _LINK.finditer(text):
        pieces.append(Piece(text[end : link.start()]))
        url = link[0].removeprefix(settings.SITE_URL) if link[0].startswith(f"{settings.SITE_URL}/") else ""
        pieces.append(Piece(link[0], url))
        end = link.end()
    return [*pieces, Piece(text[end:])]
