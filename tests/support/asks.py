"""Requests for help as the tests make them, and files of each kind as programs write them."""

import io
import zipfile
import zlib
from typing import Any

from openpyxl import Workbook

from scoreport.support.actions import asking
from scoreport.support.actions.answering import answer
from scoreport.support.attachments import Given
from scoreport.support.models import HelpRequest
from scoreport.support.rules.requests import Asking, Kind, id_of
from tests.world import AT


def wish(**changes: Any) -> Asking:
    """Return what Amy asks when nothing else is said."""
    given: dict[str, Any] = {
        "kind": Kind.REPORT,
        "text": "Why is the mean of May lower?",
        "name": "Amy Alder",
        "title": "Counselor",
        "institution": "Alder High School",
    }
    return Asking(**given | changes)


def ask(actor, *, once: str = "one", at=AT, files=(), **changes: Any) -> int:
    """Make a request and return its number."""
    return asking.ask(actor, asking=wish(**changes), once=once, files=files, at=at)


def answered(actor, number: int, text: str = "It is as it should be.", *, at=AT, **more: Any) -> None:
    """Answer a request as it stands now."""
    answer(actor, number=number, text=text, seen=stored(number).messages, at=at, **more)


def stored(number: int) -> HelpRequest:
    """Return the row of a request."""
    return HelpRequest.objects.get(pk=id_of(number))


def given(name: str, content: bytes) -> Given:
    """Return a file as it is sent."""
    return Given(name, [content])


def workbook() -> bytes:
    """Return a workbook as a spreadsheet program writes it."""
    made, book = io.BytesIO(), Workbook()
    book.create_sheet("Scores").append(["first_name", "score"])
    book.save(made)
    return made.getvalue()


def package(**entries: bytes) -> bytes:
    """Return a package with the two entries that make it a workbook, and others."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in {"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>", **entries}.items():
            packed.writestr(name, content)
    return made.getvalue()


def bomb(megabytes: int = 80) -> bytes:
    """Return a workbook of some kilobytes that unpacks to a great many megabytes."""
    return package(**{"xl/worksheets/sheet1.xml": bytes(megabytes * 1_000_000)})


def liar() -> bytes:
    """Return such a workbook whose directory says that it is small."""
    content = bytearray(bomb(70))
    for size in (70_000_000).to_bytes(4, "little"), zlib.crc32(bytes(70_000_000)).to_bytes(4, "little"):
        while (found := content.find(size)) >= 0:
            content[found : found + 4] = (10).to_bytes(4, "little")
    return bytes(content)


PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
JPEG = b"\xff\xd8\xff\xe0" + bytes(40)
GOOD = {
    "letter.pdf": PDF,
    "screen.png": PNG,
    "photo.jpg": JPEG,
    "photo.JPEG": JPEG,
    "rows.csv": "first_name,score\nJosé,57\n".encode(),
    "rows-of-excel.csv": "\ufefffirst_name;score\r\nJosé;57\r\n".encode(),
    "old.csv": "Jos\xe9,57\n".encode("latin-1"),
    "note.txt": b"Please look at ticket 123.\n",
    "book.xlsx": workbook(),
}
