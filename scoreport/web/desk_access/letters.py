"""Codes on paper: what a letter says, for the page that shows new codes once and for the file of the command."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.template import loader
from django.utils.safestring import mark_safe

from scoreport.lib.secrets import decrypt, encrypt
from scoreport.organizations.rules.codes import IssuedCode

_STYLE: Final = Path(__file__).resolve().parent.parent / "static" / "css" / "letters.css"
_KEY: Final = "scoreport_issued_codes"
_PURPOSE: Final = "codes on their way to the page that shows them once"


@dataclass(frozen=True, slots=True)
class Letter:
    """A code and what has to stand beside it on paper."""

    organization: str
    label: str
    tool: str
    code: str
    hint: str
    sent_to: str


def letters_of(issued: Iterable[IssuedCode]) -> list[Letter]:
    """Return a letter for each new code."""
    return [
        Letter(
            organization=one.organization.name,
            label=one.organization.label,
            tool=one.tool.label,
            code=one.code,
            hint=one.hint,
            sent_to=one.sent_to,
        )
        for one in issued
    ]


def as_file(letters: Iterable[Letter], *, day: date) -> str:
    """Return one HTML page with a letter on each sheet; its style stands in it, so that it prints anywhere."""
    style = f"<style>\n{_STYLE.read_text(encoding='utf-8')}</style>"
    context = {
        "letters": list(letters),
        "style": mark_safe(style),  # noqa: S308 - our own style sheet, in a file that no server sends
        "day": day,
        "address": settings.SITE_URL,
    }
    return loader.render_to_string("access_codes/file.html", context)


def keep(session: SessionBase, letters: list[Letter]) -> None:
    """Keep new codes, encrypted, for the one page that shows them."""
    session[_KEY] = encrypt(json.dumps([asdict(letter) for letter in letters]), _PURPOSE)


def take(session: SessionBase) -> list[Letter]:
    """Return the codes that were kept, and keep them no longer."""
    try:
        return [Letter(**given) for given in json.loads(decrypt(session.pop(_KEY, ""), _PURPOSE))]
    except ValueError:
        return []
